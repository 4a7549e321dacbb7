"""Names in English sentences, and foreign names within Korean ones: runs of capitalised words."""

import re
from collections.abc import Iterator

from academy.infrastructure.morphology import word_lists as lists
from academy.infrastructure.morphology.spots import Kind, Spot

__all__ = ["english_spots"]

_CAPITAL = r"(?:[A-Z][A-Za-z0-9&+#]*(?:['’-][A-Za-z]+)*|[A-Z]\.)"
_RUN = re.compile(
    rf"(?<![A-Za-z0-9]){_CAPITAL}(?:(?: |-)(?:(?:of|the|de|la|von|van|der|al|"
    rf"&) (?:the )?(?={_CAPITAL}))?{_CAPITAL})*(?![A-Za-z])"
)
_HONORIFIC = re.compile(
    r"(?:Mr|Mrs|Ms|Dr|Prof|Sir|Lord|Lady|President|Professor|Senator|King|Queen|Prince|Princess|Pope|"
    r"Captain|General|Judge)\.? "
)
_ORGANISATION = re.compile(
    r".*\b(?:Inc|Ltd|Corp|Co|LLC|GmbH|Corporation|Company|University|College|Institute|School|Bank|"
    r"Group|Foundation|Association|Agency|"
    r"Committee|Commission|Council|Ministry|Department|Party|Union|Organi[sz]ation|Club|Museum|Library|"
    r"Society|Press|Times|Court|Church|"
    r"Hospital|Laborator(?:y|ies)|Bureau|Parliament|Congress|Senate|Army|Navy)\b.*"
)
_PLACE = re.compile(
    r".*\b(?:City|County|River|Mountains?|Mount|Lake|Island|Islands|Street|Avenue|Park|Valley|Sea|Ocean|"
    r"Bay|Airport|Bridge|Province|State|Kingdom|Republic)\b.*"
)
_PREPOSITION = re.compile(r"(?:\b[Ii]n|\b[Aa]t|\b[Ff]rom|\b[Nn]ear) (?:the )?$")
_SUBJECT = re.compile(
    r"(?:['’]s)?,? (?:\([^()]*\) )?(?:is|was|are|were|has|had|can|will|may|uses?|causes?|consists|"
    r"contains|became|founded|developed|invented|"
    r"created|wrote|released|announced|said|leads?)\b"
)
_KOREAN = re.compile("[가-힣]")
_OPENERS = lists.word_set(
    """
    The A An In On At For From By With As If When While After Before Since Although This That These
    Those It He She They We You I But And Or So However There Here His Her Its Their Our My Your What
    Who How Why Where Which Then Thus Also Some Many Most All Each Every No Not Yes New One Two First
    Today Yesterday Once During Because Unlike Like Let See Note Use Click Choose Select
    """
)


def english_spots(sentence: str) -> Iterator[Spot]:
    """Yield the runs of capitalised words of a sentence; they do not overlap."""
    shouted = sum(map(str.isupper, sentence)) > 0.6 * sum(map(str.isalpha, sentence)) and len(sentence) > 20
    for found in _RUN.finditer(sentence):
        start, end = found.span()
        start, opened = _opened(sentence, start, end)
        words = sentence[start:end]
        if (
            end - start < 2
            or end - start > 120
            or words in lists.STOP_WORDS
            or words in _OPENERS
            or (shouted and " " in words)
        ):
            continue
        if opened and " " not in words and not _is_acronym(words):
            rank = (
                2 if _SUBJECT.match(sentence, end) else 1
            )  # one of rank 1 stays where the document has it elsewhere
            yield Spot(start, end, _kind(sentence, start, words), 0.4 if rank > 1 else 0.35, rank)
        else:
            honorific = _HONORIFIC.match(words)
            start += len(honorific.group()) if honorific else 0
            if start < end:
                kind: Kind = "person" if honorific else _kind(sentence, start, sentence[start:end])
                yield Spot(start, end, kind, 0.65, 3)


def _opened(sentence: str, start: int, end: int) -> tuple[int, bool]:
    """Leave out a capital that only begins the sentence; say whether the run still begins it."""
    opened = not sentence[:start].strip(" \"'“‘([*_#>-0123456789.")
    if opened:
        word, space, _ = sentence[start:end].partition(" ")
        if word in _OPENERS and space:
            return start + len(word) + 1, False
    return start, opened


def _is_acronym(words: str) -> bool:
    return sum(map(str.isupper, words)) > 1 or any(map(str.isdigit, words))


def _kind(sentence: str, start: int, words: str) -> Kind:
    if words in lists.PLACES or _PLACE.fullmatch(words):
        return "place"
    if _ORGANISATION.fullmatch(words):
        return "organisation"
    parts = words.split(" ")
    if len(parts) > 1 and _KOREAN.search(sentence):
        return "term"
    if (
        2 <= len(parts) <= 4
        and all(part.isalpha() or part.endswith(".") for part in parts)
        and not any(map(_is_acronym, parts))
    ):
        return "place" if _PREPOSITION.search(sentence[max(0, start - 12) : start]) else "person"
    if (
        len(parts) == 1
        and _PREPOSITION.search(sentence[max(0, start - 12) : start])
        and not _is_acronym(words)
    ):
        return "place"
    return "other"
