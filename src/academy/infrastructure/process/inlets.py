"""What a child process writes, on the event loop."""

import array
import asyncio
import fcntl
import os
import socket
import termios

__all__ = ["Inlet", "Tail"]

_TAIL_SIZE = 4096


class Inlet:
    """The read end of a pipe, or of a socket to write to as well, on the event loop."""

    def __init__(self, *, both_ways: bool = False) -> None:
        self._read, self.write = _socket_ends() if both_ways else os.pipe()
        self.reader = asyncio.StreamReader()
        self._transport: asyncio.ReadTransport | None = None

    async def connect(self) -> None:
        """Give the read end to the loop."""
        file = os.fdopen(self._read, "rb", buffering=0)
        self._transport, _ = await asyncio.get_running_loop().connect_read_pipe(self._protocol, file)

    def _protocol(self) -> asyncio.Protocol:
        return asyncio.StreamReaderProtocol(self.reader)

    def waiting(self) -> int:
        """Return how many bytes the loop has not taken yet."""
        count = array.array("i", [0])
        fcntl.ioctl(self._read, termios.FIONREAD, count)
        return count[0]

    def hand(self, file: int) -> None:
        """Send a descriptor the other way and close it here; it fits into the socket, so nobody waits."""
        line = socket.socket(fileno=os.dup(self._read))
        try:
            socket.send_fds(line, [b"\n"], [file])
        finally:
            line.close()
            os.close(file)

    def close_write(self) -> None:
        """Close the write end: from now on the keeper alone holds it."""
        os.close(self.write)

    def close(self) -> None:
        """Close the read end."""
        if self._transport is not None:
            self._transport.close()
        else:
            os.close(self._read)


class Tail(Inlet, asyncio.Protocol):
    """Keeps the last bytes of what comes."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = b""
        self.closed = asyncio.Event()

    def _protocol(self) -> asyncio.Protocol:
        return self

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self.kept = (self.kept + data)[-_TAIL_SIZE:]

    def connection_lost(self, _error: Exception | None) -> None:
        """See asyncio.Protocol."""
        self.closed.set()


def _socket_ends() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()
