"""What a text is built of: headings, paragraphs, list items, tables, code, as spans of the unchanged text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from academy.domain.graph.prose import front_matter_end

__all__ = ["Block", "BlockKind", "blocks_of"]

_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_ATX = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_RULE = re.compile(r"\s{0,3}(=+|-+)\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•‣◦▪·]|\d{1,3}[.)]|[①-⑳]|[가-하][.)])\s+\S")
_ROW = re.compile(r"\s*\||[^|]+\|[^|]+\|")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_SEPARATED = {
    mark: re.compile(rf'(?:"(?:[^"]|"")*"|[^"{mark}\n]*)(?:{mark}(?! )(?:"(?:[^"]|"")*"|[^"{mark}\n]*))+')
    for mark in (",", ";", "\t")
}
_LONGEST_TITLE = 300
_LONGEST_FRONT = 62
_LONGEST_ROW = 2000


class BlockKind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """A span `text[start:end]`, neither end blank; of a heading its level from 1 and its words."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


def blocks_of(text: str, headings: Sequence[tuple[int, int, str]] = ()) -> Iterator[Block]:
    """Yield the blocks in order; every character that is not blank is in one.

    `headings`: (offset, level, title) known from elsewhere; the line that holds the offset is one.
    """
    given = sorted((offset, level, title) for offset, level, title in headings if 0 <= offset < len(text))
    lines = list(_lines(text))
    place = 0
    at = sum(line.start < front_matter_end(text) for line in lines[:_LONGEST_FRONT])
    if at:
        yield _block(BlockKind.CODE, lines[:at])
    while at < len(lines):
        line = lines[at]
        while place < len(given) and given[place][0] < line.start:
            place += 1
        if not line.text.strip():
            at += 1
            continue
        if place < len(given) and given[place][0] <= line.end:
            _, level, title = given[place]
            yield _block(BlockKind.HEADING, (line,), max(1, level), title or line.text.strip())
            at += 1
            continue
        limit = given[place][0] if place < len(given) else len(text) + 1
        block, at = _next(lines, at, limit)
        yield block


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        yield _Line(start, end, line)
        start = end + 1


def _block(kind: BlockKind, lines: Sequence[_Line], level: int = 0, title: str = "") -> Block:
    first, last = lines[0], lines[-1]
    start = first.start + len(first.text) - len(first.text.lstrip())
    end = last.start + len(last.text.rstrip())
    return Block(kind, start, end, level, title[:_LONGEST_TITLE])


def _next(lines: Sequence[_Line], at: int, limit: int) -> tuple[Block, int]:
    line = lines[at]
    if fence := _FENCE.match(line.text):
        return _code(lines, at, fence.group(1))
    if heading := _ATX.match(line.text):
        return _block(BlockKind.HEADING, (line,), len(heading.group(1)), heading.group(2)), at + 1
    if at + 1 < len(lines) and lines[at + 1].start < limit and _underlined(line, lines[at + 1]):
        level = 1 if "=" in lines[at + 1].text else 2
        return _block(BlockKind.HEADING, lines[at : at + 2], level, line.text.strip()), at + 2
    kind = _kind(line)
    if kind is BlockKind.TEXT and (end := _rows_end(lines, at, limit)) > at + 1:
        return _block(BlockKind.TABLE, lines[at:end]), end
    end = at + 1
    while end < len(lines) and lines[end].start < limit and _goes_on(kind, lines[end]):
        end += 1
        if kind is BlockKind.TEXT and end < len(lines) and _underlined(lines[end - 1], lines[end]):
            end -= 1
            break
    return _block(kind, lines[at : max(end, at + 1)]), max(end, at + 1)


def _underlined(line: _Line, under: _Line) -> bool:
    words = line.text.strip()
    plain = 0 < len(words) <= 100 and _kind(line) is BlockKind.TEXT and not _RULE.match(line.text)
    return plain and len(under.text.strip()) >= 2 and _RULE.match(under.text) is not None


def _code(lines: Sequence[_Line], at: int, fence: str) -> tuple[Block, int]:
    end = at + 1
    while end < len(lines) and not lines[end].text.strip().startswith(fence):
        end += 1
    end = min(end + 1, len(lines))
    while end > at + 1 and not lines[end - 1].text.strip():
        end -= 1
    return _block(BlockKind.CODE, lines[at:end]), end


def _rows_end(lines: Sequence[_Line], at: int, limit: int) -> int:
    """Return where lines end that are rows of fields, as many in each, between commas, semicolons or tabs."""
    for mark, row in _SEPARATED.items():
        end, fields = at, 0
        while end < len(lines) and lines[end].start < limit and row.fullmatch(lines[end].text[:_LONGEST_ROW]):
            counted = len(_QUOTED.sub("", lines[end].text).split(mark))
            if fields and counted != fields:
                break
            fields = counted
            end += 1
        if end > at + 1:
            return end
    return at


def _kind(line: _Line) -> BlockKind:
    if _ITEM.match(line.text):
        return BlockKind.ITEM
    return BlockKind.TABLE if _ROW.match(line.text[:2000]) else BlockKind.TEXT


def _goes_on(kind: BlockKind, line: _Line) -> bool:
    if not line.text.strip() or _FENCE.match(line.text) or _ATX.match(line.text):
        return False
    other = _kind(line)
    if kind is BlockKind.ITEM:  # words that are wrapped belong to their item
        return other is BlockKind.TEXT and line.text[:1].isspace()
    return other is kind
