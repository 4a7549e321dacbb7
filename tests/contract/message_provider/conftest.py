"""Runs each test of this folder on every provider."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.message_provider.places import Place, names, open_place


@pytest.fixture(params=names)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with open_place(request.param, tmp_path) as opened:
        yield opened
