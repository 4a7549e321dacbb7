"""What every worker under measure calls at the start of each job: standard library only, for it runs in every peer's environment.

The first call stops the worker until the gauge has read its CPU, the last one says so; with BENCH_TRICKLE every call reports its moment.
"""

import os
import socket
import threading
import time

__all__ = ["tick"]

_lock = threading.Lock()
_count = 0
_connection: "socket.socket | None" = None
_expected = int(os.environ.get("BENCH_EXPECT", "0"))
_trickle = bool(os.environ.get("BENCH_TRICKLE"))


def tick() -> None:
    """Note that a job starts now."""
    global _count  # noqa: PLW0603 - one meter per process
    with _lock:
        _count += 1
        if _count == 1:
            _begin()
        if _trickle or _count == _expected:
            assert _connection is not None
            _connection.sendall(b"%d\n" % time.monotonic_ns())


def _begin() -> None:
    global _connection  # noqa: PLW0603 - one meter per process
    _connection = socket.socket(socket.AF_UNIX)
    _connection.connect(os.environ["BENCH_SOCKET"])
    _connection.sendall(b"%d\n" % time.monotonic_ns())
    _connection.recv(1)
