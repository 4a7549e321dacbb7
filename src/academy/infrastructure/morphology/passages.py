"""Passages: runs of sentences under one heading, long enough to understand and short enough to cite."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from academy.contracts.microscope import Passage, Sentence
from academy.infrastructure.morphology.blocks import Block, BlockKind, blocks_of
from academy.infrastructure.morphology.sentences import sentences_of

__all__ = ["Layout", "layout_of"]

_ENOUGH = 400
_MOST = 900
_STUB = 120
_LONGEST_PATH = 500


@dataclass(slots=True)
class Layout:
    """A text laid out: its passages, and the spans that are code (no language to look at)."""

    passages: list[Passage] = field(default_factory=list)
    code: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    start: int = -1
    end: int = -1
    heading: str = ""
    sentences: list[tuple[int, int]] = field(default_factory=list)

    @property
    def length(self) -> int:
        return self.end - self.start if self.sentences else 0


def layout_of(text: str, headings: Sequence[tuple[int, int, str]], pages: Sequence[int]) -> Layout:
    """Cut a text into passages; every character that is not blank is in one."""
    layout = Layout()
    runs: list[_Open] = []
    path: list[tuple[int, str]] = []
    now = _Open()
    for block in blocks_of(text, headings):
        if block.kind is BlockKind.HEADING:
            if now.sentences:
                runs.append(now)
                now = _Open()
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, block.title))
            now.start = block.start if now.start < 0 else now.start
            now.end, now.heading = block.end, _path(path)
            continue
        if block.kind is BlockKind.CODE:
            layout.code.append((block.start, block.end))
        now = _take(now, text, block, runs)
    if now.start >= 0:
        runs.append(now)
    begins = sorted(pages)
    layout.passages = [_passage(at, run, begins) for at, run in enumerate(_joined(runs), 1)]
    return layout


def _path(path: Sequence[tuple[int, str]]) -> str:
    return " › ".join(title for _, title in path if title)[:_LONGEST_PATH]


def _take(now: _Open, text: str, block: Block, runs: list[_Open]) -> _Open:
    """Put a block's sentences into the open passage, closing it when it is full; return the open one."""
    if now.length >= _ENOUGH and block.end - now.start > _MOST:
        runs.append(now)
        now = _Open(heading=now.heading)
    for start, end in sentences_of(text, block):
        if now.sentences and end - now.start > _MOST:
            runs.append(now)
            now = _Open(heading=now.heading)
        now.start = start if now.start < 0 else now.start
        now.end = end
        now.sentences.append((start, end))
    return now


def _joined(runs: Sequence[_Open]) -> Iterator[_Open]:
    """Give a stub at the end of a section to the passage before it."""
    last: _Open | None = None
    for run in runs:
        stub = last is not None and run.heading == last.heading and run.end - run.start < _STUB
        if last is not None and stub and run.end - last.start <= _MOST + _STUB * 2:
            last.end = run.end
            last.sentences += run.sentences
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last


def _passage(number: int, run: _Open, pages: Sequence[int]) -> Passage:
    return Passage(
        id=f"p{number}",
        start=run.start,
        end=run.end,
        heading=run.heading,
        page=max(1, bisect_right(pages, run.start)) if pages else 0,
        sentences=tuple(Sentence(start=start, end=end) for start, end in run.sentences),
    )
