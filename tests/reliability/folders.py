"""Run folders of strangers, made up at random, and what the commands do with them.

    python -m tests.reliability.folders [--folders 10000] [--seed 0]

Each folder is a run with some of its files changed, exchanged for links, pipes or folders, or joined by
others, and with any JSON in its ``config.json``. One command reads it. Python's audit hooks see what is
imported, opened for writing, removed and started. After a second and a half of computing a person interrupts
what has not ended. Prints one JSON object of figures, and each folder with which something went wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import io
import json
import os
import random
import resource
import shutil
import signal
import socket
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gymnasium

from agents.cli import main as gridq
from agents.experience.env_spaces import HAS_LANES
from agents.storage.archive import read_archive, write_archive

PATIENCE_SECONDS = 1.5
HANG_SECONDS = 2.0
"""Of computing, in which a command must have answered, interrupted or not, however busy the machine is."""
WAIT_SECONDS = 15.0
"""Of the clock on the wall, for what waits and does not compute: after as many a person interrupts, and after
twice as many it counts as hanging."""
MEMORY_BYTES = 3 * 2**30

SPOILT = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What comes of changing a file that an earlier change has made something else of."""

RUNS = (
    ("tabular", "GridQ-v0", 1, ("--env-arg", "slip=0.2")),
    ("dqn", "GridQ-OneHot-v0", 1, ("--hidden-sizes", "4", "--batch-size", "8")),
    ("q-learning", "GridQ-v0", 3, ("--hidden-sizes", "4")),
    ("dqn", "CartPole-v1", 2, ("--hidden-sizes", "4", "--batch-size", "8")),
    ("random", "FrozenLake-v1", 1, ()),
)
COMMANDS = (
    ("evaluate", "run", "--episodes", "2"),
    ("evaluate", "run", "--episodes", "2", "--json"),
    ("record", "run", "out.gif"),
    ("record", "run", "run/greedy.png"),
    ("record", "run", "out.png", "--time-lapse", "10"),
    ("plot", "run"),
    ("plot", "run", "--output", "out.svg"),
    ("watch", "run", "--episodes", "1", "--speed", "1000"),
    ("train", "--resume", "run", "--quiet"),
    ("train", "--resume", "run", "--quiet", "--checkpoint-every", "3"),
)
FILES = ("config.json", "checkpoint.npz", "metrics.csv", "summary.json", "curves.png", "greedy.gif", ".lock")
FILES += (".seconds.json", "q_values.png", ".checkpoint.npz.77.partial", "out.gif")
MODULES = ("pwn", "numpy", "tqdm", "mujoco", "imageio_ffmpeg", "sitecustomize", "gym_gridq", "venv")
TEXTS = ("", "a", "\x1b[2J", "$\\frac{$", "_x", "../../victim", "/etc/passwd", "pwn", "pwn:GridQ-v0", "async")
TEXTS += (
    "os.system",
    "GridQ-v0",
    "CartPole-v1",
    "human",
    "4x4",
    "aima",
    "\ud800",
    "\u202e",
    "x" * 5000,
    "\0",
)
NAMES = (
    "layout",
    "slip",
    "step_reward",
    "random_start",
    "max_episode_steps",
    "render_mode",
    "wrappers",
    "desc",
)
NAMES += (
    "vectorization_mode",
    "vector_kwargs",
    "entry_point",
    "id",
    "num_envs",
    "autoreset_mode",
    "map_name",
)
NAMES += (
    "disable_env_checker",
    "xml_file",
    "cell_size",
    "language",
    "is_slippery",
    "sutton_barto_reward",
    "!",
)


def junk(rng: random.Random, depth: int = 0) -> Any:
    """Any JSON."""
    kind = rng.randrange(9 if depth < 3 else 6)
    if kind == 0:
        return rng.choice([0, 1, -1, 2, 7, 500, 2**31, 2**63, -(2**70), 10**12, 10**30, 10**400])
    if kind == 1:
        return rng.choice([0.5, -0.0, 1e308, 1e-320, float("nan"), float("inf"), 1e999])
    if kind == 2:
        return rng.choice([None, True, False])
    if kind in (3, 4, 5):
        return rng.choice([*TEXTS, *rng.sample(sorted(gymnasium.registry), 3)])
    if kind == 6:
        return [junk(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 7:
        return {rng.choice([*NAMES, *TEXTS]): junk(rng, depth + 1) for _ in range(rng.randrange(3))}
    nested: Any = 0
    for _ in range(rng.choice([3, 31, 40, 300, 2000])):
        nested = [nested]
    return nested


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*path, key))


def mutated(value: Any, rng: random.Random) -> Any:
    """A JSON value with something else in one or a few of its places."""
    value = copy.deepcopy(value)
    for _ in range(rng.choice([1, 1, 2, 4])):
        *way, last = rng.choice(list(places(value)) or [(None,)])
        there = value
        for key in way:
            there = there[key]
        if isinstance(there, dict) and rng.random() < 0.15:
            del there[last]
        elif last is not None:
            there[last] = junk(rng)
    return value


def change_config(run: Path, rng: random.Random) -> None:
    """Puts other words into ``config.json``."""
    config = json.loads((run / "config.json").read_bytes())
    kind = rng.randrange(5)
    if kind == 0:
        config = mutated(config, rng)
    elif kind == 1:
        names = rng.sample(NAMES, rng.randrange(1, 3))
        config["env_kwargs"] = config["env_kwargs"] | {name: junk(rng) for name in names}
    elif kind == 2:
        module = rng.choice([*MODULES, "venv.__main__", "run.pwn", "..pwn", "/pwn"])
        config["env_id"] = f"{module}:{config['env_id']}"
    elif kind == 3:
        config["env_id"] = rng.choice([*sorted(gymnasium.registry), *TEXTS])
    else:
        config[rng.choice(["num_envs", "total_steps", "episodes", "seed"])] = rng.choice([1, 2, 500, 10**6])
    text = json.dumps(config)
    (run / "config.json").write_text(text if rng.random() < 0.95 else text[: rng.randrange(len(text))])


def change_checkpoint(run: Path, rng: random.Random) -> None:
    """Changes what a checkpoint tells, and closes it with a right seal."""
    with (run / "checkpoint.npz").open("rb") as file:
        description, arrays = read_archive(file)
    part = rng.choice(["agent", "training"])
    description[part] = mutated(description[part], rng)
    with contextlib.suppress(ValueError, TypeError), (run / "checkpoint.npz").open("w+b") as file:
        write_archive(file, description, arrays)


def change_bytes(run: Path, rng: random.Random) -> None:
    """Changes some bytes of a file, or all."""
    file = run / rng.choice(FILES[:3])
    data = bytearray(file.read_bytes())
    kind = rng.randrange(3)
    if kind == 0:
        data = bytearray(rng.randbytes(rng.choice([0, 1, 100, 5000])))
    elif kind == 1:
        del data[rng.randrange(len(data)) :]
    else:
        for _ in range(rng.randrange(1, 5)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    file.write_bytes(data)


def is_regular(file: Path) -> bool:
    """Whether a file is there that may be read without waiting."""
    return file.is_file() and not file.is_symlink()


def exchange_file(run: Path, rng: random.Random) -> None:
    """Puts something that is no file in the place of one."""
    file = run / rng.choice(FILES)
    if file.is_dir():
        shutil.rmtree(file)
    file.unlink(missing_ok=True)
    kind = rng.randrange(8)
    victim = run.parent / "victims" / rng.choice(FILES[:3])
    if kind == 0:
        file.symlink_to(victim)
    elif kind == 1:
        file.symlink_to(run.parent / "victims" / "outside")
    elif kind == 2:
        file.symlink_to(file.name)
    elif kind == 3:
        os.mkfifo(file)
    elif kind == 4:
        file.mkdir()
    elif kind == 5:
        os.link(victim, file)
    elif kind == 6:
        with socket.socket(socket.AF_UNIX) as there:
            before = Path.cwd()
            os.chdir(run)  # the name of a socket must be short
            with contextlib.suppress(OSError):
                there.bind(file.name)
            os.chdir(before)
    else:
        file.symlink_to("/dev/zero")


def add_files(run: Path, rng: random.Random) -> None:
    """Adds modules that leave a mark when imported, and planted names, in the folder and beside it."""
    program = f"import pathlib; pathlib.Path({str(run.parent / 'victims' / 'imported')!r}).touch()\n"
    for place in (run, run.parent):
        for module in rng.sample(MODULES, 3):
            if rng.random() < 0.5:
                (place / f"{module}.py").write_text(program)
            else:
                (place / module).mkdir(exist_ok=True)
                (place / module / "__init__.py").write_text(program)
        (place / "pwn.pth").write_text(f"import sys; {program}")
        for name in (f".gridq-plot.png.{os.getpid()}.partial", ".out.partial.mp4", ".out.gif.partial"):
            with contextlib.suppress(FileExistsError):
                (place / name).symlink_to(run.parent / "victims" / "config.json")


CHANGES: tuple[Callable[[Path, random.Random], None], ...] = (
    *(change_config, change_config, change_checkpoint, change_bytes, exchange_file, add_files),
)


class Watch:
    """Sees what a command does, and notes what it should not."""

    def __init__(self) -> None:
        self.allowed: Path | None = None  # where a command may write; None while nobody is watched
        self.seen: list[str] = []
        sys.addaudithook(self._see)

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.allowed is None:
            return
        if event == "import" and arguments[0].split(".")[0] in ("pwn", "venv", "sitecustomize"):
            self.seen.append(f"import of {arguments[0]}")
        elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path, _, flags = arguments
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
                self._written(event, path, bool(flags & getattr(os, "O_NOFOLLOW", 0)))
        elif event in ("os.remove", "os.rmdir", "os.mkdir", "os.truncate"):
            self._written(event, arguments[0], True)
        elif event in ("os.rename", "os.link", "os.symlink"):
            self._written(event, arguments[1], True)
        elif event in (
            "subprocess.Popen",
            "os.system",
            "os.exec",
            "os.posix_spawn",
            "os.fork",
            "socket.connect",
        ):
            self.seen.append(event)

    def _written(self, event: str, path: Any, is_link_itself: bool) -> None:
        there = Path(os.fsdecode(path))
        real = there.parent.resolve() / there.name if is_link_itself else there.resolve()
        assert self.allowed is not None
        ours = real.is_relative_to(self.allowed) and "victims" not in real.parts
        caches = ("/.cache/", "__pycache__", "/dev/null", "/matplotlib", "/dev/shm", "/fontlist")
        if not ours and not any(cache in str(real) for cache in caches):
            self.seen.append(f"{event} of {real}")


class HangError(BaseException):
    """A command neither ended nor could be interrupted."""


def answer(words: tuple[str, ...]) -> tuple[int | None, str, float]:
    """Exit code of a command (None after an error of ours), what it printed, and seconds of computing."""
    told = io.StringIO()
    started, waited = time.process_time(), time.monotonic()
    rings = 0

    def ring(number: int, frame: Any) -> None:
        nonlocal rings
        passed, computed = time.monotonic() - waited, time.process_time() - started
        if passed > 2 * WAIT_SECONDS or computed > 2 * HANG_SECONDS:
            raise HangError
        # the timer counts ticks, of which a command that often waits for the disk gets fewer than it computes
        if computed < PATIENCE_SECONDS * (1 + rings / 10) and passed < WAIT_SECONDS * (1 + rings / 4):
            return
        rings += 1
        if rings <= 2:  # a person's Ctrl-C, and another
            if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # which would end all of us
                raise KeyboardInterrupt
            signal.raise_signal(signal.SIGTERM)

    def unraisable(told_of: Any) -> None:
        if told_of.exc_type is not KeyboardInterrupt:  # a Ctrl-C that strikes in a weak reference is lost
            sys.__unraisablehook__(told_of)

    hook, sys.unraisablehook = sys.unraisablehook, unraisable
    before = [(number, signal.signal(number, ring)) for number in (signal.SIGALRM, signal.SIGPROF)]
    signal.setitimer(signal.ITIMER_PROF, PATIENCE_SECONDS / 10, PATIENCE_SECONDS / 10)
    signal.setitimer(signal.ITIMER_REAL, WAIT_SECONDS, WAIT_SECONDS / 4)
    code: int | None
    try:
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = gridq(list(words))
    except HangError:
        code = None
        told.write("it hangs")
    except KeyboardInterrupt:  # in the last instant
        code = 130
    except BaseException as error:
        code = None
        told.write(f"{type(error).__name__}: {error}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        for number, handler in before:
            signal.signal(number, handler)
        sys.unraisablehook = hook
    return code, told.getvalue(), time.process_time() - started


def problem_with(code: int | None, told: str, seconds: float) -> str | None:
    """What is wrong with an answer."""
    lines = [line for line in told.splitlines() if line.strip()]
    if code is None:
        return told
    if code in (1, 2) and not (lines and lines[-1].startswith("gridq: error: ")):
        return f"code {code} without a clear line"
    if "Traceback" in told:
        return "a traceback"
    if not all(char.isprintable() or char == "\n" for char in told):
        return "a control character"
    return f"{seconds:.1f} s of computing" if seconds > HANG_SECONDS else None


def originals(folder: Path) -> list[Path]:
    """Runs in the midst of their training, one of each kind."""
    made = []
    for number, (agent, env_id, num_envs, options) in enumerate(RUNS):
        run, num_envs = folder / str(number), num_envs if HAS_LANES else 1
        words = [
            "train",
            "--agent",
            agent,
            "--env-id",
            env_id,
            "--num-envs",
            str(num_envs),
            *options,
            "--quiet",
        ]
        assert gridq([*words, "--total-steps", "40", "--run-dir", str(run)]) == 0
        config = json.loads((run / "config.json").read_bytes())
        (run / "config.json").write_text(json.dumps(config | {"total_steps": 50}))
        made.append(run)
    return made


def try_folders(n_folders: int, seed: int) -> dict[str, Any]:
    """Figures; each folder with which something goes wrong is a line on standard error."""
    rng = random.Random(seed)
    figures: Counter[str] = Counter({"folders": n_folders})
    wrong = 0
    slowest = 0.0
    watch = Watch()
    before = Path.cwd()
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, limits[1]))
    with tempfile.TemporaryDirectory() as name:
        runs = originals(Path(name) / "originals")
        try:
            for number in range(n_folders):
                place = Path(name).resolve() / f"{number}"
                victims = place / "victims"
                run = place / "run"
                shutil.copytree(rng.choice(runs), run)
                shutil.copytree(rng.choice(runs), victims)
                changes = rng.choices(CHANGES, k=rng.choice([1, 1, 2, 3]))
                for change in changes:
                    if all(is_regular(run / file) for file in FILES[:3]):
                        with contextlib.suppress(*SPOILT):
                            change(run, rng)
                words = rng.choice(COMMANDS)
                precious = {path.name: path.read_bytes() for path in victims.iterdir()}
                os.chdir(place)
                watch.seen.clear()
                watch.allowed = place
                code, told, seconds = answer(words)
                watch.allowed = None
                os.chdir(before)
                slowest = max(slowest, seconds)
                figures[
                    {0: "done", 1: "refused", 2: "refused", 130: "interrupted"}.get(code or 0, "wrong")
                ] += 1
                figures["not enough memory"] += "not enough memory" in told
                problems = [*watch.seen, problem_with(code, told, seconds)]
                if precious != {path.name: path.read_bytes() for path in victims.iterdir()}:
                    problems.append("something outside was written")
                problems = [problem for problem in problems if problem]
                if problems:
                    changed = [change.__name__ for change in changes]
                    config = run / "config.json"
                    text = config.read_bytes()[:600] if is_regular(config) else b""
                    wrong += 1
                    line = f"{seed}/{number} {' '.join(words)} {changed}: {problems} {told[-300:]!r} {text!r}"
                    print(line, file=sys.stderr, flush=True)
                shutil.rmtree(place)
        finally:
            os.chdir(before)
            resource.setrlimit(resource.RLIMIT_AS, limits)
    return {**figures, "wrong": wrong, "slowest_seconds": round(slowest, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folders", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(json.dumps(try_folders(arguments.folders, arguments.seed)))


if __name__ == "__main__":
    main()
