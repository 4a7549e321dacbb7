"""`VectorIndex` on PostgreSQL."""

import asyncio
import threading
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Self, TypeVar

from academy.application.ports.vector_index import Near, VectorIndexUnavailable, VectorSpace
from academy.domain.graph.vectors import check_ids, check_vector, check_vectors
from academy.infrastructure.pgvector.connections import Connection, Connections, retried
from academy.infrastructure.pgvector.statements import Collection, Owner

__all__ = ["PgVectorIndex"]

T = TypeVar("T")
_CONNECTION_LIMIT = 2


class PgVectorIndex:
    """VectorIndex in a schema of its own of one database, for any number of processes.

    Work is done by threads of its own, one connection each. A cancelled call may be carried out all the same.
    """

    def __init__(self, url: str, *, connection_limit: int = _CONNECTION_LIMIT) -> None:
        """Nothing is sent yet; see `open`.

        Args:
            url: postgresql:// or postgresql+psycopg://; the user may make schemas, and the extension unless it is there.
            connection_limit: connections at the same time.
        """
        self._threads = ThreadPoolExecutor(connection_limit, thread_name_prefix="vectors")
        self._connections = Connections(url)
        self._preparing = threading.Lock()
        self._prepared = False

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, connection_limit: int = _CONNECTION_LIMIT) -> AsyncIterator[Self]:
        """Hold an index open. The first call of a method connects and makes the schema if it is not there."""
        index = cls(url, connection_limit=connection_limit)
        try:
            yield index
        finally:
            await index.aclose()

    async def aclose(self) -> None:
        """Close the connections once the work under way is done; the index is of no use afterwards."""
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        self._connections.close()

    async def prepare(self) -> None:
        """Make the schema if it is not there; every other method does so, too. Raises VectorIndexUnavailable."""
        await self._run(lambda _connection: None)

    async def replace(
        self,
        tenant_id: str,
        user_id: str,
        space: VectorSpace,
        ids: Sequence[str],
        vectors: Sequence["array[float]"],
    ) -> None:
        """See VectorIndex. Readers have the old collection until the new one is whole."""
        check_vectors(space.dimension, space.metric, ids, vectors)

        def work(connection: Connection) -> None:
            owner = Owner(tenant_id, user_id)
            with connection.transaction():
                owner.lock(connection)
                Collection.make(connection, owner, space, ids, vectors)

        await self._run(work)

    async def upsert(
        self,
        tenant_id: str,
        user_id: str,
        space: VectorSpace,
        ids: Sequence[str],
        vectors: Sequence["array[float]"],
    ) -> None:
        """See VectorIndex. All or nothing."""

        def work(connection: Connection) -> None:
            owner = Owner(tenant_id, user_id)
            with connection.transaction():
                owner.lock(connection)
                held = Collection.find(connection, owner, space)
                check_vectors(space.dimension, space.metric, ids, vectors)
                if held is None:
                    Collection.make(connection, owner, space, ids, vectors)
                else:
                    held.put(connection, ids, vectors)

        await self._run(work)

    async def remove(self, tenant_id: str, user_id: str, ids: Sequence[str]) -> None:
        """See VectorIndex. What was removed is found no more; its bytes go with the next `replace` or `erase`."""
        check_ids(ids)

        def work(connection: Connection) -> None:
            owner = Owner(tenant_id, user_id)
            with connection.transaction():
                owner.lock(connection)
                held = Collection.find(connection, owner)
                if held is not None:
                    held.remove(connection, ids)

        await self._run(work)

    async def nearest(
        self, tenant_id: str, user_id: str, space: VectorSpace, vector: "array[float]", count: int
    ) -> Sequence[Near]:
        """See VectorIndex."""

        def read(connection: Connection) -> Sequence[Near]:
            held = Collection.find(connection, Owner(tenant_id, user_id), space)
            check_vector(space.dimension, vector)
            return () if held is None else held.nearest(connection, vector, count)

        return await self._run(lambda connection: retried(lambda: read(connection)))

    async def space(self, tenant_id: str, user_id: str) -> tuple[VectorSpace, int] | None:
        """See VectorIndex."""

        def read(connection: Connection) -> tuple[VectorSpace, int] | None:
            held = Collection.find(connection, Owner(tenant_id, user_id))
            return None if held is None else (held.space, held.count(connection))

        return await self._run(lambda connection: retried(lambda: read(connection)))

    async def erase(self, tenant_id: str, user_id: str) -> None:
        """See VectorIndex. The database's log and backups keep what was written for as long as they are kept."""

        def work(connection: Connection) -> None:
            owner = Owner(tenant_id, user_id)
            with connection.transaction():
                owner.lock(connection)
                held = Collection.find(connection, owner)
                if held is not None:
                    held.erase(connection, owner)

        await self._run(work)

    async def ping(self) -> None:
        """See VectorIndex."""
        await self._run(lambda connection: connection.execute("SELECT '[1]'::vector"))

    async def _run(self, work: Callable[[Connection], T]) -> T:
        def prepared(connection: Connection) -> T:
            with self._preparing:
                if not self._prepared:
                    Collection.prepare(connection)
                    self._prepared = True
            return work(connection)

        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, lambda: self._connections.run(prepared))
        except VectorIndexUnavailable:
            # Perhaps the database is a new one.
            self._prepared = False
            raise
