"""What differs from sheet to sheet: titles, names, the QR code, an identifier marked beforehand."""

from academy.application.ports.sheets import PrintedSheet
from academy.domain.omr.sheet import Block, Purpose, Run, SheetSpec
from academy.infrastructure.reportlab.fixed import writing_boxes
from academy.infrastructure.reportlab.frames import Box, Frame, free_line, is_free, meet
from academy.infrastructure.reportlab.marks import draw_code
from academy.infrastructure.reportlab.pen import ACCENT, FAINT, INK, LINE, MUTED, TINT, Pen
from academy.infrastructure.reportlab.text import BOLD, REGULAR, clean

__all__ = ["draw_personal", "draw_strip"]

_STRIP = 10.5
_CELLS = (("반", 0.40), ("이름", 0.36), ("점수", 0.24))
_LABEL = 13.0
_TITLE, _UNDER = 11.0, 6.0
_SHEET = "답안지"


def draw_strip(pen: Pen, spec: SheetSpec, header: Box, drawn: tuple[Frame, ...]) -> None:
    """Draw what is fixed at the top and bottom: the strip for class, name and score, and what sheet this is."""
    for (label, _), cell in zip(_CELLS, _strip(spec, header), strict=False):
        pen.rectangle(cell.left, cell.top, _LABEL, cell.height, fill=TINT)
        pen.text(label, cell.left + _LABEL / 2, cell.top + 6.6, BOLD, 8.5, ACCENT, 0.5)
        pen.rectangle(cell.left, cell.top, cell.width, cell.height, line=ACCENT, thick=0.25)
        pen.line([(cell.left + _LABEL, cell.top), (cell.left + _LABEL, cell.bottom)], LINE, 0.15)
    if _has_foot(spec, drawn):
        pen.text(
            f"{spec.id} · v{spec.version}", _foot(spec).right, spec.height - 10.5, REGULAR, 6, FAINT, 1.0
        )


def draw_personal(
    pen: Pen, spec: SheetSpec, sheet: PrintedSheet, code: str, header: Box, drawn: tuple[Frame, ...]
) -> None:
    """Draw one sheet's own part; `code` is the text of its QR code, "" for none."""
    cells = _strip(spec, header)
    _title(pen, sheet, header, cells)
    if not cells and header.height < _TITLE + _UNDER:
        free = free_line(spec, drawn)
        if free is not None:
            line = " · ".join(filter(None, (clean(sheet.title) or _SHEET, *_facts(sheet))))
            pen.fit(line, free.left, free.top + 4.4, free.width, BOLD, 11, 5, INK)
    for text, cell in zip((sheet.subtitle, sheet.student), cells, strict=False):
        room = cell.width - _LABEL - 4
        pen.fit(clean(text), cell.left + _LABEL + room / 2 + 2, cell.top + 6.9, room, BOLD, 11, 6, INK, 0.5)
    if _has_foot(spec, drawn):
        page = sheet.code.page if sheet.code is not None else 1
        if page > 1:  # of a student's several sheets; the first needs no number
            pen.text(f"{page}쪽", spec.width / 2, spec.height - 10.5, REGULAR, 8, MUTED, 0.5)
    if code and spec.code is not None:
        draw_code(pen, spec.code, code)
    _identifier(pen, spec, sheet.identifier, drawn)


def _title(pen: Pen, sheet: PrintedSheet, header: Box, cells: list[Box]) -> None:
    """Write the title; below it the day, and where there are no cells for them class, name and identifier."""
    if not cells and header.height < _TITLE + _UNDER:
        return
    title = clean(sheet.title)
    pen.fit(title or _SHEET, header.left, header.top + 8.6, header.width, BOLD, 18, 10, ACCENT)
    below = _facts(sheet) if not cells else [clean(sheet.held_on)]
    line = " · ".join(filter(None, [_SHEET if title else "", *below]))
    pen.fit(line, header.left, header.top + 14.6, header.width, REGULAR, 9, 5, MUTED)


def _facts(sheet: PrintedSheet) -> list[str]:
    """Return day, class, name and identifier as they stand in one line, with room to write a name that is not known."""
    name = clean(sheet.student) or "이름 ____________"
    return [clean(sheet.held_on), clean(sheet.subtitle), name, clean(sheet.identifier)]


def _foot(spec: SheetSpec) -> Box:
    return Box(22, spec.height - 15, spec.width - 22, spec.height - 9)


def _has_foot(spec: SheetSpec, drawn: tuple[Frame, ...]) -> bool:
    foot = _foot(spec)
    return is_free(spec, foot) and not any(meet(foot, frame.box) for frame in drawn)


def _strip(spec: SheetSpec, header: Box) -> list[Box]:
    """Return the cells for class, name and score; none where there is no room for them."""
    left, wide, top = 10.0, spec.width - 20, header.bottom - _STRIP
    if header.height < _TITLE + _UNDER + _STRIP or not is_free(
        spec, Box(left, top, left + wide, header.bottom)
    ):
        return []
    found: list[Box] = []
    for _, part in _CELLS:
        found.append(Box(left, top, left + wide * part, header.bottom))
        left += wide * part
    return found


def _identifier(pen: Pen, spec: SheetSpec, identifier: str, drawn: tuple[Frame, ...]) -> None:
    """Mark the identifier, and write it above where there are boxes for it."""
    rest = identifier
    for block in spec.blocks:
        if block.purpose is Purpose.IDENTIFIER and rest:
            digits, rest = rest[: len(block.fields)], rest[len(block.fields) :]
            _mark(pen, block, digits)
            box = next((frame.box for frame in drawn if frame.blocks == (block,)), None)
            for digit, cell in zip(digits, writing_boxes(block, box) if box else (), strict=False):
                pen.text(digit, (cell.left + cell.right) / 2, cell.top + 4.9, BOLD, 12, INK, 0.5)


def _mark(pen: Pen, block: Block, digits: str) -> None:
    grid = block.grid
    for at, digit in enumerate(digits):
        along, aside = at * grid.field_step, block.choices.index(digit) * grid.choice_step
        x, y = (along, aside) if block.run is Run.ACROSS else (aside, along)
        pen.ellipse(grid.first.x + x, grid.first.y + y, grid.width, grid.height, fill=INK)
