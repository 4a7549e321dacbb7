"""Port: vectors and ids of a user's graph, to be asked for what is near (GRA-3, GRA-8). No text is ever kept in it."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Near", "VectorIndex", "VectorIndexUnavailable", "VectorMismatch", "VectorSpace", "VectorsLost"]


class VectorIndexUnavailable(Exception):
    """The index cannot be reached or written; may work later. Never an empty answer."""


class VectorsLost(VectorIndexUnavailable):
    """What an owner's collection held is gone or damaged; `replace` and `erase` work all the same, and nothing else mends it."""


class VectorMismatch(Exception):
    """A collection holds vectors of another model, dimension or metric."""


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """What vectors of one collection have in common; recorded with it."""

    model: str
    dimension: int
    metric: str = "cosine"


@dataclass(frozen=True, slots=True)
class Near:
    """An id and how near it is: cosine similarity, -1 to 1."""

    id: str
    similarity: float


class VectorIndex(Protocol):
    """Collections of vectors, one per owner (tenant and user). Ids are opaque Unicode, up to 1,000 characters.

    Every method raises VectorIndexUnavailable, and VectorsLost where what was written before is not there any more. `replace` and
    `upsert` are all or nothing: whoever asks later finds all that they named or none of it, also when the process was killed in one.
    """

    async def replace(
        self,
        tenant_id: str,
        user_id: str,
        space: VectorSpace,
        ids: Sequence[str],
        vectors: Sequence["array[float]"],
    ) -> None:
        """Make these the whole collection, of this space; what was there and is not named is gone."""
        ...

    async def upsert(
        self,
        tenant_id: str,
        user_id: str,
        space: VectorSpace,
        ids: Sequence[str],
        vectors: Sequence["array[float]"],
    ) -> None:
        """Add or overwrite. Raises VectorMismatch when the collection is of another space."""
        ...

    async def remove(self, tenant_id: str, user_id: str, ids: Sequence[str]) -> None:
        """Remove ids; missing ones are no error."""
        ...

    async def nearest(
        self, tenant_id: str, user_id: str, space: VectorSpace, vector: "array[float]", count: int
    ) -> Sequence[Near]:
        """Return the nearest, the nearest first; () for an owner without a collection. Raises VectorMismatch."""
        ...

    async def space(self, tenant_id: str, user_id: str) -> tuple[VectorSpace, int] | None:
        """Return what a collection holds and how many, None for an owner without one."""
        ...

    async def erase(self, tenant_id: str, user_id: str) -> None:
        """Remove everything of an owner so that its bytes are on no disk of ours any more (GRA-8)."""
        ...

    async def ping(self) -> None:
        """Raise VectorIndexUnavailable unless it can work now."""
        ...
