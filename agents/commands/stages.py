"""What a window shows of a learner: the board it learns on, or the frames of a world of others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import gymnasium

from agents.algorithms.base import Agent
from agents.commands.map_drawing import MAX_DRAWN_STATES, follow, grid_overlay, scale_of_optimum
from agents.experience.rollout import Rollout
from agents.experiments.grids import GridJudge, grid_of, is_grid
from agents.pictures.films import Moment, fps_of, greedy_episode
from gym_gridq.drawing import Language, Track

if TYPE_CHECKING:
    from gym_gridq.rendering.controls import Keys
    from gym_gridq.rendering.frame_window import FrameWindow
    from gym_gridq.rendering.grid_window import GridWindow
    from gym_gridq.rendering.interactive_window import InteractiveWindow
    from gym_gridq.rendering.panels import Curve

__all__ = ["Stage", "show_episodes", "stage_for"]

EPISODE_END_SECONDS = 0.8
"""How long the end of an episode stays in sight."""


class Stage(ABC):
    """A window, and what it shows of a learner; see `stage_for`.

    Attributes:
        window: the window.
        pace: frames a second that suit an episode.
    """

    window: InteractiveWindow

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        self._env = env
        self.pace = fps_of(env)

    @abstractmethod
    def follow(self, rollout: Rollout) -> None:
        """Takes in a step of a training."""

    @abstractmethod
    def measures(self, agent: Agent) -> dict[str, tuple[float, float | None]]:
        """What there is to know exactly of an agent by name, NaN if it is not, and what it should come to."""

    @abstractmethod
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


class _MapStage(Stage):
    """A board, with what an agent has learned laid over it in colours that keep their meaning.

    Of a training it shows the first lane.
    """

    window: GridWindow

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        discount: float,
        pace: float | None,
        keys: Keys,
        with_curves: bool,
    ) -> None:
        from gym_gridq.rendering.grid_window import GridWindow

        super().__init__(env)
        self._grid, self._discount = grid_of(env), discount
        self._scale = scale_of_optimum(env, discount)
        self._lane = Track()  # of a training
        dynamics = self._grid.dynamics
        self.window = GridWindow(dynamics, self._grid.style, pace, with_curves=with_curves, keys=keys)
        self._judge = GridJudge(env, discount) if dynamics.n_states <= MAX_DRAWN_STATES else None

    def follow(self, rollout: Rollout) -> None:
        follow(self._lane, rollout, self._grid.layout)

    def measures(self, agent: Agent) -> dict[str, tuple[float, float | None]]:
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
        from gym_gridq.rendering import Overlay

        shown = grid_overlay(agent, self._env)
        overlay = Overlay.checked(
            self._grid.layout, **shown, status=status, discount=self._discount, scale=self._scale
        )
        self.window.draw([self._lane if learning else self._grid.track], overlay, curves, seconds)


class _GuestStage(Stage):
    """The frames of an environment of which nothing else is known.

    Of a training it shows the greedy episodes that the agent would play by now, in an environment of its own:
    the one that is trained on is not touched.
    """

    window: FrameWindow

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        pace: float | None,
        keys: Keys,
        with_curves: bool,
        language: Language,
    ) -> None:
        from gym_gridq.rendering.frame_window import FrameWindow
        from gym_gridq.rendering.window import open_display

        open_display()  # before the environment draws and does it its own way
        super().__init__(env)
        self._episode: Iterator[Moment] = iter(())
        env.reset()
        self.window = FrameWindow(env.render(), pace, with_curves, language=language, keys=keys)

    def follow(self, rollout: Rollout) -> None:
        """Nothing is known of a state but its picture."""

    def measures(self, agent: Agent) -> dict[str, tuple[float, float | None]]:
        return {}

    def draw(
        self,
        agent: Agent,
        status: Mapping[str, Any],
        curves: Mapping[str, Curve],
        seconds: float | None = None,
        learning: bool = False,
    ) -> None:
        if learning and next(self._episode, None) is None:
            self._episode = greedy_episode(agent, self._env)
            next(self._episode)
        self.window.draw(self._env.render(), status, curves, seconds)


def stage_for(
    env: gymnasium.Env[Any, Any],
    discount: float,
    language: Language = "en",
    pace: float | None = None,
    keys: Callable[[Keys], Keys] | None = None,
    with_curves: bool = False,
) -> Stage:
    """The stage that suits an environment, made with ``render_mode="rgb_array"``.

    Args:
        env: the environment.
        discount: of an agent's values.
        language: of the words, where the environment itself does not say.
        pace: frames a second; None never waits.
        keys: makes what the window says of its keys out of what such a window usually says.
        with_curves: whether there are curves beside it.

    Raises:
        DisplayUnavailable: where there is no screen.
        ValueError: if the environment draws something else than frames.
    """
    from gym_gridq.rendering.controls import GUEST_KEYS, KEYS

    usual = KEYS if is_grid(env) else GUEST_KEYS
    told = usual if keys is None else keys(usual)
    if is_grid(env):
        return _MapStage(env, discount, pace, told, with_curves)
    return _GuestStage(env, pace, told, with_curves, language)


def show_episodes(
    stage: Stage,
    agent: Agent,
    env: gymnasium.Env[Any, Any],
    seed: int | None,
    episodes: int | None = None,
    status: Mapping[str, Any] | None = None,
    curves: Mapping[str, Curve] | None = None,
) -> list[tuple[float, int]]:
    """Shows greedy episodes until there were enough or the window is closed.

    Args:
        stage: where.
        agent: who acts.
        env: the environment of the stage.
        seed: of the first reset.
        episodes: how many; None never ends.
        status: what to say besides the state of the episode.
        curves: what to draw beside it.

    Returns:
        Return and length of each that ended.
    """
    shown: list[tuple[float, int]] = []
    window, number = stage.window, 0
    while window.is_open and (episodes is None or len(shown) < episodes):
        number += 1
        moment = Moment()
        for moment in greedy_episode(agent, env, seed):
            stage.draw(agent, {"episode": number, **moment.status(), **(status or {})}, curves or {})
            if not window.is_open or (not moment.over and window.take_restart()):
                break
        if moment.over:
            shown.append((moment.episode_return, moment.step))
            window.hold(EPISODE_END_SECONDS)
            window.take_restart()
        seed = None
    return shown
