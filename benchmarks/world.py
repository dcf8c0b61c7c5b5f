"""Steps a second of the world, scalar and vector, beside bare NumPy and beside its peers in the same run.

    OMP_NUM_THREADS=1 python -m benchmarks.world [--quick] [--json FILE]

The actions are random and drawn beforehand. The sides of a comparison take turns in short rounds, and each
keeps its best, so that a busy moment of the machine hits neither. Peers that are not installed are left out:
`pip install -e ".[bench]"`. GridQ, NumPy and Gymnasium's loop run on one core; EnvPool has two threads, and
JAX takes what it wants. "Bare" is the loop one writes by hand, with the same look-ups and no checks, time
limit or infos; "with reset" also puts lanes that reach the goal back to the start.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import gymnasium
import numpy as np

from benchmarks._frozen_lakes import envpool_lake, frozen_lakes, gymnax_lake
from benchmarks._measuring import Step, parser_of, random_batches, write_json
from gym_gridq import Dynamics, GridQEnv, GridQVectorEnv

LANES = (1, 4, 16, 32, 1_024, 4_096, 16_384, 65_536)
ROUND_SECONDS = 0.002


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: a look, not a measurement")
    arguments = parser.parse_args()
    rounds = 20 if arguments.quick else 300

    figures: dict[str, Any] = {
        "vector": vector_figures(rounds),
        "peers": peer_figures(max(rounds // 6, 3)),
        "scalar": scalar_figures(rounds),
        "start": start_figures(3 if arguments.quick else 15),
    }
    print_table(figures)
    write_json(arguments.json, figures)


def best_rates(sides: dict[str, tuple[Step, list[Any], int]], rounds: int) -> dict[str, float]:
    """Environment steps a second of each side: (what makes a call, its batches of actions, steps a call)."""
    turns, calls = {}, {}
    for name, (step, batches, _) in sides.items():
        for batch in batches * 4:  # caches warm, lanes out of step with each other
            step(batch)
        start = time.perf_counter()
        for batch in batches:
            step(batch)
        calls[name] = max(1, round(ROUND_SECONDS * len(batches) / (time.perf_counter() - start)))
        turns[name] = itertools.cycle(batches)
    best = dict.fromkeys(sides, 0.0)
    for _ in range(rounds):
        for name, (step, _, steps) in sides.items():
            batches = list(itertools.islice(turns[name], calls[name]))
            start = time.perf_counter()
            for batch in batches:
                step(batch)
            best[name] = max(best[name], len(batches) * steps / (time.perf_counter() - start))
    return best


def vector_figures(rounds: int) -> dict[str, dict[str, float]]:
    figures = {}
    for lanes in LANES:
        sides: dict[str, Step] = {
            "GridQ": vector(lanes, 0.0),
            "GridQ, slip 0.2": vector(lanes, 0.2),
            "bare look-ups": bare(lanes, reset=False),
            "bare look-ups with reset": bare(lanes, reset=True),
        }
        if lanes <= 32:
            sides["loop over GridQEnv"] = scalar_loop(lanes)
        batches = random_batches(lanes)
        figures[str(lanes)] = best_rates({n: (step, batches, lanes) for n, step in sides.items()}, rounds)
    return figures


def vector(lanes: int, slip: float) -> Step:
    envs = GridQVectorEnv(lanes, slip=slip)
    envs.reset(seed=0)
    return envs.step


def bare(lanes: int, reset: bool) -> Step:
    dynamics = Dynamics()
    next_state, reward, terminated = (
        table.ravel() for table in (dynamics.next_state, dynamics.reward, dynamics.terminated)
    )
    start = dynamics.start_states[0]
    state = np.full(lanes, start)

    def step(actions: Any) -> Any:
        nonlocal state
        entry = 4 * state + actions
        observations, ended = next_state.take(entry), terminated.take(entry)
        state = np.where(ended, start, observations) if reset else observations
        return observations, reward.take(entry), ended

    return step


def scalar_loop(lanes: int) -> Step:
    """As many scalar environments, stepped one after another, and reset when their episode ends."""
    envs = [GridQEnv() for _ in range(lanes)]
    for env in envs:
        env.reset(seed=0)

    def step(actions: Any) -> Any:
        results = []
        for env, action in zip(envs, actions.tolist(), strict=True):
            result = env.step(action)
            if result[2]:
                env.reset()
            results.append(result)
        return results

    return step


def peer_figures(rounds: int) -> dict[str, dict[str, Any]]:
    """Each peer at its best number of lanes."""
    sides: dict[str, dict[int, tuple[Step, list[Any], int]]] = {
        "GridQ": {n: (vector(n, 0.0), random_batches(n), n) for n in LANES[4:]},
        "GridQ, slip 0.2": {n: (vector(n, 0.2), random_batches(n), n) for n in LANES[4:]},
        "SyncVectorEnv FrozenLake-v1": {n: (frozen_lakes(n), random_batches(n)[:2], n) for n in (32, 1_024)},
    }
    for name, peer, sizes in (
        ("EnvPool FrozenLake-v1, 2 threads", envpool_lake, (16, 64, 256, 1_024, 4_096)),
        ("gymnax FrozenLake-misc, jitted", gymnax_lake, (256, 1_024, 4_096, 16_384)),
    ):
        with suppress(ImportError):
            sides[name] = {n: peer(n) for n in sizes}
    figures = {}
    for name, by_lanes in sides.items():
        rates = {lanes: best_rates({"": side}, rounds)[""] for lanes, side in by_lanes.items()}
        lanes = max(rates, key=rates.__getitem__)
        figures[name] = {"lanes": lanes, "steps_per_second": rates[lanes]}
    return figures


def scalar_figures(rounds: int) -> dict[str, float]:
    """Through `gymnasium.make`, resets included."""
    ints = [batch.tolist() for batch in random_batches(200)[:4]]
    numpy_ints = [list(batch) for batch in random_batches(200)[:4]]
    sides: dict[str, tuple[Step, list[Any], int]] = {}
    for name, env_id, options in (
        ("GridQ-v0", "GridQ-v0", {}),
        ("FrozenLake-v1", "FrozenLake-v1", {"is_slippery": False}),
        ("GridQ-v0, slip 0.2", "GridQ-v0", {"slip": 0.2}),
        ("FrozenLake-v1, slippery", "FrozenLake-v1", {"is_slippery": True}),
    ):
        sides[name] = (episodes(gymnasium.make(env_id, **options)), ints, 200)
        if "slip" not in name:
            sides[f"{name}, NumPy actions"] = (episodes(gymnasium.make(env_id, **options)), numpy_ints, 200)
    return best_rates(sides, rounds)


def episodes(env: gymnasium.Env[Any, Any]) -> Step:
    env.reset(seed=0)

    def step(actions: Any) -> None:
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()

    return step


def start_figures(rounds: int) -> dict[str, float]:
    """Seconds of a whole process that imports, makes an environment and resets it."""
    programs = {
        "GridQ-v0": "import gymnasium, gym_gridq; gymnasium.make('GridQ-v0').reset()",
        "FrozenLake-v1": "import gymnasium; gymnasium.make('FrozenLake-v1').reset()",
    }
    best = dict.fromkeys(programs, float("inf"))
    for _ in range(rounds):
        for name, program in programs.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True)
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def print_table(figures: dict[str, Any]) -> None:
    print(f"\n{'million steps/s by lanes':28}" + "".join(f"{lanes:>9,}" for lanes in LANES))
    for name in figures["vector"]["1"]:
        rates = [figures["vector"][str(lanes)].get(name) for lanes in LANES]
        print(f"{name:28}" + "".join(f"{rate / 1e6:9.2f}" if rate else f"{'':9}" for rate in rates))
    for name in ("bare look-ups", "bare look-ups with reset"):
        shares = [figures["vector"][str(n)]["GridQ"] / figures["vector"][str(n)][name] for n in LANES]
        print(f"{'/ ' + name:28}" + "".join(f"{share:9.2f}" for share in shares))
    ours = figures["peers"]["GridQ"]["steps_per_second"]
    print(f"\n{'at the best number of lanes':36}{'lanes':>8}{'million/s':>11}{'GridQ is x':>12}")
    for name, row in figures["peers"].items():
        rate = row["steps_per_second"]
        print(f"{name:36}{row['lanes']:8,}{rate / 1e6:11.3f}{ours / rate:12,.1f}")
    print(f"\n{'through gymnasium.make':36}{'steps/s':>12}")
    for name, rate in figures["scalar"].items():
        print(f"{name:36}{rate:12,.0f}")
    print(f"\n{'a process that makes and resets':36}{'seconds':>12}")
    for name, seconds in figures["start"].items():
        print(f"{name:36}{seconds:12.3f}")
    print(
        f"{'GridQ / FrozenLake':36}{figures['start']['GridQ-v0'] / figures['start']['FrozenLake-v1']:12.2f}"
    )


if __name__ == "__main__":
    main()
