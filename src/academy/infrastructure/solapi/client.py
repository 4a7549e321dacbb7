"""Signed requests to Solapi's API, its answers as JSON objects, its errors as those of the port.

| seen                                                                          | raised                       |
|-------------------------------------------------------------------------------|------------------------------|
| no connection, a connection cut, no whole answer in time, 5xx, 3xx, 408       | ProviderUnavailable          |
| an answer that is no JSON object, or a refusal without Solapi's `errorCode`   | ProviderUnavailable          |
| DuplicatedSignature: this very request came before, so it may have been done  | ProviderUnavailable          |
| 429                                                                           | ProviderBusy                 |
| 404 with ResourceNotFound                                                     | GroupGone (GroupSpent)       |
| 404 with any other `errorCode`: perhaps a wrong address                       | ProviderUnavailable          |
| a refused key or signature, a clock that is off, 401, 403                     | AccountRefused               |
| other 4xx                                                                     | ProviderRefused              |

Source: https://docs.solapi.com/api-reference/overview (an error is any status but 200, with `errorCode` and `errorMessage`).
ResourceNotFound is what Solapi calls a group that is not there (https://github.com/solapi/documents, cancelScheduledGroups).
`errorMessage` is never passed on: it may quote what we sent.
"""

import asyncio
import json
import ssl
from datetime import timedelta
from typing import Any

from academy.application.ports.clock import Clock
from academy.application.ports.message_provider import (
    AccountRefused,
    GroupSpent,
    ProviderBusy,
    ProviderRefused,
    ProviderUnavailable,
)
from academy.infrastructure.http.client import HttpAnswer, HttpClient, HttpFailed, HttpLimits
from academy.infrastructure.solapi.errors import CREDENTIALS, refusal
from academy.infrastructure.solapi.signing import authorization

__all__ = ["LIMITS", "GroupGone", "SolapiClient"]

LIMITS = HttpLimits(connections=8, connect_seconds=5.0, answer_seconds=60.0, body_bytes=32 << 20)
"""10,000 results of one request have about 4 MiB; a page of long messages less."""
LONGEST_WAIT = timedelta(minutes=10)
_ON_THE_LOOP_BYTES = 1 << 16
_DUPLICATED = "DuplicatedSignature"
_NOT_FOUND = "ResourceNotFound"


class GroupGone(GroupSpent):
    """Solapi knows no such group: it forgets those that were deleted."""


class SolapiClient:
    """Calls Solapi; see the table above for what `call` raises."""

    def __init__(
        self,
        url: str,
        api_key: str,
        api_secret: str,
        clock: Clock,
        limits: HttpLimits,
        trust: ssl.SSLContext | None,
    ) -> None:
        """Prepare; nothing is sent. Raises ValueError for an address or a key that is none."""
        if not api_secret or not api_key.isascii() or not api_key.isalnum():
            raise ValueError("Solapi needs an API key (letters and digits) and its secret")
        self._credentials = (api_key, api_secret)
        self._clock = clock
        self._url = url
        self._limits = limits
        self._trust = trust
        # Made here, so that an address which is none is refused at once; nothing is connected.
        self._http = HttpClient(url, limits, trust)
        self._tls = url.startswith("https:")
        self._effects = asyncio.Semaphore(limits.connections)

    async def call(
        self, name: str, method: str, target: str, body: bytes = b"", *, once: bool = False
    ) -> dict[str, Any]:
        """Send a request and return the object it is answered with.

        Args:
            name: of the call, for errors.
            method: "POST".
            target: path and query, percent-encoded.
            body: JSON.
            once: on a connection of its own, where nothing is tried twice: for what must not happen twice.
        """
        headers = {
            "Authorization": authorization(*self._credentials, self._clock.now()),
            "Content-Type": "application/json",
        }
        try:
            if once:
                answer = await self._once(method, target, headers, body)
            else:
                answer = await self._http.request(method, target, headers, body)
        except HttpFailed as error:
            raise ProviderUnavailable(f"Solapi {name}: {error}") from error
        return await _understood(name, answer)

    async def aclose(self) -> None:
        """Let go of the kept connections."""
        await self._http.aclose()

    async def _once(self, method: str, target: str, headers: dict[str, str], body: bytes) -> HttpAnswer:
        if self._tls and self._trust is None:
            # At the first request and once: it takes longer than the rest of a start.
            self._trust = ssl.create_default_context()
        async with self._effects:
            http = HttpClient(self._url, self._limits, self._trust)
            try:
                return await http.request(method, target, headers, body)
            finally:
                await http.aclose()


async def _understood(name: str, answer: HttpAnswer) -> dict[str, Any]:
    status = answer.status
    if status == 429:
        raise ProviderBusy(f"Solapi {name}: too many requests", _retry_after(answer))
    if (status != 200 and not 400 <= status < 500) or status == 408:
        raise ProviderUnavailable(f"Solapi {name}: answered {status}")
    said = await _parsed(answer.body)
    if not isinstance(said, dict):
        raise ProviderUnavailable(f"Solapi {name}: answered {status} with something other than a JSON object")
    if status == 200:
        return said
    code = said.get("errorCode")
    if not isinstance(code, str) or not code:
        # A proxy's page: it says nothing of what Solapi has done.
        raise ProviderUnavailable(f"Solapi {name}: answered {status} without an errorCode")
    if code == _DUPLICATED:
        raise ProviderUnavailable(f"Solapi {name}: got this request before")
    failure = refusal(status, code)
    if failure.code == CREDENTIALS.code:
        raise AccountRefused(failure)
    if status != 404:
        raise ProviderRefused(failure)
    if code != _NOT_FOUND:
        # Taken for "no such group" it would mean that nothing was sent by it.
        raise ProviderUnavailable(f"Solapi {name}: answered 404, and not for its group")
    raise GroupGone(failure)


async def _parsed(body: bytes) -> object:
    if len(body) > _ON_THE_LOOP_BYTES:
        return await asyncio.to_thread(_parse, body)
    return _parse(body)


def _parse(body: bytes) -> object:
    # The parser's own error would carry the whole text along.
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed


def _retry_after(answer: HttpAnswer) -> timedelta:
    said = answer.headers.get("retry-after", "").strip()
    seconds = int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 1
    return min(timedelta(seconds=max(seconds, 1)), LONGEST_WAIT)
