"""Names in Korean sentences: runs of nouns with a proper one, or whose last word tells their kind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from academy.infrastructure.morphology import word_lists as lists
from academy.infrastructure.morphology.hints import kind_in_context
from academy.infrastructure.morphology.kiwi import Morpheme
from academy.infrastructure.morphology.spots import Kind, Spot

__all__ = ["Chunk", "chunks_of", "korean_spots", "recalled_spots"]

_NOUNS = frozenset({"NNG", "NNP", "NR", "SL", "SN", "SH", "XPN", "XSN", "XR"})
_NAME_TAGS = frozenset({"NNP", "NNG", "NR", "MM"})
_CLIPPED = frozenset(
    {
        "들",
        "적",
        "성",
        "상",
        "씨",
        "님",
        "별",
        "당",
        "경",
        "쯤",
        "가량",
        "행",
        "용",
        "식",
        "측",
        "계",
        "간",
        "째",
        "형",
    }
)
_PARTICLES = frozenset("용의은는을를이가에과와")
_LOOSE_ENDS = ("당", "위원", "집단군", "연합", "생명", "학파", "카드", "통신", "보험")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Nouns with nothing between them, in a sentence."""

    words: tuple[Morpheme, ...]
    surface: str

    @property
    def start(self) -> int:
        """Where it begins in the sentence."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Where it ends in the sentence."""
        return self.words[-1].end

    @property
    def proper(self) -> bool:
        """Whether all of it is proper nouns or foreign words."""
        return all(word.tag in {"NNP", "SL"} for word in self.words) and self.words[-1].tag == "NNP"


def chunks_of(sentence: str, morphemes: Sequence[Morpheme]) -> list[Chunk]:
    """Return the runs of nouns of a sentence in order."""
    runs: list[list[Morpheme]] = []
    for word in morphemes:
        if word.tag not in _NOUNS:
            continue
        if runs and runs[-1][-1].end == word.start:
            runs[-1].append(word)
        else:
            runs.append([word])
    chunks = []
    for run in runs:
        while run and (run[-1].tag == "XSN" or run[-1].form in _CLIPPED) and len(run) > 1:
            run.pop()
        last = run[-1]
        if (
            last.tag == "NNP"
            and last.end - last.start > 4
            and last.form.endswith("의")
            and sentence[last.end : last.end + 1] == " "
        ):
            run[-1] = Morpheme(last.form[:-1], "NNP", last.start, last.end - 1)
        chunks.append(Chunk(tuple(run), sentence[run[0].start : run[-1].end]))
    return chunks


def korean_spots(sentence: str, morphemes: Sequence[Morpheme], chunks: Sequence[Chunk]) -> Iterator[Spot]:
    """Yield the names of a sentence; they may overlap."""
    at = 0
    while at < len(chunks):
        joined = _joined(sentence, chunks, at)
        if joined > at:
            start, end = chunks[at].start, chunks[joined].end
            title = _title_after(sentence, end)
            yield Spot(start, end, _kind_of(sentence, start, end, title=title), 0.75, 6)
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
    if not chunks[at].proper or chunks[at].surface in lists.PLACES:
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
    if not after.proper or after.surface in lists.PLACES or _is_korean_person(after.surface):
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
        yield Spot(chunk.start, chunk.end, _spelled_kind(surface, title=False), 0.8, 6)
        return
    start, end = words[first].start, words[last].end
    if end < len(sentence) and last + 1 < len(words) and words[last + 1].tag == "SN":
        end = words[last + 1].end
    if end - start > 1 or title:
        yield Spot(start, end, _kind_of(sentence, start, end, title=title), 0.75, 5)


def _common(sentence: str, chunk: Chunk, title: bool) -> Iterator[Spot]:
    """Yield what a run without a proper noun names after all: by title, by its end, by foreign letters."""
    surface = chunk.surface
    if title and _is_korean_person(surface):
        yield Spot(chunk.start, chunk.end, "person", 0.7, 5)
    elif surface in lists.ORGANISATIONS:
        yield Spot(chunk.start, chunk.end, "organisation", 0.8, 5)
    elif len(surface) >= 4 and lists.ORGANISATION_ENDS.fullmatch(surface) and _tells(chunk):
        yield Spot(chunk.start, chunk.end, "organisation", 0.55, 4)
    elif [word.tag for word in chunk.words] == ["SN", "SL"] and chunk.words[1].form.isupper():
        yield Spot(chunk.start, chunk.end, "other", 0.45, 3)
    elif chunk.words[0].tag == "SL" and len(chunk.words) <= 2 and _is_foreign_name(chunk.words[0].form):
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


def _is_korean_person(surface: str) -> bool:
    korean = 3 <= len(surface) <= 4 and all("가" <= letter <= "힣" for letter in surface)
    return korean and ((surface[0] in lists.SURNAMES and len(surface) == 3) or surface[:2] in lists.SURNAMES)


def _is_foreign_name(form: str) -> bool:
    return len(form) > 1 and form[0].isupper()


def _kind_of(sentence: str, start: int, end: int, *, title: bool) -> Kind:
    kind = _spelled_kind(sentence[start:end], title=title)
    return kind_in_context(sentence, start, end) if kind == "other" else kind


def _spelled_kind(surface: str, *, title: bool) -> Kind:
    if surface in lists.PLACES:
        return "place"
    if surface in lists.ORGANISATIONS or lists.ORGANISATION_ENDS.fullmatch(surface):
        return "organisation"
    if title:
        return "person"
    if surface.rsplit(" ", maxsplit=1)[-1] in {"주", "강", "산", "섬", "만"} or (
        len(surface) > 2
        and lists.PLACE_ENDS.fullmatch(surface)
        and (surface[-1] == "시" or not _is_korean_person(surface))
    ):
        return "place"
    if any(map(str.isdigit, surface)):
        return "other"
    return "person" if _is_korean_person(surface) or " " in surface else "other"
