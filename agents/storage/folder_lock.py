"""The right of one process to write into a folder, which whoever replaces a file there looks at first."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from agents.storage.files import GUARDS, blamed_on, opened_descriptor, take_lock

__all__ = ["FolderLock"]


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
        GUARDS[self._held_at] = self.check

    def _take(self) -> None:
        if os.name != "nt":
            self._descriptors.append(os.open(self._folder, os.O_RDONLY))
            try:
                take_lock(self._descriptors[-1])
            except BlockingIOError:
                raise
            except OSError:  # not every file system locks directories
                pass
        self._descriptors.append(opened_descriptor(self._file, os.O_RDWR | os.O_CREAT))
        with blamed_on(self._file):
            take_lock(self._descriptors[-1])

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
        if GUARDS.get(self._held_at) == self.check:
            del GUARDS[self._held_at]
        while self._descriptors:
            os.close(self._descriptors.pop())


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino
