"""Where sentences end, in Korean and English. Offsets are code points of the unchanged text."""

import re
from collections.abc import Iterator

from academy.infrastructure.morphology.blocks import Block, BlockKind

__all__ = ["LONGEST", "sentences_of"]

LONGEST = 1000
"""Code points; what runs on without an end is cut at a space, or anywhere."""

_END = re.compile(
    r"(?<=[^\s.!?。！？…])[.!?…]+[\"'”’)\]」』》〉]*(?=\s|$)"  # an end and a space
    r"|[。！？]+[\"'”’)\]」』》〉]*"
    r"|(?<=[다요까죠음함임됨])[.!?]+(?=[가-힣A-Z])"  # Korean written without the space
    r"|\n+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|vs|etc|Inc|Ltd|Co|Corp|No|Nos|Fig|Eq|Vol|pp|approx|cf|al|e\.g|"
    r"i\.e|Gen|Sen|Rep)"
    r"|\b[A-Za-z]|\b(?:[A-Z]\.)+[A-Z])$"
)
_QUOTED_ON = re.compile(r"\s*(?:이?라고|이?라는|이?라며|하고|고\s|며\s|면서)")
_NUMBERED = re.compile(r"(?:^|[\s(])\d{1,4}$")
_TAIL = re.compile(r"[\"'”’)\]」』》〉]+$")
_LETTER = re.compile(r"[^\W_]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_SHORT_LINE = 0.6


def sentences_of(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the sentences of a block, none blank; of tables the rows, of code runs of whole lines."""
    if block.kind is BlockKind.HEADING:
        return
    if block.kind in {BlockKind.CODE, BlockKind.TABLE}:
        yield from _line_runs(text, block)
        return
    start = block.start
    body = text[block.start : block.end]
    usual = max(map(len, body.split("\n")))
    for end in _ends(body, usual):
        yield from _pieces(text, start, block.start + end)
        start = block.start + end
    yield from _pieces(text, start, block.end)


def _ends(body: str, usual: int) -> Iterator[int]:
    for found in _END.finditer(body):
        if _is_end(body, found, usual):
            yield found.end()


def _is_end(body: str, found: re.Match[str], usual: int) -> bool:
    mark = found.group()
    if mark[0] == "\n":
        return _line_ends(body, found.start(), usual)
    if mark[0] != ".":
        return not (_TAIL.search(mark) and _QUOTED_ON.match(body, found.end()))
    before = body[max(0, found.start() - 12) : found.start()]
    if _ABBREVIATION.search(before):
        return False
    if _NUMBERED.search(before):  # "1. First", "2019. 3. 1."
        after = body[found.end() : found.end() + 3].lstrip()
        line = max(body.rfind("\n", max(0, found.start() - 12), found.start()) + 1, found.start() - 12, 0)
        return not after[:1].isdigit() and bool(body[line : found.start()].strip("0123456789 ("))
    return not (_TAIL.search(mark) and _QUOTED_ON.match(body, found.end()))


def _line_ends(body: str, at: int, usual: int) -> bool:
    """Whether a line that nobody ended is over: a short one among long ones is; otherwise it is wrapped."""
    line = body.rfind("\n", 0, at) + 1
    last = body[at - 1]
    return last == ":" or (last not in ",;" and at - line < usual * _SHORT_LINE)


def _line_runs(text: str, block: Block) -> Iterator[tuple[int, int]]:
    start = end = block.start
    for found in _LINE.finditer(text, block.start, block.end):
        line = found.group()
        full = found.end() - start > LONGEST // 2
        row = block.kind is BlockKind.TABLE and _LETTER.search(line) is not None
        if end > start and (full or row):
            yield from _pieces(text, start, end)
            start = end
        end = found.end()
    yield from _pieces(text, start, end)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST) + 1 or start + LONGEST
        yield start, cut - (text[cut - 1] == " ")
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end
