"""Seconds from the command to seeing it learn: `gridq train --watch` on a screen of its own.

    xvfb-run -s "-screen 0 1600x1200x24" python -m benchmarks.first_sight [--rounds N]

The clock starts with the process. Its screen is looked at again and again: when there is a window, when a
twentieth of its pixels are other than they were at first (the agent alone changes fewer: values are being
learned), and when the run folder says that it has ended.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import ImageGrab

import gym_gridq

SHARE = 0.05
NAP = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="trainings (default: 5)")
    arguments = parser.parse_args()
    rounds = [seen() for _ in range(arguments.rounds)]
    names = ("a window", "values on it", "the training's end")
    for name, seconds in zip(names, zip(*rounds, strict=True), strict=True):
        low, high = min(seconds), max(seconds)
        print(f"{name:20} {statistics.median(seconds):6.1f} s (from {low:.1f} to {high:.1f})")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def seen() -> tuple[float, float, float]:
    """Seconds until there is a window, until values are seen on it, and until the training has ended."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPATH": str(Path(gym_gridq.__file__).parents[1])}
        words = [sys.executable, "-m", "agents", "train", "--watch", "--run-dir", "run", "--quiet"]
        started = time.perf_counter()
        with subprocess.Popen(words, cwd=folder, env=environment, stderr=subprocess.PIPE) as process:
            nothing = first = screen()
            while not (first != nothing).any():
                first = waited(process)
            to_window = time.perf_counter() - started
            shown = (first != nothing).any(axis=2).sum()
            while (waited(process) != first).any(axis=2).sum() < SHARE * shown:
                pass
            to_values = time.perf_counter() - started
            while not Path(folder, "run", "summary.json").exists():
                waited(process)
            to_end = time.perf_counter() - started
            process.terminate()
    return to_window, to_values, to_end


def waited(process: subprocess.Popen[bytes]) -> npt.NDArray[np.uint8]:
    """What the screen shows a moment later."""
    time.sleep(NAP)
    if process.poll() is not None:
        assert process.stderr is not None
        sys.exit(f"the training ended without having been seen: {process.stderr.read().decode()}")
    return screen()


def screen() -> npt.NDArray[np.uint8]:
    """The pixels of the screen, ``(height, width, 3)``."""
    return np.asarray(ImageGrab.grab(xdisplay=os.environ["DISPLAY"]))


if __name__ == "__main__":
    main()
