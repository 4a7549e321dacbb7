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
_THING = re.compile(
    r".*\b(?:Wars?|Prizes?|Awards?|Medal|Revolution|Dynasty|Empire|Treaty|Act|Battle|Cycle|Theorem|Law|Laws|Theory|"
    r"Principle|Equation|Formula|Effect|Age|Era|Period|Games|Cup|Day|Chapter|Unit|Part|Figure|Table|Section|Test|"
    r"Language|Languages|System|Systems|Model|Method|Movement|Reform|Renaissance|Declaration|Constitution)"
    r"(?: [IVX]+)?"
)
_ADJECTIVE = re.compile(r"(?:[A-Z][a-z]+(?:ean|ish|ese|ian|ch)|Dutch|Greek|German|Roman)")
_DIRECTION = frozenset({"North", "South", "East", "West", "New", "Great", "Northern", "Southern"})
_ACTED = re.compile(
    r" (?:\([^()]*\) )?(?:was born|died|wrote|discovered|invented|painted|composed|proved|married|studied|"
    r"argued|believed|thought)\b"
)
_DONE_BY = re.compile(r"(?:discovered|invented|written|painted|composed|proved|proposed|described) by $")
_CELL = re.compile(r"(?:[|\t]\s*|,(?=$))$")
_NAME = re.compile(r"[A-Z][a-z]+(?:-[A-Z][a-z]+)*")
_IN = re.compile(r"(?:\b[Ii]n|\b[Nn]ear) (?:the )?$")
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
    opened = not sentence[:start].strip(" \"'“‘([*_#>-0123456789.") or bool(_CELL.search(sentence[:start]))
    word, space, _ = sentence[start:end].partition(" ")
    if word in _OPENERS and space:
        return start + len(word) + 1, False
    return start, opened


def _is_acronym(words: str) -> bool:
    return sum(map(str.isupper, words)) > 1 or any(map(str.isdigit, words))


def _kind(sentence: str, start: int, words: str) -> Kind:
    parts = words.split(" ")
    named = parts[-1] in lists.PLACES and (len(parts) == 1 or parts[0] in _DIRECTION)
    if named or _PLACE.fullmatch(words):
        return "place"
    if _ORGANISATION.fullmatch(words):
        return "organisation"
    if len(parts) > 1 and _KOREAN.search(sentence):
        return "term"
    if any(map(_is_acronym, parts)):
        return "other"
    return _plain_kind(sentence, start, parts)


def _plain_kind(sentence: str, start: int, parts: list[str]) -> Kind:
    """Return the kind of words of which none tells anything: by their number and by what stands around them."""
    words, before = " ".join(parts), sentence[max(0, start - 24) : start]
    acts = _ACTED.match(sentence, start + len(words)) or _DONE_BY.search(before)
    if len(parts) == 1:
        within: Kind = "place" if _PREPOSITION.search(before) else "other"
        return "person" if acts and _NAME.fullmatch(words) else within
    if _THING.fullmatch(words) or _ADJECTIVE.fullmatch(parts[0]):
        return "other"
    if len(parts) > 4 or not all(part.isalpha() or part.endswith(".") for part in parts):
        return "other"
    if _PREPOSITION.search(before) and not acts:
        return "place" if _IN.search(before) else "other"
    return "person"
