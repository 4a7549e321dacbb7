"""Texts that are equal: each is a node of its own, but the collection is measured and grouped as if it stood there once.

Compared one by one, equal texts would be each other's only neighbours and fall apart into groups of a few.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from academy.application.ports.graph_maths import TextItem
from academy.infrastructure.statistics.arrays import Csr, Floats, Ints
from academy.infrastructure.statistics.nearest import Edges, Space

__all__ = ["Twins", "twins_of"]


@dataclass(frozen=True, slots=True)
class Twins:
    """Which texts are equal.

    Attributes:
        first: row of the first of each group of equal texts, ascending.
        group: number of the group of each row.
        place: how many of its group come before each row.
        sizes: of the groups.
    """

    first: Ints
    group: Ints
    place: Ints
    sizes: Ints

    @property
    def any(self) -> bool:
        """Return whether there are any."""
        return len(self.first) < len(self.group)

    def once(self, matrix: Csr) -> Csr:
        """Return the rows of the first of each group."""
        return matrix[self.first] if self.any else matrix

    def alone(self, space: Space) -> Space:
        """Return where the first of each group lie."""
        return Space(self.once(space.sparse), space.dense[self.first]) if self.any else space

    def spread(self, edges: Edges, most: int) -> Edges:
        """Return edges between groups as edges between texts, and those between equal ones, about `most` for each.

        The n-th of one group is tied to the n-th of the other; each text to those before and after it in its own.
        """
        if not self.any:
            return edges
        ends = np.cumsum(self.sizes)
        rows = np.argsort(self.group, kind="stable")
        starts = ends - self.sizes
        many = np.minimum(self.sizes[edges.source], self.sizes[edges.target])
        which = np.repeat(np.arange(len(many)), many)
        at = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
        source, target = (rows[starts[side][which] + at] for side in (edges.source, edges.target))
        parts = [Edges(source, target, edges.weight[which], edges.likeness[which])]
        size, start = self.sizes[self.group], starts[self.group]
        for away in range(1, max(1, most // 2) + 1):
            # Where the circle closes half-way round, each pair would come twice.
            one = np.flatnonzero((2 * away < size) | ((2 * away == size) & (self.place < away)))
            other = rows[start[one] + (self.place[one] + away) % size[one]]
            weight = np.full(len(one), 1 / away, np.float32)
            parts.append(Edges(one, other, weight, np.ones(len(one), np.float32)))
        return _sorted(parts)

    def reach(self, likeness: Floats, most: int) -> Floats:
        """Return how alike its nearest are to each text, (texts, most); `likeness`: of those of each group. Its equals come first."""
        if not self.any:
            return likeness
        wide = np.zeros((len(self.first), most), np.float32)
        wide[:, : likeness.shape[1]] = likeness
        columns = np.arange(most) - np.minimum(self.sizes - 1, most)[:, None]
        found: Floats = np.where(
            columns < 0, np.float32(1), np.take_along_axis(wide, np.maximum(columns, 0), 1)
        )
        return found[self.group]


def twins_of(items: Sequence[TextItem]) -> Twins:
    """Find equal texts; titles count only where they say more than the text."""
    numbers: dict[tuple[str, str], int] = {}
    first: list[int] = []
    group = np.zeros(len(items), np.int64)
    place = np.zeros(len(items), np.int64)
    sizes: list[int] = []
    for row, item in enumerate(items):
        said = ("", item.text) if len(item.text) > len(item.title) else (item.title, item.text)
        number = numbers.setdefault(said, len(first))
        if number == len(first):
            first.append(row)
            sizes.append(0)
        group[row], place[row] = number, sizes[number]
        sizes[number] += 1
    return Twins(np.array(first, np.int64), group, place, np.array(sizes, np.int64))


def _sorted(parts: Sequence[Edges]) -> Edges:
    source, target = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("source", "target")
    )
    low, high = np.minimum(source, target), np.maximum(source, target)
    order = np.lexsort((high, low))
    weight = np.concatenate([part.weight for part in parts])[order]
    return Edges(low[order], high[order], weight, np.concatenate([part.likeness for part in parts])[order])
