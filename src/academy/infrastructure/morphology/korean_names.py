"""Names in Korean sentences: runs of nouns with a proper one, or whose last word tells their kind."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from academy.infrastructure.morphology import word_lists as lists
from academy.infrastructure.morphology.hints import kind_in_context, kind_said
from academy.infrastructure.morphology.kiwi import Morpheme
from academy.infrastructure.morphology.korean_chunks import Chunk, is_cut
from academy.infrastructure.morphology.korean_kinds import (
    is_korean_person,
    korean_kind,
    names_a_country,
    spelled_kind,
)
from academy.infrastructure.morphology.spots import Kind, Spot

__all__ = ["korean_spots", "recalled_spots"]

_NAME_TAGS = frozenset({"NNP", "NNG", "NR", "MM"})
_PARTICLES = frozenset("용의은는을를이가에과와")
_ENGLISH_AFTER = re.compile(r" [A-Za-z]?[a-z]+\b")
_LOOSE_ENDS = ("당", "위원", "집단군", "연합", "생명", "학파", "카드", "통신", "보험")


def korean_spots(sentence: str, morphemes: Sequence[Morpheme], chunks: Sequence[Chunk]) -> Iterator[Spot]:
    """Yield the names of a sentence; they may overlap."""
    at = 0
    while at < len(chunks):
        joined = _joined(sentence, chunks, at)
        if joined > at:
            start, end = chunks[at].start, chunks[joined].end
            yield _named(sentence, start, end, 6, title=_title_after(sentence, end))
            at = joined + 1
            continue
        yield from _alone(sentence, chunks[at])
        at += 1
    yield from _called(sentence, morphemes)


def recalled_spots(chunks: Sequence[Chunk], known: dict[str, Kind]) -> Iterator[Spot]:
    """Yield chunks that are, or begin with, a name that the document has elsewhere."""
    for chunk in chunks:
        surface = chunk.surface
        for length in range(len(surface), 1, -1):
            kind = known.get(surface[:length])
            if kind is not None and (length == len(surface) or length > 2):
                yield Spot(chunk.start, chunk.start + length, kind, 0.6, 4)
                break


def _joined(sentence: str, chunks: Sequence[Chunk], at: int) -> int:
    """Return the index of the last chunk that belongs to the name that begins at `at`."""
    last = at
    foreign = {word.tag for word in chunks[at].words} in ({"SL"}, {"SN", "SL"})
    if foreign and at + 1 < len(chunks) and sentence[chunks[at].end : chunks[at + 1].start] == " ":
        return at + (chunks[at + 1].surface in lists.SPACED_ENDS)
    if not chunks[at].proper or names_a_country(chunks[at].surface):
        return at
    while last + 1 < len(chunks) and last - at < 4:
        here, after = chunks[last], chunks[last + 1]
        if _is_number(sentence, after) and sentence[here.end : after.start] == " ":
            return last + 1
        if sentence[here.end : after.start] not in {" ", "·"}:
            break
        if after.surface in lists.SPACED_ENDS and not lists.ORGANISATION_ENDS.fullmatch(here.surface):
            return last + 1
        if sentence[here.end] == "·" or not _goes_on(here, after):
            break
        last += 1
    return last


def _is_number(sentence: str, chunk: Chunk) -> bool:
    """Whether a chunk is a bare number, as in "엑스박스 360", and counts nothing."""
    after = sentence[chunk.end : chunk.end + 1]
    bare = [word.tag for word in chunk.words] == ["SN"]
    return bare and (
        after in _PARTICLES
        or (not after.isalnum() and not sentence[chunk.end :].startswith((" 개", "%", "년")))
    )


def _goes_on(here: Chunk, after: Chunk) -> bool:
    if not after.proper or names_a_country(after.surface) or is_korean_person(after.surface):
        return False
    ends = lists.ORGANISATION_ENDS.fullmatch(here.surface) or lists.ORGANISATION_ENDS.fullmatch(after.surface)
    return not ends and not (len(here.surface) > 1 and lists.PLACE_ENDS.fullmatch(here.surface))


def _alone(sentence: str, chunk: Chunk) -> Iterator[Spot]:
    words, surface = chunk.words, chunk.surface
    title = _title_after(sentence, chunk.end)
    first = next((at for at, word in enumerate(words) if word.tag == "NNP"), -1)
    if first < 0:
        yield from _common(sentence, chunk, title)
        return
    last = max(at for at, word in enumerate(words) if word.tag == "NNP")
    tail = "".join(word.form for word in words[last + 1 :])
    if tail in lists.TITLES and len(surface) > len(tail):
        name = Spot(words[first].start, words[last].end, "person", 0.85, 6)
        yield name
        return
    if tail and (lists.ORGANISATION_ENDS.fullmatch(surface) or lists.PLACE_ENDS.fullmatch(surface)):
        yield Spot(chunk.start, chunk.end, spelled_kind(surface, title=False), 0.8, 6)
        return
    start, end = words[first].start, words[last].end
    if last + 1 < len(words) and (words[last + 1].tag == "SN" or is_cut(words, last)):
        end = words[last + 1].end
    if end - start > 1 or title:
        yield _named(sentence, start, end, 5, title=title)


def _named(sentence: str, start: int, end: int, rank: int, *, title: bool) -> Spot:
    """Return a name with its kind; surer where the sentence says what it is."""
    kind = korean_kind(sentence, start, end, title=title)
    said = kind != "other" and kind == kind_said(sentence, end)
    return Spot(start, end, kind, 0.9 if said else 0.75, rank)


def _common(sentence: str, chunk: Chunk, title: bool) -> Iterator[Spot]:
    """Yield what a run without a proper noun names after all: by title, by its end, by foreign letters."""
    surface = chunk.surface
    if title and is_korean_person(surface):
        yield Spot(chunk.start, chunk.end, "person", 0.7, 5)
    elif surface in lists.ORGANISATIONS:
        yield Spot(chunk.start, chunk.end, "organisation", 0.8, 5)
    elif len(surface) >= 4 and lists.ORGANISATION_ENDS.fullmatch(surface) and _tells(chunk):
        yield Spot(chunk.start, chunk.end, "organisation", 0.55, 4)
    elif [word.tag for word in chunk.words] == ["SN", "SL"] and chunk.words[1].form.isupper():
        yield Spot(chunk.start, chunk.end, "other", 0.45, 3)
    elif chunk.words[0].tag == "SL" and len(chunk.words) <= 2 and _is_foreign_name(sentence, chunk.words[0]):
        whole = len(chunk.words) == 1 or chunk.words[1].tag == "SN"
        end = chunk.end if whole else chunk.words[0].end
        yield Spot(chunk.start, end, kind_in_context(sentence, chunk.start, end), 0.66, 3)


def _tells(chunk: Chunk) -> bool:
    """Whether the word before a telling end is more than a count or a common adjective."""
    return len(chunk.words) > 1 and chunk.words[0].tag != "SN" and not chunk.surface.endswith(_LOOSE_ENDS)


def _called(sentence: str, morphemes: Sequence[Morpheme]) -> Iterator[Spot]:
    """Yield "김씨", "박 씨"."""
    for before, word in pairwise(morphemes):
        length = before.end - before.start
        if word.form != "씨" or length > 4 or before.form[:1] not in lists.SURNAMES:
            continue
        if before.tag in _NAME_TAGS and sentence[before.end : word.start] in {"", " "}:
            yield Spot(before.start, word.end if length == 1 else before.end, "person", 0.8, 6)


def _title_after(sentence: str, end: int) -> bool:
    after = sentence[end : end + 12]
    if not after.startswith(" "):
        return False
    word = after[1:].split(" ")[0]
    return any(word.startswith(title) and len(word) - len(title) <= 2 for title in lists.TITLES)


def _is_foreign_name(sentence: str, word: Morpheme) -> bool:
    """Whether it is a capitalised word that does not only begin an English sentence."""
    goes_on = _ENGLISH_AFTER.match(sentence, word.end) is not None
    return word.end - word.start > 1 and word.form[0].isupper() and not goes_on
