"""How far two ways of grouping the same things agree."""

from collections import Counter
from collections.abc import Hashable, Sequence
from math import log

from academy.application.ports.graph_maths import Analysed

__all__ = ["neighbours_agree", "nmi", "voted_right"]


def nmi(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """Mutual information over the mean of both entropies: 1 for the same groups, 0 for unrelated ones."""
    both = _entropy(list(zip(one, other, strict=True)))
    first, second = _entropy(one), _entropy(other)
    return 1.0 if first + second == 0 else 2 * (first + second - both) / (first + second)


def _entropy(labels: Sequence[Hashable]) -> float:
    many = len(labels)
    return -sum(times / many * log(times / many) for times in Counter(labels).values())


def neighbours_agree(found: Analysed, labels: Sequence[str]) -> float:
    """Share of the edges whose ends have one label."""
    same = sum(labels[edge.source] == labels[edge.target] for edge in found.neighbours)
    return same / max(1, len(found.neighbours))


def voted_right(found: Analysed, labels: Sequence[str]) -> float:
    """Share of the documents whose neighbours, by weight, vote for their label."""
    votes: list[Counter[str]] = [Counter() for _ in labels]
    for edge in found.neighbours:
        votes[edge.source][labels[edge.target]] += edge.weight  # type: ignore[assignment]
        votes[edge.target][labels[edge.source]] += edge.weight  # type: ignore[assignment]
    right = sum(
        bool(some) and some.most_common(1)[0][0] == label for some, label in zip(votes, labels, strict=True)
    )
    return right / max(1, len(labels))
