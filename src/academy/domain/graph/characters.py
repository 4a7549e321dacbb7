"""What text is made of, where it comes from outside: halves of characters, and characters that nobody sees (GRA-1, GRA-3)."""

import re
import unicodedata

__all__ = ["is_blank", "is_whole", "whole"]

_HALF = re.compile("[\ud800-\udfff]")
_UNSEEN = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp", "Zs"])
"""General categories of what leaves no mark: controls, formats, halves, separators."""
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters and marks by their category, of which nothing is to be seen."""
_VARIATIONS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def is_whole(text: str) -> bool:
    """Return whether every encoding of Unicode can say it: it has no half of a surrogate pair."""
    return text.isascii() or not _HALF.search(text)


def whole(text: str) -> str:
    """Return text that every encoding of Unicode can say: halves of surrogate pairs are joined, or replaced."""
    return text if is_whole(text) else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_blank(text: str) -> bool:
    """Return whether there is nothing to be seen: spaces, zero-width and other format characters, fillers."""
    return all(map(_is_unseen, text))


def _is_unseen(letter: str) -> bool:
    return (
        unicodedata.category(letter) in _UNSEEN or letter in _FILLERS or _VARIATIONS.match(letter) is not None
    )
