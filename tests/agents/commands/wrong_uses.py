"""What people may type wrong: several hundred command lines, none of which makes sense.

    python -m tests.agents.commands.wrong_uses

tries them all in a new folder and prints those that got anything but one clear line.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from agents.algorithms.registry import AGENTS, agent_class
from agents.cli import COMMANDS, main
from agents.commands.parser import option_of

NO_INTEGERS = ("0", "-1", "1.5", "x", "", "nan", "1e-3", "inf", "0x1g", "1,2", "None", "1e999")
NO_NUMBERS = ("x", "", "nan", "inf", "1,2", "--", "0.1.2", "1e", "True")
NO_LAYOUTS = (
    "bok",
    "",
    "none",
    "3",
    "['S']",
    "['G']",
    "['S.', 'G']",
    "[]",
    "['SG', 3]",
    "['S?G']",
    "[[1]]",
    "4x4",
)


def wrong_uses() -> list[list[str]]:
    """The command lines, as lists of words after ``gridq``."""
    return list(map(list, dict.fromkeys(map(tuple, _all()))))


def _all() -> Iterator[list[str]]:
    for word in ("trian", "Train", "--train", "-v", "--verison", "", " ", "help", "ls", "train evaluate"):
        yield [word]
    for command in COMMANDS:
        needed = {"evaluate": ["run"], "watch": ["run"], "record": ["run", "a.gif"], "plot": ["run"]}
        words = [command, *needed.get(command, [])]
        for option in ("--nope", "-x", "--hepl", "--json=1", "--seed", "--quiet=yes"):
            yield [*words, option]
        if command in needed:
            yield [command]
            for folder in ("none", "", "file.txt", ".", "damaged", "/proc", "no/such/run"):
                yield [command, folder, *needed[command][1:]]
    for option in ("--total-steps", "--episodes", "--num-envs", "--checkpoint-every"):
        for text in NO_INTEGERS:
            yield ["train", option, text]
    for option in ("--seed", "--evaluate-every"):
        for text in NO_INTEGERS[1:]:
            yield ["train", option, text]
    for text in (*NO_NUMBERS, "0", "-1"):
        yield ["train", "--max-memory", text]
        yield ["train", "--watch", "--speed", text]
        yield ["watch", "run", "--speed", text]
        yield ["record", "run", "a.gif", "--fps", text]
    for command in (["evaluate", "run", "--episodes"], ["record", "run", "a.gif", "--episodes"]):
        for text in NO_INTEGERS:
            yield [*command, text]
    for text in NO_INTEGERS:
        yield ["record", "run", "a.gif", "--time-lapse", text]
        yield ["record", "run", "a.gif", "--cell-size", text]
    yield from _settings()
    yield from _environments()
    yield from _folders()
    for option in ("--slip", "--discount", "--step-reward"):
        for text in NO_NUMBERS:
            yield ["solve", option, text]
    for text in ("-0.1", "1.1"):
        yield ["solve", "--slip", text]
        yield ["solve", "--discount", text]
        yield ["play", "--discount", text]
    for layout in ("bok", "", "file.txt", "run", "/dev/null", "no/such/map.txt"):
        yield ["solve", "--layout", layout]
    for file in ("a", "a.jpg", "", "gif", ".gif/", "run", "no/such/a.gif"):
        yield ["record", "run", file]
    for file in ("a", "a.jpg", "", "run", "no/such/a.png"):
        yield ["plot", "run", "--output", file]


def _settings() -> Iterator[list[str]]:
    bad = {
        "int": ("x", "", "1.5", "-2", "nan"),
        "float": ("x", "", "nan", "inf", "-1", "1e-1x"),
        "bool": ("yes", "", "2"),
        "str": ("x", ""),
        "tuple[int, ...]": ("", "100,,100", "x", "0", "-5", "64;64", "1.5", "65536,65536", "9999999"),
    }
    for agent in AGENTS:
        for field in dataclasses.fields(agent_class(agent).config_class):
            for text in bad[str(field.type).partition(" |")[0]]:
                yield ["train", "--agent", agent, option_of(field.name), text]
            yield ["train", "--agent", agent, option_of(field.name) + "s"]
        yield ["train", "--agent", agent, "--learn-rate", "1"]
    for agent in ("DQN", "dq", "", "ppo", "qlearning"):
        yield ["train", "--agent", agent]


def _environments() -> Iterator[list[str]]:
    for env_id in ("GridQ-v1", "gridq-v0", "", "NoSuch-v0", "no_such_module:X-v0", "Pendulum-v1"):
        yield ["train", "--env-id", env_id]
        yield ["play", "--env-id", env_id]
    assignments = [
        *(
            "slip",
            "=1",
            "slip=",
            "slip=x",
            "slip=2",
            "slip=-1",
            "slip=nan",
            "slip=True",
            "slip=None",
            "slip=[0.1]",
        ),
        *("slipp=0.1", "Slip=0.1", "step_reward=x", "step_reward=inf", "random_start=yes", "random_start=1"),
        *(
            "render_mode=human",
            "render_mode=None",
            "cell_size=big",
            "cell_size=0",
            "cell_size=1e9",
            "language=fr",
        ),
        *("max_episode_steps=x", "max_episode_steps=0.5", "a b=1", "1=1", "reward=1", "gamma=0.9"),
        *(f"layout={layout}" for layout in NO_LAYOUTS),
    ]
    for assignment in assignments:
        yield ["train", "--env-arg", assignment]
    for assignment in (
        "is_slippery=no",
        "is_slippery=0",
        "is_slipery=False",
        "map_name=9x9",
        "desc=3",
        "success_rate=x",
    ):
        yield ["train", "--env-id", "FrozenLake-v1", "--env-arg", assignment]
    yield ["train", "--env-id", "CartPole-v1", "--agent", "tabular"]
    yield ["train", "--env-arg", "slip=0.1", "--env-arg", "slip=0.2"]
    yield ["train", "--env-arg"]


def _folders() -> Iterator[list[str]]:
    for folder in ("", "file.txt", "run", ".", "file.txt/x", "/proc/x"):
        yield ["train", "--run-dir", folder]
    for folder in ("", "file.txt", "none", ".", "damaged", "lost"):
        yield ["train", "--resume", folder]
        yield ["train", "--config", folder]
    yield ["train", "--config", "lost", "--run-dir", "lost"]
    for option in ("--seed", "--num-envs", "--epsilon", "--learning-rate", "--max-memory"):
        yield ["train", "--resume", "run", option, "1"]
    for option in ("--total-steps", "--episodes"):
        yield ["train", "--resume", "run", option, "1"]
    yield ["train", "--resume", "run", "--env-arg", "slip=0.1"]
    yield ["train", "--resume", "run", "--run-dir", "other"]
    yield ["train", "--speed", "3"]
    yield ["train", "--language", "zh"]
    yield ["train", "--watch", "--language", "fr"]
    for folder in ("", "file.txt", "none", "empty"):
        yield ["list", folder]
    yield ["list", "--json", "--csv"]
    yield ["plot", "run", "none"]


def prepare() -> None:
    """Makes in the current folder what the uses name."""
    words = ["train", "--agent", "tabular", "--num-envs", "1", "--episodes", "3", "--no-pictures", "--quiet"]
    for name in ("run", "damaged", "lost"):
        assert main([*words, "--run-dir", name]) == 0
    Path("damaged/config.json").write_text("{")
    Path("lost/checkpoint.npz").unlink()
    Path("lost/config.json").write_text('{"agent": "tabular"}')
    Path("file.txt").write_text("no map\n")
    Path("empty").mkdir()


def answer(words: list[str]) -> str | None:
    """What a use got that is not one clear line and exit code 1 or 2; None if all is well."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code: int | str = main(words)
        except BaseException:
            code = traceback.format_exc().splitlines()[-1]
    said = err.getvalue().rstrip("\n")
    clear = code in (1, 2) and said.startswith("gridq: error: ") and "\n" not in said and not out.getvalue()
    return None if clear and len(said) > len("gridq: error: ") + 8 else f"{code}: {said or out.getvalue()!r}"


def report() -> int:
    """Tries them all; the exit code says whether each got one clear line."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):  # what is taken opens no window
        os.environ.pop(name, None)
    uses = wrong_uses()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        prepare()
        unclear = [(words, got) for words in uses if (got := answer(words)) is not None]
    for words, got in unclear:
        print("gridq", *map(repr, words), "->", got)
    print(f"{len(uses)} wrong uses, {len(unclear)} got anything but one clear line")
    return 1 if unclear else 0


if __name__ == "__main__":
    sys.exit(report())
