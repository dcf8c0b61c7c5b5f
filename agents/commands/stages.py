"""What a window shows of a learner: the board it learns on, or the frames of a world of others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import gymnasium

from agents.algorithms.base import Agent
from agents.commands.drawing import follow, grid_overlay, scale_of_optimum
from agents.experience.rollout import Rollout
from agents.experiments.grids import GridJudge, grid_of, is_grid
from agents.pictures.films import fps_of
from agents.training.evaluation import Moment, greedy_episode
from gym_gridq.drawing import Language, Track

if TYPE_CHECKING:
    from gym_gridq.rendering.windows.controls import Keys
    from gym_gridq.rendering.windows.frame_window import FrameWindow
    from gym_gridq.rendering.windows.grid_window import GridWindow
    from gym_gridq.rendering.windows.panels import Curve

__all__ = ["Stage", "stage_for"]

EPISODE_END_SECONDS = 0.8
"""How long the end of an episode stays in sight."""


class Stage:
    """A window, and what it shows of a learner: the frames of an environment of which nothing else is known.

    Of a training these are the greedy episodes that the agent would play by now, in an environment of their
    own: the one that is trained on is not touched.

    Attributes:
        window: the window.
        pace: frames a second that suit an episode.

    Args:
        env: made with ``render_mode="rgb_array"``.
        window: for its frames.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], window: FrameWindow | GridWindow) -> None:
        self._env = env
        self._episode: Iterator[Moment] = iter(())
        self.window = window
        self.pace = fps_of(env)

    def follow(self, rollout: Rollout) -> None:
        """Takes in a step of a training; of frames nothing more is known."""

    def measures(self, agent: Agent) -> dict[str, tuple[float, float | None]]:
        """What is known exactly of an agent by name, NaN if it has no value, and what it should come to."""
        return {}

    def draw(
        self,
        agent: Agent,
        status: Mapping[str, Any],
        curves: Mapping[str, Curve],
        seconds: float | None = None,
        learning: bool = False,
    ) -> None:
        """Shows its own environment, or the training that it follows.

        Args:
            agent: who acts there.
            status: what to say below.
            curves: what to draw beside, by name.
            seconds: how long; None is the time of a frame.
            learning: whether to show the training.
        """
        if learning and next(self._episode, None) is None:
            self._episode = greedy_episode(agent, self._env)
            next(self._episode)
        cast("FrameWindow", self.window).draw(self._env.render(), status, curves, seconds)

    def show_episodes(
        self,
        agent: Agent,
        seed: int | None,
        episodes: int | None = None,
        status: Mapping[str, Any] | None = None,
        curves: Mapping[str, Curve] | None = None,
    ) -> list[tuple[float, int]]:
        """Shows greedy episodes until there were enough or the window is closed.

        Args:
            agent: who acts.
            seed: of the first reset.
            episodes: how many; None never ends.
            status: what to say besides the state of the episode.
            curves: what to draw beside it.

        Returns:
            Return and length of each that ended.
        """
        shown: list[tuple[float, int]] = []
        window, number = self.window, 0
        while window.is_open and (episodes is None or len(shown) < episodes):
            number += 1
            moment = Moment()
            for moment in greedy_episode(agent, self._env, seed):
                self.draw(agent, {"episode": number, **moment.status(), **(status or {})}, curves or {})
                if not window.is_open or (not moment.over and window.take_restart()):
                    break
            if moment.over:
                shown.append((moment.episode_return, moment.step))
                window.hold(EPISODE_END_SECONDS)
                window.take_restart()
            seed = None
        return shown


class MapStage(Stage):
    """A board, with what an agent has learned laid over it in colours that keep their meaning.

    Of a training it shows the first lane.

    Args:
        env: one of our environments.
        window: for its board.
        discount: of the values.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], window: GridWindow, discount: float) -> None:
        super().__init__(env, window)
        self._grid, self._discount = grid_of(env), discount
        self._lane = Track()  # of a training
        self._scale = scale_of_optimum(env, discount)
        # where there is a scale, there is an optimum
        self._judge = None if self._scale is None else GridJudge(env, discount)

    def follow(self, rollout: Rollout) -> None:
        """Takes in a step of a training."""
        follow(self._lane, rollout, self._grid.layout)

    def measures(self, agent: Agent) -> dict[str, tuple[float, float | None]]:
        """See `Stage.measures`; those of a map that is not too large to look at."""
        if self._judge is None:
            return {}
        error, value = self._judge.look(agent)
        return {"greedy value": (value, self._judge.optimal_value), "max abs(Q - q*)": (error, None)}

    def draw(
        self,
        agent: Agent,
        status: Mapping[str, Any],
        curves: Mapping[str, Curve],
        seconds: float | None = None,
        learning: bool = False,
    ) -> None:
        """See `Stage.draw`."""
        from gym_gridq.rendering import Overlay

        shown = grid_overlay(agent, self._env)
        overlay = Overlay.checked(
            self._grid.layout, **shown, status=status, discount=self._discount, scale=self._scale
        )
        track = self._lane if learning else self._grid.track
        cast("GridWindow", self.window).draw([track], overlay, curves, seconds)


def stage_for(
    env: gymnasium.Env[Any, Any],
    discount: float,
    language: Language = "en",
    pace: float | None = None,
    keys: Callable[[Keys], Keys] | None = None,
    with_curves: bool = False,
) -> Stage:
    """Opens the window that suits an environment.

    Args:
        env: the environment, made with ``render_mode="rgb_array"``.
        discount: of an agent's values.
        language: of the words, where the environment itself does not say.
        pace: frames a second; infinite or None never waits.
        keys: makes what the window says of its keys out of what such a window usually says.
        with_curves: whether there are curves beside it.

    Raises:
        DisplayUnavailable: where there is no screen.
        ValueError: if the environment draws something else than frames.
    """
    from gym_gridq.rendering.windows.controls import GUEST_KEYS, KEYS
    from gym_gridq.rendering.windows.frame_window import FrameWindow
    from gym_gridq.rendering.windows.grid_window import GridWindow
    from gym_gridq.rendering.windows.window import open_display

    pace = None if pace == math.inf else pace
    usual = KEYS if is_grid(env) else GUEST_KEYS
    told = usual if keys is None else keys(usual)
    if is_grid(env):
        grid = grid_of(env)
        window = GridWindow(grid.dynamics, grid.style, pace, with_curves=with_curves, keys=told)
        return MapStage(env, window, discount)
    open_display()  # before the environment draws and does it its own way
    env.reset()
    return Stage(env, FrameWindow(env.render(), pace, with_curves, language=language, keys=told))
