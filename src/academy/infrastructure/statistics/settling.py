"""Where new texts go in a graph that is there: cluster, subcluster and place, by their neighbours."""

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from academy.infrastructure.statistics.arrays import Ints

__all__ = ["Member", "Tie", "settled"]

Member = tuple[str, str, float, float]
_AROUND = 0.6
"""How far a new text stands from the middle of its neighbours."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A new text's neighbour: row, weight, likeness."""

    row: int
    weight: float
    likeness: float


def settled(
    ids: Sequence[str], rows: Ints, ties: Sequence[Sequence[Tie]], members: Mapping[str, Member]
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[float, float], ...]]:
    """Cluster, subcluster and place; texts that have only new neighbours follow these."""
    fresh = {ids[row] for row in rows}
    placed: dict[str, Member] = {one: where for one, where in members.items() if one not in fresh}
    waiting = list(range(len(rows)))
    while waiting:
        found_now = {at: _where(ids, ids[rows[at]], ties[at], placed) for at in waiting}
        found = {at: where for at, where in found_now.items() if where}
        if not found:
            break
        placed |= {ids[rows[at]]: where for at, where in found.items()}
        waiting = [at for at in waiting if at not in found]
    edge = (
        2 + max((abs(number) for where in placed.values() for number in where[2:]), default=0.0)
        if waiting
        else 0.0
    )
    for at in waiting:
        placed[ids[rows[at]]] = ("", "", *_beside(ids[rows[at]], 0.0, 0.0, edge))
    chosen = [placed[ids[row]] for row in rows]
    return tuple(where[:2] for where in chosen), tuple(where[2:] for where in chosen)


def _where(ids: Sequence[str], own: str, ties: Sequence[Tie], placed: Mapping[str, Member]) -> Member | None:
    """Return the cluster that weighs most among the neighbours, and the subcluster within it."""
    votes: defaultdict[str, float] = defaultdict(float)
    near = [(tie.weight, placed[ids[tie.row]]) for tie in ties if ids[tie.row] in placed]
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
