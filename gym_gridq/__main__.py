"""``python -m gym_gridq`` shows the map and how to go on."""

from __future__ import annotations

import sys

import gymnasium

import gym_gridq

HOW_TO_GO_ON = """
    env = gymnasium.make("GridQ-v0")            # after: import gymnasium, gym_gridq
    print(gym_gridq.solve(env).v.reshape(3, 4)) # the exact optimum

    gridq train                                 # learns it, and leaves a folder under runs/
    gridq play                                  # in a window, with the arrow keys
    gridq solve --layout four-rooms             # another map; gridq --help for the rest
"""


def main() -> int:
    """Prints it.

    Returns:
        The exit code.
    """
    env = gymnasium.make("GridQ-v0", render_mode="ansi")
    env.reset(seed=0)
    print("GridQ-v0: from S to G, around the wall #, past the pit P\n")
    print(env.unwrapped.layout)  # type: ignore[attr-defined]
    best = gym_gridq.solve(env)
    start = int(env.unwrapped.dynamics.start_states[0])  # type: ignore[attr-defined]
    print(f"\nThe best policy earns {best.v[start]:.4f} from S, discounted by 0.9 a step.")
    print(HOW_TO_GO_ON.rstrip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
