"""Nodes that say nearly the same."""

from collections import defaultdict
from collections.abc import Iterable

from academy.contracts.graph_file import GraphFile

__all__ = ["alike"]

_NEARLY_EQUAL = 0.98
_SAME_LENGTH = 0.9


def alike(graph: GraphFile) -> tuple[tuple[str, ...], ...]:
    """Return groups whose texts are equal, or so near that length and words agree."""
    by_id = {node.id: node for node in graph.nodes}
    first: dict[str, str] = {}
    pairs = [(first.setdefault(node.digest, node.id), node.id) for node in graph.nodes if node.characters]
    for edge in graph.edges:
        one, other = by_id[edge.source].characters, by_id[edge.target].characters
        if edge.similarity >= _NEARLY_EQUAL and min(one, other) >= _SAME_LENGTH * max(one, other) > 0:
            pairs.append((edge.source, edge.target))
    groups = _joined(pairs)
    groups.sort(key=lambda group: (-len(group), group))
    return tuple(groups)


def _joined(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return who belongs together when each pair does, groups of one left out."""
    leader: dict[str, str] = {}

    def lead(one: str) -> str:
        while leader.setdefault(one, one) != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for one, other in pairs:
        low, high = sorted((lead(one), lead(other)))
        leader[high] = low
    groups: dict[str, list[str]] = defaultdict(list)
    for one in sorted(leader):
        groups[lead(one)].append(one)
    return [tuple(group) for group in groups.values() if len(group) > 1]
