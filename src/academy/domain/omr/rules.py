"""What makes a sheet's specification fit to be drawn and read."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from math import isfinite
from typing import Protocol

from academy.domain.failures import Failure
from academy.domain.omr.overlap import bubble_areas, first_meeting, mark_areas, outside
from academy.domain.omr.parts import Anchor, Block, CodeBox, Marker, MarkerKind, Purpose

__all__ = ["MAX_BUBBLES", "MAX_FIELDS", "identifier_problem", "problem_of"]

MAX_FIELDS = 400
MAX_BUBBLES = 4_000
_MAX_MARKERS = 32
_MAX_BLOCKS = 200
_LARGEST_PAGE = 1_000.0
_SMALLEST_MARK, _SMALLEST_BUBBLE, _LARGEST_BUBBLE = 1.0, 1.0, 20.0
_ID = re.compile(r"[A-Za-z0-9._-]{1,40}\Z")
_LONGEST_NAME = 40
_FLATTEST = 0.01  # of the page: the largest triangle between three markers


class _Description(Protocol):
    """What the rules look at: a specification that is not accepted yet."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...
    @property
    def anchor(self) -> Anchor: ...
    @property
    def markers(self) -> tuple[Marker, ...]: ...
    @property
    def code(self) -> CodeBox | None: ...
    @property
    def blocks(self) -> tuple[Block, ...]: ...


def problem_of(spec: _Description) -> Failure | None:
    """Return the first thing that makes a specification impossible, None for one that can be drawn and read."""
    for rule in _RULES:
        for problem in rule(spec):
            return problem
    return None


def identifier_problem(blocks: Iterable[Block], identifier: str) -> Failure | None:
    """Return why an identifier cannot be marked on a sheet of these blocks, None where it can or is empty."""
    columns = [block.choices for block in blocks if block.purpose is Purpose.IDENTIFIER for _ in block.fields]
    fits = len(identifier) == len(columns) and all(d in c for d, c in zip(identifier, columns, strict=True))
    if fits or not identifier:
        return None
    return Failure(
        "identifier_unfit",
        f"This sheet takes identifiers of {len(columns)} digits; this one cannot be marked on it. Correct the student's identifier.",
        f"이 답안지에는 {len(columns)}자리 식별번호만 표시할 수 있습니다. 학생의 식별번호를 고쳐 주세요.",
    )


def _naming(spec: _Description) -> Iterator[Failure]:
    if not _ID.match(spec.id):
        yield Failure(
            "sheet_id_unfit",
            "A sheet's id is 1 to 40 of the characters A-Z a-z 0-9 . _ - and nothing else.",
            "답안지 양식의 id는 영문자, 숫자, . _ - 만으로 1~40자여야 합니다.",
        )
    if not 1 <= spec.version <= 65_535:
        yield Failure(
            "sheet_version_unfit",
            "A sheet's version is a whole number from 1 to 65535.",
            "답안지 양식의 버전은 1~65535의 정수여야 합니다.",
        )


def _amounts(spec: _Description) -> Iterator[Failure]:
    fields = sum(len(block.fields) for block in spec.blocks)
    places = sum(len(block.fields) * len(block.choices) for block in spec.blocks)
    too_many = fields > MAX_FIELDS or places > MAX_BUBBLES or len(spec.blocks) > _MAX_BLOCKS
    if too_many or len(spec.markers) > _MAX_MARKERS:
        yield Failure(
            "sheet_too_large",
            f"A sheet has at most {MAX_FIELDS} fields, {MAX_BUBBLES} bubbles, {_MAX_BLOCKS} blocks and {_MAX_MARKERS} markers.",
            f"답안지 한 장에는 항목 {MAX_FIELDS}개, 표시 칸 {MAX_BUBBLES}개, 구역 {_MAX_BLOCKS}개, 기준 표식 {_MAX_MARKERS}개까지 둘 수 있습니다.",
        )
    if not spec.blocks:
        yield Failure(
            "sheet_empty", "A sheet has at least one block.", "답안지에는 구역이 하나 이상 있어야 합니다."
        )


def _sizes(spec: _Description) -> Iterator[Failure]:
    if not all(_within(side, 1.0, _LARGEST_PAGE) for side in (spec.width, spec.height)):
        yield _size("the page", "용지")
    for n, marker in enumerate(spec.markers):
        if not _within(marker.size, _SMALLEST_MARK, _LARGEST_PAGE):
            yield _size(f"marker {n + 1}", f"{n + 1}번째 기준 표식")
    if spec.code is not None and not _within(spec.code.size, _SMALLEST_MARK, _LARGEST_PAGE):
        yield _size("the QR code", "QR 코드")
    for block in spec.blocks:
        grid = block.grid
        if not all(_within(side, _SMALLEST_BUBBLE, _LARGEST_BUBBLE) for side in (grid.width, grid.height)):
            yield _size(f'the bubbles of block "{block.name}"', f"구역 “{block.name}”의 표시 칸")
        if not all(_within(abs(step), 0.1, _LARGEST_PAGE) for step in (grid.field_step, grid.choice_step)):
            yield Failure(
                "sheet_step_unfit",
                f'The steps of block "{block.name}" are at least 0.1 mm and not longer than the page.',
                f"구역 “{block.name}”의 간격은 0.1mm 이상이고 용지보다 길지 않아야 합니다.",
            )


def _names(spec: _Description) -> Iterator[Failure]:
    fields = [field for block in spec.blocks for field in block.fields]
    questions = [f for b in spec.blocks if b.purpose is Purpose.CHOICE for f in b.fields]
    questions += [block.name for block in spec.blocks if block.purpose is Purpose.NUMBER]
    blocks = [block.name for block in spec.blocks]
    for name in (*blocks, *fields):
        if not (0 < len(name) <= _LONGEST_NAME and name.isprintable() and name.strip() == name):
            yield Failure(
                "sheet_name_unfit",
                f"Names of blocks and fields have 1 to {_LONGEST_NAME} printable characters, without spaces around them.",
                f"구역과 항목의 이름은 앞뒤 공백 없이 1~{_LONGEST_NAME}자의 글자여야 합니다.",
            )
    for names in (blocks, fields, questions):
        twice = _twice(names)
        if twice is not None:
            yield Failure(
                "sheet_name_twice",
                f'The name "{twice}" stands for two blocks, fields or questions. Give each its own.',
                f"이름 “{twice}”이(가) 두 번 쓰였습니다. 서로 다른 이름을 지정해 주세요.",
            )


def _choices(spec: _Description) -> Iterator[Failure]:
    for block in spec.blocks:
        longest = 20 if block.purpose is Purpose.CHOICE else 1
        printable = all(0 < len(choice) <= longest and choice.isprintable() for choice in block.choices)
        if not (block.fields and block.choices and printable and _twice(block.choices) is None):
            yield Failure(
                "sheet_choices_unfit",
                f'Block "{block.name}" needs fields, and choices that differ and are not empty; a digit has one character.',
                f"구역 “{block.name}”에는 항목과 서로 다른 선택지가 있어야 하며, 숫자 칸의 선택지는 한 글자여야 합니다.",
            )
    if len({block.run for block in spec.blocks if block.purpose is Purpose.IDENTIFIER}) > 1:
        yield Failure(
            "sheet_identifier_runs",
            "The blocks of the identifier run different ways. Let all of them run down or all across.",
            "식별번호 구역들의 방향이 서로 다릅니다. 모두 같은 방향으로 지정해 주세요.",
        )


def _anchoring(spec: _Description) -> Iterator[Failure]:
    numbers = [marker.number for marker in spec.markers if marker.kind is MarkerKind.ARUCO]
    if not all(0 <= number < 50 for number in numbers) or _twice(numbers) is not None:
        yield Failure(
            "sheet_marker_numbers",
            "Every ArUco marker has a number of its own, 0 to 49.",
            "ArUco 표식의 번호는 0~49 중 서로 다른 번호여야 합니다.",
        )
    if spec.anchor is not Anchor.MARKERS:
        return
    if len(spec.markers) < 3 or not _spread(spec):
        yield Failure(
            "sheet_markers_missing",
            "A sheet that is found by its markers needs three or more that do not stand in one line.",
            "기준 표식으로 찾는 답안지에는 한 줄에 있지 않은 표식이 세 개 이상 필요합니다.",
        )


def _room(spec: _Description) -> Iterator[Failure]:
    places, marks = bubble_areas(spec.blocks), mark_areas(spec.markers, spec.code)
    beyond = outside([*places, *marks], spec.width, spec.height)
    if beyond is not None:
        yield Failure(
            "sheet_off_page",
            f"On this sheet {beyond.name} is not wholly on the page. Move it or make the page larger.",
            f"{beyond.name_ko} 위치가 용지를 벗어납니다. 위치나 용지 크기를 고쳐 주세요.",
        )
    close = first_meeting(places, marks)
    if close is not None:
        yield Failure(
            "sheet_overlap",
            f"On this sheet {close[0].name} and {close[1].name} overlap or stand too close. Move them apart.",
            f"{close[0].name_ko} 위치가 {close[1].name_ko} 위치와 겹치거나 너무 가깝습니다. 간격을 넓혀 주세요.",
        )


_RULES: tuple[Callable[[_Description], Iterator[Failure]], ...] = (
    _naming,
    _amounts,
    _sizes,
    _names,
    _choices,
    _anchoring,
    _room,
)


def _within(value: float, low: float, high: float) -> bool:
    return isfinite(value) and low <= value <= high


def _twice(names: Iterable[str | int]) -> str | int | None:
    return next((name for name, times in Counter(names).items() if times > 1), None)


def _spread(spec: _Description) -> bool:
    """Return whether some three markers span a triangle that gives the page's place away."""
    for a, b, c in combinations([marker.centre for marker in spec.markers], 3):
        doubled = abs((b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y))
        if doubled / 2 >= _FLATTEST * spec.width * spec.height:
            return True
    return False


def _size(what: str, what_ko: str) -> Failure:
    return Failure(
        "sheet_size_unfit",
        f"The size of {what} is not possible; lengths are millimetres: bubbles 1 to 20, marks 1 or more, a page up to 1000.",
        f"{what_ko}의 크기가 올바르지 않습니다. 단위는 mm이며 표시 칸은 1~20, 표식은 1 이상, 용지는 1000 이하입니다.",
    )
