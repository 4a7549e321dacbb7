"""Explanations: paragraphs of text with formulas between $ signs (DOC-3)."""

import re
from dataclasses import dataclass

from academy.domain.notes.formula import Node, parse

__all__ = ["Display", "Inline", "Paragraph", "paragraphs"]

_DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_INLINE = re.compile(r"(?<!\\)\$(?!\s)([^$\n]+?)(?<![\s\\])\$(?!\d)")
"""Closed by a $ sign after no blank and before no digit: two prices in a line are no formula."""
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Inline:
    """A formula within a line."""

    formula: Node


@dataclass(frozen=True, slots=True)
class Display:
    """A formula on a line of its own."""

    formula: Node


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together; each is text and formulas in order."""

    lines: tuple[tuple[str | Inline, ...], ...]


def paragraphs(text: str) -> tuple[Paragraph | Display, ...]:
    r"""Return an explanation's parts in order; () for one without words.

    A blank line ends a paragraph, a line end stays one, `\$` is a dollar sign. What stands between $ signs and is no formula stays text.
    """
    found: list[Paragraph | Display] = []
    at = 0
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    for match in _DISPLAY.finditer(whole):
        formula = parse(match[1])
        if formula is not None:
            found += _plain(whole[at : match.start()])
            found.append(Display(formula))
            at = match.end()
    return (*found, *_plain(whole[at:]))


def _plain(text: str) -> list[Paragraph | Display]:
    parts = (part.strip("\n") for part in _BLANK_LINES.split(text))
    return [
        Paragraph(tuple(_line(line.strip()) for line in part.split("\n") if line.strip()))
        for part in parts
        if part.strip()
    ]


def _line(text: str) -> tuple[str | Inline, ...]:
    runs: list[str | Inline] = []
    at = 0
    for match in _INLINE.finditer(text):
        formula = parse(match[1])
        if formula is not None:
            runs += [text[at : match.start()], Inline(formula)]
            at = match.end()
    runs.append(text[at:])
    return tuple(run.replace("\\$", "$") if isinstance(run, str) else run for run in runs if run)
