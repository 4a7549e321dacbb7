"""A world whose time stands still, and one whose effects leave traces."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.jobs import RecordedEffects, World, job_types, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Database and queue under a manual clock."""
    async with open_world(tmp_path) as opened:
        yield opened


@pytest.fixture
async def traced(tmp_path: Path) -> AsyncIterator[World]:
    """The same; every effect of a job is recorded in the database."""
    async with open_world(tmp_path, types=job_types(effects=RecordedEffects())) as opened:
        yield opened
