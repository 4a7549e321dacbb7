"""Clocks."""

from datetime import timedelta

import pytest

from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.clock import ManualClock


def test_manual_clock_stands_still_until_told() -> None:
    clock = ManualClock()
    began, ticks = clock.now(), clock.monotonic()
    assert clock.now() == began
    clock.advance(1.5)
    clock.advance(timedelta(seconds=1))
    assert clock.now() - began == timedelta(seconds=2.5)
    assert clock.monotonic() - ticks == 2.5
    with pytest.raises(ValueError, match="back"):
        clock.advance(-1)


def test_system_clock_tells_aware_utc_and_never_goes_back() -> None:
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.monotonic() <= clock.monotonic()
