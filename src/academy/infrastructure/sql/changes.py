"""Noticing that a file was written to, without opening it: closing it would let go of the locks that SQLite holds on it.

Linux tells (https://man7.org/linux/man-pages/man7/inotify.7.html), and waiting costs nothing. Elsewhere a clock ticks.
"""

import ctypes
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["Bell", "Changes", "watch_file"]

TICK_SECONDS = 0.015
_IN_MODIFY = 0x2
_EVENTS_BYTES = 64 * struct.calcsize("iIII")


class Bell:
    """Wakes a thread that waits for a file descriptor; once rung it stays rung."""

    def __init__(self) -> None:
        self._button, self._heard = socket.socketpair()

    def fileno(self) -> int:
        """Return what becomes readable."""
        return self._heard.fileno()

    def ring(self) -> None:
        """Wake who waits, now or later."""
        self._button.send(b"\0")

    def close(self) -> None:
        """Let go of the descriptors."""
        self._button.close()
        self._heard.close()


class Changes(Protocol):
    """Changes of one file."""

    def wait(self) -> None:
        """Return once the file may have been written to since the last call, or the bell rang."""
        ...


class _Ticks:
    """For systems that do not tell."""

    def wait(self) -> None:
        time.sleep(TICK_SECONDS)


class _Inotify:
    def __init__(self, descriptor: int, bell: Bell) -> None:
        self._descriptor = descriptor
        self._poll = select.poll()
        for source in (descriptor, bell.fileno()):
            self._poll.register(source, select.POLLIN)

    def wait(self) -> None:
        for source, _ in self._poll.poll():
            if source == self._descriptor:
                os.read(source, _EVENTS_BYTES)


@contextmanager
def watch_file(path: str, bell: Bell) -> Iterator[Changes]:
    """Watch an existing file. Raises OSError when it does not exist or the system has no watch left."""
    if sys.platform != "linux":
        yield _Ticks()
        return
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor: int = _checked(libc.inotify_init1(os.O_CLOEXEC))
    try:
        _checked(libc.inotify_add_watch(descriptor, os.fsencode(path), _IN_MODIFY))
        yield _Inotify(descriptor, bell)
    finally:
        os.close(descriptor)


def _checked(answer: int) -> int:
    """Return what a call of the system answered; raises OSError for what it refused."""
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
