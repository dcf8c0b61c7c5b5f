"""A coverage-guided fuzzer for functions that read bytes: it keeps every input that reaches a new line.

    python -m tests.reliability.fuzzer [--inputs 20000] [--seed 0]

Prints one JSON object of figures. Which lines an input reaches is seen through ``sys.settrace``, in the
modules of the readers alone.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import gymnasium

import agents
import gym_gridq
from agents.algorithms.checkpoint import read_checkpoint
from agents.algorithms.registry import agent_class
from agents.commands.env_args import read_layout

FOLDERS = tuple(str(Path(module.__file__ or "").parent) for module in (agents, gym_gridq))
TOKENS = [
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"-1", b"1e999", b"9" * 30, b"NaN", b'"!"'),
    *(b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"\x93NUMPY", b"\xff" * 4),
    *(b"S", b"G", b"#", b"P", b"H", b".", b"\n", b"\r\n", b"\0", b"\xc3\xa9", b" "),
    *(b"|O", b"<f8", b"agent", b"table", b"config", b"Discrete", b"Box", b"dqn", b"generator"),
]
MAX_BYTES = 20_000


def changed(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """One or several small changes of ``data``, some of them with pieces of ``other``."""
    result = bytearray(data)
    for _ in range(1 << rng.randrange(3)):
        place = rng.randrange(len(result) + 1)
        kind = rng.randrange(6)
        if kind == 0 and place < len(result):
            result[place] = rng.randrange(256)
        elif kind == 1 and place < len(result):
            result[place] ^= 1 << rng.randrange(8)
        elif kind == 2:
            result[place:place] = rng.choice(TOKENS)
        elif kind == 3:
            del result[place : place + rng.randrange(1, 40)]
        elif kind == 4:
            token = rng.choice(TOKENS)
            result[place : place + len(token)] = token
        elif other:
            start = rng.randrange(len(other))
            result[place:place] = other[start : start + rng.randrange(1, 60)]
    return bytes(result[:MAX_BYTES])


def followed(read: Callable[[bytes], bool], data: bytes) -> tuple[bool, set[tuple[CodeType, int]]]:
    """What ``read`` says of the data, and the lines of our packages it runs through."""
    reached: set[tuple[CodeType, int]] = set()

    def in_function(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            reached.add((frame.f_code, frame.f_lineno))
        return in_function

    def entered(frame: FrameType, event: str, argument: Any) -> Any:
        return in_function if frame.f_code.co_filename.startswith(FOLDERS) else None

    sys.settrace(entered)
    try:
        return read(data), reached
    finally:
        sys.settrace(None)


def fuzz(
    read: Callable[[bytes], bool], seeds: list[bytes], n_inputs: int, rng: random.Random
) -> dict[str, int]:
    """Feeds a reader with changed inputs.

    Args:
        read: returns whether it accepted, and raises only if it is broken.
        seeds: inputs to begin with.
        n_inputs: how many to try.
        rng: where the changes come from.

    Returns:
        Figures: inputs tried, accepted, refused, kept for the new lines they reached, and lines reached.
    """
    corpus = list(seeds)
    seen: set[tuple[CodeType, int]] = set()
    accepted = 0
    for number in range(n_inputs):
        known = number < len(seeds)
        data = corpus[number] if known else changed(rng.choice(corpus), rng.choice(corpus), rng)
        answer, reached = followed(read, data)
        accepted += answer
        if not known and reached - seen:
            corpus.append(data)
        seen |= reached
    kept = len(corpus) - len(seeds)
    return {
        "inputs": n_inputs,
        "accepted": accepted,
        "refused": n_inputs - accepted,
        "kept": kept,
        "lines": len(seen),
    }


def checkpoint_reader(path: Path) -> Callable[[bytes], bool]:
    """Reads bytes as a checkpoint whose seal is right, so that the fuzzer gets behind it."""

    def read(data: bytes) -> bool:
        path.write_bytes(data + b"gridq-checkpoint 0001 sha256 " + hashlib.sha256(data).hexdigest().encode())
        try:
            read_checkpoint(path)
        except agents.CheckpointError:
            return False
        return True

    return read


def description_reader(path: Path, whole: bytes) -> Callable[[bytes], bool]:
    """Reads bytes as the description within a checkpoint that is otherwise in order."""
    with zipfile.ZipFile(io.BytesIO(whole + bytes(93))) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist() if name != "description.json"]
    read_archive = checkpoint_reader(path)

    def read(data: bytes) -> bool:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in [("description.json", data), *members]:
                archive.writestr(name, content)
            archive.comment = bytes(93)
        return read_archive(file.getvalue()[:-93])

    return read


def map_reader(path: Path) -> Callable[[bytes], bool]:
    """Reads bytes as a map file, and solves what comes of it."""

    def read(data: bytes) -> bool:
        path.write_bytes(data)
        try:
            layout = read_layout(str(path))
        except ValueError:
            return False
        gym_gridq.solve(gym_gridq.Dynamics(layout))
        return True

    return read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "input"
        whole = []
        for agent_name in agents.AGENTS:
            has_network = "hidden_sizes" in agent_class(agent_name).config_class().to_dict()
            options = {"hidden_sizes": (2,)} if has_network else {}
            env = gymnasium.make("GridQ-v0")
            agents.make(agent_name, env, seed=0, **options).save(path)
            whole.append(path.read_bytes()[:-93])
        figures = {"checkpoint": fuzz(checkpoint_reader(path), whole, arguments.inputs, rng)}
        for agent_name, archive in zip(agents.AGENTS, whole, strict=True):
            with zipfile.ZipFile(io.BytesIO(archive + bytes(93))) as opened:
                description = opened.read("description.json")
            reader = description_reader(path, archive)
            figures[f"description of {agent_name}"] = fuzz(reader, [description], arguments.inputs // 4, rng)
        figures |= {
            "map": fuzz(map_reader(path), [b"...G\n.#.P\nS...\n", b"SG", b"SHG\nPPP"], arguments.inputs, rng),
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
