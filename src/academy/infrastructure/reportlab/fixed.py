"""What every sheet of a specification has in common: frames, bubbles, marks, instructions."""

from academy.domain.omr.sheet import Block, Point, Purpose, Shape, SheetSpec, bubbles
from academy.infrastructure.reportlab.frames import Box, Frame
from academy.infrastructure.reportlab.marks import draw_marker
from academy.infrastructure.reportlab.pen import ACCENT, FAINT, INK, LINE, PAPER, TINT, Pen
from academy.infrastructure.reportlab.text import BOLD, REGULAR, clean

__all__ = ["HEADING", "draw_fixed", "writing_boxes"]

HEADING = 5.6
_ROUND = 0.9
_PLACES = "일십백천만"


def draw_fixed(pen: Pen, spec: SheetSpec, drawn: tuple[Frame, ...]) -> None:
    """Draw marks, frames and bubbles."""
    for marker in spec.markers:
        draw_marker(pen, marker, Point(spec.width / 2, spec.height / 2))
    for frame in drawn:
        if frame.blocks[0].purpose is Purpose.CHOICE:
            _column(pen, frame)
        else:
            _digits(pen, frame)
    for bubble in bubbles(spec.blocks):
        block = spec.blocks[bubble.block]
        grid = block.grid
        x, y = bubble.centre.x, bubble.centre.y
        if grid.shape is Shape.ELLIPSE:
            pen.ellipse(x, y, grid.width, grid.height, line=LINE, thick=0.18)
        else:
            pen.rectangle(
                x - grid.width / 2, y - grid.height / 2, grid.width, grid.height, line=LINE, thick=0.18
            )
        label = block.choices[bubble.choice]
        size = min(6.2, grid.height * 1.75)
        pen.fit(clean(label), x, y + size * 0.36 * 25.4 / 72, grid.width * 0.8, REGULAR, size, 2, FAINT, 0.5)


def writing_boxes(block: Block, box: Box) -> list[Box]:
    """Return the boxes above the columns of a digit block, to write the digits in."""
    grid = block.grid
    top = box.top + HEADING + 1.4
    half = min(abs(grid.field_step), 7.0) / 2
    centres = [grid.first.x + n * grid.field_step for n in range(len(block.fields))]
    return [Box(x - half, top, x + half, top + 6.6) for x in centres]


def _outline(pen: Pen, box: Box) -> None:
    pen.rectangle(box.left, box.top, box.width, box.height, line=ACCENT, thick=0.3, round_by=_ROUND)


def _heading(pen: Pen, box: Box) -> None:
    pen.rectangle(box.left, box.top, box.width, HEADING, fill=ACCENT, round_by=_ROUND)
    pen.rectangle(box.left, box.top + HEADING - _ROUND, box.width, _ROUND, fill=ACCENT)


def _column(pen: Pen, frame: Frame) -> None:
    box = frame.box
    first = frame.blocks[0]
    cell = 7.6
    pen.rectangle(box.left, box.top + HEADING, cell, box.height - HEADING, fill=TINT, round_by=_ROUND)
    pen.rectangle(box.left, box.top + HEADING, cell, _ROUND * 2, fill=TINT)
    _heading(pen, box)
    pen.text("번호", box.left + cell / 2, box.top + 3.9, BOLD, 7, PAPER, 0.5)
    last = first.grid.first.x + (len(first.choices) - 1) * first.grid.choice_step
    pen.text("답  란", (first.grid.first.x + last) / 2, box.top + 3.9, BOLD, 7, PAPER, 0.5)
    for above, block in zip(frame.blocks, frame.blocks[1:], strict=False):
        bottom = above.grid.first.y + (len(above.fields) - 1) * above.grid.field_step
        middle = (bottom + block.grid.first.y) / 2
        pen.line([(box.left, middle), (box.right, middle)], LINE, 0.15)
    for block in frame.blocks:
        for n, name in enumerate(block.fields):
            y = block.grid.first.y + n * block.grid.field_step
            pen.fit(clean(name), box.left + cell / 2, y + 1.15, cell - 1, BOLD, 9, 4, INK, 0.5)
    pen.line([(box.left + cell, box.top + HEADING), (box.left + cell, box.bottom)], LINE, 0.15)
    _outline(pen, box)


def _digits(pen: Pen, frame: Frame) -> None:
    box, block = frame.box, frame.blocks[0]
    _heading(pen, box)
    if block.purpose is Purpose.IDENTIFIER:
        pen.text(
            f"식별번호 {len(block.fields)}자리",
            (box.left + box.right) / 2,
            box.top + 4.0,
            BOLD,
            8,
            PAPER,
            0.5,
        )
    else:
        pen.fit(
            clean(block.name),
            (box.left + box.right) / 2,
            box.top + 4.1,
            box.width - 2,
            BOLD,
            9,
            5,
            PAPER,
            0.5,
        )
    for at, cell in enumerate(writing_boxes(block, box)):
        pen.rectangle(cell.left, cell.top, cell.width, cell.height, line=ACCENT, thick=0.2)
        if block.purpose is Purpose.NUMBER and len(block.fields) <= len(_PLACES):
            place = _PLACES[len(block.fields) - 1 - at]
            pen.text(place, cell.left + 0.5, cell.top + 1.9, REGULAR, 4.2, FAINT)
    _outline(pen, box)
