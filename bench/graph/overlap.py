"""How much of what people wrote, keywords or a summary, is in what a program found."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from academy.infrastructure.morphology.words import bare, stem

__all__ = ["key_f1", "rouge", "stems"]

_WORD = re.compile(r"[가-힣]+|[^\W_가-힣]+")


def stems(text: str) -> list[str]:
    """Words in lower case, without particles and endings."""
    words = _WORD.findall(text.lower())
    return [bare(word) if "가" <= word[0] <= "힣" else stem(word).rstrip("e") or word for word in words]


def key_f1(wanted: Iterable[str], found: Iterable[str], most: int) -> float:
    """F1 of the first `most` keywords, each counted once; two are the same by their stems."""
    right = {" ".join(stems(one)) for one in wanted}
    first = list(dict.fromkeys(" ".join(stems(one)) for one in found))[:most]
    return _f1(len(right.intersection(first)), len(right), len(first))


def rouge(wanted: str, found: str) -> tuple[float, float, float]:
    """ROUGE-1, ROUGE-2 and ROUGE-L of stems, as F1 (Lin, "ROUGE", 2004)."""
    one, other = stems(wanted), stems(found)
    return _of_runs(one, other, 1), _of_runs(one, other, 2), _f1(_common(one, other), len(one), len(other))


def _of_runs(one: Sequence[str], other: Sequence[str], size: int) -> float:
    first, second = (Counter(zip(*(some[at:] for at in range(size)), strict=False)) for some in (one, other))
    return _f1((first & second).total(), first.total(), second.total())


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    before = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for at, another in enumerate(other):
            row.append(before[at] + 1 if word == another else max(row[-1], before[at + 1]))
        before = row
    return before[-1]


def _f1(right: int, wanted: int, found: int) -> float:
    return 2 * right / (wanted + found) if right else 0.0
