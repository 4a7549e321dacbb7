"""Requests to a server that speaks OpenAI's protocol, its answers as JSON objects, its errors as those of the port.

| seen                                                                         | raised                                |
|------------------------------------------------------------------------------|---------------------------------------|
| no connection, a connection cut, no whole answer in time, 5xx, 3xx, 408      | ModelUnavailable                      |
| an answer that is no JSON object                                             | ModelUnavailable                      |
| 429                                                                          | ModelUnavailable                      |
| 402, and 429 with `insufficient_quota`                                       | ModelRefused, model_quota_exhausted   |
| 401, 403                                                                     | ModelRefused, model_key_refused       |
| 404                                                                          | ModelRefused, model_unavailable       |
| other 4xx                                                                    | RequestRefused, model_request_refused |

A connection that fails, 429, 500, 502, 503 and 504 are tried again a few times, as long as the waiting stays short; an answer that did
not come in time is not, for the server may still be at work on it. The server's own sentences are never passed on: they may
quote the key or the texts.
Source: https://platform.openai.com/docs/guides/error-codes.
"""

import asyncio
import json
import random
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from academy.application.ports.models import MODEL_UNAVAILABLE, ModelRefused, ModelUnavailable
from academy.infrastructure.http.client import (
    ConnectionFailed,
    HttpAnswer,
    HttpClient,
    HttpFailed,
    HttpLimits,
)
from academy.infrastructure.openai.failures import (
    KEY_REFUSED,
    MODEL_MISSING,
    QUOTA_EXHAUSTED,
    REQUEST_REFUSED,
)

__all__ = ["LIMITS", "OpenAiClient", "Patience", "RequestRefused"]

LIMITS = HttpLimits(connections=4, connect_seconds=5.0, answer_seconds=180.0, body_bytes=64 << 20)
"""A long answer takes minutes to be written; 1,000 vectors of 3,072 numbers have about 60 MiB."""
_AGAIN = frozenset({429, 500, 502, 503, 504})
_NAME = re.compile(r"[a-z_]{1,60}")
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
_ON_THE_LOOP_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Patience:
    """How outages of moments are waited out.

    Attributes:
        tries: of one request.
        first_seconds: before the second try, twice as long before each further one, half of it by chance.
        longest_seconds: of one wait; a server that asks for more (Retry-After) is left to the job's next attempt.
    """

    tries: int = 3
    first_seconds: float = 1.0
    longest_seconds: float = 20.0


class RequestRefused(ModelRefused):
    """The server does not take this request as it is; `parameter` is what it names as the reason, "" for nothing."""

    def __init__(self, detail: str, parameter: str) -> None:
        super().__init__(replace(REQUEST_REFUSED, detail=detail))
        self.parameter = parameter


class OpenAiClient:
    """Posts JSON; see the table above for what is raised."""

    def __init__(
        self,
        url: str,
        api_key: str,
        limits: HttpLimits = LIMITS,
        patience: Patience | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; nothing is sent.

        Args:
            url: up to what comes before `/chat/completions`, "https://api.openai.com/v1".
            api_key: "" for a server that asks for none.
            limits: of the connections.
            patience: see there.
            trust: whom to believe to be the server; default: the system's certificates.

        Raises ValueError for an address or a key that is none, and for a key that would leave this machine unencrypted.
        """
        parts = urlsplit(url)
        if api_key and not (api_key.isascii() and api_key.isprintable() and " " not in api_key):
            raise ValueError("the key of a model's server is printable and has no spaces")
        if api_key and parts.scheme != "https" and parts.hostname not in _LOCAL:
            raise ValueError("a key is sent over https alone, or to this machine")
        if parts.query or parts.fragment or not parts.path.isascii() or " " in parts.path:
            raise ValueError("the address of a model's server ends with its path")
        self._path = parts.path.rstrip("/")
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._http = HttpClient(url, limits, trust)
        self._patience = patience or Patience()

    async def post(self, target: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object that a request to `target` ("/embeddings") is answered with."""
        data = json.dumps(body, ensure_ascii=False).encode()
        return await self._asked("POST", target, data)

    async def models(self) -> tuple[str, ...]:
        """Return the names of the models that the server offers; for checks at a start."""
        said = await self._asked("GET", "/models", b"")
        listed = said.get("data")
        found = listed if isinstance(listed, list) else []
        return tuple(str(each["id"]) for each in found if isinstance(each, dict) and "id" in each)

    async def close(self) -> None:
        """Let go of the kept connections."""
        await self._http.aclose()

    async def _asked(self, method: str, target: str, data: bytes) -> dict[str, Any]:
        wait = self._patience.first_seconds
        for left in reversed(range(self._patience.tries)):
            try:
                answer = await self._http.request(method, self._path + target, self._headers, data)
            except ConnectionFailed as error:
                if not left:
                    raise _outage(str(error)) from error
                pause = wait
            except HttpFailed as error:
                raise _outage(str(error)) from error
            else:
                asked_for = _retry_after(answer)
                pause = wait if asked_for is None else asked_for
                if answer.status not in _AGAIN or _spent(answer) or not left or pause > self._longest:
                    return await _understood(answer)
            await asyncio.sleep(pause / 2 + random.random() * pause / 2 if pause == wait else pause)  # noqa: S311
            wait = min(2 * wait, self._longest)
        raise AssertionError("a patience without a try")

    @property
    def _longest(self) -> float:
        return self._patience.longest_seconds


async def _understood(answer: HttpAnswer) -> dict[str, Any]:
    said = await _parsed(answer.body)
    status = answer.status
    if status == 200:
        if not isinstance(said, dict):
            raise _outage("answered 200 with something other than a JSON object")
        return said
    name, parameter = _named(said, "code") or _named(said, "type"), _named(said, "param")
    detail = f"HTTP {status} {name}".strip()
    if status == 402 or (status == 429 and _spent(answer)):
        raise ModelRefused(replace(QUOTA_EXHAUSTED, detail=detail))
    if status in {401, 403}:
        raise ModelRefused(replace(KEY_REFUSED, detail=detail))
    if status == 404:
        raise ModelRefused(replace(MODEL_MISSING, detail=detail))
    if not 400 <= status < 500 or status in {408, 429}:
        raise _outage(detail)
    raise RequestRefused(detail, parameter)


def _outage(detail: str) -> ModelUnavailable:
    return ModelUnavailable(replace(MODEL_UNAVAILABLE, detail=detail[:300]))


def _spent(answer: HttpAnswer) -> bool:
    return answer.status == 429 and b"insufficient_quota" in answer.body[:4096]


def _named(said: object, field: str) -> str:
    """Return a field of an error where it is a name of the protocol's own, else ""."""
    error = said.get("error") if isinstance(said, dict) else None
    value = error.get(field) if isinstance(error, dict) else None
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def _retry_after(answer: HttpAnswer) -> float | None:
    said = answer.headers.get("retry-after", "").strip()
    return float(said) if re.fullmatch(r"\d{1,9}", said, re.ASCII) else None


async def _parsed(body: bytes) -> object:
    return await asyncio.to_thread(_parse, body) if len(body) > _ON_THE_LOOP_BYTES else _parse(body)


def _parse(body: bytes) -> object:
    # The parser's own error would carry the whole text along.
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed
