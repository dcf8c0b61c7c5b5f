"""Frames of episodes, and frames as files: an animation, a film, or a strip of pictures."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import gymnasium
import numpy as np
import numpy.typing as npt

from agents.arguments import checked_ending
from agents.storage.files import replacing, replacing_by_name
from agents.training.evaluation import Actor, Moment, greedy_episode

__all__ = ["TYPES", "fps_of", "greedy_frames", "write_frames", "write_gif"]

TYPES = (".gif", ".mp4", ".webm", ".png")
"""Endings of the files that can be written."""

STRIP_COLUMNS = 4

MOST_IN_A_STRIP = 24
"""Pictures of a strip; of a longer episode some stand for all."""

LARGEST_STRIP = 4000
"""Most pixels of either of its sides; larger pictures are made smaller."""

FASTEST_GIF = 50.0
"""Frames a second; browsers play what is faster at a tenth of the speed."""

FPS = 4.0
"""Frames a second of an environment that does not say how many it has."""


def fps_of(env: gymnasium.Env[Any, Any]) -> float:
    """Frames a second at which an environment wants to be seen."""
    fps = env.metadata.get("render_fps")
    return float(fps) if isinstance(fps, int | float) and 0 < fps < math.inf else FPS


def greedy_frames(
    agent: Actor,
    env: gymnasium.Env[Any, Any],
    seed: int | None = None,
    before: Callable[[Moment], None] | None = None,
) -> Iterator[npt.NDArray[np.uint8]]:
    """Yields a frame of the beginning of a `greedy_episode` and one after every step.

    Args:
        agent: what acts.
        env: an environment made with ``render_mode="rgb_array"``.
        seed: seed of the reset.
        before: called before each is drawn, if given.
    """
    for moment in greedy_episode(agent, env, seed):
        if before is not None:
            before(moment)
        yield env.render()  # type: ignore[misc]


def write_frames(
    path: str | os.PathLike[str], frames: Sequence[npt.NDArray[np.uint8]], fps: float = FPS
) -> int:
    """Writes frames into a file of the kind its ending names; it replaces an earlier one whole or not at all.

    An animation of more than `FASTEST_GIF` frames a second leaves some out and takes as long as it should; a
    strip of more than `MOST_IN_A_STRIP` shows so many, from the first to the last at equal distances.

    Args:
        path: ends in one of `TYPES`.
        frames: ``(height, width, 3)`` each, at least one, all of one size.
        fps: frames a second; a strip has no time.

    Returns:
        How many frames the file shows.

    Raises:
        ValueError: for another ending, or no frame at all.
        ImportError: for a film without imageio-ffmpeg.
        OSError: if the file cannot be written.
    """
    if not frames:
        raise ValueError("there is no frame to write; a time-lapse needs a step that the training reaches")
    target, kind = Path(path), checked_ending(path, TYPES)
    if kind in (".mp4", ".webm"):
        _write_film(target, frames, fps)
        return len(frames)
    if kind == ".gif":
        every = math.ceil(fps / FASTEST_GIF)
        frames, fps = frames[::-every][::-1], fps / every  # the last one is always among them
    else:
        n_shown = min(len(frames), MOST_IN_A_STRIP)
        frames = [frames[round(number)] for number in np.linspace(0, len(frames) - 1, n_shown)]
    with replacing(path) as file:
        if kind == ".gif":
            write_gif(file, frames, round(1000 / fps))
        else:
            _write_strip(file, frames)
    return len(frames)


def write_gif(file: IO[bytes], frames: Sequence[npt.NDArray[np.uint8]], frame_ms: int) -> None:
    """Writes frames (height, width, 3) as an endless animation that rests on the last one."""
    from PIL import Image

    images = [Image.fromarray(np.ascontiguousarray(frame)) for frame in frames]
    # one palette for all frames: equal colours stay equal, and each frame costs less
    palette = images[-1].quantize(128)
    images = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    durations = [frame_ms] * (len(images) - 1) + [4 * frame_ms]
    # Pillow's optimisation would take four times as long, and save at most a fifth of the file
    form: dict[str, Any] = {"format": "GIF", "save_all": True, "loop": 0, "optimize": False}
    images[0].save(file, append_images=images[1:], duration=durations, **form)


def _write_strip(file: IO[bytes], frames: Sequence[npt.NDArray[np.uint8]]) -> None:
    """Frames side by side, in rows, left to right and top to bottom."""
    from PIL import Image

    columns = min(len(frames), STRIP_COLUMNS)
    rows = math.ceil(len(frames) / columns)
    height, width, _ = frames[0].shape
    shrink = min(LARGEST_STRIP / (columns * width), LARGEST_STRIP / (rows * height), 1.0)
    width, height = max(int(width * shrink), 1), max(int(height * shrink), 1)
    strip = Image.new("RGB", (columns * width, rows * height), "white")
    for number, frame in enumerate(frames):
        row, column = divmod(number, columns)
        picture = Image.fromarray(np.ascontiguousarray(frame)).resize((width, height))
        strip.paste(picture, (column * width, row * height))
    strip.save(file, format="PNG")


def _write_film(target: Path, frames: Sequence[npt.NDArray[np.uint8]], fps: float) -> None:
    try:
        import imageio_ffmpeg
    except ImportError as error:
        raise ImportError(
            f"a {target.suffix} file needs ffmpeg: pip install 'gym-gridq[video]'; .gif and .png do without"
        ) from error
    height, width = (side - side % 2 for side in frames[0].shape[:2])  # films have even sides
    codec = "libx264" if target.suffix.lower() == ".mp4" else "libvpx-vp9"
    with replacing_by_name(target) as partial:
        film = imageio_ffmpeg.write_frames(
            os.fspath(partial), (width, height), fps=fps, codec=codec, macro_block_size=2, quality=8
        )
        with contextlib.closing(film):  # ends ffmpeg, also where the film is cut off
            film.send(None)
            for frame in frames:
                film.send(np.ascontiguousarray(frame[:height, :width]))
