"""Every test of this folder runs on every adapter."""

from collections.abc import AsyncIterator

import pytest
from tests.contract.queue.adapters import ADAPTERS, QueueAdapter


@pytest.fixture(params=list(ADAPTERS))
async def adapter(request: pytest.FixtureRequest) -> AsyncIterator[QueueAdapter]:
    """An adapter on a working broker without queues."""
    async with ADAPTERS[request.param](request) as one:
        yield one
