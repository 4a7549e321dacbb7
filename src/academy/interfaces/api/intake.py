"""Request bodies on their way into memory: how long, how many at once, how much together (SEC-2)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from academy.interfaces.api.http import BodyTooSlow, Receive, Scope, read_body

__all__ = ["Intake", "IntakeFull"]

BODY_SECONDS = 20.0
MOST_BODIES = 512
MOST_BYTES = 32 << 20


class IntakeFull(Exception):
    """As many bodies, or bytes of them, are held as may be."""


class Intake:
    """The bodies that the process holds: a slow client costs its place for `seconds`, never for ever."""

    def __init__(
        self, *, seconds: float = BODY_SECONDS, bodies: int = MOST_BODIES, total: int = MOST_BYTES
    ) -> None:
        self._seconds = seconds
        self._places = bodies
        self._room = total

    @property
    def room(self) -> int:
        """How many more bytes would be taken now."""
        return self._room

    @asynccontextmanager
    async def body(self, scope: Scope, receive: Receive, limit: int) -> AsyncIterator[bytes]:
        """Read a body and hold its room until the request is answered.

        Raises IntakeFull, BodyTooLarge, BodyTooSlow, ClientGone.
        """
        held = 0

        def take(size: int) -> None:
            nonlocal held
            if size > self._room:
                raise IntakeFull
            self._room -= size
            held += size

        try:
            yield await self._read(scope, receive, limit, take)
        finally:
            self._room += held

    async def _read(self, scope: Scope, receive: Receive, limit: int, take: Callable[[int], None]) -> bytes:
        if self._places <= 0:
            raise IntakeFull
        self._places -= 1
        try:
            async with asyncio.timeout(self._seconds):
                return await read_body(scope, receive, limit, take)
        except TimeoutError:
            raise BodyTooSlow from None
        finally:
            self._places += 1
