"""The instructions for students."""

from academy.domain.omr.sheet import Purpose, SheetSpec
from academy.infrastructure.reportlab.frames import Box
from academy.infrastructure.reportlab.pen import ACCENT, INK, LINE, MUTED, TINT, Pen
from academy.infrastructure.reportlab.text import BOLD, REGULAR, width

__all__ = ["draw_guide"]

_POINT = 25.4 / 72
_INSIDE, _INDENT = 4.0, 2.6
_CORNER = 0.2  # of the page's sides
_SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0)


def draw_guide(pen: Pen, spec: SheetSpec, room: Box) -> None:
    """Draw the instructions into a free area of at least 45 by 45 mm."""
    pen.rectangle(room.left, room.top, room.width, room.height, fill=TINT, round_by=0.9)
    left, wide = room.left + _INSIDE, room.width - 2 * _INSIDE
    pen.text("답안 표시 방법", left, room.top + 7, BOLD, 10, ACCENT)
    top = _examples(pen, left, room.top + 10.5, wide) + 2.5
    _list(pen, _sentences(spec), Box(left, top, left + wide, room.bottom - 2.5))


def _list(pen: Pen, sentences: list[str], room: Box) -> None:
    """Write the sentences as large as they fit, spread over the room."""
    for size in _SIZES:
        parts = [_wrapped(sentence, size, room.width - _INDENT) for sentence in sentences]
        line = size * _POINT * 1.4
        spare = room.height - sum(map(len, parts)) * line
        if spare >= len(sentences) * line * 0.25:
            break
    between = min(spare / len(sentences), line * 0.9)
    y = room.top + line * 0.62 + between / 2
    for lines in parts:
        pen.ellipse(room.left + 0.6, y - size * 0.12, 0.9, 0.9, fill=ACCENT)
        for text in lines:
            pen.text(text, room.left + _INDENT, y, REGULAR, size, INK)
            y += line
        y += between


def _sentences(spec: SheetSpec) -> list[str]:
    purposes = {block.purpose for block in spec.blocks}
    found = ["컴퓨터용 사인펜이나 진한 연필로 칸 안을 빈틈없이 까맣게 칠하세요."]
    if Purpose.IDENTIFIER in purposes:
        found.append("식별번호를 쓰고 그 아래에 표시하세요. 이미 표시되어 있으면 그대로 두세요.")
    if Purpose.NUMBER in purposes:
        found.append("단답형은 일의 자리가 맨 오른쪽 칸에 오도록 쓰고 표시하세요.")
    found.append("고칠 때는 자국이 남지 않게 깨끗이 지우세요.")
    found.append("답안지를 접거나 구기지 마세요.")
    untouched = [_marks_of(spec)] if spec.markers else []
    untouched += ["QR 코드"] if spec.code is not None else []
    if untouched:
        found.append(f"{'와 '.join(untouched)}에는 아무것도 쓰지 마세요.")
    return found


def _marks_of(spec: SheetSpec) -> str:
    """Return what the marks of position of a sheet are, ending in a vowel, and where they stand."""
    corners = {
        (at.centre.x > spec.width / 2, at.centre.y > spec.height / 2)
        for at in spec.markers
        if min(at.centre.x, spec.width - at.centre.x) < _CORNER * spec.width
        and min(at.centre.y, spec.height - at.centre.y) < _CORNER * spec.height
    }
    where = "네 모서리의 " if len(corners) == len(spec.markers) == 4 else ""
    return where + "검은 무늬"


def _examples(pen: Pen, left: float, top: float, wide: float) -> float:
    """Draw right and wrong marks; return where they end."""
    together = wide > 80
    tall = 8.5
    half = (wide - 3) / 2 if together else wide
    boxes = [(left, top), (left + half + 3, top) if together else (left, top + tall + 1.5)]
    for (x, y), title in zip(boxes, ("바른 표시", "잘못된 표시"), strict=True):
        pen.rectangle(x, y, half, tall, fill=(1.0, 1.0, 1.0), line=LINE, thick=0.15, round_by=0.7)
        pen.text(title, x + 2.2, y + 5.2, BOLD, 7, ACCENT if title == "바른 표시" else MUTED)
    (right_x, right_y), (wrong_x, wrong_y) = boxes
    _bubble(pen, right_x + half - 5.5, right_y + tall / 2, 0)
    for kind in range(1, 5):
        _bubble(pen, wrong_x + half - 5.5 - (4 - kind) * 6.3, wrong_y + tall / 2, kind)
    return boxes[1][1] + tall


def _bubble(pen: Pen, x: float, y: float, kind: int) -> None:
    """Draw a bubble filled (0), half filled, ticked, crossed, dotted."""
    pen.ellipse(x, y, 4.4, 3.6, line=LINE, thick=0.2)
    if kind == 0:
        pen.ellipse(x, y, 4.4, 3.6, fill=INK)
    elif kind == 1:
        pen.half_ellipse(x, y, 4.4, 3.6, INK)
    elif kind == 2:
        pen.line([(x - 1.3, y - 0.1), (x - 0.3, y + 1.2), (x + 1.7, y - 1.7)], INK, 0.45)
    elif kind == 3:
        pen.line([(x - 1.2, y - 1.1), (x + 1.2, y + 1.1)], INK, 0.45)
        pen.line([(x - 1.2, y + 1.1), (x + 1.2, y - 1.1)], INK, 0.45)
    else:
        pen.ellipse(x, y, 1.3, 1.3, fill=INK)


def _wrapped(text: str, size: float, room: float) -> list[str]:
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if line and width(longer, REGULAR, size) > room:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]
