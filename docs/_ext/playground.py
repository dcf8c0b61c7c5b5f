"""The playground, one page that needs nothing else: `python -m docs._ext.playground FOLDER`.

Its JavaScript stands in `docs/playground` as modules; a browser loads none from a file, so they are joined
into one classic script. What the package knows (layouts, rewards, constants, defaults, colours) is a module
too, made here from the package itself.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any

from docs._ext.notebooks import CARRIED_ALONG
from docs._ext.pages import DOCS

SOURCE = DOCS / "playground"
AGENTS = ("tabular", "sarsa", "expected-sarsa", "monte-carlo", "q-learning", "dqn")
"""The learners of the page, by their names in `agents`."""

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";\n', re.MULTILINE)
_TOP_LEVEL = re.compile(r"^(?:export )?(?:const|let|function|class) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"^ *(?://.*|/\*\*.*\*/|/\*\*\n(?: +\*.*\n)*? +\*/)\n", re.MULTILINE)


def tables() -> str:
    """The module `tables.js`: what the page has from the package."""
    import gymnasium

    import gym_gridq
    from agents.config import DQNConfig, QLearningConfig
    from agents.networks.optimizers import Adam
    from gym_gridq import checks, dynamics, greedy, layout
    from gym_gridq.exact import planning
    from gym_gridq.rendering import palette

    spec = gymnasium.spec("GridQ-v0")  # registered by the import of gym_gridq
    dqn = DQNConfig()
    adam = inspect.signature(Adam).parameters
    (hidden,) = QLearningConfig().hidden_sizes
    facts: dict[str, Any] = {
        "LAYOUTS": {
            name: {
                "rows": grid.rows,
                "rewards": {
                    letter: reward
                    for letter, reward in grid.rewards.items()
                    if reward != layout.DEFAULT_REWARDS[letter]
                },
            }
            for name, grid in gym_gridq.LAYOUTS.items()
        },
        "LETTERS": layout.LETTERS,
        "WALL": layout.WALL,
        "TERMINAL_LETTERS": layout.TERMINAL_LETTERS,
        "DEFAULT_REWARDS": layout.DEFAULT_REWARDS,
        "LARGEST_REWARD": checks.LARGEST_REWARD,
        "TURNS": dynamics._TURNS.tolist(),
        "DISCOUNT": checks.DISCOUNT,
        "TIE_TOLERANCE": greedy.TIE_TOLERANCE,
        "TOLERANCE": planning.TOLERANCE,
        "MAX_EPISODE_STEPS": spec.max_episode_steps,
        "AGENTS": {name: _settings(name) for name in AGENTS},
        "HIDDEN": hidden,
        "DQN": {
            "batchSize": dqn.batch_size,
            "replayCapacity": dqn.replay_capacity,
            "learningStarts": dqn.learning_starts,
            "targetTau": dqn.target_tau,
        },
        "ADAM": {name: adam[name].default for name in ("beta1", "beta2", "eps")},
        "STOPS": palette._STOPS,
        "COLOURS": {
            name: getattr(palette, name)
            for name in (
                "PAPER", "FLOOR", "LINE", "WALL", "WALL_EDGE", "INK", "FAINT_INK", "AGENT", "AGENT_EDGE",
                "TRAIL", "GOOD", "GOOD_TINT", "BAD", "BAD_TINT", "HOLE", "HOLE_TINT",
            )
        },
    }  # fmt: skip
    return "".join(f"export const {name} = {_json(fact)};\n" for name, fact in facts.items())


def _settings(name: str) -> dict[str, float]:
    """An agent's defaults, and the largest step size it takes."""
    import dataclasses

    from agents.algorithms.registry import agent_class

    config_class = agent_class(name).config_class
    config: Any = config_class()
    (rate,) = (field for field in dataclasses.fields(config) if field.name == "learning_rate")
    highest = next(h for h in (10.0, 1.0) if rate.metadata["allows"](h))
    # the page has a slider in place of a schedule
    scheduled = getattr(config, "epsilon_schedule", "constant") != "constant"
    epsilon = config.epsilon_final if scheduled else config.epsilon
    return {
        "discount": config.discount,
        "epsilon": epsilon,
        "learningRate": config.learning_rate,
        "highestRate": highest,
    }


def _json(fact: Any) -> str:
    return json.dumps(fact, separators=(",", ":"), ensure_ascii=False, default=dict)


def modules() -> dict[str, str]:
    """All modules by name, those that others need first.

    Raises:
        ValueError: for modules that need one another, or two that declare the same name.
    """
    texts = {path.stem: path.read_text("utf-8") for path in sorted(SOURCE.glob("*.js"))}
    texts["tables"] = tables()
    ordered: dict[str, str] = {}

    def put(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"modules of the playground need one another: {' -> '.join([*above, name])}")
        if name not in ordered:
            for needed in _IMPORT.finditer(texts[name]):
                put(needed[2], (*above, name))
            ordered[name] = texts[name]

    for name in texts:
        put(name, ())
    homes: dict[str, str] = {}
    for name, text in ordered.items():
        for declared in _TOP_LEVEL.findall(text):
            if homes.setdefault(declared, name) != name:
                raise ValueError(
                    f"{declared} is declared in {homes[declared]}.js and in {name}.js; rename one"
                )
    return ordered


def write_modules(folder: Path) -> None:
    """The modules as Node runs them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"type": "module"}')
    for name, text in modules().items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")


def joined() -> str:
    """All modules as one classic script; comments and half of the indentation stay at home."""
    parts = []
    for text in modules().values():
        plain = _COMMENT.sub("", _IMPORT.sub("", text))
        plain = re.sub(r"^export ", "", plain, flags=re.MULTILINE)
        parts.append(re.sub(r"^ +", lambda indent: indent[0][::2], plain, flags=re.MULTILINE).strip())
    return '(() => {\n"use strict";\n' + "\n\n".join(parts) + "\n})();"


def page() -> str:
    """The whole page, script and style inside."""
    html = (SOURCE / "index.html").read_text("utf-8")
    style = (SOURCE / "style.css").read_text("utf-8")
    return html.replace("/* style */", style).replace("/* script */", joined())


def write(folder: Path) -> Path:
    """Writes the page; returns where it lies."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    path.write_text(page(), encoding="utf-8")
    return path


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    # after docs._ext.notebooks, which empties the folder of files that the site carries along
    app.connect("builder-inited", lambda _: write(CARRIED_ALONG / "playground"), priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    written = write(Path(sys.argv[1]))
    print(f"{written}: {written.stat().st_size:,} bytes")
