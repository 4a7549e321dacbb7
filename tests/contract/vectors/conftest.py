"""Every test that takes `index` runs on every adapter."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.contract.vectors.adapters import NAMES, emptied, index_on
from tests.support.servers.postgres import new_postgres_database

from academy.application.ports.vector_index import VectorIndex


@pytest.fixture(scope="session")
def _worker_database(postgres_server: str) -> Iterator[str]:
    with new_postgres_database(postgres_server, template=None) as url:
        yield url


@pytest.fixture
def vector_database(_worker_database: str) -> str:
    """URL of a database without vectors."""
    emptied(_worker_database)
    return _worker_database


@pytest.fixture(params=NAMES)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[VectorIndex]:
    """An index that holds nothing."""
    async with index_on(request.param, request, tmp_path) as one:
        yield one
