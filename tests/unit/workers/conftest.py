"""A worker under the real clock: short leases, small handlers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.jobs import World, open_world, running_clock


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Database on SQLite, queue in memory."""
    async with open_world(tmp_path, running_clock()) as opened:
        yield opened
