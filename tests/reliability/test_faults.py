"""Every system call of the writer fails, or does half of its work: the old file or the new one remains."""

import errno
import io
import os
from pathlib import Path

import gymnasium
import pytest

import agents
import agents.storage.files
import gym_gridq  # noqa: F401 - registers the ids
from agents.algorithms.checkpoint import read_checkpoint
from tests.tried import tried


class Disk:
    """Counts the writer's system calls, and lets one of them fail.

    Attributes:
        calls: names of the calls made, in order.
    """

    def __init__(self, monkeypatch, fail_at=None, error=errno.ENOSPC, half=False):
        self.calls = []
        self.fail_at, self.error, self.half = fail_at, error, half
        self._real = {name: getattr(os, name) for name in ("fsync", "open", "close", "dup")}
        for name in self._real:
            monkeypatch.setattr(agents.storage.files.os, name, self._call_of(name))
        real_replace = Path.replace

        def replace(path, target):
            self.before("rename")
            return real_replace(path, target)

        monkeypatch.setattr(Path, "replace", replace)
        disk = self

        class Raw(io.FileIO):
            def write(self, data):
                if disk.fails("write") and disk.half:
                    super().write(memoryview(data)[: len(data) // 2])
                disk.raise_if_failing()
                return super().write(data)

            def readinto(self, buffer):
                disk.before("read")
                return super().readinto(buffer)

            def close(self):
                if not self.closed:
                    super().close()
                    disk.before("close")

        def file_of(descriptor, mode):
            return io.BufferedRandom(Raw(descriptor, mode.replace("b", "")), 128)

        monkeypatch.setattr(agents.storage.files.os, "fdopen", file_of)

    def _call_of(self, name):
        def call(*arguments):
            result = self._real[name](*arguments) if name == "close" else None  # a failed close closes too
            self.before(name)
            return result if name == "close" else self._real[name](*arguments)

        return call

    def fails(self, name):
        self.calls.append(name)
        return len(self.calls) - 1 == self.fail_at

    def raise_if_failing(self):
        if len(self.calls) - 1 == self.fail_at:
            raise OSError(self.error, os.strerror(self.error))

    def before(self, name):
        self.fails(name)
        self.raise_if_failing()


@pytest.fixture
def old_and_new(tmp_path):
    """A saved agent, and the same agent after more training."""
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("q-learning", env, seed=0)
    agents.train(agent, env, total_steps=20)
    path = tmp_path / "agent.npz"
    agent.save(path)
    old = path.read_bytes()
    agents.train(agent, env, total_steps=20)
    agent.save(tmp_path / "new.npz")
    return path, old, (tmp_path / "new.npz").read_bytes(), agent


def calls_of_a_save(old_and_new, monkeypatch):
    path, _, new, agent = old_and_new
    with monkeypatch.context() as patch:
        disk = Disk(patch)
        agent.save(path)
    assert path.read_bytes() == new
    return disk.calls


def test_data_reaches_the_disk_before_the_name_and_the_name_before_the_end(old_and_new, monkeypatch):
    calls = calls_of_a_save(old_and_new, monkeypatch)
    last_write = max(number for number, call in enumerate(calls) if call == "write")
    assert calls[last_write + 1 :] == ["fsync", "close", "rename", "close", "open", "fsync", "close"]
    assert calls[0] == "open"
    assert calls.count("write") >= 8


def test_whichever_call_fails_the_old_or_the_new_file_loads(old_and_new, monkeypatch, tmp_path):
    path, old, new, agent = old_and_new
    n_calls = len(calls_of_a_save(old_and_new, monkeypatch))
    outcomes = {"old": 0, "new": 0}
    for number in range(n_calls):
        for error in (errno.ENOSPC, errno.EIO, errno.EROFS):
            for half in (False, True):
                path.write_bytes(old)
                with monkeypatch.context() as patch:
                    disk = Disk(patch, number, error, half)
                    with pytest.raises(OSError, match=os.strerror(error)):
                        agent.save(path)
                outcomes["old" if path.read_bytes() == old else "new"] += 1
                assert path.read_bytes() in (old, new)
                assert read_checkpoint(path).agent.config == agent.config
                assert len(disk.calls) > number
                assert sorted(file.name for file in tmp_path.iterdir()) == ["agent.npz", "new.npz"]
                tried("system calls of the writer that failed: the old file or the new one loads")
    # Everything up to the rename leaves the old file; after it the lock is let go, and the directory flushed.
    assert outcomes == {"old": 6 * (n_calls - 4), "new": 6 * 4}


def test_a_failed_save_can_be_tried_again(old_and_new, monkeypatch):
    path, _, new, agent = old_and_new
    with monkeypatch.context() as patch:
        Disk(patch, 5)
        with pytest.raises(OSError, match="No space"):
            agent.save(path)
    agent.save(path)
    assert path.read_bytes() == new
