"""`VectorIndex` on ChromaDB's embedded client."""

import asyncio
import json
from array import array
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from academy.application.ports.vector_index import (
    Near,
    VectorIndexUnavailable,
    VectorMismatch,
    VectorSpace,
)
from academy.domain.graph.vectors import check_ids, check_vector, check_vectors
from academy.infrastructure.chroma.layout import CollectionFolders, owner_name
from academy.infrastructure.chroma.opened import OpenedCollections

if TYPE_CHECKING:
    from academy.infrastructure.chroma.exact import Floats
    from academy.infrastructure.chroma.store import OpenCollection

__all__ = ["ChromaVectorIndex"]

T = TypeVar("T")
_OPEN_LIMIT = 4
_EXACT_BYTES = 64 << 20


class ChromaVectorIndex:
    """VectorIndex in a folder of this machine, for one process at a time.

    All work is done by one thread of its own, in the order of the calls. A cancelled call is carried out all the same.
    """

    def __init__(
        self, folder: Path, *, open_limit: int = _OPEN_LIMIT, exact_bytes: int = _EXACT_BYTES
    ) -> None:
        """Nothing is touched yet; see `open`.

        Args:
            folder: made if it is not there; nothing else may lie in it.
            open_limit: so many collections are kept open, the least recently used is closed.
            exact_bytes: collections of up to this many bytes are kept in memory while open, and answers from them are exact.
        """
        self._folder = folder
        self._exact_bytes = exact_bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vectors")
        self._folders: CollectionFolders | None = None
        self._opened = OpenedCollections(open_limit, exact_bytes)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, folder: Path, *, open_limit: int = _OPEN_LIMIT, exact_bytes: int = _EXACT_BYTES
    ) -> AsyncIterator[Self]:
        """Hold an index open. Raises VectorIndexUnavailable: no folder, no rights, or another process has it."""
        index = cls(folder, open_limit=open_limit, exact_bytes=exact_bytes)
        try:
            await index._run(index._held)
            yield index
        finally:
            await index.aclose()

    async def aclose(self) -> None:
        """Close what is open and let another process have the folder; the index is of no use afterwards."""
        await self._run(self._close)
        self._thread.shutdown(wait=False)

    async def replace(
        self,
        tenant_id: str,
        user_id: str,
        space: VectorSpace,
        ids: Sequence[str],
        vectors: Sequence["array[float]"],
    ) -> None:
        """See VectorIndex. It is written beside the old collection and named at the end: a crash leaves the one or the other."""
        await self._run(lambda: self._replace((tenant_id, user_id), space, ids, vectors))

    async def upsert(
        self,
        tenant_id: str,
        user_id: str,
        space: VectorSpace,
        ids: Sequence[str],
        vectors: Sequence["array[float]"],
    ) -> None:
        """See VectorIndex. Up to some thousands are one transaction; more are written with all that is there, as by `replace`."""
        await self._run(lambda: self._upsert((tenant_id, user_id), space, ids, vectors))

    async def remove(self, tenant_id: str, user_id: str, ids: Sequence[str]) -> None:
        """See VectorIndex. What was removed is found no more; its bytes go with the next `replace` or `erase`."""
        check_ids(ids)

        def work() -> None:
            with self._using((tenant_id, user_id)) as held:
                if held is not None:
                    held.remove(ids)

        await self._run(work)

    async def nearest(
        self, tenant_id: str, user_id: str, space: VectorSpace, vector: "array[float]", count: int
    ) -> Sequence[Near]:
        """See VectorIndex."""
        return await self._run(lambda: self._nearest((tenant_id, user_id), space, vector, count))

    async def space(self, tenant_id: str, user_id: str) -> tuple[VectorSpace, int] | None:
        """See VectorIndex."""

        def work() -> tuple[VectorSpace, int] | None:
            with self._using((tenant_id, user_id)) as held:
                return None if held is None else (held.space, held.count())

        return await self._run(work)

    async def erase(self, tenant_id: str, user_id: str) -> None:
        """See VectorIndex."""

        def work() -> None:
            owner = owner_name(tenant_id, user_id)
            self._opened.drop(owner)
            self._held().erase(owner)

        await self._run(work)

    async def ping(self) -> None:
        """See VectorIndex."""
        await self._run(lambda: self._held().check_writable())

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _held(self) -> CollectionFolders:
        if self._folders is None:
            self._folders = CollectionFolders(self._folder)
        return self._folders

    def _close(self) -> None:
        try:
            self._opened.close()
        finally:
            if self._folders is not None:
                self._folders.close()

    def _replace(
        self,
        owner: tuple[str, str],
        space: VectorSpace,
        ids: Sequence[str],
        vectors: Sequence["array[float]"],
    ) -> None:
        from academy.infrastructure.chroma import exact  # noqa: PLC0415 -- slow to import

        check_vectors(space.dimension, space.metric, ids, vectors)
        self._fill(owner, space, ids, exact.as_units(space.dimension, vectors))

    def _fill(self, owner: tuple[str, str], space: VectorSpace, ids: Sequence[str], units: "Floats") -> None:
        """Write a collection beside the one there is, which goes when it is whole."""
        from academy.infrastructure.chroma import store  # noqa: PLC0415 -- slow to import

        name = owner_name(*owner)
        with self._held().fresh(name) as folder:
            made = store.OpenCollection.create(
                folder, json.dumps(owner), space, exact_bytes=self._exact_bytes
            )
            try:
                made.put(ids, units)
            finally:
                made.close()
            # Opened again, as it lies on disk.
            self._opened.drop(name)
            self._opened.open(name, folder, owner).check(len(ids))

    def _upsert(
        self,
        owner: tuple[str, str],
        space: VectorSpace,
        ids: Sequence[str],
        vectors: Sequence["array[float]"],
    ) -> None:
        from academy.infrastructure.chroma import exact  # noqa: PLC0415 -- slow to import

        with self._using(owner, space) as held:
            if held is None:
                self._replace(owner, space, ids, vectors)
                return
            check_vectors(space.dimension, space.metric, ids, vectors)
            units = exact.as_units(space.dimension, vectors)
            if len(ids) <= held.at_once:
                held.put(ids, units)
            else:
                self._fill(owner, space, *held.together(ids, units))

    def _nearest(
        self, owner: tuple[str, str], space: VectorSpace, vector: "array[float]", count: int
    ) -> Sequence[Near]:
        from academy.infrastructure.chroma import exact  # noqa: PLC0415 -- slow to import

        with self._using(owner, space) as held:
            check_vector(space.dimension, vector)
            return () if held is None else held.nearest(exact.as_units(space.dimension, [vector])[0], count)

    @contextmanager
    def _using(
        self, owner: tuple[str, str], expected: VectorSpace | None = None
    ) -> Iterator["OpenCollection | None"]:
        """Yield an owner's collection, None if there is none; one that fails is closed, so that the next call opens it afresh.

        Raises VectorMismatch unless it is of the expected space.
        """
        name = owner_name(*owner)
        folder = self._held().find(name)
        if folder is None:
            yield None
            return
        held = self._opened.get(name, folder, owner)
        if expected is not None and held.space != expected:
            raise VectorMismatch(f"the collection holds {held.space}, not {expected}")
        try:
            yield held
        except VectorIndexUnavailable:
            self._opened.drop(name)
            raise
