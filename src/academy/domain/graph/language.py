"""Which language a text is in, told from its letters alone."""

from typing import Literal

__all__ = ["Language", "language_of"]

Language = Literal["ko", "en", "other"]
_LOOKED_AT = 20_000
_LEAST_SHARE = 0.15
"""Korean texts about computing are full of English words, English ones about Korea of few Korean letters."""


def language_of(text: str) -> Language:
    """Return "ko" or "en", "other" for a text that has few letters of either."""
    some = text[:_LOOKED_AT]
    hangul = sum("가" <= letter <= "힣" for letter in some)
    latin = sum(letter.isascii() and letter.isalpha() for letter in some)
    others = sum(letter.isalpha() for letter in some) - hangul - latin
    if others > hangul + latin:
        return "other"
    if hangul and hangul >= _LEAST_SHARE * (hangul + latin):
        return "ko"
    return "en" if latin else "other"
