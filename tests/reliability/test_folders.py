"""Run folders that a stranger may leave: nothing imported, nothing written elsewhere, always an answer."""

import json
import subprocess
import sys

import pytest

from tests.tried import tried

pytestmark = pytest.mark.linux


def test_no_folder_does_harm(scale):
    words = [sys.executable, "-m", "tests.reliability.folders", "--folders", str(300 * scale)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert done.stderr == ""
    assert figures.pop("wrong") == 0
    assert figures["done"] > 30 * scale
    assert figures["refused"] > 100 * scale
    tried("run folders of strangers: read, or refused with one clear line", figures["folders"])


def test_what_a_folder_must_not_do_would_be_seen(tmp_path):
    program = """
import os, subprocess, sys
from pathlib import Path
from tests.reliability.folders import HangError, Watch, answer, problem_with
import tests.reliability.folders as folders
watch = Watch()
for place in ("ours", "victims"):
    os.mkdir(place)
os.symlink("../victims/a", "ours/link")
watch.allowed = Path("ours").resolve()
open("ours/a", "w").close()
os.replace("ours/a", "ours/b")
assert watch.seen == [], watch.seen
def attempt(what):
    watch.seen.clear()
    try:
        what()
    except (ImportError, OSError):
        pass
    assert len(watch.seen) >= 1, what
attempt(lambda: open("victims/a", "w"))
attempt(lambda: open("ours/link", "w"))
attempt(lambda: os.replace("ours/b", "victims/b"))
attempt(lambda: os.remove("victims/a"))
attempt(lambda: __import__("pwn"))
attempt(lambda: subprocess.run(["true"]))
attempt(lambda: os.system("true"))
watch.allowed = None
folders.WAIT_SECONDS = 0.05
def waits(words):
    while True:
        try:
            os.read(os.pipe()[0], 1)
        except KeyboardInterrupt:
            pass
folders.gridq = waits
assert problem_with(*answer(("evaluate",))) == "it hangs"
def breaks(words):
    raise KeyError("x")
def computes(words):
    while True:
        try:
            sum(range(1000))
        except KeyboardInterrupt:
            pass
folders.WAIT_SECONDS, folders.PATIENCE_SECONDS, folders.HANG_SECONDS = 60.0, 0.05, 0.1
folders.gridq = computes
assert problem_with(*answer(("evaluate",))) == "it hangs"
folders.gridq = breaks
assert problem_with(*answer(("evaluate",))) == "KeyError: 'x'"
assert problem_with(0, "\\x1b[2J", 0.0) == "a control character"
assert problem_with(1, "", 0.0) == "code 1 without a clear line"
"""
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
