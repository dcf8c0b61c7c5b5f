"""The scalar environment: one table look-up a step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.error import ResetNeeded

from gym_gridq.arguments import checked_action, chosen_start
from gym_gridq.checks import DISCOUNT
from gym_gridq.drawing import RENDER_MODES, Track
from gym_gridq.dynamics import Dynamics, Outcome
from gym_gridq.layout import Action, Layout
from gym_gridq.snapshots import checked_state
from gym_gridq.world import GridWorld

if TYPE_CHECKING:
    from gym_gridq.rendering import Overlay
    from gym_gridq.rendering.windows.grid_window import GridWindow

__all__ = ["GridQEnv"]


class GridQEnv(GridWorld, gymnasium.Env[Any, Any]):
    """The grid world of *Deep Learning from Scratch 4*, with any map, slip and start rule.

    ## Description
    An agent walks on a grid of cells. The book's map has three rows and four columns: a wall at (1, 1), the
    goal at (0, 3), a pit at (1, 3), and the start at (2, 0), in (row, column).

        ...G
        .#.P
        S...

    All that can happen stands in a table, `gym_gridq.Dynamics`, and the exact optimum is known: see
    `gym_gridq.solve`.

    ## Action Space
    `Discrete(4)`: 0 up, 1 down, 2 left, 3 right. A move into a wall or over the edge stays where it is.

    ## Observation Space
    `Discrete(rows * columns)`, 12 on the book's map: the number of the agent's cell, counted left to right,
    top to bottom, `state = n_columns * row + column`. Walls are counted too. `GridQ-OneHot-v0` gives it as a
    one-hot vector, `Box(0, 1, (12,), float32)`.

    ## Starting State
    The cell marked `S`; where there are several, one of them uniformly. With `random_start=True` any cell
    that is neither wall nor terminal, uniformly. `reset(options={"state": s})` starts on such a cell `s`.

    ## Rewards
    The reward belongs to the cell that the agent is on after the move: goal +1, pit -1 **each time** (also
    when it bumps into the edge and stays in it), hole -1, any other cell 0; plus `step_reward` on every step.

    ## Episode End
    Terminated on the goal `G` or a hole `H`; the pit `P` does not end the episode. Truncated after 100
    steps when made with `gymnasium.make`. A terminal state absorbs: a step there stays, with reward 0,
    terminated.

    ## Information
    `step` returns `{"prob": p}`, the probability of the transition drawn; `reset` returns `{"prob": 1.0}`.

    ## Arguments
    - `layout="book"`: a named layout (`gym_gridq.LAYOUTS`), a sequence of text rows, or a `gym_gridq.Layout`.
      Letters: `S` start, `.` floor, `#` wall, `G` goal, `P` pit, `H` hole.
    - `slip=0.0`: probability that a move goes to one of the two perpendicular directions, half each.
    - `step_reward=0.0`: added to every step's reward.
    - `random_start=False`: see Starting State.
    - `render_mode=None`: `"human"` (a window), `"rgb_array"` (a frame) or `"ansi"` (text).
    - `cell_size=None`: side of a cell in frames and in the window, in pixels; None suits it to the map.
    - `language="en"`: of the words in them, `"en"`, `"zh"` (Chinese) or `"ja"` (Japanese).

    Raises `ValueError` for an argument out of its range; `step` raises `gymnasium.error.InvalidAction` for
    anything but an integer from 0 to 3, and `gymnasium.error.ResetNeeded` before the first `reset`; both
    leave the state as it was.

    ## References
    - K. Saito, *Deep Learning from Scratch 4* (O'Reilly Japan, 2022), chapters 4 and 7: the map.
    - R. Sutton and A. Barto, *Reinforcement Learning: An Introduction* (2018), chapters 3, 4 and 6.
    - S. Russell and P. Norvig, *Artificial Intelligence: A Modern Approach*, section 17.1: `layout="aima"`.

    ## Version History
    - v0: first version.
    """

    metadata = {  # noqa: RUF012 - Gymnasium declares it an instance attribute
        "render_modes": list(RENDER_MODES),
        "render_fps": 4,
    }

    def __init__(
        self,
        layout: str | Iterable[str] | Layout = "book",
        slip: float = 0.0,
        step_reward: float = 0.0,
        random_start: bool = False,
        render_mode: str | None = None,
        cell_size: int | None = None,
        language: str = "en",
    ) -> None:
        self._set_up(Dynamics(layout, slip, step_reward, random_start), render_mode, cell_size, language)
        self.observation_space = gymnasium.spaces.Discrete(self.dynamics.n_states)
        self.action_space = gymnasium.spaces.Discrete(self.dynamics.n_actions)
        self._table = _OutcomeTable(self.dynamics)
        self._state: int | None = None
        self._choices: dict[int, list[Outcome]] = {}  # what each action may lead to; none before reset
        self._deterministic = self.dynamics.slip == 0
        possible = self.dynamics.turn_probability > 0
        self._thresholds: list[float] = self.dynamics.turn_cumulative[possible].tolist()
        self.track = Track()  # of the episode; kept only where there is a render mode
        self._overlay: Overlay | None = None

    @property
    def state(self) -> int | None:
        """The agent's cell, or None before the first reset."""
        return self._state

    @property
    def position(self) -> tuple[int, int] | None:
        """``(row, column)`` of the agent's cell, or None before the first reset."""
        return None if self._state is None else self.layout.position(self._state)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Starts an episode.

        Args:
            seed: seeds the environment's own generator; None goes on with the one it has.
            options: ``{"state": s}`` starts on cell ``s``, which may be neither wall nor terminal.

        Returns:
            The state (a Python int) and ``{"prob": 1.0}``.

        Raises:
            ValueError: for an option that is unknown or names no cell to start on.
        """
        state = None if not options else chosen_start(self.dynamics, options)
        super().reset(seed=seed)
        if state is None:
            starts = self.dynamics.start_states
            index = int(self.np_random.random() * len(starts)) if len(starts) > 1 else 0
            state = int(starts[index])
        self._state = state
        self._choices = self._table[state]
        if self.render_mode is not None:
            self.track.begin(state)
            if self.render_mode == "human":
                self.render()
        return state, {"prob": 1.0}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Makes one move.

        Args:
            action: 0 up, 1 down, 2 left, 3 right; an int, a NumPy integer or a 0-d integer array.

        Returns:
            ``(state, reward, terminated, truncated, {"prob": p})`` with Python types; truncated is False,
            time limits are the wrapper's.

        Raises:
            InvalidAction: for any other action.
            ResetNeeded: before the first reset.
        """
        if type(action) is not int or action not in self._choices:
            if self._state is None:
                raise ResetNeeded("step() needs a state to start from; call reset() first")
            action = checked_action(action)
        outcomes = self._choices[action]
        outcome = outcomes[0] if self._deterministic else self._draw(outcomes)
        probability, state, reward, terminated = outcome
        self._state = state
        self._choices = self._table[state]
        if self.render_mode is not None:
            self.track.move(Action(action), state, reward)
            if self.render_mode == "human":
                self.render()
        return state, reward, terminated, False, {"prob": probability}

    def render(self) -> npt.NDArray[np.uint8] | str | None:
        """Draws the grid.

        Returns:
            ``rgb_array``: a ``(height, width, 3)`` uint8 frame. ``ansi``: text. ``human``: None, the window
            shows it.

        Raises:
            ResetNeeded: before the first reset.
        """
        if self.render_mode is None:
            self._warn_of_no_render_mode("make")
            return None
        if self._state is None:
            raise ResetNeeded("there is nothing to draw before the first reset(); call reset() first")
        pictures = self._pictures([self.track], self._overlay)
        return None if pictures is None else pictures[0]

    def show(
        self,
        q_values: npt.ArrayLike | None = None,
        values: npt.ArrayLike | None = None,
        policy: npt.ArrayLike | None = None,
        status: Mapping[str, Any] | None = None,
        discount: float = DISCOUNT,
        scale: float | None = None,
    ) -> None:
        """Lays values, arrows and a status line over the board from the next frame on; `show()` clears.

        Args:
            q_values: ``(S, A)`` finite numbers: four coloured triangles a cell and the greedy arrows.
            values: ``(S,)`` finite numbers: a heat map; not together with ``q_values``.
            policy: ``(S, A)`` weights: an arrow for every action above 0, in place of the greedy ones.
            status: a mapping from labels to numbers or texts, e.g. ``{"episode": 3, "return": 0.5}``.
            discount: of the Bellman backup that a click on a cell shows, in [0, 1]. It explains the values
                shown or, where none are, the optimum.
            scale: value at which the colours end, above 0, for instance the same one throughout a film; None
                takes a round number that suits the values.

        Raises:
            ValueError: for another shape, for NaN or infinity, for both kinds of values at once, for a
                discount or a scale out of its range.
            TypeError: for a status that is not a mapping.
        """
        from gym_gridq.rendering import Overlay

        self._overlay = Overlay.checked(self.layout, q_values, values, policy, status, discount, scale)

    @property
    def view(self) -> GridWindow | None:
        """The window of render mode ``human``, once something was drawn; it knows the user's keys."""
        return None if self._renderer is None else self._renderer.window

    def get_keys_to_action(self) -> dict[tuple[int, ...], int]:
        """The keys that make the moves, for `gymnasium.utils.play.play(env, wait_on_player=True)`."""
        from gym_gridq.rendering.windows.grid_window import STEERING

        return {(key,): int(action) for key, action in STEERING.items()}

    def __repr__(self) -> str:
        return f"GridQEnv({self.layout!r}, slip={self.dynamics.slip:g}, state={self._state})"

    def _repr_png_(self) -> bytes:
        # Asked for by notebooks: the board as it stands, with what is laid over it.
        from gym_gridq.rendering import Renderer
        from gym_gridq.rendering.canvas import as_png

        start = int(self.dynamics.start_states[0]) if self._state is None else self._state
        track = self.track if self.track.trail else Track([start])
        (frame,) = Renderer(self.dynamics, "rgb_array", self.style).draw([track], self._overlay) or [None]
        return as_png(frame)

    def close(self) -> None:
        """Closes the window, if there is one; a second call does nothing."""
        self._close_window()

    def snapshot(self) -> dict[str, Any]:
        """Everything that decides what comes next, as JSON values: the state and the generator's state.

        Raises:
            ResetNeeded: before the first reset.
        """
        if self._state is None:
            raise ResetNeeded("there is nothing to keep before the first reset(); call reset() first")
        return {"state": self._state, "np_random": self.np_random.bit_generator.state}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Goes back to a `snapshot`, of this environment or of another one made with the same arguments.

        Raises:
            ValueError: if it is not a snapshot of such an environment; nothing has changed then.
        """
        state, self.np_random = checked_state(snapshot, self.dynamics)
        self._state = state
        self._choices = self._table[state]
        self.track.begin(state)

    def _draw(self, outcomes: list[Outcome]) -> Outcome:
        draw = self.np_random.random()
        # Absorbed; the draw is made all the same, as in every lane of the vector environment.
        if len(outcomes) == 1:
            return outcomes[0]
        for outcome, threshold in zip(outcomes, self._thresholds, strict=True):
            if draw < threshold:
                return outcome
        raise AssertionError("the last threshold is 1 and draws lie below it")


class _OutcomeTable(dict[int, dict[int, list[Outcome]]]):
    """``{s: {a: outcomes}}`` of the states visited so far: a huge map costs nothing before it is seen."""

    def __init__(self, dynamics: Dynamics) -> None:
        super().__init__()
        self._dynamics = dynamics

    def __missing__(self, state: int) -> dict[int, list[Outcome]]:
        outcomes = self[state] = {int(action): self._dynamics.outcomes(state, action) for action in Action}
        return outcomes
