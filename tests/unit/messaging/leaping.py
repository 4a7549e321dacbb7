"""An event loop whose time is a manual clock's: where it would wait for a timer, it moves the clock on instead."""

import asyncio
import math
import selectors
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from academy.infrastructure.memory.clock import ManualClock


class _Leaping(selectors.DefaultSelector):
    """Waits for threads as ever, and for a timer not at all."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not timeout or timeout < 0:
            return super().select(timeout)
        found = super().select(0)
        if not found:
            # Rounded up to what the clock can tell apart: a step of nothing would never come to an end.
            self._clock.advance(timedelta(microseconds=math.ceil(timeout * 1e6)))
        return found


class _LeapingLoop(asyncio.SelectorEventLoop):
    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        super().__init__(_Leaping(clock))

    def time(self) -> float:
        return self._clock.monotonic()


def leaping(clock: ManualClock, act: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Run something that sleeps and that nothing else keeps waiting but threads; the clock says afterwards how long it took."""
    with asyncio.Runner(loop_factory=lambda: _LeapingLoop(clock)) as runner:
        runner.run(act())
