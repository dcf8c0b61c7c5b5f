"""``gridq solve``: v*, q* and the optimal policy of a map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import gym_gridq
from agents.commands.env_args import read_layout
from agents.commands.parser import Parser, number
from agents.commands.terminal import print_json, print_text
from gym_gridq.checks import DISCOUNT

__all__ = ["run"]

ARROWS = "↑↓←→"


def run(arguments: Sequence[str]) -> int:
    """Runs the command."""
    parser = Parser("gridq solve", "Print the exact optimum of a map: v*, q* and every optimal action.")
    names = ", ".join(sorted(gym_gridq.LAYOUTS))
    parser.add_argument("--layout", help=f"named map ({names}), or a text file (default: book)")
    parser.add_argument("--slip", type=number, help="probability of slipping aside (default: 0)")
    parser.add_argument("--step-reward", type=number, help="reward added to every step (default: 0)")
    parser.add_argument(
        "--discount", type=number, help=f"discount factor gamma (default: {DISCOUNT}, and 1 with --horizon)"
    )
    parser.count(
        "--horizon",
        "steps an episode may take; the optimum then is that of the first step (default: no limit)",
    )
    parser.flag("--json", "print JSON instead")
    given = parser.parse(arguments)
    horizon = given.get("horizon")
    options: dict[str, Any] = {
        "layout": "book",
        "slip": 0.0,
        "step_reward": 0.0,
        "discount": DISCOUNT if horizon is None else 1.0,
    } | given

    dynamics = gym_gridq.Dynamics(read_layout(options["layout"]), options["slip"], options["step_reward"])
    solution: gym_gridq.Solution | gym_gridq.HorizonSolution
    if horizon is None:
        v, q, policy = solution = gym_gridq.solve(dynamics, options["discount"])
    else:
        solution = gym_gridq.solve_horizon(dynamics, horizon, options["discount"])
        v, q, policy = (array[0] for array in solution)  # of an episode's first step
    if "json" in options:
        print_json(
            {
                "layout": list(dynamics.layout.rows),
                "slip": dynamics.slip,
                "step_reward": dynamics.step_reward,
                "discount": options["discount"],
                "horizon": horizon,
                "v": solution.v.tolist(),
                "q": solution.q.tolist(),
                "policy": solution.policy.tolist(),
            }
        )
        return 0
    name = dynamics.layout.name or options["layout"]
    print_text(
        f"{name}, {dynamics.layout.n_rows}x{dynamics.layout.n_columns}, discount {options['discount']:g}, "
        f"slip {dynamics.slip:g}, step reward {dynamics.step_reward:g}"
        + ("" if horizon is None else f", at most {horizon} steps")
        + f"\nfrom the start {v[dynamics.start_states].mean():.6f}\n"
    )
    print_text("v*\n" + _grid(dynamics, lambda state: [f"{v[state]:.4f}"]))
    print_text("optimal actions (all of them where tied)\n" + _grid(dynamics, lambda s: [_arrows(policy[s])]))
    print_text(
        "q* (up above, left and right between, down below)\n" + _grid(dynamics, lambda s: _cross(q[s]))
    )
    return 0


def _arrows(policy: npt.NDArray[np.float64]) -> str:
    return "".join(arrow for arrow, weight in zip(ARROWS, policy, strict=True) if weight > 0) or "·"


def _cross(q: npt.NDArray[np.float64]) -> list[str]:
    up, down, left, right = (f"{value:.3f}" for value in q)
    return [up, f"{left}  {right}", down]


def _grid(dynamics: gym_gridq.Dynamics, lines_of: Callable[[int], list[str]]) -> str:
    """The map as a table with a box for each cell; walls are filled, terminal cells show their letter."""
    layout = dynamics.layout
    cells = [
        [str(layout.cells[state])] if dynamics.absorbing[state] else lines_of(state)
        for state in range(layout.n_states)
    ]
    width = max(len(line) for cell in cells for line in cell) + 2
    height = max(len(cell) for cell in cells)

    def shown(state: int) -> list[str]:
        if layout.wall[state]:
            return ["█" * width] * height
        above = (height - len(cells[state])) // 2
        lines = [""] * above + cells[state]
        return [line.center(width) for line in lines + [""] * (height - len(lines))]

    border = ["─" * width] * layout.n_columns
    text = ["┌" + "┬".join(border) + "┐"]
    for row in range(layout.n_rows):
        if row > 0:
            text.append("├" + "┼".join(border) + "┤")
        boxes = [shown(layout.state(row, column)) for column in range(layout.n_columns)]
        text += ["│" + "│".join(line) + "│" for line in zip(*boxes, strict=True)]
    return "\n".join([*text, "└" + "┴".join(border) + "┘", ""])
