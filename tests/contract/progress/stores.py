"""The adapters on which the progress contract is run, by name; to add one, put it into STORES."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from academy.application.ports.progress import ProgressStore
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.memory.progress import MemoryProgressStore
from academy.infrastructure.redis.progress import RedisProgressStore
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.progress import SqlProgressStore
from academy.infrastructure.sql.schema import prepare

__all__ = ["STORES", "ProgressPlace"]


@dataclass(frozen=True, slots=True)
class ProgressPlace:
    """A store under test, and the same class looking for a server that is not there."""

    store: ProgressStore
    unreachable: ProgressStore


@asynccontextmanager
async def memory(_request: pytest.FixtureRequest) -> AsyncIterator[ProgressPlace]:
    """Progress in memory."""
    gone = MemoryProgressStore()
    gone.available = False
    yield ProgressPlace(MemoryProgressStore(), gone)


@asynccontextmanager
async def sqlite(request: pytest.FixtureRequest) -> AsyncIterator[ProgressPlace]:
    """Progress in a SQLite file."""
    folder: Path = request.getfixturevalue("tmp_path")
    connections = SqlConnections(f"sqlite:///{folder}/progress.db", ManualClock())
    nowhere = SqlConnections(f"sqlite:///{folder}/missing/progress.db", ManualClock())
    prepare(connections)
    yield ProgressPlace(SqlProgressStore(connections), SqlProgressStore(nowhere))
    connections.close()
    nowhere.close()


@asynccontextmanager
async def postgresql(request: pytest.FixtureRequest) -> AsyncIterator[ProgressPlace]:
    """Progress in PostgreSQL."""
    folder: Path = request.getfixturevalue("tmp_path")
    connections = SqlConnections(request.getfixturevalue("postgres_url"), SystemClock())
    nowhere = SqlConnections(f"postgresql://nobody@/none?host={folder}", SystemClock())
    yield ProgressPlace(SqlProgressStore(connections), SqlProgressStore(nowhere))
    connections.close()
    nowhere.close()


@asynccontextmanager
async def redis(request: pytest.FixtureRequest) -> AsyncIterator[ProgressPlace]:
    """Progress in Valkey."""
    url: str = request.getfixturevalue("valkey_url")
    nowhere = RedisProgressStore.open("redis://127.0.0.1:9", timeout_seconds=1)
    async with RedisProgressStore.open(url) as store, nowhere as gone:
        yield ProgressPlace(store, gone)


STORES: dict[str, Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[ProgressPlace]]] = {
    "memory": memory,
    "sqlite": sqlite,
    "postgresql": postgresql,
    "redis": redis,
}
