"""Frames: structure, and colours at chosen points, which hold with any build of SDL."""

from __future__ import annotations

import subprocess
import sys

import gymnasium
import numpy as np
import pytest

import gym_gridq
from gym_gridq import LAYOUTS, Action, Dynamics, Layout
from gym_gridq.drawing import Track
from gym_gridq.rendering import Overlay, palette
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.overlay import NOTHING
from gym_gridq.rendering.scene import Scene

BOOK = LAYOUTS["book"]
SIZES = [8, 20, 48, 100]
LAYOUTS_SEEN = {
    "book": BOOK,
    "aima": LAYOUTS["aima"],
    "1x2": Layout.from_rows(["SG"]),
    "30x30": Layout.from_rows(["S" + "." * 29, *["..#.H.P..." * 3] * 28, "." * 29 + "G"]),
}


def pixel(frame: np.ndarray, x: float, y: float) -> tuple[int, ...]:
    return tuple(frame[round(y), round(x)].tolist())


def at(frame: np.ndarray, geometry: Geometry, state: int, across: float, down: float) -> tuple[int, ...]:
    """Colour at a point of a cell, given as shares of its side."""
    x, y = geometry.corners[state]
    return pixel(frame, x + across * geometry.cell_size, y + down * geometry.cell_size)


def far(colour: tuple[int, ...], other: tuple[int, ...]) -> int:
    return max(abs(a - b) for a, b in zip(colour, other, strict=True))


@pytest.fixture(params=SIZES)
def scene(request) -> Scene:
    return Scene(Geometry(BOOK, request.param))


def test_cells_say_what_they_are(scene):
    frame, geometry = scene.frame(Track([8])), scene.geometry
    corner = 0.12
    assert at(frame, geometry, 0, corner, corner) == palette.FLOOR
    assert at(frame, geometry, 3, corner, corner) == palette.GOOD_TINT
    assert at(frame, geometry, 7, corner, corner) == palette.BAD_TINT
    assert at(frame, geometry, 5, 0.4, 0.4) in (palette.WALL, palette.WALL_EDGE)
    assert pixel(frame, 1, 1) == palette.PAPER


def test_the_agent_stands_on_its_cell_and_nowhere_else(scene):
    cells = scene.geometry.cell_size
    for state in (0, 2, 8):
        frame = scene.frame(Track([state], Action.RIGHT), NOTHING).astype(int)
        rows, columns = np.nonzero((abs(frame - palette.AGENT) <= 12).all(axis=2))
        assert len(rows)
        x, y = scene.geometry.corners[state]
        assert x <= columns.min() <= columns.max() < x + cells
        assert y <= rows.min() <= rows.max() < y + cells


def test_the_tip_of_the_agent_points_where_it_heads():
    scene = Scene(Geometry(BOOK, 100))
    weights = {}
    for heading in Action:
        frame = scene.frame(Track([9], heading), NOTHING).astype(int)
        rows, columns = np.nonzero((abs(frame - palette.AGENT) <= 12).all(axis=2))
        x, y = scene.geometry.centres[9]
        weights[heading] = (columns.min() + columns.max()) / 2 - x, (rows.min() + rows.max()) / 2 - y
    assert weights[Action.UP][1] < -2
    assert abs(weights[Action.UP][0]) < 2
    assert weights[Action.DOWN][1] > 2
    assert abs(weights[Action.DOWN][0]) < 2
    assert weights[Action.LEFT][0] < -2
    assert abs(weights[Action.LEFT][1]) < 2
    assert weights[Action.RIGHT][0] > 2
    assert abs(weights[Action.RIGHT][1]) < 2


def test_the_trail_leads_from_cell_to_cell():
    scene = Scene(Geometry(BOOK, 100))
    frame = scene.frame(Track([8, 4, 4, 0], Action.UP), NOTHING)
    assert at(frame, scene.geometry, 4, 0.5, 0.5) != palette.FLOOR
    assert at(frame, scene.geometry, 10, 0.5, 0.5) == palette.FLOOR


def test_q_values_colour_the_side_they_belong_to(scene):
    q_values = np.zeros((12, 4))
    q_values[10] = [1.0, -1.0, 0.5, -0.5]
    frame, geometry = (
        scene.frame(Track([8]), Overlay.checked(BOOK, q_values, policy=0 * q_values)),
        scene.geometry,
    )
    places = {Action.UP: (0.35, 0.25), Action.DOWN: (0.35, 0.75), Action.LEFT: (0.25, 0.35)}
    for action, place in {**places, Action.RIGHT: (0.75, 0.35)}.items():
        expected = tuple(palette.diverging(q_values[10, action], 1.0).tolist())
        assert far(at(frame, geometry, 10, *place), expected) <= 12, action
    assert at(frame, geometry, 9, 0.35, 0.25) == (255, 255, 255)  # zero is white
    assert at(frame, geometry, 3, 0.12, 0.12) == palette.GOOD_TINT  # terminal cells have no values


def test_values_colour_the_whole_cell(scene):
    values = np.linspace(-1, 1, 12)
    frame, geometry = scene.frame(Track([8]), Overlay.checked(BOOK, values=values)), scene.geometry
    for state in (0, 1, 9, 11):
        expected = tuple(palette.diverging(values[state], 1.0).tolist())
        assert at(frame, geometry, state, 0.15, 0.2) == expected


def test_every_tied_arrow_is_drawn():
    policy = np.zeros((12, 4))
    policy[9, [Action.UP, Action.RIGHT]] = 0.5
    scene = Scene(Geometry(BOOK, 100))
    bare, frame = (
        scene.frame(Track([8]), overlay) for overlay in (NOTHING, Overlay.checked(BOOK, policy=policy))
    )
    (x, y), (left, _) = scene.geometry.centres[9], scene.geometry.corners[9]
    different = (bare != frame).any(axis=2)
    different[:, :left] = False  # among arrows the agent stands in a corner of its cell, which is another one
    rows, columns = np.nonzero(different)
    assert rows.min() < y - 20
    assert columns.max() > x + 20
    assert rows.max() < y + 12
    assert columns.min() > x - 12


@pytest.mark.parametrize("mode", ["q", "v", "p"])
@pytest.mark.parametrize("cell_size", [56, 65, 100, 180])
def test_agent_and_trail_leave_arrows_and_numbers_readable(mode, cell_size):
    """What the picture shows at the places of numbers and arrows is the same wherever the agent has been."""
    solution = gym_gridq.solve(gym_gridq.Dynamics("book"))
    overlay = Overlay.checked(BOOK, solution.q).seen(mode)
    scene = Scene(Geometry(BOOK, cell_size))
    away, there = (scene.frame(track, overlay) for track in (Track([11]), Track([8, 4, 8, 9, 8])))
    x, y = scene.geometry.centres[8]
    middle, half, third = round(cell_size * 0.09), cell_size // 2, round(cell_size * 0.3)
    for left, right, top, bottom in (
        (-half, half, -middle, middle),  # the row of left and right
        (-middle, middle, -half, half),  # the column of up and down
        (-third, third, round(cell_size * 0.2), half),  # the number of a heat map
    ):
        part = np.s_[y + top : y + bottom, x + left : x + right]
        assert (away[part] == there[part]).all()
    assert (away != there).any()


@pytest.mark.parametrize("mode", ["q", "v"])
def test_a_pit_keeps_its_sign_and_its_reward_under_values(mode):
    """In the free corners at the right, on paper."""
    overlay = Overlay.checked(BOOK, np.ones((12, 4))).seen(mode)
    frame, geometry = Scene(Geometry(BOOK, 100)).frame(Track([8]), overlay), Geometry(BOOK, 100)
    x, y = geometry.corners[7]
    for top, bottom in ((5, 30), (80, 97)):
        corner = frame[y + top : y + bottom, x + 70 : x + 97].astype(int)
        assert (abs(corner - palette.PAPER).max(axis=2) < 24).sum() > 60
        assert (abs(corner - palette.BAD).max(axis=2) < 60).sum() > 8


def test_a_scale_that_is_given_holds_whatever_the_values_are():
    scene = Scene(Geometry(BOOK, 100))
    frames = [
        scene.frame(Track([8]), Overlay.checked(BOOK, values=np.full(12, value), scale=1.0))
        for value in (0.01, 0.5, 3.0)
    ]
    legends = [frame[:, -scene.geometry.legend_width :] for frame in frames]
    assert (legends[0] == legends[1]).all()
    assert (legends[0] == legends[2]).all()
    expected = [tuple(palette.diverging(np.array(value), 1.0).tolist()) for value in (0.01, 0.5, 1.0)]
    assert [at(frame, scene.geometry, 9, 0.15, 0.2) for frame in frames] == expected


@pytest.mark.parametrize("scale", [0, -1.0, np.nan, np.inf, "one"])
def test_a_scale_that_is_none_is_refused(scale):
    with pytest.raises(ValueError, match="scale is .*; give a finite number above 0"):
        Overlay.checked(BOOK, scale=scale)


@pytest.mark.parametrize("cell_size", SIZES)
@pytest.mark.parametrize("name", LAYOUTS_SEEN)
def test_all_frames_of_a_renderer_have_one_size(name, cell_size):
    layout = LAYOUTS_SEEN[name]
    geometry = Geometry(layout, cell_size)
    scene = Scene(geometry)
    q_values = np.random.default_rng(0).normal(size=(layout.n_states, 4)) * 1000
    status = {
        "episode": 10**6,
        "return": -1234.5678,
        "loss": 1e-9,
        "epsilon": 0.1,
        "a long label": "text" * 9,
    }
    for overlay in (
        NOTHING,
        Overlay.checked(layout, q_values, status=status),
        Overlay.checked(layout, values=q_values[:, 0], policy=q_values > 0),
        Overlay.checked(layout, status=status),
    ):
        frame = scene.frame(Track([0], Action.LEFT), overlay)
        assert frame.shape == (geometry.height, geometry.width, 3)
        assert frame.dtype == np.uint8


@pytest.mark.parametrize("cell_size", [20, 60, 100])  # without numbers; with them; with a legend
def test_a_frame_depends_on_what_it_shows_and_not_on_what_was_shown_before(cell_size):
    q_values = gym_gridq.solve(Dynamics("book")).q
    one_new, one_a_little = q_values.copy(), q_values.copy()
    one_new[6, 1] = -0.5
    one_a_little[6, 1] += 0.004
    overlays = [
        NOTHING,
        Overlay.checked(BOOK, q_values, status={"step": 1}),
        Overlay.checked(BOOK, q_values, status={"step": 1, "epsilon": 0.1, "return": -2.5}),
        Overlay.checked(BOOK, q_values, status={"step": 99999, "epsilon": 0.1, "return": -2.5}),
        Overlay.checked(BOOK, one_new, status={"wider than the board": 60 * "W", "step": 1}),
        Overlay.checked(BOOK, one_new),
        Overlay.checked(BOOK, one_a_little),
        Overlay.checked(BOOK, q_values, policy=1 - q_values),
        Overlay.checked(BOOK, -100 * q_values),
        Overlay.checked(BOOK, values=q_values[:, 1], policy=q_values > 0.7, status={"step": 123456}),
        Overlay.checked(BOOK, policy=q_values > 0.5),
        Overlay.checked(BOOK, values=q_values[:, 0] / 1000),
    ]
    geometry = Geometry(BOOK, cell_size)
    fresh = [Scene(geometry).frame(Track([8, 4], Action.UP), overlay) for overlay in overlays]
    scene = Scene(geometry)
    for first in range(len(overlays)):
        for second in range(len(overlays)):
            for number in (first, second):
                frame = scene.frame(Track([8, 4], Action.UP), overlays[number])
                assert (frame == fresh[number]).all(), (first, second)


def test_a_frame_is_the_callers_own():
    env = gymnasium.make("GridQ-v0", render_mode="rgb_array")
    env.reset()
    first = env.render()
    kept = first.copy()
    env.step(0)
    second = env.render()
    assert (first == kept).all()
    assert (first != second).any()
    second[:] = 0
    assert env.render().any()


def test_zero_is_white_and_the_ends_are_dark_and_apart():
    colours = palette.diverging(np.array([-5.0, -1.0, 0.0, 1.0, 5.0]), 1.0).astype(int)
    assert colours[2].tolist() == [255, 255, 255]
    assert (colours[0] == colours[1]).all()
    assert (colours[3] == colours[4]).all()
    assert colours[1][0] > colours[1][2]
    assert colours[3][2] > colours[3][0]
    lightness = palette.diverging(np.linspace(0, 1, 50), 1.0).astype(int).sum(axis=1)
    assert (np.diff(lightness) <= 0).all()


@pytest.mark.parametrize(
    ("largest", "scale"),
    [
        (0.0, 1.0),
        (0.9, 1.0),
        (1.0, 1.0),
        (1.2, 2.0),
        (47.0, 50.0),
        (0.03, 0.05),
        (560.0, 1000.0),
        (1.05, 1.0),
    ],
)
def test_the_scale_is_a_round_number(largest, scale):
    assert palette.scale_of(np.array([0.0, -largest, largest / 2])) == pytest.approx(scale)


def test_frames_need_no_screen():
    code = (
        "import os, gymnasium, gym_gridq, sys\n"
        "env = gymnasium.make('GridQ-v0', render_mode='rgb_array'); env.reset(); env.render()\n"
        "import pygame\n"
        "assert not pygame.display.get_init()\n"
    )
    environment = {"PATH": "", "SDL_VIDEODRIVER": "none such"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


@pytest.mark.parametrize("begun_again", [False, True])
def test_frames_survive_another_program_that_quits_pygame(begun_again):
    import pygame

    env = gymnasium.make("GridQ-v0", render_mode="rgb_array")
    env.reset()
    before = env.render()
    pygame.quit()
    if begun_again:
        pygame.font.init()
    assert (env.render() == before).all()
    env.unwrapped.show(status={f"never seen before {begun_again}": 0.123456})
    assert (env.render() != before).any()


def test_without_pygame_the_error_says_what_to_install():
    code = (
        "import sys; sys.modules['pygame'] = None\n"
        "import gymnasium, gym_gridq\n"
        "env = gymnasium.make('GridQ-v0', render_mode='rgb_array'); env.reset()\n"
        "try: env.render()\n"
        "except gymnasium.error.DependencyNotInstalled as error: assert 'install pygame-ce' in str(error)\n"
        "else: raise AssertionError('no error')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
