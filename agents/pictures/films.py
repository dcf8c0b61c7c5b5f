"""Frames of episodes, and frames as files: an animation, a film, or a strip of pictures."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import gymnasium
import numpy as np
import numpy.typing as npt

from agents.storage.files import blamed_on, replacing
from agents.training.evaluation import Actor, policy_of

__all__ = ["TYPES", "greedy_episode", "greedy_frames", "write_frames", "write_gif"]

TYPES = (".gif", ".mp4", ".webm", ".png")
"""Endings of the files that can be written."""

STRIP_COLUMNS = 4


def greedy_episode(agent: Actor, env: gymnasium.Env[Any, Any], seed: int | None = None) -> Iterator[bool]:
    """Plays one episode without exploring; stops at its beginning and after every step, to be looked at.

    Args:
        agent: what acts.
        env: the environment.
        seed: seed of the reset.

    Yields:
        Whether the episode has ended.
    """
    act = policy_of(agent, seed)
    observation, _ = env.reset(seed=seed)
    over = False
    yield over
    while not over:
        observation, _, terminated, truncated, _ = env.step(act(observation))
        over = terminated or truncated
        yield over


def greedy_frames(
    agent: Actor, env: gymnasium.Env[Any, Any], seed: int | None = None
) -> Iterator[npt.NDArray[np.uint8]]:
    """Yields a frame of the beginning of a `greedy_episode` and one after every step.

    Args:
        agent: what acts.
        env: an environment made with ``render_mode="rgb_array"``.
        seed: seed of the reset.
    """
    for _ in greedy_episode(agent, env, seed):
        yield env.render()  # type: ignore[misc]


def write_frames(
    path: str | os.PathLike[str], frames: Sequence[npt.NDArray[np.uint8]], fps: float = 4.0
) -> None:
    """Writes frames into a file of the kind its ending names; it replaces an earlier one whole or not at all.

    Args:
        path: ends in one of `TYPES`.
        frames: ``(height, width, 3)`` each, at least one, all of one size.
        fps: frames a second; a strip has no time.

    Raises:
        ValueError: for another ending, or no frame at all.
        ImportError: for a film without imageio-ffmpeg.
        OSError: if the file cannot be written.
    """
    if not frames:
        raise ValueError("there is no frame to write; a time-lapse needs a step that the training reaches")
    target = Path(path)
    kind = target.suffix.lower()
    if kind not in TYPES:
        raise ValueError(f"{os.fspath(path)!r} ends in none of {', '.join(TYPES)}")
    if kind in (".mp4", ".webm"):
        with blamed_on(path):
            _write_film(target, frames, fps)
        return
    with replacing(path) as file:
        if kind == ".gif":
            write_gif(file, frames, round(1000 / fps))
        else:
            _write_strip(file, frames)


def write_gif(file: IO[bytes], frames: Sequence[npt.NDArray[np.uint8]], frame_ms: int = 400) -> None:
    """Writes frames (height, width, 3) as an endless animation that rests on the last one."""
    from PIL import Image

    images = [Image.fromarray(np.ascontiguousarray(frame)) for frame in frames]
    # one palette for all frames: equal colours stay equal, and each frame costs less
    palette = images[-1].quantize(128)
    images = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    durations = [frame_ms] * (len(images) - 1) + [4 * frame_ms]
    images[0].save(file, format="GIF", save_all=True, append_images=images[1:], duration=durations, loop=0)


def _write_strip(file: IO[bytes], frames: Sequence[npt.NDArray[np.uint8]]) -> None:
    """Frames side by side, in rows, left to right and top to bottom."""
    from PIL import Image

    height, width, _ = frames[0].shape
    columns = min(len(frames), STRIP_COLUMNS)
    strip = Image.new("RGB", (columns * width, math.ceil(len(frames) / columns) * height), "white")
    for number, frame in enumerate(frames):
        row, column = divmod(number, columns)
        strip.paste(Image.fromarray(np.ascontiguousarray(frame)), (column * width, row * height))
    strip.save(file, format="PNG")


def _write_film(target: Path, frames: Sequence[npt.NDArray[np.uint8]], fps: float) -> None:
    try:
        import imageio_ffmpeg
    except ImportError as error:
        raise ImportError(
            f"a {target.suffix} file needs ffmpeg: pip install 'gym-gridq[video]'; .gif and .png do without"
        ) from error
    height, width = (side - side % 2 for side in frames[0].shape[:2])  # films have even sides
    partial = target.with_name(f".{target.stem}.partial{target.suffix}")
    try:
        partial.touch()  # ffmpeg would only say that it failed
        codec = "libx264" if target.suffix.lower() == ".mp4" else "libvpx-vp9"
        film = imageio_ffmpeg.write_frames(
            os.fspath(partial), (width, height), fps=fps, codec=codec, macro_block_size=2, quality=8
        )
        film.send(None)
        for frame in frames:
            film.send(np.ascontiguousarray(frame[:height, :width]))
        film.close()
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
