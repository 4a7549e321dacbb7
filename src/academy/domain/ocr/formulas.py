"""Tell text from notation among what was read, so that a formula stays a picture and is never claimed as text (DOC-1).

A formula begins at a sign that the layout saw (a fraction bar, a root, an integral), or at a word with operators or letters and digits
mixed as in "3x" and "f(x)". It takes in its neighbours to the left and right as long as they hold no Hangul and are no plain words.
Words that the reader is not sure of and that hold no Hangul go the same way.
"""

import re
from collections.abc import Iterable, Sequence

from academy.domain.ocr.page import Box, FormulaRegion, Line, RegionKind, Word, around

__all__ = ["text_and_formulas"]

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_OPERATORS = re.compile(r"[=+<>≤≥±×÷√∫∑∏∞≠≈→^|\\{}]")
_MIXED = re.compile(r"\d[a-zA-Z]$|^[a-zA-Z]\d|[a-zA-Z]\([a-zA-Z0-9,]+\)|\d[xyzabnk]\d?\b")
_ORDINARY = re.compile(r"[\"'“‘(\[]*[A-Za-z]{2,}(?:['’\-][A-Za-z]+)*[.,;:!?\"'”’)\]]*|[AIa][.,]?")
_MARK = re.compile(r"[①-⑳]|[-–—•·○●■□▶*]+|\(?\d{1,3}[.)\]]|\[\d{1,3}\s*[~∼～\-–]\s*\d{1,3}\]")
_UNSURE, _UNREAD = 0.3, 0.15
_SURE, _WHOLE = 0.6, 0.75
_ROOM = 0.3  # in heights of a letter, kept around a formula's picture
_REACH, _RISE = 1.6, 0.35  # in heights of a letter, how far a formula's parts stand apart


def text_and_formulas(
    lines: Sequence[Line], signs: Sequence[Box], glyph: float
) -> tuple[tuple[Line, ...], tuple[FormulaRegion, ...]]:
    """Return the lines without what is notation, and where the notation stands.

    Args:
        lines: of one column.
        signs: boxes of fraction bars with what is above and below, roots, integrals.
        glyph: height of a letter in pixels.
    """
    words = [word for line in lines for word in line.words]
    found = [sign for sign in signs if not any(_spells(word, sign) for word in words)]
    grown = True
    taken: set[Word] = set()
    found += [word.box for word in words if _starts(word)]
    taken.update(word for word in words if _starts(word))
    while grown:
        found = _merged(found, glyph)
        more = [word for word in words if word not in taken and _joins(word, found, glyph)]
        taken.update(more)
        found += [word.box for word in more]
        grown = bool(more)
    kept = []
    for line in lines:
        rest = tuple(word for word in line.words if word not in taken)
        if rest:
            kept.append(Line(rest, around(*(word.box for word in rest))))
    room = round(_ROOM * glyph)
    return tuple(kept), tuple(
        FormulaRegion(RegionKind.FORMULA, _grown(box, room)) for box in _merged(found, glyph)
    )


def _grown(box: Box, room: int) -> Box:
    return Box(max(0, box.left - room), max(0, box.top - room), box.right + room, box.bottom + room)


def _spells(word: Word, sign: Box) -> bool:
    """Return whether what looked like a sign is a stroke of a large Hangul letter that was read well."""
    return (
        bool(_HANGUL.search(word.text))
        and word.confidence >= _SURE
        and word.box.holds(*sign.middle)
        and word.box.height >= _WHOLE * sign.height
    )


def _starts(word: Word) -> bool:
    """Return whether a word is notation by itself, or so unsure that it must not pass for text."""
    if _HANGUL.search(word.text):
        return word.confidence < _UNREAD
    if _MARK.fullmatch(word.text):
        return False
    return bool(
        _OPERATORS.search(word.text) or _MIXED.search(word.text.strip(".,")) or word.confidence < _UNSURE
    )


def _joins(word: Word, found: Iterable[Box], glyph: float) -> bool:
    """Return whether a word is a part of a formula that was found: it lies in it, or beside it and is no ordinary word."""
    x, y = word.box.middle
    if any(box.holds(x, y) for box in found) and len(_HANGUL.findall(word.text)) < 2:
        return True
    if _HANGUL.search(word.text):
        return False
    if any(word.box.overlaps(box) for box in found):
        return True
    if _ORDINARY.fullmatch(word.text) or _MARK.fullmatch(word.text):
        return False
    return any(word.box.overlaps(box, _REACH * glyph, -_RISE * min(word.box.height, glyph)) for box in found)


def _merged(boxes: Sequence[Box], glyph: float) -> list[Box]:
    """Return the boxes with those that touch, or nearly touch side by side, as one."""
    rest = list(boxes)
    done: list[Box] = []
    while rest:
        box = rest.pop()
        near = [other for other in rest if box.overlaps(other, _REACH * glyph, _RISE * glyph)]
        if near:
            rest = [other for other in rest if other not in near]
            rest.append(around(box, *near))
        else:
            done.append(box)
    return sorted(done, key=lambda box: (box.top, box.left))
