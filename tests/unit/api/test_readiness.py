"""An adapter that hangs makes the API unready in time, even when it is deaf to cancellation (API-4)."""

import asyncio

import pytest

from academy.interfaces.api.operations.probes import _check


@pytest.mark.requirement("API-4")
async def test_a_check_that_ignores_being_cancelled_is_not_waited_for() -> None:
    release, cancelled = asyncio.Event(), asyncio.Event()

    async def hung() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                cancelled.set()

    async with asyncio.timeout(5):
        assert not await _check("queue", hung())
    await asyncio.wait_for(cancelled.wait(), 1)
    release.set()
