"""Vectors of a collection in memory, to be compared one by one.

ChromaDB's graph of neighbours (HNSW) loses its way among equal vectors: of 3,000, of which 2,000 are equal, it found none of the
others' ten nearest. Comparing 20,000 vectors of 128 numbers takes about a millisecond, and misses nothing.
"""

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from academy.application.ports.vector_index import Near

__all__ = ["ExactVectors", "as_units"]

Floats = NDArray[np.float32]


def as_units(dimension: int, vectors: Sequence["array[float]"]) -> Floats:
    """Return an array (n, dimension) of vectors of length 1; one of zeros stays so."""
    rows = np.array([np.asarray(each) for each in vectors], dtype=np.float64).reshape(-1, dimension)
    # Scaled first, so that squares of very small or large numbers are still numbers.
    rows /= np.maximum(np.abs(rows).max(axis=1, keepdims=True, initial=0.0), np.finfo(np.float64).tiny)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


class ExactVectors:
    """Ids and vectors (n, dimension) of length 1 or 0."""

    def __init__(self, ids: Sequence[str], units: Floats) -> None:
        """Take what a collection holds."""
        self._ids = list(ids)
        self._rows = {name: row for row, name in enumerate(ids)}
        self._units = units

    @property
    def whole(self) -> tuple[Sequence[str], Floats]:
        """Return all ids and their vectors (n, dimension)."""
        return self._ids, self._units[: len(self._ids)]

    def put(self, ids: Sequence[str], units: Floats) -> None:
        """Add or overwrite."""
        new = [at for at, name in enumerate(ids) if name not in self._rows]
        self._room(len(self._ids) + len(new))
        for at in new:
            self._rows[ids[at]] = len(self._ids)
            self._ids.append(ids[at])
        self._units[[self._rows[name] for name in ids]] = units

    def remove(self, ids: Sequence[str]) -> None:
        """Remove ids; missing ones are no error."""
        for name in ids:
            row = self._rows.pop(name, None)
            if row is None:
                continue
            last = self._ids.pop()
            if last != name:
                # The last one takes the free row.
                self._ids[row], self._rows[last] = last, row
                self._units[row] = self._units[len(self._ids)]

    def nearest(self, unit: Floats, count: int) -> Sequence[Near]:
        """Return the nearest, equal ones in the order of their ids."""
        total = len(self._ids)
        similar = np.clip(self._units[:total] @ unit, -1.0, 1.0)
        rows = np.arange(total)
        if count < total:
            least = np.partition(similar, total - count)[total - count]
            rows = np.flatnonzero(similar >= least)
        found = [Near(self._ids[row], float(similar[row])) for row in rows]
        return sorted(found, key=lambda each: (-each.similarity, each.id))[:count]

    def _room(self, count: int) -> None:
        if count > len(self._units):
            # A quarter more than needed, so that adding one at a time copies seldom.
            wider = np.zeros((count + count // 4, self._units.shape[1]), dtype=np.float32)
            wider[: len(self._ids)] = self._units[: len(self._ids)]
            self._units = wider
