"""Files that are either old or new, never half; and folders that one process at a time may write."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["FolderLock", "blamed_on", "replacing", "sync_directory"]


@contextlib.contextmanager
def blamed_on(path: str | os.PathLike[str]) -> Iterator[None]:
    """Lets an error of the system name ``path``, not what stands in for it meanwhile, and not nothing."""
    try:
        yield
    except OSError as error:
        error.filename = os.fspath(path)
        raise


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Opens a new file beside ``path`` that takes its place when the block ends well.

    The data reaches the disk before the rename, and the rename before the block is left, so that even after a
    power cut ``path`` holds the old bytes or the new ones. If anything fails, ``path`` is as it was.

    Raises:
        OSError: if the file cannot be written.
    """
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    with blamed_on(path):
        try:
            with partial.open("w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                partial.unlink()
            raise
        sync_directory(target.parent)


def sync_directory(path: str | os.PathLike[str]) -> None:
    """Makes renames within a directory survive a power cut, where the system can."""
    if os.name == "nt":  # directories cannot be opened there
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FolderLock:
    """The right of one process to write into a folder; the system takes it back when the process dies.

    Args:
        folder: an existing folder.

    Raises:
        BlockingIOError: if another process holds it.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._file = (Path(folder) / ".lock").open("ab")
        try:
            if os.name == "nt":
                import msvcrt

                self._file.seek(0)
                msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
            else:
                import fcntl

                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise BlockingIOError(
                f"another process is training into {os.fspath(folder)!r}; wait for it, or use another folder"
            ) from error

    def remove(self) -> None:
        """Takes its file away, as the last thing that is done to the folder."""
        with contextlib.suppress(OSError):  # not every system removes what is open
            Path(self._file.name).unlink()

    def close(self) -> None:
        """Gives the right back."""
        self._file.close()
