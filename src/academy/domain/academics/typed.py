"""Names and identifiers as people type them: cleaned, or what is wrong with them."""

import re
import unicodedata

from academy.domain.academics.refusals import (
    IDENTIFIER_MALFORMED,
    NAME_BLANK,
    NAME_CONTROL_CHARACTER,
    NAME_TOO_LONG,
)
from academy.domain.failures import Failure

__all__ = ["LONGEST_NAME", "Unreadable", "identifier", "name"]

LONGEST_NAME = 100
_FAR_TOO_LONG = 10 * LONGEST_NAME
_IDENTIFIER = re.compile(r"[0-9]{8}")
# Letters by their category, but nothing is seen of them: the Hangul fillers and the blank Braille pattern.
_UNSEEN = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# They come along when a cell of a spreadsheet is copied.
_NO_WIDTH = "\u200b\u2060\ufeff"
# They turn the direction of all that follows, so a list would show what nobody typed.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Unreadable(ValueError):
    """A text that is no name or identifier; never holds the text itself."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def name(text: str) -> str:
    """Return a name without blanks around it, 1 to 100 characters, in NFC as most keyboards type it. Raises Unreadable.

    A Mac's keyboard may send Hangul taken apart (NFD), and a class would not be found by its name. Emoji are letters like others.
    """
    if len(text) > _FAR_TOO_LONG:
        raise Unreadable(NAME_TOO_LONG)
    cleaned = unicodedata.normalize("NFC", text).strip().strip(_NO_WIDTH).strip()
    if all(_blank(letter) for letter in cleaned):
        raise Unreadable(NAME_BLANK)
    if len(cleaned) > LONGEST_NAME:
        raise Unreadable(NAME_TOO_LONG)
    if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} or letter in _TURNING for letter in cleaned):
        raise Unreadable(NAME_CONTROL_CHARACTER)
    return cleaned


def identifier(text: str) -> str:
    """Return the 8 digits that name a student on answer sheets. Raises Unreadable."""
    digits = unicodedata.normalize("NFKC", text[:LONGEST_NAME]).strip()
    if not _IDENTIFIER.fullmatch(digits):
        raise Unreadable(IDENTIFIER_MALFORMED)
    return digits


def _blank(letter: str) -> bool:
    return letter in _UNSEEN or letter.isspace() or unicodedata.category(letter) == "Cf"
