"""Files that are either old or new, never half; and folders that one process at a time may write.

A folder may come from a stranger. So no link in it is followed, nothing but a regular file is read or
written, and what is made beside a file has a name that nobody can have put there before.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = [
    "FolderLock",
    "blamed_on",
    "opened_to_change",
    "opened_to_read",
    "remove_dead_partials",
    "replacing",
    "replacing_by_name",
    "sync_directory",
]

_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_TRIES = 40 if os.name == "nt" else 1
"""Windows replaces no file that somebody is just reading; in a moment the reader is done."""
_PARTIAL = re.compile(r"\..+\.[0-9a-f]+\.partial(\.\w+)?", re.ASCII)


@contextlib.contextmanager
def blamed_on(path: str | os.PathLike[str]) -> Iterator[None]:
    """Lets an error of the system name ``path``, not what stands in for it meanwhile, and not nothing."""
    try:
        yield
    except OSError as error:
        error.filename = os.fspath(path)
        raise


def opened_to_read(path: str | os.PathLike[str], follow_links: bool = False) -> BinaryIO:
    """A regular file, open for reading; never waits, as for a pipe that nobody writes into.

    Args:
        path: the file.
        follow_links: whether a link may stand for it; only where a person named the file.

    Raises:
        OSError: if it cannot be read, is a link, or no regular file.
    """
    return os.fdopen(_opened(path, os.O_RDONLY, follow_links), "rb")


def opened_to_change(path: str | os.PathLike[str]) -> BinaryIO:
    """A regular file, open for reading and writing, as it is; it is made if it is not there.

    Raises:
        OSError: if it cannot be written, is a link, no regular file, or has another name elsewhere; or if its
            folder is locked here and no longer the same.
    """
    _check_lock_around(Path(path))
    descriptor = _opened(path, os.O_RDWR | os.O_CREAT)
    if os.fstat(descriptor).st_nlink > 1:
        os.close(descriptor)
        raise OSError(
            errno.EMLINK,
            "it has a second name (a hard link), under which it would change too; put a copy in its place",
            os.fspath(path),
        )
    return os.fdopen(descriptor, "r+b")


def _opened(path: str | os.PathLike[str], flags: int, follow_links: bool = False) -> int:
    try:
        if not (follow_links or _NO_LINKS) and Path(path).is_symlink():  # Windows knows no such flag
            raise OSError(errno.ELOOP, "a link")
        descriptor = os.open(path, flags | _NO_WAITING | (0 if follow_links else _NO_LINKS), 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            problem = "it is a link, and links in a run folder are not followed"
            raise OSError(error.errno, problem, os.fspath(path)) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file", os.fspath(path))
    return descriptor


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Opens a new file beside ``path`` that takes its place when the block ends well.

    The data reaches the disk before the rename, and the rename before the block is left, so that even after a
    power cut ``path`` holds the old bytes or the new ones. If anything fails, ``path`` is as it was. Any
    number of threads and processes may do so at once: the last one stays, whole.

    Raises:
        OSError: if the file cannot be written, or its folder is locked here and no longer the same.
    """
    with _new_beside(Path(path), "") as (_, descriptor), os.fdopen(os.dup(descriptor), "w+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def replacing_by_name(path: str | os.PathLike[str]) -> Iterator[Path]:
    """As `replacing`, for another program that opens a file by its name; it has the ending of ``path``.

    Raises:
        OSError: as for `replacing`.
    """
    target = Path(path)
    with _new_beside(target, target.suffix) as (partial, _):
        yield partial


@contextlib.contextmanager
def _new_beside(target: Path, ending: str) -> Iterator[tuple[Path, int]]:
    """A new file that takes the target's place when the block ends well, and is removed if it does not.

    As long as it is open it is locked, which keeps `remove_dead_partials` of other processes off.
    """
    with blamed_on(target):
        while True:
            partial = target.with_name(f".{target.name}.{secrets.token_hex(8)}.partial{ending}")
            descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_LINKS | _NO_WAITING, 0o666)
            if os.name != "nt":  # where nothing open can be removed
                with contextlib.suppress(OSError):  # where nothing can be locked, nothing is taken for dead
                    _lock(descriptor)
            if partial.exists():
                break
            os.close(descriptor)  # removed before it was locked
        with contextlib.ExitStack() as being_written:
            being_written.callback(os.close, descriptor)
            try:
                yield partial, descriptor
                if os.name == "nt":  # where nothing open can be renamed
                    being_written.close()
                _put_in_place(partial, target)
            except BaseException:
                with contextlib.suppress(OSError):
                    partial.unlink()
                raise
        sync_directory(target.parent)


def _put_in_place(partial: Path, target: Path) -> None:
    _check_lock_around(target)
    for tries_left in reversed(range(_TRIES)):
        try:
            partial.replace(target)
            break
        except PermissionError:
            if not tries_left:
                raise
            time.sleep(0.05)


def _check_lock_around(path: Path) -> None:
    """Raises, if this process has locked the folder of a file and that is not what stands there now."""
    lock = _HELD.get(path.parent.absolute())
    if lock is not None:
        lock.check()


def remove_dead_partials(folder: Path) -> None:
    """Removes what killed processes were writing in a folder, but not what living ones are."""
    for partial in folder.iterdir():
        if _PARTIAL.fullmatch(partial.name):
            with contextlib.suppress(OSError):  # somebody writes it, or it is none of ours
                descriptor = _opened(partial, os.O_RDONLY)
                try:
                    _lock(descriptor)
                    if os.name != "nt":
                        partial.unlink()
                finally:
                    os.close(descriptor)
                if os.name == "nt":
                    partial.unlink()


def sync_directory(path: str | os.PathLike[str]) -> None:
    """Makes renames within a directory survive a power cut, where the system can."""
    if os.name == "nt":  # directories cannot be opened there
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Takes the lock of an open file, or of a directory where the system can.

    Raises:
        BlockingIOError: if another process has it.
        OSError: if the file system knows no locks.
    """
    if os.name == "nt":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        except PermissionError as error:
            raise BlockingIOError(errno.EAGAIN, "another process has it") from error
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD: dict[Path, FolderLock] = {}
"""The locks of this process, by the folder's absolute path: what `replacing` looks at before it replaces."""


class FolderLock:
    """The right of one process to write into a folder; the system takes it back when the process dies.

    Both the folder itself and a file in it are locked: the one cannot be removed from under the lock, the
    other is seen by machines that share the disk.

    Args:
        folder: an existing folder.

    Raises:
        BlockingIOError: if another process holds it.
        OSError: if the folder cannot be locked at all.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        self._file = self._folder / ".lock"
        self._held_at = self._folder.absolute()
        self._identity = _identity(self._folder.stat())
        self._descriptors: list[int] = []
        try:
            self._take()
        except BlockingIOError as error:
            self.close()
            raise BlockingIOError(
                f"another process is training into {os.fspath(folder)!r}; wait for it, or use another folder"
            ) from error
        except OSError:
            self.close()
            raise
        _HELD[self._held_at] = self

    def _take(self) -> None:
        if os.name != "nt":
            self._descriptors.append(os.open(self._folder, os.O_RDONLY))
            try:
                _lock(self._descriptors[-1])
            except BlockingIOError:
                raise
            except OSError:  # not every file system locks directories
                pass
        self._descriptors.append(_opened(self._file, os.O_RDWR | os.O_CREAT))
        with blamed_on(self._file):
            _lock(self._descriptors[-1])

    def check(self) -> None:
        """Sees to it that what is locked is what stands there.

        Raises:
            OSError: if the folder is another one meanwhile, or another process has its lock.
        """
        same = _identity(self._folder.stat()) == self._identity
        with contextlib.suppress(FileNotFoundError):  # removed, and nobody else has come yet
            same = same and _identity(self._file.lstat()) == _identity(os.fstat(self._descriptors[-1]))
        if not same:
            raise OSError(
                errno.EBUSY,
                "its folder is no longer the one that was locked, or another process has the lock now; "
                "nothing more is written there",
                os.fspath(self._file),
            )

    def remove(self) -> None:
        """Takes its file away, as the last thing that is done to the folder."""
        if os.name == "nt":  # where nothing open can be removed
            self.close()
        with contextlib.suppress(OSError):  # another process has it open by now
            self._file.unlink()

    def close(self) -> None:
        """Gives the right back."""
        if _HELD.get(self._held_at) is self:
            del _HELD[self._held_at]
        while self._descriptors:
            os.close(self._descriptors.pop())


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino
