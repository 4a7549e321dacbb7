"""A local server that speaks OpenAI's HTTP protocol: chat completions, embeddings, models, and faults on demand.

Deterministic: what a model would make up is a function that the test gives (`answer`), by default one that fills the schema of the
request with numbered texts. It is written from the vendor's pages (https://platform.openai.com/docs/api-reference) and imports nothing of
the product. It runs as a task of the test's own loop; other processes reach it by its URL.
"""

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from tests.support.listening import listening

__all__ = ["API_KEY", "CHAT_MODEL", "VECTOR_MODEL", "Fault", "OpenAiServer", "filled", "openai_server"]

API_KEY = "sk-test-0123456789-of-the-tests"
CHAT_MODEL, VECTOR_MODEL = "teacher-1", "vectors-1"
DIMENSION = 8
_PAGE = b"<html><title>Maintenance</title></html>"


class Fault(Enum):
    """One thing that goes wrong with one request."""

    CUT = auto()
    """The connection is closed in place of an answer."""
    UNAUTHORIZED = auto()
    """401, and the server's sentence quotes the key."""
    BUSY = auto()
    """429 with Retry-After."""
    NO_QUOTA = auto()
    """429 with the code insufficient_quota."""
    ERROR = auto()
    """500 with an error body."""
    GATEWAY = auto()
    """502 with a web page."""
    GARBAGE = auto()
    """200 with a web page."""
    HALF = auto()
    """The connection is closed in the middle of the answer."""
    NO_CHOICES = auto()
    """200 with an object that lacks what was asked for."""
    TRUNCATED = auto()
    """The text ends in its middle, with finish_reason "length"."""
    CHATTY = auto()
    """The text is no JSON."""
    SLOW = auto()
    """Answered after `slow_seconds`."""
    SILENCE = auto()
    """Nothing is ever answered."""
    TOO_LONG = auto()
    """400 with the code context_length_exceeded."""


@dataclass(slots=True)
class _Reply:
    status: int
    body: bytes
    headers: tuple[str, ...] = ()
    cut: int | None = None


@dataclass(slots=True)
class OpenAiServer:
    """What happens is set and seen here.

    Attributes:
        url: http://127.0.0.1:port/v1.
        answer: from the body of a chat request to the text of the model.
        seen: bodies of the requests that came, in order.
        paths: what was asked for, in order.
        unknown: parameters that the server refuses with 400.
        counts: whether answers say what they cost.
        vectors: what an embedding answer holds for the texts, in place of the usual.
    """

    url: str = ""
    answer: Callable[[dict[str, Any]], str] = field(default=lambda body: json.dumps(filled(body)))
    seen: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    counts: bool = True
    retry_after: int = 1
    slow_seconds: float = 0.2
    vectors: Callable[[list[str]], list[dict[str, Any]]] | None = None
    _faults: deque[Fault | None] = field(default_factory=deque)

    def script(self, *faults: Fault | None) -> None:
        """Let the next requests go wrong like this, one after the other; None lets one pass."""
        self._faults.extend(faults)

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
        headers = {n.strip().lower(): v.strip() for n, _, v in (x.partition(":") for x in head[1:] if x)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        fault = self._faults.popleft() if self._faults else None
        asked = json.loads(body) if body else {}
        self.paths.append(f"{method} {path}")
        self.seen.append(asked)
        if fault is Fault.SILENCE:
            await reader.read()
            return False
        if fault is Fault.SLOW:
            await asyncio.sleep(self.slow_seconds)
        reply = self._broken(fault) or self._reply(method, path, headers, asked, fault)
        lines = [f"HTTP/1.1 {reply.status} X", f"Content-Length: {len(reply.body)}", *reply.headers]
        whole = "\r\n".join([*lines, "Content-Type: application/json", "", ""]).encode() + reply.body
        cut = len(whole) - len(reply.body) // 2 if fault is Fault.HALF else reply.cut
        writer.write(whole if cut is None else whole[:cut])
        await writer.drain()
        return cut is None

    def _broken(self, fault: Fault | None) -> _Reply | None:
        """Return the answer of a fault that has nothing to do with what was asked."""
        if fault is Fault.CUT:
            return _Reply(200, b"", cut=0)
        if fault is Fault.BUSY:
            busy = _error(429, "rate_limit_exceeded")
            return _Reply(busy.status, busy.body, (f"Retry-After: {self.retry_after}",))
        errors = {
            Fault.UNAUTHORIZED: (401, "invalid_api_key"),
            Fault.NO_QUOTA: (429, "insufficient_quota"),
            Fault.ERROR: (500, "server_error"),
            Fault.TOO_LONG: (400, "context_length_exceeded", "messages"),
        }
        if fault in errors:
            return _error(*errors[fault])  # type: ignore[arg-type]
        pages = {Fault.GATEWAY: _Reply(502, _PAGE), Fault.GARBAGE: _Reply(200, _PAGE)}
        return pages.get(fault) if fault else None

    def _reply(
        self, method: str, path: str, headers: dict[str, str], asked: dict[str, Any], fault: Fault | None
    ) -> _Reply:
        if headers.get("authorization") != f"Bearer {API_KEY}":
            return _error(401, "invalid_api_key")
        if (method, path) == ("GET", "/v1/models"):
            listed = [{"id": name, "object": "model"} for name in (CHAT_MODEL, VECTOR_MODEL)]
            return _said({"object": "list", "data": listed})
        refused = sorted(self.unknown & asked.keys())
        if refused:
            return _error(400, "unsupported_parameter", refused[0])
        if fault is Fault.NO_CHOICES:
            return _said({"object": "unknown"})
        match method, path, asked.get("model"):
            case "POST", "/v1/chat/completions", model if model == CHAT_MODEL:
                return self._chat(asked, fault)
            case "POST", "/v1/embeddings", model if model == VECTOR_MODEL:
                return self._embed(asked)
            case "POST", "/v1/chat/completions" | "/v1/embeddings", _:
                return _error(404, "model_not_found")
        return _error(404, "unknown_url")

    def _chat(self, asked: dict[str, Any], fault: Fault | None) -> _Reply:
        text = "Gladly! Here you are." if fault is Fault.CHATTY else self.answer(asked)
        words = sum(len(each["content"].split()) for each in asked["messages"])
        limit = asked.get("max_tokens", asked.get("max_completion_tokens", 1 << 30))
        cut = fault is Fault.TRUNCATED or len(text) // 4 > limit
        if cut:
            text = text[: min(len(text) * 2 // 3, limit * 4)]
        said: dict[str, Any] = {
            "object": "chat.completion",
            "model": CHAT_MODEL + "-2026",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": "length" if cut else "stop",
                }
            ],
        }
        if self.counts:
            said["usage"] = {"prompt_tokens": words, "completion_tokens": len(text) // 4, "total_tokens": 0}
        return _said(said)

    def _embed(self, asked: dict[str, Any]) -> _Reply:
        texts = asked["input"]
        data = self.vectors(texts) if self.vectors else [_vector(at, text) for at, text in enumerate(texts)]
        # Backwards: the protocol promises an index, no order.
        said = {"object": "list", "model": VECTOR_MODEL, "data": data[::-1]}
        return _said({**said, "usage": {"prompt_tokens": sum(map(len, texts)), "total_tokens": 0}})


def filled(body: dict[str, Any]) -> Any:
    """Return an object that fits the schema of a request: texts are numbered, numbers are 1, lists as long as they may be."""
    schema = body["response_format"]["json_schema"]["schema"]
    count = iter(range(1, 1 << 20))

    def value(part: dict[str, Any]) -> Any:
        if "$ref" in part:
            return value(schema["$defs"][part["$ref"].rpartition("/")[2]])
        match part.get("type"):
            case "object":
                return {name: value(inner) for name, inner in part["properties"].items()}
            case "array":
                return [value(part["items"]) for _ in range(part.get("maxItems", 2))]
            case "boolean":
                return False
            case "integer" | "number":
                return 1
        return f"text {next(count)}"

    return value(schema)


def _vector(index: int, text: str) -> dict[str, Any]:
    digest = hashlib.sha256(text.encode()).digest()[:DIMENSION]
    return {"object": "embedding", "index": index, "embedding": [byte / 16 + 0.5 for byte in digest]}


def _said(said: dict[str, Any]) -> _Reply:
    return _Reply(200, json.dumps(said, ensure_ascii=False).encode())


def _error(status: int, code: str, parameter: str | None = None) -> _Reply:
    # Like the real one it may quote what it was sent.
    error = {
        "message": f"{code}: {API_KEY}",
        "type": "invalid_request_error",
        "param": parameter,
        "code": code,
    }
    return _Reply(status, json.dumps({"error": error}).encode())


@asynccontextmanager
async def openai_server() -> AsyncIterator[OpenAiServer]:
    """Run a server on a free port of 127.0.0.1."""
    served = OpenAiServer()
    async with listening(served.serve, limit=1 << 20) as url:
        served.url = f"{url}/v1"
        yield served
