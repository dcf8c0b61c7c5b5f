"""Installs packages as a stranger does, each into an environment of its own outside the clone, and uses them.

    python -m tools.try_package dist/*

Of every wheel or sdist: the environment by its id alone, an episode drawn, the optimum, and a training.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["try_package"]

EPISODE = """
import gymnasium

env = gymnasium.make("gym_gridq:GridQ-v0", render_mode="rgb_array")
env.reset(seed=0)
frames = [env.render()]
for action in (0, 0, 3, 3, 3):
    state, reward, terminated, truncated, info = env.step(action)
    frames.append(env.render())
assert (reward, terminated, truncated) == (1.0, True, False)
assert {frame.shape for frame in frames} == {(380, 460, 3)} and frames[0].std() > 10
"""


def try_package(package: Path, folder: Path) -> str:
    """Installs one and uses it.

    Args:
        package: a wheel or an sdist.
        folder: where nothing else is.

    Returns:
        What its command says of the version.

    Raises:
        subprocess.CalledProcessError: if something of that fails; what it said stands on standard error.
    """
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")

    def run(program: str, *words: str) -> str:
        command = [str(programs / program), *words]
        done = subprocess.run(
            command, check=True, cwd=folder, env=environment, stdout=subprocess.PIPE, encoding="utf-8"
        )
        return done.stdout

    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run("python", *install, "--no-compile", str(package.resolve()))  # what is not used need not be compiled
    run("python", "-c", EPISODE)
    assert "0.6561" in run("gridq", "solve")
    run("gridq", "train", "--total-steps", "200", "--seed", "0", "--run-dir", "run", "--quiet")
    assert (folder / "run" / "checkpoint.npz").is_file()
    assert (folder / "run" / "greedy.gif").is_file()
    return run("gridq", "--version").strip()


def main() -> None:
    """Tries those on the command line."""
    if len(sys.argv) < 2:
        sys.exit("usage: python -m tools.try_package PACKAGE...")
    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            told = try_package(Path(name), Path(folder))
        print(f"{Path(name).name}: {told}, on Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
