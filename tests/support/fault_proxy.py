"""A reverse proxy for HTTP that answers in place of the server, or not at all, as its weather says."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal, get_args
from urllib.parse import urlsplit

from tests.support.listening import listening

__all__ = ["WEATHERS", "FaultProxy", "Weather", "fault_proxy"]

Weather = Literal["error 500", "error 429", "garbage", "silence", "cut", "lost answer"]
WEATHERS: tuple[Weather, ...] = get_args(Weather)
"""Two answers with an error, one that is none, no answer for `silence` seconds, a connection closed before the request is handed on,
and one closed after it was carried out."""
_ANSWERS: dict[str, tuple[int, bytes]] = {
    "error 500": (500, b'{"__type":"com.amazonaws.sqs#InternalError","message":"told to"}'),
    "error 429": (429, b'{"__type":"com.amazonaws.sqs#ThrottlingException","message":"told to"}'),
    "garbage": (200, b"<html>Maintenance</html>"),
}
_ALIKE = 0.7


class FaultProxy:
    """Hands requests on to `upstream` while `weather` is None; else a share of them meets the fault it names."""

    def __init__(self, upstream: str, seed: int, silence: float) -> None:
        address = urlsplit(upstream)
        assert address.hostname
        assert address.port
        self._upstream = (address.hostname, address.port)
        self._chance = random.Random(seed)
        self._silence = silence
        self.weather: Weather | None = None
        self.met: Counter[str] = Counter()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client's connection with one of our own to the server."""
        back: asyncio.StreamWriter | None = None
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                front, back = await asyncio.open_connection(*self._upstream)
                while await self._exchange(reader, writer, front, back):
                    pass
        finally:
            for one in (writer, back):
                if one is not None:
                    one.close()

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        front: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> bool:
        request = await _message(reader)
        fault = self.weather if self._chance.random() < _ALIKE else None
        if fault is not None:
            self.met[fault] += 1
        if fault == "silence":
            # The client may give up first; its end is the end of this connection.
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), self._silence)
            return False
        if fault == "cut":
            return False
        if fault in _ANSWERS:
            status, body = _ANSWERS[fault]
            kind = "text/html" if fault == "garbage" else "application/x-amz-json-1.0"
            head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
            return True
        back.write(request)
        answer = await _unless_gone(reader, front)
        if answer is None or fault == "lost answer":
            return False
        writer.write(answer)
        await writer.drain()
        return True


async def _unless_gone(client: asyncio.StreamReader, server: asyncio.StreamReader) -> bytes | None:
    """Return the server's answer, None when the client went away before it came, as a killed process does."""
    answer = asyncio.create_task(_message(server))
    gone = asyncio.create_task(client.read(1))
    try:
        await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else None
    finally:
        for task in (answer, gone):
            task.cancel()
        await asyncio.gather(answer, gone, return_exceptions=True)


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Read one request or answer whole; every one of SQS's tells its length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        elif name.lower() == b"transfer-encoding":
            raise ConnectionError("a body in chunks is not handed on")
    return head + await reader.readexactly(length)


@asynccontextmanager
async def fault_proxy(upstream: str, seed: int = 0, silence: float = 2.0) -> AsyncIterator[FaultProxy]:
    """Run a proxy on a free port of 127.0.0.1."""
    proxy = FaultProxy(upstream, seed, silence)
    async with listening(proxy.serve, limit=4 << 20) as proxy.url:
        yield proxy
