"""Resumes compared with runs that were never interrupted, each resumed in a process of its own.

    python -m tests.reliability.resumes save FOLDER
    python -m tests.reliability.resumes resume FOLDER

The first trains over every environment and wrapper here, saves in the midst of it, and goes on. The second
resumes them, and prints for each whether it went on as the first, said that it cannot, or went wrong.
"""

from __future__ import annotations

import hashlib
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import wrappers

import gym_gridq  # noqa: F401 - registers the ids
from agents.experience.rollout import rollout_of
from agents.experience.snapshots import NotRestorableError
from agents.storage.plain_data import pack, unpack
from tests.reliability.users_worlds import EXACT, SAID

SAVED_AT = (2, 17)
STEPS = 40

THEIRS = sorted(
    env_id
    for env_id, spec in gymnasium.registry.items()
    if str(spec.entry_point).startswith(("gymnasium.envs.toy_text", "gymnasium.envs.classic_control"))
    and not env_id.startswith(("phys2d", "tabular", "CartPole-v0", "FrozenLake8x8"))
)
ENVIRONMENTS = [*THEIRS, "GridQ-v0", "GridQ-OneHot-v0"]


def pictured(env: gymnasium.Env) -> gymnasium.Env:
    """The environment with pictures as observations."""
    return wrappers.AddRenderObservation(env)


ARGUMENTS: dict[str, Callable[[gymnasium.Env], gymnasium.Env]] = {
    "AddRenderObservation": lambda env: wrappers.AddRenderObservation(env),
    "AddWhiteNoise": lambda env: wrappers.AddWhiteNoise(pictured(env), 0.5),
    "ObstructView": lambda env: wrappers.ObstructView(pictured(env), 0.3, 8),
    "RenderCollection": lambda env: wrappers.RenderCollection(env),
    "Autoreset": lambda env: wrappers.Autoreset(env),
    "ClipAction": lambda env: wrappers.ClipAction(env),
    "ClipReward": lambda env: wrappers.ClipReward(env, -0.5, 0.5),
    "DelayObservation": lambda env: wrappers.DelayObservation(env, 3),
    "DiscretizeAction": lambda env: wrappers.DiscretizeAction(env, 5),
    "DiscretizeObservation": lambda env: wrappers.DiscretizeObservation(env, 5),
    "DtypeObservation": lambda env: wrappers.DtypeObservation(env, np.float16),
    "FilterObservation": lambda env: wrappers.FilterObservation(
        wrappers.TimeAwareObservation(env, flatten=False, dict_time_key="time"), ["time"]
    ),
    "FlattenObservation": lambda env: wrappers.FlattenObservation(env),
    "FrameStackObservation": lambda env: wrappers.FrameStackObservation(env, 4),
    "MaxAndSkipObservation": lambda env: wrappers.MaxAndSkipObservation(env),
    "NormalizeObservation": lambda env: wrappers.NormalizeObservation(env),
    "NormalizeReward": lambda env: wrappers.NormalizeReward(env),
    "OrderEnforcing": lambda env: wrappers.OrderEnforcing(env),
    "PassiveEnvChecker": lambda env: wrappers.PassiveEnvChecker(env),
    "RecordEpisodeStatistics": lambda env: wrappers.RecordEpisodeStatistics(env),
    "RepeatAction": lambda env: wrappers.RepeatAction(env, 2),
    "RescaleAction": lambda env: wrappers.RescaleAction(env, -2.0, 2.0),
    "RescaleObservation": lambda env: wrappers.RescaleObservation(env, -2.0, 2.0),
    "ReshapeObservation": lambda env: wrappers.ReshapeObservation(env, (*env.observation_space.shape, 1)),
    "StickyAction": lambda env: wrappers.StickyAction(env, 0.4),
    "TimeAwareObservation": lambda env: wrappers.TimeAwareObservation(env),
    "TimeLimit": lambda env: wrappers.TimeLimit(env, 9),
    "TransformAction": lambda env: wrappers.TransformAction(env, lambda action: action, None),
    "TransformObservation": lambda env: wrappers.TransformObservation(env, lambda seen: seen, None),
    "TransformReward": lambda env: wrappers.TransformReward(env, lambda reward: 2 * reward),
}
"""How each of Gymnasium's wrappers is put on; what this Gymnasium lacks, or does not fit, is left out."""
NEEDS_FRAMES = {"AddRenderObservation", "AddWhiteNoise", "ObstructView", "RenderCollection"}
ELSEWHERE = {
    "AtariPreprocessing": "needs the Atari emulator",
    "ArrayConversion": "for the arrays of other libraries",
    "HumanRendering": "needs a screen",
    "JaxToNumpy": "needs JAX",
    "JaxToTorch": "needs JAX",
    "NumpyToTorch": "needs PyTorch",
    "RecordVideo": "needs moviepy",
    "GrayscaleObservation": "needs pictures and OpenCV",
    "ResizeObservation": "needs pictures and OpenCV",
}


def cases() -> dict[str, Callable[[], Any]]:
    """What is resumed, by name, as functions that make it anew."""
    found: dict[str, Callable[[], Any]] = {}
    for env_id in ENVIRONMENTS:
        kwargs: dict[str, Any] = {"max_episode_steps": 15}
        if env_id.startswith("GridQ"):
            kwargs |= {"slip": 0.3, "random_start": True}
        found[env_id] = lambda env_id=env_id, kwargs=kwargs: gymnasium.make(env_id, **kwargs)
        for name, wrap in ARGUMENTS.items():
            if name in NEEDS_FRAMES:
                if env_id not in ("GridQ-v0", "CartPole-v1"):
                    continue
                drawn = {**kwargs, "render_mode": "rgb_array"}
                found[f"{env_id} {name}"] = lambda env_id=env_id, kwargs=drawn, wrap=wrap: wrap(
                    gymnasium.make(env_id, **kwargs)
                )
            else:
                found[f"{env_id} {name}"] = lambda env_id=env_id, kwargs=kwargs, wrap=wrap: wrap(
                    gymnasium.make(env_id, **kwargs)
                )
        if hasattr(gymnasium.vector, "AutoresetMode"):
            for mode in ("NextStep", "SameStep", "Disabled"):
                found[f"{env_id} in lanes {mode}"] = lambda env_id=env_id, kwargs=kwargs, mode=mode: (
                    gymnasium.vector.SyncVectorEnv(
                        [lambda: gymnasium.make(env_id, **kwargs)] * 3, autoreset_mode=mode
                    )
                )
    if hasattr(gymnasium.vector, "AutoresetMode"):
        for mode in ("NextStep", "SameStep", "Disabled"):
            for env_id in ("GridQ-v0", "GridQ-OneHot-v0"):
                found[f"{env_id} vector {mode}"] = lambda env_id=env_id, mode=mode: gymnasium.make_vec(
                    env_id, 3, slip=0.3, max_episode_steps=15, autoreset_mode=mode
                )
        lanes = [lambda: gymnasium.make("CartPole-v1")] * 3
        found["lanes that share their arrays"] = lambda: gymnasium.vector.SyncVectorEnv(lanes, copy=False)
        found["lanes in processes"] = lambda: gymnasium.vector.AsyncVectorEnv(lanes[:1])
    for name, make in {**EXACT, **SAID}.items():
        found[f"user's {name}"] = make
    return found


class Run:
    """A rollout with actions from a generator that starts anew at each save."""

    def __init__(self, make: Callable[[], Any]) -> None:
        env = make()
        self.rollout = rollout_of(env)
        self.env = env

    def go_on(self, n_steps: int, seed: int) -> str:
        """Makes steps; returns a digest of everything that was seen in them."""
        space = self.env.action_space
        rng = np.random.default_rng(seed)
        digest = hashlib.blake2b(digest_size=16)
        feed(digest, self.rollout.observation)
        for _ in range(n_steps):
            action = drawn(space, rng)
            feed(digest, tuple(self.rollout.step(action)))
            feed(digest, (self.rollout.n_moved, self.rollout.ended))
        return digest.hexdigest()


def drawn(space: Any, rng: np.random.Generator) -> Any:
    """An action, without a draw from the space, which the environment may draw from."""
    if isinstance(space, gymnasium.spaces.Discrete):
        return int(space.start + rng.integers(space.n))
    if isinstance(space, gymnasium.spaces.MultiDiscrete):
        return (space.start + rng.integers(space.nvec)).astype(space.dtype)
    assert isinstance(space, gymnasium.spaces.Box)
    low, high = np.maximum(space.low, -1.0), np.minimum(space.high, 1.0)
    return (low + rng.random(space.shape) * (high - low)).astype(space.dtype)


def feed(digest: Any, value: Any) -> None:
    """Takes a value into a digest, with its types."""
    if isinstance(value, dict | list | tuple):
        digest.update(f"{type(value).__name__} {len(value)};".encode())
        for item in sorted(value.items()) if isinstance(value, dict) else value:
            feed(digest, item)
    elif isinstance(value, np.ndarray | np.generic):
        digest.update(f"{value.dtype} {value.shape};".encode())
        # a number of 80 bits stands in 128, of which the rest is what was there before
        digest.update(repr(value.tolist()).encode() if value.size < 1000 else np.asarray(value).tobytes())
    else:
        digest.update(f"{type(value).__name__} {value!r};".encode())


def save(folder: Path) -> dict[str, str]:
    """Runs all, saves each in the midst, and notes what came after."""
    seen: dict[str, str] = {}
    for name, make in cases().items():
        try:
            run = Run(make)
            run.rollout.reset(seed=7)
            run.go_on(1, 0)
        except Exception:  # a wrapper that does not go with this environment, or that this Gymnasium lacks
            continue
        n_steps = 1
        for number, at in enumerate(SAVED_AT):
            run.go_on(at - n_steps, number)
            arrays: dict[str, Any] = {}
            packed = pack(run.rollout.snapshot(), arrays)
            file = folder / f"{len(seen)}.npz"
            np.savez(file, description=json.dumps(packed), **arrays)
            seen[f"{name} @{at}"] = run.go_on(STEPS, 100 + number)
            n_steps = at + STEPS
        run.env.close()
    return seen


def resume(folder: Path, seen: dict[str, str]) -> dict[str, str]:
    """The verdict on each: ``exact``, ``wrong``, or what was said."""
    verdicts: dict[str, str] = {}
    makers = cases()
    for file_number, (name, expected) in enumerate(seen.items()):
        case, _, at = name.rpartition(" @")
        with np.load(folder / f"{file_number}.npz") as file:
            arrays = {key: file[key] for key in file.files}
        taken = unpack(json.loads(str(arrays.pop("description"))), arrays)
        run = Run(makers[case])
        try:
            run.rollout.restore(taken)
        except NotRestorableError as error:
            verdicts[name] = f"said: {error}"
            run.env.close()
            continue
        went_on = run.go_on(STEPS, 100 + SAVED_AT.index(int(at)))
        verdicts[name] = "exact" if went_on == expected else "wrong"
        run.env.close()
    return verdicts


def main() -> None:
    folder = Path(sys.argv[2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if sys.argv[1] == "save":
            (folder / "seen.json").write_text(json.dumps(save(folder)))
        else:
            print(json.dumps(resume(folder, json.loads((folder / "seen.json").read_text())), indent=1))


if __name__ == "__main__":
    main()
