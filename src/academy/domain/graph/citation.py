"""What may be said to stand in a text: a name letter by letter in its span (GRA-6).

Nothing is corrected or guessed: "Databases" bears out no "database", and "art" does not stand in "party".
"""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Named", "Sifted", "place_of", "sift", "stands"]


@dataclass(frozen=True, slots=True)
class Named:
    """A name that somebody claims to stand somewhere in `text[start:end]`."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sifted:
    """Claims divided: where each accepted name stands, exactly, and the claims that nothing bears out."""

    standing: tuple[Named, ...]
    rejected: tuple[Named, ...]


def stands(text: str, start: int, end: int, surface: str) -> bool:
    """Whether `text[start:end]` is the surface, letter by letter; no empty one stands anywhere."""
    return 0 <= start < end <= len(text) and text[start:end] == surface


def place_of(text: str, name: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where a name stands first within `text[start:end]`, None when it does not.

    A name that begins or ends in Latin letters or digits must do so at the edge of a word; Korean endings may
    follow a Korean one.
    """
    start, end = max(0, start), min(end, len(text))
    at = text.find(name, start, end) if name.strip() else -1
    while at >= 0:
        if not _cuts(text, at) and not _cuts(text, at + len(name)):
            return at, at + len(name)
        at = text.find(name, at + 1, end)
    return None


def sift(text: str, claims: Iterable[Named]) -> Sifted:
    """Divide claims into names that stand in their span, with the place, and the others as they came."""
    standing: list[Named] = []
    rejected: list[Named] = []
    for claim in claims:
        place = place_of(text, claim.name, claim.start, claim.end)
        if place is None:
            rejected.append(claim)
        else:
            standing.append(Named(claim.name, *place))
    return Sifted(tuple(standing), tuple(rejected))


def _cuts(text: str, at: int) -> bool:
    """Whether a word of letters that need spaces, or a number, goes on over this place."""
    return 0 < at < len(text) and _spaced(text[at - 1]) and _spaced(text[at])


def _spaced(letter: str) -> bool:
    return letter.isalnum() and not "\u3040" <= letter <= "\u9fff" and not "\uac00" <= letter <= "\ud7a3"
