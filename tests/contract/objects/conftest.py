"""Runs each test of this folder on every store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.objects.stores import Stores, names, open_stores


@pytest.fixture(params=names)
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with open_stores(request.param, request, tmp_path) as opened:
        yield opened
