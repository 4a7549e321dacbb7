"""Where new texts go in a graph that is there: cluster, subcluster and place, by their neighbours."""

import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]
from scipy.sparse import csgraph  # type: ignore[import-untyped]

from academy.infrastructure.statistics.arrays import Ints
from academy.infrastructure.statistics.groups import clusters_of

__all__ = ["Member", "Settled", "Tie", "settled"]

Member = tuple[str, str, float, float]
_AROUND = 0.6
"""How far a new text stands from the middle of its neighbours."""
_LARGE = 12
"""Texts from which on a group may be several."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A new text's neighbour: row, weight, likeness."""

    row: int
    weight: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Settled:
    """Of each new text: cluster and subcluster, place, and which of those without a cluster belong together (-1 of others)."""

    clusters: tuple[tuple[str, str], ...]
    places: tuple[tuple[float, float], ...]
    groups: tuple[int, ...]


def settled(
    ids: Sequence[str], rows: Ints, ties: Sequence[Sequence[Tie]], members: Mapping[str, Member]
) -> Settled:
    """Texts that have only new neighbours follow these; those that are near nobody who has a cluster form groups at the edge."""
    fresh = {ids[row] for row in rows}
    placed: dict[str, Member] = {}

    def at_place(one: str) -> Member | None:
        return placed.get(one) or (None if one in fresh else members.get(one))

    waiting = list(range(len(rows)))
    while waiting:
        found_now = {at: _where(ids, ids[rows[at]], ties[at], at_place) for at in waiting}
        found = {at: where for at, where in found_now.items() if where}
        if not found:
            break
        placed |= {ids[rows[at]]: where for at, where in found.items()}
        waiting = [at for at in waiting if at not in found]
    groups = np.full(len(rows), -1, np.int64)
    if waiting:
        groups[waiting] = _groups(rows[waiting], [ties[at] for at in waiting])
        there = (*placed.values(), *(where for one, where in members.items() if one not in fresh))
        edge = 2 + max((abs(number) for where in there for number in where[2:]), default=0.0)
        first: dict[int, str] = {}
        for at in waiting:
            own = ids[rows[at]]
            x, y = _beside(first.setdefault(int(groups[at]), own), 0.0, 0.0, edge)
            alone = first[int(groups[at])] == own
            placed[own] = ("", "", x, y) if alone else ("", "", *_beside(own, x, y, _AROUND))
    chosen = [placed[ids[row]] for row in rows]
    return Settled(
        tuple(where[:2] for where in chosen), tuple(where[2:] for where in chosen), tuple(groups.tolist())
    )


def _groups(rows: Ints, ties: Sequence[Sequence[Tie]]) -> Ints:
    """Return the number of the group that each text hangs together with, in order; a large one is divided as a build does it."""
    at_row = {int(row): at for at, row in enumerate(rows)}
    found = [
        (at, at_row[tie.row], tie.weight) for at, some in enumerate(ties) for tie in some if tie.row in at_row
    ]
    source, target, weight = (np.array(each) for each in zip(*found, strict=True)) if found else ([], [], [])
    one_way = sparse.csr_array((weight, (source, target)), shape=(len(rows), len(rows)), dtype=np.float64)
    matrix = one_way.maximum(one_way.T).tocsr()
    matrix.sort_indices()
    many, labels = csgraph.connected_components(matrix, directed=False)
    labels = labels.astype(np.int64)
    for large in np.flatnonzero(np.bincount(labels) >= _LARGE).tolist():
        members = np.flatnonzero(labels == large)
        inner = matrix[members][:, members].tocsr()
        inner.sort_indices()
        labels[members] = many + clusters_of(inner, np.empty(0, np.int64), 0)
        many = int(labels.max()) + 1
    _, firsts, numbers = np.unique(labels, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(firsts))
    in_order: Ints = order[numbers]
    return in_order


def _where(
    ids: Sequence[str], own: str, ties: Sequence[Tie], at_place: Callable[[str], Member | None]
) -> Member | None:
    """Return the cluster that weighs most among the neighbours, and the subcluster within it."""
    votes: defaultdict[str, float] = defaultdict(float)
    near = [(tie.weight, where) for tie in ties if (where := at_place(ids[tie.row]))]
    for weight, where in near:
        votes[where[0]] += weight
    if not votes:
        return None
    cluster = min(votes, key=lambda name: (-round(votes[name], 6), name))
    inside = [(weight, where) for weight, where in near if where[0] == cluster]
    parts: defaultdict[str, float] = defaultdict(float)
    for weight, where in inside:
        parts[where[1]] += weight
    part = min(parts, key=lambda name: (-round(parts[name], 6), name))
    total = sum(weight for weight, _ in inside)
    x = sum(weight * where[2] for weight, where in inside) / total
    y = sum(weight * where[3] for weight, where in inside) / total
    return (cluster, part, *_beside(own, x, y, _AROUND))


def _beside(own: str, x: float, y: float, away: float) -> tuple[float, float]:
    """Return a place around (x, y), always the same for an id."""
    angle = zlib.crc32(own.encode("utf-8", "surrogatepass")) / 2**32 * 2 * np.pi
    return round(x + away * float(np.cos(angle)), 4), round(y + away * float(np.sin(angle)), 4)
