"""Files that are either old or new, never half.

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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = [
    "GUARDS",
    "blamed_on",
    "opened_descriptor",
    "opened_to_change",
    "opened_to_read",
    "remove_dead_partials",
    "replacing",
    "replacing_by_name",
    "sync_directory",
    "take_lock",
]

_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_TRIES = 40 if os.name == "nt" else 1
"""Windows replaces no file that somebody is just reading; in a moment the reader is done."""
_PARTIAL = re.compile(r"\..+\.[0-9a-f]+\.partial(\.\w+)?", re.ASCII)

GUARDS: dict[Path, Callable[[], None]] = {}
"""By a folder's absolute path, what raises an OSError where no file in it may be changed any more."""


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
    return os.fdopen(opened_descriptor(path, os.O_RDONLY, follow_links), "rb")


def opened_to_change(path: str | os.PathLike[str]) -> BinaryIO:
    """A regular file, open for reading and writing, as it is; it is made if it is not there.

    Raises:
        OSError: if it cannot be written, is a link, no regular file, or has another name elsewhere; or if its
            folder is locked here and no longer the same.
    """
    _check_folder_of(Path(path))
    descriptor = opened_descriptor(path, os.O_RDWR | os.O_CREAT)
    if os.fstat(descriptor).st_nlink > 1:
        os.close(descriptor)
        raise OSError(
            errno.EMLINK,
            "it has a second name (a hard link), under which it would change too; put a copy in its place",
            os.fspath(path),
        )
    return os.fdopen(descriptor, "r+b")


def opened_descriptor(path: str | os.PathLike[str], flags: int, follow_links: bool = False) -> int:
    """A regular file as the system opens it; see `opened_to_read`."""
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
                    take_lock(descriptor)
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
    _check_folder_of(target)
    for tries_left in reversed(range(_TRIES)):
        try:
            partial.replace(target)
            break
        except PermissionError:
            if not tries_left:
                raise
            time.sleep(0.05)


def _check_folder_of(path: Path) -> None:
    """Raises, if this process has locked the folder of a file and that is not what stands there now."""
    check = GUARDS.get(path.parent.absolute())
    if check is not None:
        check()


def remove_dead_partials(folder: Path) -> None:
    """Removes what killed processes were writing in a folder, but not what living ones are."""
    for partial in folder.iterdir():
        if _PARTIAL.fullmatch(partial.name):
            with contextlib.suppress(OSError):  # somebody writes it, or it is none of ours
                descriptor = opened_descriptor(partial, os.O_RDONLY)
                try:
                    take_lock(descriptor)
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


def take_lock(descriptor: int) -> None:
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
