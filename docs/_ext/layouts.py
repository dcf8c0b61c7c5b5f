"""The named layouts as a page tells them; `python -m docs._ext.layouts` draws their pictures."""

# ruff: noqa: RUF001 - Chinese punctuation

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


WORDS = {
    "en": {
        "size": "{} rows, {} columns, {} cells to act in. Below: {}, discount {:g}.",
        "comma": ", ",
        "picture": "The layout {} with its optimal values in four triangles a cell",
        "summary": "Exact v* and q* of {} (the best actions are bold)",
        "head": "| state | (row, column) | v* | up | down | left | right |",
    },
    "zh": {
        "size": "{} 行 {} 列，其中 {} 格可以行动。下面是 {}，折扣率 {:g}。",
        "comma": "，",
        "picture": "地图 {}，每格四个三角形，是四个动作的最优价值",
        "summary": "{} 的精确 v* 和 q*（最优动作用粗体）",
        "head": "| 状态 |（行, 列）| v* | 上 | 下 | 左 | 右 |",
    },
}


def layouts(language: str) -> str:
    """A section for each named layout: picture, map, exact solution."""
    import gym_gridq

    return "\n\n".join(_layout(name, language or "en") for name in gym_gridq.LAYOUTS)


def _layout(name: str, language: str) -> str:
    import gym_gridq

    arguments, discount = CLASSIC.get(name, {}), CLASSIC_DISCOUNT.get(name, 0.9)
    dynamics = gym_gridq.Dynamics(name, **arguments)
    layout, solution = dynamics.layout, gym_gridq.solve(dynamics, discount)
    words = WORDS[language]
    said = [f'`layout="{name}"`'] + [
        f"`{key}={'2/3' if value == 2 / 3 else f'{value:g}'}`" for key, value in arguments.items()
    ]
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
    table = "\n".join([words["head"], "|--:|:-:|--:|--:|--:|--:|--:|", *rows])
    images = "images" if language == "en" else "../images"
    size = words["size"].format(
        layout.n_rows, layout.n_columns, len(acting), words["comma"].join(said), discount
    )
    return f"""## `{name}`

{size}

![{words["picture"].format(name)}]({images}/layout-{name}.png)

```text
{layout}
```

<details{" open" if len(acting) <= MAX_OPEN_TABLE else ""}>
<summary>{words["summary"].format(name)}</summary>

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
