"""What a learner did right and wrong, for a person to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from gym_gridq.dynamics import Dynamics
from gym_gridq.exact.grading import Grade
from gym_gridq.exact.planning import solve
from gym_gridq.testing.world import World

__all__ = ["LearnerReport", "RunReport", "WorldReport"]

PAGE = "docs/interop/check_learner.md"
ARROWS = "^v<>"


@dataclass(frozen=True)
class RunReport:
    """How a learner did in one world with one seed.

    Attributes:
        seed: of the world's first reset, and of the global random numbers.
        dynamics: of the world as it was turned for this seed.
        problem: what went wrong, in words; None if the learner passed.
        steps: environment steps it took.
        seconds: CPU seconds of the learner.
        grade: what its policy is worth, if it returned one.
        actions: its policy's action in each state, ``(S,)``, likewise.
        value_error: the largest error of a learned value that was judged, as a part of the largest optimal
            value's size; None if no values were judged.
        error: what it raised, if it did.
    """

    seed: int
    dynamics: Dynamics
    problem: str | None
    steps: int
    seconds: float
    grade: Grade | None = None
    actions: npt.NDArray[np.int64] | None = field(default=None, compare=False)
    value_error: float | None = None
    error: Exception | None = field(default=None, compare=False)


@dataclass(frozen=True)
class WorldReport:
    """How a learner did in one world, seed by seed.

    Attributes:
        world: the world.
        discount: that the world was made for.
        runs: one report a seed.
    """

    world: World
    discount: float
    runs: tuple[RunReport, ...]

    @property
    def shown(self) -> RunReport:
        """The first run that failed, else the first."""
        return next((run for run in self.runs if run.problem is not None), self.runs[0])

    @property
    def problem(self) -> str | None:
        """What went wrong first, in words; None if every seed passed."""
        return self.shown.problem

    @property
    def passed(self) -> bool:
        """Whether what the learner returned is right with every seed."""
        return self.problem is None

    @property
    def grade(self) -> Grade | None:
        """Of the run that is shown."""
        return self.shown.grade

    @property
    def error(self) -> Exception | None:
        """What the learner raised in the run that is shown."""
        return self.shown.error

    @property
    def steps(self) -> int:
        """Environment steps of all seeds."""
        return sum(run.steps for run in self.runs)

    @property
    def seconds(self) -> float:
        """CPU seconds of all seeds."""
        return sum(run.seconds for run in self.runs)

    def __str__(self) -> str:
        failed = [str(run.seed) for run in self.runs if run.problem is not None]
        verdict = f"FAILED with seed {', '.join(failed)}: {self.problem}" if failed else "passed"
        name, tests = self.world.name, self.world.tests
        return f"{name:<15} {tests:<29} {self.steps:>7} steps {self.seconds:>6.1f} s  {verdict}"

    def explanation(self) -> str:
        """The map with what the learner does beside what is right, and the likeliest mistakes."""
        run = self.shown
        lines = [f"{self.world.name} (seed {run.seed}) asks for {self.world.tests}: {run.problem}"]
        if run.actions is not None:
            right = _right_actions(run, self.discount)
            pictures = [_map(run.dynamics, actions) for actions in (None, run.actions, right)]
            width = max(len(pictures[0][0]), 10) + 3
            rows = [("the world", "its policy", "a right one"), *zip(*pictures, strict=True)]
            lines += ["    " + "".join(f"{part:<{width}}" for part in row).rstrip() for row in rows]
        lines += ["  likely mistakes, the likeliest first:"]
        lines += [f"    {number}. {text}" for number, text in enumerate(self.world.mistakes, 1)]
        return "\n".join(lines)


@dataclass(frozen=True)
class LearnerReport:
    """How a learner did, world by world; printed, a table, and below it what to look at.

    Attributes:
        worlds: one report a world.
    """

    worlds: tuple[WorldReport, ...]

    @property
    def passed(self) -> bool:
        """Whether every world was passed."""
        return all(world.passed for world in self.worlds)

    @property
    def failed(self) -> dict[str, str]:
        """The properties that failed, by the name of the world that shows it."""
        return {report.world.name: report.world.tests for report in self.worlds if not report.passed}

    @property
    def seconds(self) -> float:
        """CPU seconds that the learner took in all."""
        return sum(report.seconds for report in self.worlds)

    def __str__(self) -> str:
        failed = [report for report in self.worlds if not report.passed]
        total = f"{len(self.worlds) - len(failed)} of {len(self.worlds)} worlds passed, {self.seconds:.1f} s"
        lines = [*map(str, self.worlds), total]
        for report in failed:
            lines += ["", report.explanation()]
        if failed:
            lines += ["", f"What each world asks for: {PAGE}"]
        return "\n".join(lines)

    def plot(self) -> npt.NDArray[np.uint8] | None:
        """The worlds that failed as a picture: on the left what the learner does, on the right what is right.

        Returns:
            Pixels ``(height, width, 3)``, or None if there is nothing to show.
        """
        rows = [
            np.concatenate(
                [
                    _picture(report, actions)
                    for actions in (run.actions, _right_actions(run, report.discount))
                ],
                axis=1,
            )
            for report in self.worlds
            if (run := report.shown).problem is not None and run.actions is not None
        ]
        if not rows:
            return None
        width = max(row.shape[1] for row in rows)
        return np.concatenate(
            [np.pad(row, ((0, 8), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in rows]
        )


def _right_actions(run: RunReport, discount: float) -> npt.NDArray[np.int64]:
    """Optimal actions ``(S,)``: the learner's, wherever it is one."""
    best = solve(run.dynamics, discount).policy > 0  # (S, A)
    actions: npt.NDArray[np.int64] = best.argmax(axis=1)
    if run.actions is None:
        return actions
    is_right = best[np.arange(len(best)), run.actions]  # (S,)
    actions[is_right] = run.actions[is_right]
    return actions


def _map(dynamics: Dynamics, actions: npt.NDArray[np.int64] | None) -> list[str]:
    """The map as text, an arrow where the policy acts; rows and columns of wall around it left out."""
    letters = dynamics.layout.cells.copy()  # (S,)
    if actions is not None:
        acting = ~dynamics.absorbing
        letters[acting] = np.array(list(ARROWS))[actions[acting]]
    grid = letters.reshape(dynamics.layout.n_rows, dynamics.layout.n_columns)
    wall = dynamics.layout.wall.reshape(grid.shape)
    rows, columns = np.flatnonzero(~wall.all(axis=1)), np.flatnonzero(~wall.all(axis=0))
    return ["".join(row) for row in grid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]]


def _picture(report: WorldReport, actions: npt.NDArray[np.int64] | None) -> npt.NDArray[np.uint8]:
    from gym_gridq.env import GridQEnv

    assert actions is not None
    dynamics = report.shown.dynamics
    policy = np.eye(dynamics.n_actions)[actions]  # (S, A)
    policy[dynamics.absorbing] = 0.0
    env = GridQEnv(dynamics.layout, dynamics.slip, render_mode="rgb_array", cell_size=48)
    env.reset()
    env.show(policy=policy)
    frame: Any = env.render()
    env.close()
    return np.asarray(frame)
