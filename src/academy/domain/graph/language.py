"""Which language a text is in, told from its letters alone."""

import re
import string
from typing import Literal

__all__ = ["Language", "language_of"]

Language = Literal["ko", "en", "other"]
_LOOKED_AT = 20_000
_LEAST_SHARE = 0.15
"""Korean texts about computing are full of English words, English ones about Korea of few Korean letters."""
_NO_LETTERS = bytes(set(range(256)) - set(string.ascii_letters.encode()))
_LATIN = re.compile("[A-Za-z]")
_HANGUL = re.compile("[가-힣]+")
_ASCII_OR_HANGUL = re.compile("[\x00-\x7f가-힣]+")


def language_of(text: str) -> Language:
    """Return "ko" or "en", "other" for a text that has few letters of either."""
    some = text[:_LOOKED_AT]
    if some.isascii():
        return "en" if _LATIN.search(some) else "other"
    latin = len(some.encode("ascii", "ignore").translate(None, _NO_LETTERS))
    hangul = sum(map(len, _HANGUL.findall(some)))
    others = sum(map(str.isalpha, _ASCII_OR_HANGUL.sub("", some)))
    if others > hangul + latin:
        return "other"
    if hangul and hangul >= _LEAST_SHARE * (hangul + latin):
        return "ko"
    return "en" if latin else "other"
