"""The sheets that this system designs by itself: A4, questions in columns, an identifier of eight digits (OMR-1)."""

from dataclasses import dataclass
from math import ceil

from academy.domain.omr.parts import (
    A4_LONG,
    A4_SHORT,
    Anchor,
    Block,
    CodeBox,
    Grid,
    Marker,
    MarkerKind,
    Point,
    Purpose,
    Run,
)
from academy.domain.omr.refusal import SheetRefused
from academy.domain.omr.sheet import SheetSpec

__all__ = ["IDENTIFIER_DIGITS", "standard_sheet"]

IDENTIFIER_DIGITS = 8
VERSION = 1
MAX_CHOICES, MAX_DIGITS = 5, 6

_EDGE = 10.0  # from the edge of the page to the frames
_MARKER, _MARKER_EDGE = 9.0, 9.0
_CODE = 16.0
_BUBBLE_WIDTH, _BUBBLE_HEIGHT = 4.4, 3.6
_DIGITS = tuple("0123456789")
_DIGIT_STEP, _DIGIT_ROW, _DIGIT_SIDE = 5.8, 5.2, 0.7
_DIGITS_TOP = 18.5  # from the top of a digit frame to its first bubbles: heading and boxes to write in
_DIGITS_TALL = 71.0
_BODY_TOP = 43.0
_GAP = 3.5
_NUMBER_ROOM, _RIGHT_ROOM = (
    11.5,
    5.0,
)  # from the sides of a column to the middle of its first and last bubbles
_HEAD_ROOM, _FOOT_ROOM = 10.5, 5.0  # from its top and bottom to the middle of its first and last bubbles
_WIDEST_CHOICE, _TALLEST_ROW, _LOWEST_ROW = 13.0, 10.0, 5.0
_BETWEEN_FIVES = 2.0


@dataclass(frozen=True, slots=True)
class _Page:
    """Room of one orientation: the page, and the area of the columns within it, in millimetres."""

    letter: str
    width: float
    height: float
    left: float
    top: float
    columns: int

    @property
    def wide(self) -> float:
        return self.width - _EDGE - self.left

    @property
    def tall(self) -> float:
        return self.height - _MARKER_EDGE - _MARKER - _GAP - self.top


_PORTRAIT = _Page("p", A4_SHORT, A4_LONG, _EDGE, _BODY_TOP + _DIGITS_TALL + _GAP, 4)
_LANDSCAPE = _Page("l", A4_LONG, A4_SHORT, _EDGE + 52 + _GAP, _BODY_TOP, 5)


def standard_sheet(
    questions: int, choices: int = 5, numbers: int = 0, digits: int = 3, *, landscape: bool = False
) -> SheetSpec:
    """Return the sheet for so many questions; the same arguments always give the same.

    `questions` are those with `choices` to choose from; the `numbers` follow them, each answered by a number of up to `digits` digits.
    Up to 100 questions fit on a page, fewer beside numbers. Raises SheetRefused for what is not possible or does not fit.
    """
    _check(questions, choices, numbers, digits)
    page = _LANDSCAPE if landscape else _PORTRAIT
    columns, across = _columns(page, questions, numbers, digits)
    blocks = [_identifier(), *_questions(page, questions, choices, columns)]
    blocks += _numbers(page, questions, numbers, digits, across)
    name = f"a4-{page.letter}-{questions}x{choices}" + (f"-n{numbers}x{digits}" if numbers else "")
    return SheetSpec(
        id=name,
        version=VERSION,
        width=page.width,
        height=page.height,
        anchor=Anchor.MARKERS,
        markers=_markers(page),
        code=CodeBox(Point(page.width - 34, _MARKER_EDGE + _CODE / 2), _CODE),
        blocks=tuple(blocks),
    )


def _check(questions: int, choices: int, numbers: int, digits: int) -> None:
    fits = 0 <= questions <= 100 and 2 <= choices <= MAX_CHOICES
    if not (fits and numbers >= 0 and 1 <= digits <= MAX_DIGITS and questions + numbers > 0):
        raise SheetRefused(
            "sheet_unknown_layout",
            f"A sheet has 1 to 100 questions, 2 to {MAX_CHOICES} choices, and numbers of 1 to {MAX_DIGITS} digits.",
            f"답안지는 문항 1~100개, 선택지 2~{MAX_CHOICES}개, 단답형 1~{MAX_DIGITS}자리까지 만들 수 있습니다.",
        )


def _too_full() -> SheetRefused:
    return SheetRefused(
        "sheet_too_full",
        "So many questions and numbers do not fit on one page. Ask for fewer numbers or digits, or make two sheets.",
        "문항이 한 쪽에 다 들어가지 않습니다. 단답형 수나 자릿수를 줄이거나 답안지를 두 장으로 나누어 주세요.",
    )


def _slot(page: _Page) -> float:
    return (page.wide - (page.columns - 1) * _GAP) / page.columns


def _digit_frame(digits: int) -> float:
    return digits * _DIGIT_STEP + 2 * _DIGIT_SIDE


def _columns(page: _Page, questions: int, numbers: int, digits: int) -> tuple[int, int]:
    """Return how many columns are left to questions, and how many numbers stand side by side in one of the others."""
    across = int((_slot(page) + _GAP) / (_digit_frame(digits) + _GAP))
    left = page.columns - ceil(numbers / (2 * across))
    if left < (1 if questions else 0):
        raise _too_full()
    return left, across


def _questions(page: _Page, questions: int, choices: int, most: int) -> list[Block]:
    if not questions:
        return []
    rows = _rows(page, questions, most)
    columns = ceil(questions / rows)
    wide = most * (_slot(page) + _GAP) - _GAP
    width = (wide - (columns - 1) * _GAP) / columns
    step = min(_WIDEST_CHOICE, (width - _NUMBER_ROOM - _RIGHT_ROOM) / (choices - 1))
    row = min(_TALLEST_ROW, _row_step(page, rows))
    found: list[Block] = []
    for start in range(0, questions, 5):
        column, above = divmod(start, rows)
        first = Point(
            page.left + column * (width + _GAP) + _NUMBER_ROOM,
            page.top + _HEAD_ROOM + above * row + above // 5 * _BETWEEN_FIVES,
        )
        fields = tuple(str(n + 1) for n in range(start, min(start + 5, questions)))
        grid = Grid(_rounded(first), round(row, 2), round(step, 2), _BUBBLE_WIDTH, _BUBBLE_HEIGHT)
        labels = tuple(str(n + 1) for n in range(choices))
        found.append(Block(f"questions-{fields[0]}", Purpose.CHOICE, Run.DOWN, grid, fields, labels))
    return found


def _rows(page: _Page, questions: int, most: int) -> int:
    """Return how many questions stand below one another: fives, so few that the columns fill the width."""
    rows = 5 * ceil(questions / most / 5)
    if _row_step(page, rows) < _LOWEST_ROW:
        raise _too_full()
    return min(rows, questions)


def _row_step(page: _Page, rows: int) -> float:
    between = (ceil(rows / 5) - 1) * _BETWEEN_FIVES
    return (page.tall - _HEAD_ROOM - _FOOT_ROOM - between) / max(rows - 1, 1)


def _numbers(page: _Page, questions: int, numbers: int, digits: int, across: int) -> list[Block]:
    """Put the numbers into the columns at the right, two rows of them in each."""
    columns = ceil(numbers / (2 * across))
    start = page.left + (page.columns - columns) * (_slot(page) + _GAP)
    side_by_side = columns * across
    step = (page.left + page.wide - start - _digit_frame(digits)) / max(side_by_side - 1, 1)
    found: list[Block] = []
    for n in range(numbers):
        row, column = divmod(n, side_by_side)
        name = str(questions + n + 1)
        left, top = start + column * step, page.top + row * (_DIGITS_TALL + _GAP)
        fields = tuple(f"{name}.{d + 1}" for d in range(digits))
        found.append(_digit_block(name, Purpose.NUMBER, left + _DIGIT_SIDE + _DIGIT_STEP / 2, top, fields))
    return found


def _identifier() -> Block:
    fields = tuple(f"id.{d + 1}" for d in range(IDENTIFIER_DIGITS))
    first = _EDGE + (52 - (IDENTIFIER_DIGITS - 1) * _DIGIT_STEP) / 2
    return _digit_block("identifier", Purpose.IDENTIFIER, first, _BODY_TOP, fields)


def _digit_block(name: str, purpose: Purpose, first: float, top: float, fields: tuple[str, ...]) -> Block:
    grid = Grid(
        _rounded(Point(first, top + _DIGITS_TOP)), _DIGIT_STEP, _DIGIT_ROW, _BUBBLE_WIDTH, _BUBBLE_HEIGHT
    )
    return Block(name, purpose, Run.ACROSS, grid, fields, _DIGITS)


def _rounded(point: Point) -> Point:
    return Point(round(point.x, 2), round(point.y, 2))


def _markers(page: _Page) -> tuple[Marker, ...]:
    near = _MARKER_EDGE + _MARKER / 2
    far_x, far_y = page.width - near, page.height - near
    corners = (Point(near, near), Point(far_x, near), Point(far_x, far_y), Point(near, far_y))
    return tuple(Marker(MarkerKind.ARUCO, at, _MARKER, number) for number, at in enumerate(corners))
