"""Adapter: a lock on a file that all workers of one machine name (port `InstanceLock`; Linux manual, flock(2))."""

import fcntl
import os
from pathlib import Path

__all__ = ["FileInstanceLock"]


class FileInstanceLock:
    """An advisory lock of the kernel: it ends with the process, so that a killed worker never keeps a machine running."""

    def __init__(self, path: Path) -> None:
        """Open the file, which is made when there is none. Raises OSError."""
        self._file = _opened(path)

    def share(self) -> bool:
        """Say that this process works; False when another one owns the lock."""
        return self._lock(fcntl.LOCK_SH)

    def own(self) -> bool:
        """Take the lock for this process alone; False when another one shares or owns it."""
        return self._lock(fcntl.LOCK_EX)

    def release(self) -> None:
        """Give the lock up."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the lock up and close the file."""
        os.close(self._file)

    def _lock(self, kind: int) -> bool:
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _opened(path: Path) -> int:
    # To be read is enough for a lock, and works for a file of another user, too. Linux refuses O_CREAT for such a file in /tmp
    # (fs.protected_regular), so making it comes second.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        return os.open(path, flags | os.O_CREAT, 0o644)
