"""The vector environment: the scalar one's table look-up, on arrays.

Nothing here knows a rule of the world: every answer is taken from the tables of `gym_gridq.Dynamics`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.error import ClosedEnvironmentError, ResetNeeded

from gym_gridq.arguments import (
    NO_LIMIT,
    checked_actions,
    checked_limit,
    checked_mask,
    checked_seeds,
    chosen_start,
)
from gym_gridq.checks import as_count, as_integer, read_only
from gym_gridq.drawing import COLLECTED_MODES, RENDER_MODES, Track
from gym_gridq.dynamics import Dynamics
from gym_gridq.layout import Action, Layout
from gym_gridq.snapshots import checked_lanes
from gym_gridq.world import GridWorld

try:
    from gymnasium.vector import AutoresetMode, VectorEnv
    from gymnasium.vector.utils import batch_space
except ImportError as error:
    raise gymnasium.error.DependencyNotInstalled(
        "GridQ's vector environment needs gymnasium >= 1.1, which brought AutoresetMode; "
        f"this is {gymnasium.__version__}. Upgrade it, or use gymnasium.vector.SyncVectorEnv"
    ) from error

__all__ = ["GridQVectorEnv"]

IntArray = npt.NDArray[np.int64]
StepResult = tuple[
    IntArray, npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.bool_], dict[str, Any]
]


class GridQVectorEnv(GridWorld, VectorEnv[Any, Any, Any]):
    """Many GridQ worlds stepped at once; lane for lane equal to so many scalar environments.

    A step is a handful of array operations over all lanes, so that its cost per lane falls to a few
    nanoseconds. Observations are ``(n,)`` int64, rewards ``(n,)`` float64, the flags ``(n,)`` bool, and
    ``infos`` is ``{"prob": (n,) float64, "_prob": (n,) bool}``. Arrays are never written to after they were
    returned; those of ``infos`` that are the same at every step are shared, and read-only.

    All lanes draw from one generator, ``np_random``. A lane that makes a move draws one number if there is
    slip, a lane that starts an episode draws one if there are several starts, so that one lane seeded with an
    integer equals the scalar environment draw for draw.

    Args:
        num_envs: number of lanes n, at least 1.
        layout: see `GridQEnv`, as for the next three.
        slip: probability that a move goes to one of the two perpendicular directions.
        step_reward: added to the reward of every step.
        random_start: start on any cell that is neither wall nor terminal.
        render_mode: ``"human"`` (one window, the boards tiled), ``"rgb_array"`` (a frame a lane), ``"ansi"``
            (a text a lane), ``"rgb_array_list"`` and ``"ansi_list"`` (all of them since the last `render`)
            or None.
        cell_size: side of a cell in pixels; None suits it to the map, and in the window to the lanes.
        language: of the words that are drawn, ``"en"``, ``"zh"`` or ``"ja"``.
        max_episode_steps: steps after which an episode is truncated; None or -1 for no limit.
        autoreset_mode: what follows the end of an episode, as `gymnasium.vector.AutoresetMode` or its value
            (with the value the spec can be written as JSON).
            ``"NextStep"``: the next step starts the lane's next episode, whatever its action. ``"SameStep"``:
            the same step does, with the end in ``infos["final_obs"]`` and ``infos["final_info"]``.
            ``"Disabled"``: ``reset(options={"reset_mask": mask})`` does, and until then a step is an error.

    Raises:
        ValueError: for an argument out of its range.
    """

    metadata = {  # noqa: RUF012 - Gymnasium declares it an instance attribute
        "render_modes": list(RENDER_MODES),
        "render_fps": 4,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        layout: str | Iterable[str] | Layout = "book",
        slip: float = 0.0,
        step_reward: float = 0.0,
        random_start: bool = False,
        render_mode: str | None = None,
        cell_size: int | None = None,
        language: str = "en",
        max_episode_steps: int | None = 100,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
    ) -> None:
        self.num_envs = as_count(num_envs, "num_envs")
        self.autoreset_mode = _checked_mode(autoreset_mode)
        self._limit = checked_limit(max_episode_steps)
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        collects = render_mode in COLLECTED_MODES
        drawn = render_mode.removesuffix("_list") if collects and render_mode else render_mode
        dynamics = Dynamics(layout, slip, step_reward, random_start)
        self._set_up(dynamics, drawn, cell_size, language)
        self.render_mode = render_mode
        self.single_observation_space = gymnasium.spaces.Discrete(dynamics.n_states)
        self.single_action_space = gymnasium.spaces.Discrete(dynamics.n_actions)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

        # The tables, flat: move m in state s is entry 4 * s + m. One more row, behind the last state's, is
        # that of a lane whose next step starts an episode.
        starts = dynamics.start_states
        self._start = int(starts[0]) if len(starts) == 1 else None
        self._next_state = _flat(dynamics.next_state, 0 if self._start is None else self._start)
        self._reward = _flat(dynamics.reward, 0.0)
        self._terminated = _flat(dynamics.terminated, False)
        self._waiting_row = dynamics.next_state.size
        # What the draws of a slip make of an action: entry 3 * a + turn.
        self._turned_move = dynamics.turned_move.ravel()
        self._turn_probability = np.tile(dynamics.turn_probability, dynamics.n_actions)
        self._turn_thresholds: list[float] = dynamics.turn_cumulative[:-1].tolist()

        self._every_lane = read_only(np.ones(self.num_envs, dtype=bool))
        self._certain = read_only(np.ones(self.num_envs))
        self._now = 0  # steps made
        self._row: IntArray | None = None  # (n,), where each lane's row of the tables begins; None: no reset
        self._deadline = np.zeros(self.num_envs, dtype=np.int64)  # (n,), the step that truncates each lane
        self._entry = np.zeros_like(self._deadline)  # (n,), the entries of the tables that the last step took
        self._ended = _NO_LANES  # (k,), lanes whose episode has ended and whose next has not begun
        self._tracks = [Track() for _ in range(self.num_envs)] if self.render_mode is not None else []
        # What the next render() hands out, a list a lane; None in the modes that draw when they are asked.
        self._collected: list[list[Any]] | None = [[] for _ in self._tracks] if collects else None

    @property
    def max_episode_steps(self) -> int | None:
        """Steps after which an episode is truncated; None for no limit."""
        return None if self._limit == NO_LIMIT else self._limit

    def reset(
        self, *, seed: int | Sequence[int] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[IntArray, dict[str, Any]]:
        """Starts an episode in every lane, or in those of a mask.

        Args:
            seed: seeds the one generator of all lanes: an integer, or one integer a lane, of which each
                counts for all; None goes on with the generator there is.
            options: ``{"state": s}`` starts on cell ``s``, which may be neither wall nor terminal.
                ``{"reset_mask": mask}``, ``(n,)`` bool, starts only the lanes where it is true; what
                ``reset`` returns of the others is where they stand.

        Returns:
            The states ``(n,)`` and ``{"prob": ..., "_prob": ...}``, 1 and true for the lanes started.

        Raises:
            TypeError: for a mask that is not a bool array.
            ValueError: for a mask of another shape or all false, for another number of seeds than of lanes or
                one that is not an integer from 0, for an unknown option or a state that no episode starts on.
            gymnasium.error.ResetNeeded: for a mask at the first reset of all.
            gymnasium.error.ClosedEnvironmentError: after close.
        """
        if self.closed:
            raise ClosedEnvironmentError("the environment is closed; make a new one")
        mask, state = self._checked_options(options)
        if seed is None or as_integer(seed) is not None:
            super().reset(seed=as_integer(seed))
        else:
            self.np_random = np.random.Generator(np.random.PCG64(checked_seeds(seed, self.num_envs)))
        lanes = np.arange(self.num_envs) if mask is None else mask.nonzero()[0]  # (k,)
        observations = np.zeros(self.num_envs, dtype=np.int64) if mask is None else self._states()
        observations[lanes] = self._draw_starts(len(lanes)) if state is None else state
        self._ended = self._ended[np.isin(self._ended, lanes, invert=True)]
        self._row = self._rows(observations)
        self._deadline[lanes] = self._now + self._limit
        if self.render_mode is not None:
            self._show(lanes, lanes, observations)
        if mask is None:
            return observations, {"prob": self._certain, "_prob": self._every_lane}
        return observations, {"prob": mask.astype(np.float64), "_prob": mask.copy()}

    def step(self, actions: npt.NDArray[np.integer[Any]]) -> StepResult:
        """Makes one move in every lane. Where it raises, no lane has moved and nothing was drawn.

        Args:
            actions: ``(n,)`` array of any integer type, each 0 up, 1 down, 2 left or 3 right.

        Returns:
            ``(observations, rewards, terminations, truncations, infos)``, see the class. A lane that
            ``"NextStep"`` starts anew has reward 0, both flags false, and ``prob`` 1.

        Raises:
            gymnasium.error.InvalidAction: for anything but such an array.
            gymnasium.error.ResetNeeded: before the first reset, and in the mode ``"Disabled"`` while the
                episode of any lane has ended.
            gymnasium.error.ClosedEnvironmentError: after close.
        """
        row = self._checked_row()
        if self._ended.size and self.autoreset_mode is AutoresetMode.DISABLED:
            raise ResetNeeded(
                f"the episode of lane {self._ended[0]} has ended; with autoreset_mode 'Disabled' call "
                "reset(options={'reset_mask': terminations | truncations}) before the next step()"
            )
        moves = checked_actions(actions, self.num_envs)  # (n,)
        beginning = self._ended  # (k,), the lanes for which the mode "NextStep" starts an episode now
        probability = self._certain
        if self._turn_thresholds:
            moves, probability = self._turned(moves)

        entry = self._entry = row + moves
        # Every entry exists, so there is nothing to wrap: this only spares take() a check of its own.
        observations = self._next_state.take(entry, mode="wrap")
        rewards = self._reward.take(entry, mode="wrap")
        terminations = self._terminated.take(entry, mode="wrap")
        self._now += 1
        if beginning.size:
            self._deadline[beginning] = self._now + self._limit
            if self._start is None:
                observations[beginning] = self._draw_starts(len(beginning))
        truncations = self._deadline == self._now
        infos = {"prob": probability, "_prob": self._every_lane}

        ended = (terminations | truncations).nonzero()[0]  # (k,)
        if ended.size and self.autoreset_mode is AutoresetMode.SAME_STEP:
            self._begin_at_once(ended, observations, infos)
            ended = _NO_LANES
        self._ended = ended
        self._row = self._rows(observations)
        if self.render_mode is not None:
            begun = np.flatnonzero(infos["_final_obs"]) if "_final_obs" in infos else beginning
            for track, action, state in zip(
                self._tracks, actions.tolist(), observations.tolist(), strict=True
            ):
                track.move(Action(action), state)
            self._show(np.arange(self.num_envs), begun, observations)
        return observations, rewards, terminations, truncations, infos

    def render(self) -> tuple[Any, ...] | None:
        """Draws the lanes.

        Returns:
            ``rgb_array``: a ``(height, width, 3)`` uint8 frame for every lane. ``ansi``: a text for every
            lane. ``rgb_array_list`` and ``ansi_list``: a list of these for every lane, of what happened in
            its episode since the last call. ``human``: None, the window shows them.

        Raises:
            ResetNeeded: before the first reset.
        """
        if self.render_mode is None:
            self._warn_of_no_render_mode("make_vec")
            return None
        self._checked_row()
        if self._collected is not None:
            collected, self._collected = self._collected, [[] for _ in self._tracks]
            return tuple(collected)
        pictures = self._pictures(self._tracks)
        return None if pictures is None else tuple(pictures)

    def snapshot(self) -> dict[str, Any]:
        """Everything that decides what comes next, as copies: the lanes and the generator's state.

        Raises:
            ResetNeeded: before the first reset.
        """
        return {
            "row": self._checked_row().copy(),
            "steps_left": self._deadline - self._now,
            "ended": self._ended.copy(),
            "entry": self._entry.copy(),
            "np_random": self.np_random.bit_generator.state,
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Goes back to a `snapshot`, of this environment or of another one made with the same arguments.

        Raises:
            ValueError: if it is not a snapshot of such an environment; nothing has changed then.
        """
        self._row, steps_left, self._ended, self._entry, self.np_random = checked_lanes(
            snapshot, self.num_envs, self.dynamics
        )
        self._deadline = steps_left + self._now

    def close_extras(self, **kwargs: Any) -> None:
        """Part of Gymnasium's ``close``; later steps and resets are refused."""
        self._row = None
        self._close_window()

    def _rows(self, states: IntArray) -> IntArray:
        """Where the rows of the tables begin for lanes that stand on ``states``, ``(n,)``.

        An array of our own: what the caller does with the states moves no lane.
        """
        rows: IntArray = np.left_shift(states, _TWO_BITS)
        if self._ended.size:
            rows[self._ended] = self._waiting_row
        return rows

    def _states(self) -> IntArray:
        """Where the lanes stand, ``(n,)``."""
        states = self._checked_row() >> 2
        states[self._ended] = self._next_state[self._entry[self._ended]]
        return states

    def _turned(self, actions: IntArray) -> tuple[IntArray, npt.NDArray[np.float64]]:
        """The moves that the slip makes of the actions, ``(n,)``, and how likely each was, ``(n,)``."""
        if self._ended.size == self.num_envs:  # no lane moves; the scalar environment would not draw either
            return actions, self._certain
        draws = self.np_random.random(self.num_envs)
        turned = actions * (len(self._turn_thresholds) + 1)
        for threshold in self._turn_thresholds:
            turned += draws >= threshold
        probability = self._turn_probability.take(turned)
        probability[self._ended] = 1.0
        return self._turned_move.take(turned), probability

    def _draw_starts(self, size: int) -> IntArray:
        """The cells that so many lanes start on; drawn only if there are several."""
        starts = self.dynamics.start_states
        if len(starts) == 1:
            return starts
        return starts[(self.np_random.random(size) * len(starts)).astype(np.int64)]

    def _begin_at_once(self, ended: IntArray, observations: IntArray, infos: dict[str, Any]) -> None:
        """Puts the lanes that have ended on a start, and tells of their end in ``infos``."""
        mask = np.zeros(self.num_envs, dtype=bool)
        mask[ended] = True
        final_states = np.full(self.num_envs, None, dtype=object)
        final_states[ended] = observations[ended].tolist()
        infos["final_obs"], infos["_final_obs"] = final_states, mask
        infos["final_info"] = {"prob": np.where(mask, infos["prob"], 0.0), "_prob": mask.copy()}
        infos["_final_info"] = mask.copy()
        infos["prob"] = np.where(mask, 1.0, infos["prob"])
        observations[ended] = self._draw_starts(len(ended))
        self._deadline[ended] = self._now + self._limit

    def _show(self, lanes: IntArray, begun: IntArray, states: IntArray) -> None:
        """Shows the lanes, or keeps a picture of ``lanes`` for `render`; those begun forget what was."""
        for lane in begun.tolist():
            self._tracks[lane].begin(int(states[lane]))
        if self._collected is not None:
            pictures = self._pictures(self._tracks)
            assert pictures is not None
            for lane in begun.tolist():
                self._collected[lane] = []
            for lane in lanes.tolist():
                self._collected[lane].append(pictures[lane])
        elif self.render_mode == "human":
            self.render()

    def _checked_row(self) -> IntArray:
        if self._row is None:
            if self.closed:
                raise ClosedEnvironmentError("the environment is closed; make a new one")
            raise ResetNeeded("no lane has a state yet; call reset() first")
        return self._row

    def _checked_options(self, options: Any) -> tuple[npt.NDArray[np.bool_] | None, int | None]:
        """The mask ``(n,)`` and the start state that reset options ask for."""
        if not options:
            return None, None
        if not isinstance(options, dict) or "reset_mask" not in options:
            return None, chosen_start(self.dynamics, options)
        mask = checked_mask(options["reset_mask"], self.num_envs)
        if self._row is None:
            raise ResetNeeded("the first reset starts every lane; call reset() without a reset_mask first")
        others = {name: value for name, value in options.items() if name != "reset_mask"}
        return mask, chosen_start(self.dynamics, others) if others else None


_NO_LANES = read_only(np.zeros(0, dtype=np.int64))
_TWO_BITS = read_only(np.array(2))  # an array, for NumPy takes as long again to make one of a Python int


def _flat(table: npt.NDArray[Any], waiting: float) -> npt.NDArray[Any]:
    """A table ``(S, 4)`` as ``(4 S + 4,)``, with one more row that holds ``waiting``."""
    return read_only(np.append(table, np.full(len(Action), waiting, dtype=table.dtype)))


def _checked_mode(mode: Any) -> AutoresetMode:
    try:
        return AutoresetMode(mode)
    except ValueError:
        values = ", ".join(repr(mode.value) for mode in AutoresetMode)
        raise ValueError(f"autoreset_mode is {mode!r}; give an AutoresetMode or one of {values}") from None
