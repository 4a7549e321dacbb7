"""Every test of this folder runs on every adapter."""

from collections.abc import AsyncIterator

import pytest
from tests.contract.progress.stores import STORES, ProgressPlace


@pytest.fixture(params=list(STORES))
async def place(request: pytest.FixtureRequest) -> AsyncIterator[ProgressPlace]:
    """A store that works and is empty."""
    async with STORES[request.param](request) as one:
        yield one
