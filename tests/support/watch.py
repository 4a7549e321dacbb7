"""Prove that nobody touched a file or a port."""

import ctypes
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["FileWatch", "PortWatch", "watch_file", "watch_port"]

_IN_ACCESS, _IN_OPEN, _IN_NONBLOCK = 0x1, 0x20, 0o4000  # linux/inotify.h
_EVENT = struct.Struct("iIII")


class FileWatch:
    """Counts how often a file was opened or read (inotify(7))."""

    def __init__(self, path: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._handle = libc.inotify_init1(_IN_NONBLOCK)
        watch = libc.inotify_add_watch(self._handle, os.fsencode(path), _IN_OPEN | _IN_ACCESS)
        assert self._handle >= 0, os.strerror(ctypes.get_errno())
        assert watch >= 0, os.strerror(ctypes.get_errno())

    def touched(self) -> int:
        """Return the number of events since the last call."""
        try:
            events = os.read(self._handle, 1 << 16)
        except BlockingIOError:
            return 0
        return len(events) // _EVENT.size

    def close(self) -> None:
        os.close(self._handle)


class PortWatch:
    """A listening socket that nobody should connect to."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/bait.mp4"

    def touched(self) -> int:
        """Return the number of connections since the last call."""
        count = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1

    def close(self) -> None:
        self._socket.close()


@contextmanager
def watch_file(path: Path) -> Iterator[FileWatch]:
    """Watch a file for the length of a block."""
    watch = FileWatch(path)
    try:
        yield watch
    finally:
        watch.close()


@contextmanager
def watch_port() -> Iterator[PortWatch]:
    """Listen for the length of a block."""
    watch = PortWatch()
    try:
        yield watch
    finally:
        watch.close()
