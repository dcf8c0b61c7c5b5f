"""The vector environment's lanes as frames, as text, and as boards in one real window."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from gym_gridq import GridQVectorEnv
from gym_gridq.drawing import Track

FAST = 10_000.0  # frames a second: no test waits for a person


def human(num_envs: int, **arguments: Any) -> GridQVectorEnv:
    envs = GridQVectorEnv(num_envs, render_mode="human", **arguments)
    envs.metadata = {**envs.metadata, "render_fps": FAST}
    return envs


def window_of(envs: GridQVectorEnv) -> Any:
    assert envs._renderer is not None
    assert envs._renderer.window is not None
    return envs._renderer.window._window


def shown(envs: GridQVectorEnv) -> Any:
    import pygame

    return pygame.surfarray.array3d(window_of(envs)._window.get_surface()).swapaxes(0, 1)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize("render_mode", ["rgb_array", "ansi"])
def test_every_lane_looks_like_a_scalar_environment(mode: AutoresetMode, render_mode: str) -> None:
    arguments: dict[str, Any] = {"render_mode": render_mode, "max_episode_steps": 6}
    if render_mode == "rgb_array":
        arguments["cell_size"] = 24
    ours = gymnasium.make_vec("GridQ-v0", num_envs=3, autoreset_mode=mode, **arguments)
    theirs: Any = SyncVectorEnv([lambda: gymnasium.make("GridQ-v0", **arguments)] * 3, autoreset_mode=mode)
    ours.reset(seed=0)
    theirs.reset(seed=0)
    rng = np.random.default_rng(0)
    for _ in range(20):
        frames, expected = ours.render(), theirs.render()
        assert isinstance(frames, tuple)
        assert np.array_equal(np.array(frames), np.array(expected))
        actions = rng.integers(0, 4, 3)
        ours.step(actions)
        theirs.step(actions)


@pytest.mark.parametrize("mode", AutoresetMode)
@pytest.mark.parametrize("render_mode", ["rgb_array_list", "ansi_list"])
@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
def test_lanes_collect_what_scalar_environments_collect(
    env_id: str, render_mode: str, mode: AutoresetMode
) -> None:
    arguments: dict[str, Any] = {"render_mode": render_mode, "max_episode_steps": 6, "cell_size": 24}
    ours = gymnasium.make_vec(env_id, num_envs=3, autoreset_mode=mode, **arguments)
    theirs = gymnasium.make_vec(
        env_id,
        num_envs=3,
        vectorization_mode="sync",
        vector_kwargs={"autoreset_mode": mode},
        **arguments,
    )
    assert ours.render_mode == theirs.render_mode == render_mode
    ours.reset(seed=0)
    theirs.reset(seed=0)
    rng = np.random.default_rng(0)
    collected = 0
    for step in range(30):
        if step % 4 == 0:
            pictures, expected = ours.render(), theirs.render()
            assert pictures is not None
            assert expected is not None
            assert [len(lane) for lane in pictures] == [len(lane) for lane in expected]
            collected += len(pictures[0])
            for lane, same in zip(pictures, expected, strict=True):
                assert np.array_equal(np.array(lane), np.array(same))
        actions = rng.integers(0, 4, 3)
        _, _, terminated, truncated, _ = ours.step(actions)
        theirs.step(actions)
        mask = terminated | truncated
        if mode is AutoresetMode.DISABLED and mask.any():
            ours.reset(options={"reset_mask": mask.copy()})
            theirs.reset(options={"reset_mask": mask.copy()})
    assert collected > 10
    ours.render()
    assert ours.render() == ([], [], [])


@pytest.mark.parametrize("language", ["zh", "ja"])
def test_lanes_speak_the_language_they_were_made_with(language: str) -> None:
    arguments: dict[str, Any] = {"render_mode": "rgb_array", "cell_size": 60, "language": language}
    envs = gymnasium.make_vec("GridQ-OneHot-v0", num_envs=2, **arguments)
    env = gymnasium.make("GridQ-v0", **arguments)
    envs.reset()
    env.reset()
    for frame in envs.render() or ():
        assert np.array_equal(frame, env.render())


def test_gymnasium_s_recorder_takes_the_frames() -> None:
    envs = GridQVectorEnv(4, render_mode="rgb_array", cell_size=16)
    envs.reset()
    frames = np.array(envs.render(), dtype=np.uint8)
    assert frames.ndim == 4
    assert frames.shape[0] == 4
    assert frames.shape[3] == 3


def test_gymnasium_s_window_shows_every_lane(screen: str) -> None:
    import pygame
    from gymnasium.wrappers.vector import HumanRendering

    envs = GridQVectorEnv(4, render_mode="rgb_array", cell_size=40)
    envs.metadata = {**envs.metadata, "render_fps": FAST}
    envs.reset()
    height, width, _ = np.shape(envs.render()[0])  # type: ignore[index]
    shown_by_gymnasium = HumanRendering(envs, screen_size=(2 * width, 2 * height))
    shown_by_gymnasium.reset(seed=0)
    for actions in ([0, 1, 2, 3], [0, 0, 3, 3], [3, 2, 1, 0]):
        shown_by_gymnasium.step(np.array(actions))
        picture = pygame.surfarray.array3d(pygame.display.get_surface()).swapaxes(0, 1)
        for lane, frame in enumerate(envs.render() or ()):
            row, column = divmod(lane, 2)
            tile = picture[row * height : (row + 1) * height, column * width : (column + 1) * width]
            assert np.array_equal(tile, frame)
    shown_by_gymnasium.close()
    assert not pygame.display.get_init()


@pytest.mark.parametrize("num_envs", [1, 2, 5])
def test_gymnasium_s_window_needs_no_size(screen: str, num_envs: int) -> None:
    import pygame
    from gymnasium.wrappers.vector import HumanRendering

    envs = gymnasium.make_vec("GridQ-v0", num_envs=num_envs, render_mode="rgb_array", cell_size=40)
    envs.metadata = {**envs.metadata, "render_fps": FAST}
    window = HumanRendering(envs)
    window.reset(seed=0)
    height, width, _ = np.shape(envs.render()[0])  # type: ignore[index]
    assert pygame.display.get_surface().get_size() == (width, height)
    window.step(np.zeros(num_envs, dtype=np.int64))
    window.close()


def test_one_window_tiles_all_lanes(screen: str) -> None:
    envs = human(6, cell_size=40)
    frames = GridQVectorEnv(6, render_mode="rgb_array", cell_size=40)
    envs.reset(seed=0)
    frames.reset(seed=0)
    for step in range(3):
        actions = (np.arange(6) + step) % 4
        envs.step(actions)
        frames.step(actions)
    boards = frames.render()
    assert boards is not None
    height, width, _ = np.shape(boards[0])
    picture = shown(envs)
    for lane, board in enumerate(boards):
        row, column = divmod(lane, picture.shape[1] // width)
        tile = picture[row * height : (row + 1) * height, column * width : (column + 1) * width]
        assert np.array_equal(tile, board)
    envs.close()
    frames.close()


def test_the_boards_follow_the_window(screen: str) -> None:
    envs = human(12)
    envs.reset()
    boards = envs._renderer.window  # type: ignore[union-attr]
    assert boards is not None
    before = boards._scene.geometry.cell_size
    window_of(envs)._window.size = (500, 400)
    envs.step(np.zeros(12, dtype=np.int64))
    geometry = boards._scene.geometry
    n_columns = 500 // geometry.width
    assert geometry.cell_size < before
    assert n_columns * (400 // geometry.height) >= 12
    envs.close()


def test_a_closed_window_stays_closed_and_the_lanes_go_on(screen: str) -> None:
    import pygame

    envs = human(2)
    envs.reset()
    window = window_of(envs)
    pygame.event.post(pygame.event.Event(pygame.WINDOWCLOSE, window=window._window))
    for _ in range(3):
        observations, *_ = envs.step(np.zeros(2, dtype=np.int64))
    assert observations.tolist() == [0, 0]
    assert not window.is_open
    envs.close()
    envs.close()


def test_more_boards_than_a_window_can_hold(screen: str) -> None:
    envs = human(100_000)
    with pytest.raises(ValueError, match=r"100000 boards make a window of .* pixels; watch fewer lanes"):
        envs.reset()


def test_nothing_is_remembered_without_a_render_mode() -> None:
    envs = GridQVectorEnv(2)
    envs.reset()
    envs.step(np.array([0, 0]))
    assert envs._tracks == []
    assert envs._renderer is None
    with pytest.warns(UserWarning, match="draws nothing without a render_mode"):
        assert envs.render() is None


def test_nothing_to_draw_before_the_first_reset() -> None:
    with pytest.raises(ResetNeeded, match="call reset"):
        GridQVectorEnv(2, render_mode="rgb_array").render()


def test_a_click_explains_a_cell_of_any_lane(screen: str) -> None:
    import pygame

    envs = human(6, cell_size=60)
    envs.reset()
    boards: Any = envs._renderer.window  # type: ignore[union-attr]
    geometry = boards._scene.geometry
    x, y = geometry.centres[6]
    at = x + 2 * geometry.width, y
    assert boards._tiles.n_columns > 2
    cell = boards._cell_at(*at)
    assert boards._cell_at(3 * geometry.width - 2, y) is None  # between two boards
    for _ in range(2):
        before = shown(envs)
        centre = boards._outline(cell).center
        event = {"window": window_of(envs)._window, "button": 1, "pos": centre}
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, **event))
        boards.answer()
        assert (shown(envs) != before).any()
    assert boards.controls.cell is None
    assert boards._outline(cell).center == at
    assert boards._explained(cell)[0] == "cell (1, 2), state 6, discount 0.9"
    envs.close()


def test_the_boards_alone(screen: str) -> None:
    from gym_gridq import Dynamics
    from gym_gridq.rendering.windows.grid_window import GridWindow

    boards = GridWindow(Dynamics("book"), pace=FAST, n_boards=1)
    boards.draw([Track([8])])
    boards.close()
    boards.draw([Track([8])])
    boards.close()
