"""What size costs: a step, by number of lanes and by size of the map; and an exact solution.

    OMP_NUM_THREADS=1 python -m benchmarks.scaling [--quick] [--json FILE] [--plots docs/images]
    OMP_NUM_THREADS=1 python -m benchmarks.scaling --solve SIDE SLIP DISCOUNT

The maps are drawn with a fifth of their cells as walls. A solution is worked out at discount 0.999 (with
`--solve`, one map at any discount) in a process of its own, whose peak memory is printed, imports included;
the greedy way from the start is compared with a breadth-first search.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._measuring import Step, parser_of, random_batches, write_json
from benchmarks.world import best_rates
from gym_gridq import Dynamics, GridQEnv, GridQVectorEnv, Layout, random_layout, solve

LANES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
SIDES = (10, 32, 100, 316, 1_000)
SOLVED = (10, 100, 1_000)
DISCOUNT = 0.999


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="fewer rounds, and no map of a million cells solved"
    )
    parser.add_argument("--plots", type=Path, help="save the two plots in this folder")
    parser.add_argument(
        "--solve",
        nargs=3,
        type=float,
        metavar=("SIDE", "SLIP", "DISCOUNT"),
        help="solve one map only, as JSON",
    )
    arguments = parser.parse_args()
    if arguments.solve:
        side, slip, discount = arguments.solve
        print(json.dumps(solved(int(side), slip, discount)))
        return

    rounds = 30 if arguments.quick else 300
    sides = SOLVED[:2] if arguments.quick else SOLVED
    figures = {
        # First, for a process that is started inherits the peak memory of the one that starts it.
        "solutions": [in_a_process(side, slip) for side in sides for slip in (0.0, 0.2)],
        "lanes": {str(lanes): nanoseconds(Layout.resolve("book"), lanes, rounds) for lanes in LANES},
        "cells": cells_figures(rounds),
    }
    print_tables(figures)
    write_json(arguments.json, figures)
    if arguments.plots:
        save_plots(figures, arguments.plots)


def nanoseconds(layout: Layout, lanes: int, rounds: int, random_start: bool = False) -> dict[str, float]:
    """Nanoseconds a lane and step, without slip and with."""
    sides: dict[str, tuple[Step, list[Any], int]] = {}
    for slip in (0.0, 0.2):
        envs = GridQVectorEnv(lanes, layout, slip, random_start=random_start)
        envs.reset(seed=0)
        sides[f"slip {slip}"] = (envs.step, random_batches(lanes), lanes)
    return {name: 1e9 / rate for name, rate in best_rates(sides, rounds).items()}


def cells_figures(rounds: int) -> dict[str, dict[str, float]]:
    """By number of cells: what making an environment takes, and a step in it at 1,024 lanes.

    The lanes start anywhere, so that they read the tables all over.
    """
    figures = {}
    for layout in (Layout.resolve("book"), *(random_layout(side, side, seed=0) for side in SIDES)):
        start = time.perf_counter()
        env = GridQEnv(Layout.from_rows(layout.rows))
        env.reset(seed=0)
        making = time.perf_counter() - start
        steps = nanoseconds(layout, 1_024, rounds, random_start=True)
        figures[str(layout.n_states)] = {"seconds to make": making, **steps}
    return figures


def in_a_process(side: int, slip: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scaling", "--solve", str(side), str(slip), str(DISCOUNT)]
    figures: dict[str, Any] = json.loads(subprocess.check_output(command, text=True))
    return figures


def solved(side: int, slip: float, discount: float) -> dict[str, Any]:
    world = Dynamics(random_layout(side, side, seed=0), slip=slip)
    before, cpu_before = time.perf_counter(), time.process_time()
    v, q, policy = solve(world, discount)
    seconds, cpu_seconds = time.perf_counter() - before, time.process_time() - cpu_before
    residual = np.abs(np.where(world.absorbing, 0.0, q.max(axis=1)) - v).max()
    actions = policy.argmax(axis=1)
    state, length = int(world.start_states[0]), 0
    while not world.absorbing[state] and length <= world.n_states:
        state, length = int(world.next_state[state, actions[state]]), length + 1
    return {
        "side": side,
        "slip": slip,
        "discount": discount,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,  # what a busy machine does not change
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "residual": float(residual),
        "greedy_length": length,
        "shortest_length": shortest(world),
    }


def shortest(world: Dynamics) -> int:
    """Moves from the start to the goal, by breadth-first search over the table."""
    seen = np.zeros(world.n_states, dtype=bool)
    frontier, length = world.start_states, 0
    while not world.layout.terminal[frontier].any():
        seen[frontier] = True
        following = np.unique(world.next_state[frontier])
        frontier, length = following[~seen[following]], length + 1
    return length


def print_tables(figures: dict[str, Any]) -> None:
    print(f"{'lanes':>12}{'ns a step':>12}{'slip 0.2':>12}")
    for lanes, row in figures["lanes"].items():
        print(f"{int(lanes):12,}{row['slip 0.0']:12.1f}{row['slip 0.2']:12.1f}")
    print(f"\n{'cells':>12}{'ns a step':>12}{'slip 0.2':>12}{'s to make':>12}      (1,024 lanes)")
    for cells, row in figures["cells"].items():
        print(f"{int(cells):12,}{row['slip 0.0']:12.1f}{row['slip 0.2']:12.1f}{row['seconds to make']:12.4f}")
    print(
        f"\n{'map':>12}{'slip':>6}{'s to solve':>12}{'peak MiB':>10}{'residual':>10}{'greedy':>8}{'BFS':>6}"
    )
    for row in figures["solutions"]:
        print(
            f"{row['side']:>6} x {row['side']:<3}{row['slip']:6.1f}{row['seconds']:12.2f}"
            f"{row['peak_mib']:10.0f}{row['residual']:10.1e}{row['greedy_length']:8}{row['shortest_length']:6}"
        )


def save_plots(figures: dict[str, Any], folder: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    for key, label, name in (
        ("lanes", "lanes (the book's map)", "step_by_lanes.png"),
        ("cells", "cells of the map (1,024 lanes, started anywhere)", "step_by_cells.png"),
    ):
        figure, axes = pyplot.subplots(figsize=(6, 3.6), layout="constrained")
        sizes = [int(size) for size in figures[key]]
        for slip, marker in (("slip 0.0", "o"), ("slip 0.2", "s")):
            axes.loglog(sizes, [row[slip] for row in figures[key].values()], marker=marker, label=slip)
        axes.set(xlabel=label, ylabel="nanoseconds a lane and step", ylim=(1, None))
        axes.grid(alpha=0.3)
        axes.legend()
        figure.savefig(folder / name, dpi=130)
        pyplot.close(figure)


if __name__ == "__main__":
    main()
