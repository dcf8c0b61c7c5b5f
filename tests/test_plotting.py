import io

import gymnasium
import numpy as np
import pytest
from PIL import Image

import gym_gridq
from agents.loggers import METRICS
from agents.plotting import draw_curves, draw_q_values, draw_runs
from agents.videos import write_gif


def drawn(draw, *arguments):
    """The picture as an array (height, width, 3)."""
    file = io.BytesIO()
    draw(file, *arguments)
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def metrics(n):
    columns = {name: np.linspace(1, 2, n) for name in METRICS}
    return columns | {"steps": np.arange(1.0, n + 1)}


def test_curves_show_both_and_survive_missing_numbers():
    picture = drawn(draw_curves, metrics(300), "title")
    assert picture.shape == (480, 640, 3)
    blue, orange = (0, 114, 178), (213, 94, 0)
    rows = [np.flatnonzero((picture == colour).all(axis=2).any(axis=1)) for colour in (blue, orange)]
    assert rows[0].max() < rows[1].min()  # return above loss
    for data in (metrics(0), metrics(1), metrics(40) | {"loss": np.full(40, np.nan)}):
        assert drawn(draw_curves, data, "").shape == picture.shape


def grid_picture(panels):
    env = gymnasium.make("GridQ-v0").unwrapped
    layout, dynamics = env.layout, env.dynamics
    return drawn(draw_q_values, panels, layout.n_columns, layout.wall, dynamics.absorbing, layout.cells)


def cell(picture, row, column):
    """The middle of a cell's four triangles: up, down, left, right, (4, 3)."""
    y, x = 40 + 100 * row, 20 + 100 * column
    places = [(y + 32, x + 50), (y + 68, x + 50), (y + 50, x + 36), (y + 50, x + 64)]
    return np.array([picture[place] for place in places])


def test_triangles_lie_where_their_actions_lead():
    q = np.zeros((12, 4))
    q[8] = [1.0, -1.0, 0.5, -0.5]
    picture = grid_picture({"one": q})
    up, down, left, right = cell(picture, 2, 0)
    assert up[0] > up[2] + 80  # the best is orange
    assert down[2] > down[0]  # the worst is purple
    assert left.sum() > up.sum()  # paler than the best
    assert right.sum() > down.sum()
    assert cell(picture, 2, 2) == pytest.approx(np.full((4, 3), 247), abs=10)  # zero is white
    assert (cell(picture, 1, 1) == 0x4D).all()  # the wall
    assert (cell(picture, 0, 3)[0] == 0xE8).all()  # the goal


def test_panels_share_one_scale():
    q = gym_gridq.solve(gymnasium.make("GridQ-v0")).q
    both = grid_picture({"learned": q / 2, "exact": q})
    alone = grid_picture({"learned": q / 2})
    assert cell(both, 0, 2)[3].sum() > cell(alone, 0, 2)[3].sum()  # half of the best is paler beside it


def test_a_map_where_nothing_is_learned_is_still_drawn():
    assert grid_picture({"nothing": np.zeros((12, 4))}).shape[2] == 3


def test_animations_keep_frames_and_colours():
    frames = [np.full((8, 8, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255))]
    frames[1][:4] = (255, 0, 0)
    file = io.BytesIO()
    write_gif(file, frames, frame_ms=100)
    with Image.open(file) as animation:
        assert animation.n_frames == 2
        assert np.asarray(animation.convert("RGB"))[0, 0].tolist() == [255, 0, 0]
        assert animation.info["duration"] == 100
        animation.seek(1)
        assert animation.info["duration"] == 400
        assert np.asarray(animation.convert("RGB"))[7, 7].tolist() == [0, 0, 255]


def test_runs_are_drawn_over_one_another_in_colours_of_their_own():
    picture = drawn(draw_runs, {"first": metrics(100), "second": metrics(60)})
    for colour in ((0, 114, 178), (213, 94, 0)):
        rows, columns = np.nonzero((abs(picture - colour) < 12).all(axis=2))
        height, width, _ = picture.shape
        quarters = {(row > height / 2, column > width / 2) for row, column in zip(rows, columns, strict=True)}
        assert len(quarters) == 4
    nothing = metrics(30) | {name: np.full(30, np.nan) for name in ("loss", "max_q_error")}
    for runs in ({"empty": metrics(0)}, {"no loss": nothing}, {"one": metrics(1), "empty": metrics(0)}):
        assert drawn(draw_runs, runs).shape == picture.shape
