"""One open collection: ChromaDB's embedded client on one folder. Importing this module imports ChromaDB, which is slow."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

import chromadb
import numpy as np
from chromadb.config import Settings

from academy.application.ports.vector_index import Near, VectorIndexUnavailable, VectorsLost, VectorSpace
from academy.infrastructure.chroma.exact import ExactVectors, Floats
from academy.infrastructure.chroma.files import DATABASE, check_whole

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

__all__ = ["OpenCollection"]

_NAME = "vectors"
_PAGE_NUMBERS = 1 << 18
_ROUNDING = 1e-3
# Of 20,000 random vectors of 128 numbers .996 of the ten nearest are found (.998 of 10,000, all of 2,000). One thread, so that
# the same vectors in the same order make the same graph.
_HNSW: "CreateHNSWConfiguration" = {
    "space": "cosine",
    "ef_construction": 50,
    "max_neighbors": 24,
    "ef_search": 600,
    "num_threads": 1,
}


class OpenCollection:
    """The one collection of a folder. Synchronous, for one thread; every method raises VectorIndexUnavailable."""

    def __init__(
        self,
        folder: Path,
        client: "Client",
        collection: "Collection",
        space: VectorSpace,
        exact_bytes: int,
    ) -> None:
        """Use an open client; see `create` and `open`."""
        self.folder = folder
        self._client = client
        self._collection = collection
        self._exact_bytes = exact_bytes
        self._exact: ExactVectors | None = None
        self._checked = False
        self._file = (folder / DATABASE).stat()
        self.at_once = client.get_max_batch_size()
        """So many vectors are written in one transaction."""
        self._row_bytes = 4 * space.dimension
        self.space = space

    @classmethod
    def create(cls, folder: Path, owner: str, space: VectorSpace, *, exact_bytes: int) -> Self:
        """Make the collection in an empty folder.

        Args:
            folder: exists, empty.
            owner: whose it is, recorded with it and compared by `open`.
            space: of its vectors.
            exact_bytes: up to this size vectors are compared one by one, in memory; of more, ChromaDB finds nearly all neighbours.
        """
        recorded = {
            "owner": owner,
            "model": space.model,
            "dimension": space.dimension,
            "metric": space.metric,
        }
        with _asked(folder), _client(folder) as client:
            made = client.create_collection(
                _NAME,
                embedding_function=None,
                metadata=recorded,
                configuration={"hnsw": _HNSW},
            )
            return cls(folder, client, made, space, exact_bytes)

    @classmethod
    def open(cls, folder: Path, owner: str, *, exact_bytes: int) -> Self:
        """Open the collection of a folder; one that is not there, not whole or another owner's is an error."""
        with _asked(folder):
            check_whole(folder)
            with _client(folder) as client:
                found = client.get_collection(_NAME, embedding_function=None)
                recorded = found.metadata or {}
                if recorded.get("owner") != owner:
                    raise VectorIndexUnavailable(f"the vectors in {folder} are recorded as another owner's")
                space = VectorSpace(
                    str(recorded["model"]),
                    int(recorded["dimension"]),  # What is no number raises, too
                    str(recorded["metric"]),
                )
                return cls(folder, client, found, space, exact_bytes)

    def close(self) -> None:
        """Give back files, threads and memory."""
        self._exact = None
        with _asked(self.folder):
            self._client.close()

    def is_there(self) -> bool:
        """Return whether the folder still holds the files that were opened."""
        try:
            return os.path.samestat(self._file, (self.folder / DATABASE).stat())
        except OSError:
            return False

    def count(self) -> int:
        """Return how many vectors it holds."""
        with _asked(self.folder):
            return self._collection.count()

    def put(self, ids: Sequence[str], units: Floats) -> None:
        """Add or overwrite vectors of length 1 or 0, an array (n, dimension); in one step only up to `at_once` of them."""
        with _asked(self.folder):
            for start in range(0, len(ids), self.at_once):
                part = slice(start, start + self.at_once)
                self._collection.upsert(ids=list(ids[part]), embeddings=units[part])
        if self._exact is not None:
            self._exact.put(ids, units)

    def together(self, ids: Sequence[str], units: Floats) -> tuple[Sequence[str], Floats]:
        """Return all that it holds with these added or in the place of their earlier selves; nothing is written."""
        held = self._read(self.count())
        held.put(ids, units)
        return held.whole

    def remove(self, ids: Sequence[str]) -> None:
        """Remove ids; missing ones are no error."""
        with _asked(self.folder):
            once = list(dict.fromkeys(ids))
            for start in range(0, len(once), self.at_once):
                self._collection.delete(ids=once[start : start + self.at_once])
        if self._exact is not None:
            self._exact.remove(ids)

    def nearest(self, unit: Floats, count: int) -> Sequence[Near]:
        """Return the nearest of a vector of length 1 or 0."""
        held = self.count()
        if not held or count < 1:
            return ()
        if held * self._row_bytes > self._exact_bytes:
            self._exact = None
        elif self._exact is None:
            self._checked = False
        if not self._checked:
            self.check(held)
        return (
            self._approximate(unit, min(count, held))
            if self._exact is None
            else self._exact.nearest(unit, count)
        )

    def check(self, expected: int) -> None:
        """Read everything, once: searched unread, files that are not whole end the process (a fault of the library's core)."""
        held = self.count()
        if held * self._row_bytes <= self._exact_bytes:
            self._exact = self._read(held)
        else:
            held = sum(len(ids) for _, ids, _ in self._pages(held))
        if held != expected:
            raise VectorsLost(
                f"of {expected} vectors {held} can be read in {self.folder}; build the graph again"
            )
        self._checked = True

    def _approximate(self, unit: Floats, count: int) -> Sequence[Near]:
        with _asked(self.folder):
            found = self._collection.query(
                query_embeddings=unit[np.newaxis, :], n_results=count, include=["distances"]
            )
            distances = found["distances"] or [[]]
            near = [
                Near(name, max(-1.0, min(1.0, 1.0 - float(distance))))
                for name, distance in zip(found["ids"][0], distances[0], strict=True)
            ]
        if not near:
            raise VectorIndexUnavailable(f"the vectors in {self.folder} are there, but none was found")
        return sorted(near, key=lambda each: (-each.similarity, each.id))

    def _read(self, held: int) -> ExactVectors:
        ids: list[str] = []
        units = np.empty((held, self.space.dimension), dtype=np.float32)
        with _asked(self.folder):
            for start, names, rows in self._pages(held):
                units[start : start + len(names)] = rows
                ids += names
        if len(set(ids)) != held:
            raise VectorsLost(
                f"of {held} vectors in {self.folder} only {len(set(ids))} can be read; build the graph again"
            )
        return ExactVectors(ids, units)

    def _pages(self, held: int) -> Iterator[tuple[int, Sequence[str], Floats]]:
        """Yield all vectors, some at a time: position of the first, ids, units (n, dimension)."""
        page = max(1, _PAGE_NUMBERS // self.space.dimension)
        for start in range(0, held, page):
            with _asked(self.folder):
                part = self._collection.get(limit=page, offset=start, include=["embeddings"])
            rows = np.asarray(part["embeddings"], dtype=np.float32)
            lengths = np.linalg.norm(rows, axis=1)
            if not np.all((np.abs(lengths - 1) < _ROUNDING) | (lengths == 0)):
                raise VectorsLost(f"vectors in {self.folder} are damaged; build the graph again")
            yield start, part["ids"], rows


@contextmanager
def _client(folder: Path) -> Iterator["Client"]:
    """Open a client, closed again if the body raises: ChromaDB keeps what is open by its path."""
    opened = chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
    # What it says that it returns cannot be closed.
    client = cast("Client", opened)
    try:
        yield client
    except BaseException:
        client.close()
        raise


@contextmanager
def _asked(folder: Path) -> Iterator[None]:
    """Turn whatever ChromaDB raises into VectorIndexUnavailable: its errors share no class, a panic of its core is not even one."""
    try:
        yield
    except VectorIndexUnavailable:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise VectorIndexUnavailable(
            f"ChromaDB cannot use {folder} ({_short(error)}); mend the disk or build the graph again"
        ) from error


def _short(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:300]
