"""Count round trips to PostgreSQL: a Unix socket between client and server that notes each time the client speaks after the server."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["Turns", "counted"]

_SOCKET = ".s.PGSQL.5432"


class Turns:
    """The number of round trips so far, over all connections; `folder` is the host to connect to."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.count = 0
        self.folder = folder
        self._server = server
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / _SOCKET))
        self._listener.listen(16)

    def serve(self) -> None:
        """Take connections until closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server / _SOCKET))
                spoke = threading.Event()
                for one, other, up in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass_on, args=(one, other, up, spoke), daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _pass_on(self, one: socket.socket, other: socket.socket, up: bool, spoke: threading.Event) -> None:
        with suppress(OSError):
            while data := one.recv(1 << 16):
                if not up:
                    spoke.clear()
                elif not spoke.is_set():
                    spoke.set()
                    with self._lock:
                        self.count += 1
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def counted(folder: Path, server: str) -> Iterator[Turns]:
    """Stand between clients that connect to `folder` and the server whose sockets lie in `server`."""
    turns = Turns(folder, Path(os.fspath(server)))
    threading.Thread(target=turns.serve, daemon=True).start()
    try:
        yield turns
    finally:
        turns.close()
