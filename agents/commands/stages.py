"""What a window shows of a learner: the board it learns on, or the frames of a world of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np

import gym_gridq
from agents.algorithms.base import Agent
from agents.commands.grids import MAX_DRAWN_STATES, grid_overlay, scale_of_optimum
from agents.experience.rollout import Rollout
from agents.experiments.grids import grid_observations, grid_of, grid_q_values, has_action_values, is_grid
from agents.pictures.films import Moment, fps_of, greedy_episode
from agents.training.configuration import make_env
from agents.training.loop import Training
from gym_gridq import Action, Layout
from gym_gridq.drawing import Language, Track

if TYPE_CHECKING:
    from gym_gridq.rendering.windows.controls import Keys
    from gym_gridq.rendering.windows.panels import Curve

__all__ = ["GuestStage", "MapStage", "Stage", "follow", "make_drawn", "show_episodes", "stage_for"]

EPISODE_END_SECONDS = 0.8
"""How long the end of an episode stays in sight."""


class MapStage:
    """A board, with what an agent has learned laid over it in colours that keep their meaning.

    Args:
        env: one of our environments, made with ``render_mode="rgb_array"``.
        discount: of the values.
        pace: frames a second; None never waits.
        keys: what the window says of its keys, if it is not what every board has.
        with_curves: whether there are curves beside it.

    Attributes:
        window: where it is shown.
        pace: frames a second that suit an episode.

    Raises:
        DisplayUnavailable: where there is no screen.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        discount: float,
        pace: float | None = None,
        keys: Keys | None = None,
        with_curves: bool = False,
    ) -> None:
        from gym_gridq.rendering.windows.grid_window import GridWindow

        self._env, self._grid, self._discount = env, grid_of(env), discount
        self._scale = scale_of_optimum(env, discount)
        self._lane = Track()  # of a training
        self.pace = fps_of(env)
        style = self._grid.style
        self.window = GridWindow(self._grid.dynamics, style, pace, with_curves=with_curves, keys=keys)
        dynamics = self._grid.dynamics
        self._optimum = gym_gridq.solve(dynamics, discount) if dynamics.n_states <= MAX_DRAWN_STATES else None

    def follow(self, rollout: Rollout) -> None:
        """Takes in a step of a training."""
        follow(self._lane, rollout, self._grid.layout)

    def measures(self, agent: Agent) -> dict[str, tuple[float, float | None]]:
        """What there is to know exactly of an agent by name, and what it should come to."""
        if self._optimum is None:
            return {}
        dynamics, starts = self._grid.dynamics, self._grid.dynamics.start_states
        actions = agent.act(grid_observations(self._env), explore=False)  # (S,)
        value = gym_gridq.evaluate_policy(dynamics, actions, self._discount)[starts].mean()
        known: dict[str, tuple[float, float | None]] = {
            "greedy value": (float(value), float(self._optimum.v[starts].mean()))
        }
        if not has_action_values(agent):
            return known
        error = np.abs(grid_q_values(agent, self._env) - self._optimum.q)[~dynamics.absorbing].max()
        return {**known, "max abs(Q - q*)": (float(error), None)}

    def draw_learning(
        self,
        training: Training,
        status: Mapping[str, Any],
        curves: Mapping[str, Curve],
        seconds: float | None = None,
    ) -> None:
        """Shows the first lane of a training."""
        self._draw(self._lane, training.agent, status, curves, seconds)

    def draw(self, agent: Agent, status: Mapping[str, Any], curves: Mapping[str, Curve]) -> None:
        """Shows its own environment."""
        self._draw(self._grid.track, agent, status, curves)

    def _draw(
        self,
        track: Track,
        agent: Agent,
        status: Mapping[str, Any],
        curves: Mapping[str, Curve],
        seconds: float | None = None,
    ) -> None:
        from gym_gridq.rendering import Overlay

        shown = grid_overlay(agent, self._env)
        overlay = Overlay.checked(
            self._grid.layout, **shown, status=status, discount=self._discount, scale=self._scale
        )
        self.window.draw([track], overlay, curves, seconds)


class GuestStage:
    """The frames of an environment of which nothing else is known.

    Of a training it shows the greedy episodes that the agent would play by now, in an environment of its own:
    the one that is trained on is not touched.

    Args:
        env: made with ``render_mode="rgb_array"``.
        pace: frames a second; None never waits.
        keys: what the window says of its keys, if it is not what every guest has.
        with_curves: whether there are curves beside it.
        language: of the words.

    Attributes:
        window: where it is shown.
        pace: frames a second that suit an episode.

    Raises:
        DisplayUnavailable: where there is no screen.
        ValueError: if the environment draws something else than frames.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        pace: float | None = None,
        keys: Keys | None = None,
        with_curves: bool = False,
        language: Language = "en",
    ) -> None:
        from gym_gridq.rendering.windows.controls import GUEST_KEYS
        from gym_gridq.rendering.windows.frame_window import FrameWindow
        from gym_gridq.rendering.windows.window import open_display

        open_display()  # before the environment draws and does it its own way
        self._env = env
        self._episode: Iterator[Moment] = iter(())
        self.pace = fps_of(env)
        env.reset()
        self.window = FrameWindow(env.render(), pace, with_curves, language=language, keys=keys or GUEST_KEYS)

    def follow(self, rollout: Rollout) -> None:
        """Nothing is known of a state but its picture."""

    def measures(self, agent: Agent) -> dict[str, tuple[float, float | None]]:
        """Nothing is known exactly."""
        return {}

    def draw_learning(
        self,
        training: Training,
        status: Mapping[str, Any],
        curves: Mapping[str, Curve],
        seconds: float | None = None,
    ) -> None:
        """Shows the next step of a greedy episode."""
        if next(self._episode, None) is None:
            self._episode = greedy_episode(training.agent, self._env)
            next(self._episode)
        self.window.draw(self._env.render(), status, curves, seconds)

    def draw(self, agent: Agent, status: Mapping[str, Any], curves: Mapping[str, Curve]) -> None:
        """Shows its own environment."""
        self.window.draw(self._env.render(), status, curves)


Stage = MapStage | GuestStage


def make_drawn(
    env_id: str, env_kwargs: Mapping[str, Any], drawing: Mapping[str, Any]
) -> gymnasium.Env[Any, Any]:
    """Makes an environment that draws frames.

    Args:
        env_id: which.
        env_kwargs: its arguments.
        drawing: further ones that only ours have: how to draw.

    Raises:
        ValueError: if it draws none.
    """
    env = make_env(env_id, env_kwargs)
    ours, modes = is_grid(env), env.metadata.get("render_modes", ())
    env.close()
    if "rgb_array" not in modes:
        raise ValueError(
            f"{env_id} draws no frames (it has no render mode 'rgb_array'), so there is nothing to watch; "
            "'gridq evaluate' and 'gridq plot' say how an agent does there"
        )
    return make_env(env_id, {**env_kwargs, **drawing} if ours else env_kwargs, "rgb_array")


def stage_for(
    env: gymnasium.Env[Any, Any],
    discount: float,
    language: Language = "en",
    pace: float | None = None,
    keys: Callable[[Keys], Keys] | None = None,
    with_curves: bool = False,
) -> Stage:
    """The stage that suits an environment that draws frames.

    Args:
        env: the environment.
        discount: of an agent's values.
        language: of the words, where the environment itself does not say.
        pace: frames a second; None never waits.
        keys: makes what the window says of its keys out of what such a window usually says.
        with_curves: whether there are curves beside it.
    """
    from gym_gridq.rendering.windows.controls import GUEST_KEYS, KEYS

    if is_grid(env):
        return MapStage(env, discount, pace, keys and keys(KEYS), with_curves)
    return GuestStage(env, pace, keys and keys(GUEST_KEYS), with_curves, language)


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


def follow(track: Track, rollout: Rollout, layout: Layout) -> None:
    """Takes in where the first lane of a training stands after a step, or before the first."""
    observation = np.asarray(rollout.observation)
    if rollout.n_lanes > 1:
        observation = observation[0]
    state = int(observation) if observation.ndim == 0 else int(observation.argmax())
    if not track.trail or rollout.begins(0):
        track.begin(state)
    else:
        track.move(_heading(layout, track.state, state), state)


def _heading(layout: Layout, state: int, next_state: int) -> Action | None:
    """The direction of a move; None where there was none."""
    if state == next_state:
        return None
    (row, column), (to_row, to_column) = layout.position(state), layout.position(next_state)
    if row == to_row:
        return Action.RIGHT if to_column > column else Action.LEFT
    return Action.DOWN if to_row > row else Action.UP
