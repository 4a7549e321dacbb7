"""An HTTP server that answers as it is told: with anything, too late, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.support.listening import listening

__all__ = ["CUT", "SILENCE", "Answer", "FaultServer", "Request", "fault_server"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request: method and path as sent, header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


SILENCE = Answer(status=-1)
"""Take the request and answer nothing, for as long as the client waits."""
CUT = Answer(status=-2)
"""Close the connection in place of an answer."""


class FaultServer:
    """Where it listens and what it saw. `answer` may be replaced at any time."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self.answer = answer
        self.seen: list[Request] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while await self._serve_one(reader, writer):
                    pass
        finally:
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Request(method, path, headers, body)
        self.seen.append(request)
        answer = self.answer(request)
        if answer is SILENCE:
            await reader.read()
        if answer in (SILENCE, CUT):
            return False
        lines = [f"HTTP/1.1 {answer.status} X", f"content-length: {len(answer.body)}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + answer.body)
        await writer.drain()
        return True


@asynccontextmanager
async def fault_server(answer: Callable[[Request], Answer]) -> AsyncIterator[FaultServer]:
    """Run a server on a free port of 127.0.0.1."""
    faults = FaultServer(answer)
    async with listening(faults.serve) as faults.url:
        yield faults
