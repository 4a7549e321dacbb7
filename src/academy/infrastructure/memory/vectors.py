"""Vectors in a dictionary: for tests and for trying things out; gone with the process."""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from operator import mul

from academy.application.ports.vector_index import Near, VectorMismatch, VectorSpace
from academy.domain.graph.vectors import check_ids, check_vector, check_vectors

__all__ = ["MemoryVectorIndex"]


@dataclass(slots=True)
class _Collection:
    space: VectorSpace
    units: dict[str, "array[float]"] = field(default_factory=dict)

    def put(self, ids: Sequence[str], vectors: Sequence["array[float]"]) -> None:
        self.units.update(zip(ids, map(_unit, vectors), strict=True))


class MemoryVectorIndex:
    """VectorIndex of one process; every answer is exact, equal ones in the order of their ids."""

    def __init__(self) -> None:
        self._collections: dict[tuple[str, str], _Collection] = {}

    async def replace(
        self,
        tenant_id: str,
        user_id: str,
        space: VectorSpace,
        ids: Sequence[str],
        vectors: Sequence["array[float]"],
    ) -> None:
        """See VectorIndex."""
        check_vectors(space.dimension, space.metric, ids, vectors)
        made = _Collection(space)
        made.put(ids, vectors)
        self._collections[tenant_id, user_id] = made

    async def upsert(
        self,
        tenant_id: str,
        user_id: str,
        space: VectorSpace,
        ids: Sequence[str],
        vectors: Sequence["array[float]"],
    ) -> None:
        """See VectorIndex."""
        held = self._held(tenant_id, user_id, space)
        if held is None:
            await self.replace(tenant_id, user_id, space, ids, vectors)
            return
        check_vectors(space.dimension, space.metric, ids, vectors)
        held.put(ids, vectors)

    async def remove(self, tenant_id: str, user_id: str, ids: Sequence[str]) -> None:
        """See VectorIndex."""
        check_ids(ids)
        held = self._collections.get((tenant_id, user_id))
        if held is not None:
            for each in ids:
                held.units.pop(each, None)

    async def nearest(
        self, tenant_id: str, user_id: str, space: VectorSpace, vector: "array[float]", count: int
    ) -> Sequence[Near]:
        """See VectorIndex."""
        held = self._held(tenant_id, user_id, space)
        check_vector(space.dimension, vector)
        if held is None:
            return ()
        asked = _unit(vector)
        near = (Near(name, _similarity(asked, unit)) for name, unit in held.units.items())
        return nsmallest(max(count, 0), near, key=lambda each: (-each.similarity, each.id))

    async def space(self, tenant_id: str, user_id: str) -> tuple[VectorSpace, int] | None:
        """See VectorIndex."""
        held = self._collections.get((tenant_id, user_id))
        return None if held is None else (held.space, len(held.units))

    async def erase(self, tenant_id: str, user_id: str) -> None:
        """See VectorIndex."""
        self._collections.pop((tenant_id, user_id), None)

    async def ping(self) -> None:
        """See VectorIndex."""

    def _held(self, tenant_id: str, user_id: str, space: VectorSpace) -> _Collection | None:
        held = self._collections.get((tenant_id, user_id))
        if held is not None and held.space != space:
            raise VectorMismatch(f"the collection holds {held.space}, not {space}")
        return held


def _unit(vector: "array[float]") -> "array[float]":
    length = math.hypot(*vector)
    return array("d", vector if not length else [each / length for each in vector])


def _similarity(first: "array[float]", second: "array[float]") -> float:
    # Rounding must not make it more than 1.
    return max(-1.0, min(1.0, math.fsum(map(mul, first, second))))
