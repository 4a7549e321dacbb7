"""Texts to counts of the words that stand in them, and words to what documents are compared by.

Scripts that leave spaces out, or let endings stick to the words (Korean), are compared by pairs of
characters within words; the others by lower-case words without the most common ones.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from academy.infrastructure.statistics.arrays import Csr, Ints, csr

__all__ = ["FIRST_WORDS", "Counted", "count", "mapped", "plain_word", "terms_of"]

_ASCII = bytes(code if chr(code).isascii() and chr(code).isalnum() else 0x20 for code in range(256))
"""What stands between words of plain ASCII becomes a space: quicker than looking for the words."""
_PAIRED = "ㄱ-ㆎ가-힣ぁ-ヺー㐀-䶿一-鿿"
_WORD = re.compile(rf"[가-힣ㄱ-ㆎ]+|[ぁ-ゖ]+|[ァ-ヺー]+|[㐀-䶿一-鿿]+|[^\W_{_PAIRED}]+")
_IS_PAIRED = re.compile(rf"[{_PAIRED}]")
_LONGEST = 40
_PLURAL_ES = ("sses", "shes", "ches", "xes")
_SAYS_NOTHING = """
a about above after again all also am an and any are as at be because been before being below between
both but by can could did do does doing don down during each else few for from further get had has have
having he her here hers him his how http https if in into is it its itself just ll may me might more most
much must my no nor not of off on once one only or other our out over own per re same she should so some
such than that the their them then there these they this those through to too two under until up us use
used using ve very was we were what when where which while who whom why will with would www you your
yours
"""
_STOP = frozenset(_SAYS_NOTHING.split())

FIRST_WORDS = 2000
"""Words of a text whose order is kept."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Words as they stand in the texts, in order of first appearance, and how often: (texts, words).

    Attributes:
        order: the first words of every text, by number, one text after the other.
        order_ends: where those of each text begin, and where the last ones end.
    """

    surfaces: list[str]
    counts: Csr
    order: Ints
    order_ends: list[int]


class _Numbers(dict[str, int]):
    """Gives every new word the next number."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


def count(texts: Iterable[str]) -> Counted:
    """Count the words of each text; capitals stay."""
    numbers = _Numbers()
    number_of = numbers.__getitem__
    data, indices, ends = [], [], [0]
    order: list[NDArray[Any]] = []
    for text in texts:
        words = _words(text)
        stands = np.fromiter(map(number_of, words), np.int32, len(words))
        found, times = np.unique(stands, return_counts=True)
        order.append(stands[:FIRST_WORDS].copy())
        data.append(times.astype(np.float32))
        indices.append(found)
        ends.append(ends[-1] + len(found))
    shape = (len(ends) - 1, len(numbers))
    order_ends = [0, *accumulate(map(len, order))]
    return Counted(
        list(numbers), csr(_joined(data), _joined(indices), ends, shape), _joined(order), order_ends
    )


def _words(text: str) -> list[str]:
    if text.isascii():
        return text.encode().translate(_ASCII).decode().split()
    return _WORD.findall(unicodedata.normalize("NFKC", text))


def mapped(
    counts: Csr, surfaces: Sequence[str], terms: Callable[[str], Sequence[str]]
) -> tuple[Csr, list[str]]:
    """Return counts of words as counts of what `terms` makes of each: (texts, terms), and the terms."""
    numbers = _Numbers()
    number_of = numbers.__getitem__
    columns: list[int] = []
    ends = [0]
    for surface in surfaces:
        columns += map(number_of, terms(surface))
        ends.append(len(columns))
    turned = csr(np.ones(len(columns)), columns, ends, (len(surfaces), len(numbers)))
    found = (counts @ turned).tocsr()
    found.sort_indices()
    return found, list(numbers)


def terms_of(surface: str) -> Sequence[str]:
    """Return what a word is compared by: pairs of characters, or its plain form, or nothing."""
    if _IS_PAIRED.match(surface):
        return [one + other for one, other in pairwise(surface)] or [surface]
    word = plain_word(surface)
    return [word] if word else []


def plain_word(surface: str) -> str:
    """Return an English or other spaced word in lower case, "" for one that says nothing."""
    word = surface.lower()
    if not 2 <= len(word) <= _LONGEST or word in _STOP:
        return ""
    if len(word) <= 3 or word[-1] != "s" or word[-2] in "siu":
        return word
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(_PLURAL_ES) else word[:-1]


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, np.int32)
