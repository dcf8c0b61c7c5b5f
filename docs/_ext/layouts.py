"""The named layouts as a page tells them; `python -m docs._ext.layouts` draws their pictures."""

from __future__ import annotations

import os
from typing import Any

from docs._ext.pages import DOCS

CLASSIC: dict[str, dict[str, Any]] = {
    "aima": {"slip": 0.2, "step_reward": -0.04},
    "frozenlake-4x4": {"slip": 2 / 3},
    "frozenlake-8x8": {"slip": 2 / 3},
}
"""Arguments under which a layout is the world its source describes, where they are not the defaults."""
CLASSIC_DISCOUNT = {"aima": 1.0}
MAX_OPEN_TABLE = 12  # longer ones are folded


def layouts(_: str) -> str:
    """A section for each named layout: picture, map, exact solution."""
    import gym_gridq

    return "\n\n".join(_layout(name) for name in gym_gridq.LAYOUTS)


def _layout(name: str) -> str:
    import gym_gridq

    arguments, discount = CLASSIC.get(name, {}), CLASSIC_DISCOUNT.get(name, 0.9)
    dynamics = gym_gridq.Dynamics(name, **arguments)
    layout, solution = dynamics.layout, gym_gridq.solve(dynamics, discount)
    said = "".join(
        f", `{key}={'2/3' if value == 2 / 3 else f'{value:g}'}`" for key, value in arguments.items()
    )
    acting = (~dynamics.absorbing).nonzero()[0].tolist()
    rows = [
        f"| {state} | {layout.position(state)} | {solution.v[state]:.6f} | "
        + " | ".join(
            f"**{value:.6f}**" if weight > 0 else f"{value:.6f}"
            for value, weight in zip(solution.q[state], solution.policy[state], strict=True)
        )
        + " |"
        for state in acting
    ]
    table = "\n".join(
        ["| state | (row, column) | v* | up | down | left | right |", "|--:|:-:|--:|--:|--:|--:|--:|", *rows]
    )
    return f"""## `{name}`

{layout.n_rows} rows, {layout.n_columns} columns, {len(acting)} cells to act in. \
Below: `layout="{name}"`{said}, discount {discount:g}.

![The layout {name} with its optimal values in four triangles a cell](images/layout-{name}.png)

```text
{layout}
```

<details{" open" if len(acting) <= MAX_OPEN_TABLE else ""}>
<summary>Exact v* and q* of {name} (the best actions are bold)</summary>

{table}

</details>"""


def draw() -> None:
    """Draws every layout with its optimum, in a palette: flat colours need no more."""
    import gymnasium
    from PIL import Image

    import gym_gridq

    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    for name in gym_gridq.LAYOUTS:
        env = gymnasium.make("GridQ-v0", layout=name, render_mode="rgb_array", **CLASSIC.get(name, {}))
        env.reset(seed=0)
        env.unwrapped.show(q_values=gym_gridq.solve(env, CLASSIC_DISCOUNT.get(name, 0.9)).q)
        picture = Image.fromarray(env.render()).quantize(128, dither=Image.Dither.NONE)
        picture.save(DOCS / "images" / f"layout-{name}.png", optimize=True)
        env.close()


if __name__ == "__main__":
    draw()
