"""A local server that speaks Solapi's HTTP protocol: authorisation, groups, money, reports, and faults on demand.

It is written from the vendor's pages (named in `solapi_account.py` and `solapi_auth.py`) and imports nothing of the product. It runs as a
task of the test's own loop; other processes reach it by its URL.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.support.listening import listening
from tests.support.servers.solapi_account import Account, Refusal
from tests.support.servers.solapi_auth import Guard
from tests.support.servers.solapi_faults import Fault, Faults

__all__ = ["API_KEY", "API_SECRET", "SolapiServer", "solapi", "solapi_server"]

API_KEY = "NCSTESTTESTTEST1"
API_SECRET = "a-secret-of-the-tests-0123456789"
MOST_BYTES = 15_000_000
_PAGE = (200, b"<html><title>Maintenance</title></html>")
_BEFORE = frozenset({Fault.CUT, Fault.BUSY, Fault.ERROR, Fault.GATEWAY, Fault.LATE})


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Reply:
    """`cut` says after how many bytes the connection is closed; None keeps it open."""

    status: int = 200
    body: bytes = b""
    headers: tuple[str, ...] = ()
    cut: int | None = None


_CLOSED = _Reply(cut=0)


class SolapiServer:
    """What happens is set and seen through `account`, `faults` and `guard`.

    Attributes:
        url: http://127.0.0.1:port.
        requests: kinds of the requests that came, in order.
        came: set once a request of a kind came.
    """

    def __init__(self) -> None:
        self.url = ""
        self.account = Account()
        self.faults = Faults()
        self.guard = Guard(API_KEY, API_SECRET)
        self.requests: list[str] = []
        self.came: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._late: list[_Request] = []

    def deliver_late(self) -> list[int]:
        """Carry out the requests that Fault.LATE held back; return the statuses that nobody waits for."""
        late, self._late = self._late, []
        return [self._carried_out(request).status for request in late]

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
        method, target, _ = head[0].split(" ", 2)
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        reply = await self._reply(_Request(method, target, headers, body))
        lines = [f"HTTP/1.1 {reply.status} X", f"Content-Length: {len(reply.body)}", *reply.headers]
        whole = "\r\n".join([*lines, "Content-Type: application/json", "", ""]).encode() + reply.body
        writer.write(whole if reply.cut is None else whole[: reply.cut])
        await writer.drain()
        return reply.cut is None and headers.get("connection", "").lower() != "close"

    async def _reply(self, request: _Request) -> _Reply:
        kind = _kind(request)
        self.requests.append(kind)
        self.came[kind].set()
        fault = self.faults.next(kind)
        if fault in _BEFORE:
            return self._undone(request, fault)
        if fault is Fault.STALLED:
            await asyncio.sleep(self.faults.slow_seconds)
        reply = self._carried_out(request, partly=fault is Fault.PARTLY)
        if fault in {Fault.TWICE, Fault.REPEATED}:
            reply = self._carried_out(request, trusted=fault is Fault.TWICE)
        if fault is Fault.SLOW:
            await asyncio.sleep(self.faults.slow_seconds)
        if fault is Fault.HALF:
            return _Reply(reply.status, reply.body, cut=90 + len(reply.body) // 2)
        spoilt = {
            Fault.REPLY_LOST: _CLOSED,
            Fault.ERROR_AFTER: _error(500, "InternalError"),
            Fault.GARBAGE: _Reply(*_PAGE),
        }
        return spoilt.get(fault, reply) if fault is not None else reply

    def _undone(self, request: _Request, fault: Fault | None) -> _Reply:
        if fault is Fault.LATE:
            self._late.append(request)
        if fault is Fault.BUSY:
            busy = _error(429, "TooManyRequests")
            return _Reply(busy.status, busy.body, (f"Retry-After: {self.faults.retry_after}",))
        if fault is Fault.ERROR:
            return _error(500, "InternalError")
        return _Reply(502, _PAGE[1]) if fault is Fault.GATEWAY else _CLOSED

    def _carried_out(self, request: _Request, *, partly: bool = False, trusted: bool = False) -> _Reply:
        problem = None if trusted else self.guard.problem(request.headers.get("authorization", ""))
        if problem is not None:
            return _error(*problem)
        try:
            answer = self._done(request, partly=partly)
        except Refusal as refusal:
            return _error(refusal.status, refusal.code)
        return _Reply(200, json.dumps(answer, ensure_ascii=False).encode())

    def _done(self, request: _Request, *, partly: bool) -> dict[str, Any]:
        url, kind, account = urlsplit(request.target), _kind(request), self.account
        if len(request.body) > MOST_BYTES:
            raise Refusal(413, "RequestTooLarge")
        parts = [unquote(part) for part in url.path.split("/")]
        group = parts[4] if len(parts) > 4 else ""
        match kind:
            case "open":
                return account.open(_object(request.body))
            case "add":
                return account.add(group, _object(request.body), partly=partly)
            case "send":
                return account.send(group)
            case "withdraw":
                return account.delete(group)
            case "look":
                return account.shown(account.group(group))
            case "list":
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                return account.page(group, query.get("startKey"), int(query.get("limit", "20")))
            case "balance":
                return account.money()
        raise Refusal(404, "NotFoundAPI")


def _kind(request: _Request) -> str:
    path = urlsplit(request.target).path.strip("/").split("/")
    if path == ["cash", "v1", "balance"] and request.method == "GET":
        return "balance"
    if path[:3] != ["messages", "v4", "groups"]:
        return "unknown"
    kinds = {
        ("POST", 3, ""): "open",
        ("GET", 4, ""): "look",
        ("DELETE", 4, ""): "withdraw",
        ("PUT", 5, "messages"): "add",
        ("GET", 5, "messages"): "list",
        ("POST", 5, "send"): "send",
    }
    return kinds.get((request.method, len(path), path[4] if len(path) > 4 else ""), "unknown")


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body or b"{}")
    except ValueError:
        raise Refusal(400, "ValidationError") from None
    if not isinstance(said, dict):
        raise Refusal(400, "ValidationError")
    return said


def _error(status: int, code: str) -> _Reply:
    # Like the real one it may quote what it was asked.
    message = f"{code}: 수신번호 01012345678 을 확인해 주세요."
    body = json.dumps({"errorCode": code, "errorMessage": message}, ensure_ascii=False).encode()
    return _Reply(status, body)


@asynccontextmanager
async def solapi_server() -> AsyncIterator[SolapiServer]:
    """Run a server on a free port of 127.0.0.1."""
    served = SolapiServer()
    async with listening(served.serve) as served.url:
        yield served


@pytest.fixture
async def solapi() -> AsyncIterator[SolapiServer]:
    """Give a server with an account of its own."""
    async with solapi_server() as served:
        yield served
