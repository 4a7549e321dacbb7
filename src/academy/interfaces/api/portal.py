"""The one way from a synchronous view to the asynchronous ports: onto the server's loop, and wait."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import TimeoutError as WaitedTooLong
from typing import Any, ParamSpec, TypeVar

__all__ = ["Portal", "PortalClosed"]

P = ParamSpec("P")
T = TypeVar("T")
WAIT_SECONDS = 30.0


class PortalClosed(Exception):
    """The loop is closed or did not answer in time; what was called was cancelled."""


class Portal:
    """Runs coroutines on the loop it was made on, for threads that wait for the answer."""

    def __init__(self) -> None:
        """Bind the running loop; call this on it."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    def call(self, work: Callable[P, Coroutine[Any, Any, T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Await `work(*args)` on the loop and return its answer or raise its error.

        Raises PortalClosed, RuntimeError when called on the loop's own thread (it would wait for itself).
        """
        if threading.get_ident() == self._thread:
            raise RuntimeError("the portal must not be used on the loop's own thread")
        if self._loop.is_closed():
            raise PortalClosed("the server is stopping")
        future = asyncio.run_coroutine_threadsafe(work(*args, **kwargs), self._loop)
        try:
            return future.result(WAIT_SECONDS)
        except WaitedTooLong:
            if future.done():
                raise
            future.cancel()
            raise PortalClosed(f"no answer within {WAIT_SECONDS:.0f} s") from None
