"""A place where videos are made in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.studio import Studio, open_studio


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    """Five chunks of six seconds make a video."""
    async with open_studio(tmp_path) as opened:
        yield opened
