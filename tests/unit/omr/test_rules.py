"""What makes a specification impossible is named, with its place, in both languages."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, nan

import pytest

from academy.domain.omr.rules import identifier_problem
from academy.domain.omr.sheet import (
    Anchor,
    Block,
    CodeBox,
    Grid,
    Marker,
    MarkerKind,
    Point,
    Purpose,
    Run,
    Shape,
    SheetSpec,
    SpecInvalid,
)
from academy.domain.omr.standard import standard_sheet

pytestmark = pytest.mark.requirement("OMR-1")

GOOD = standard_sheet(20, 5, 2, 3)
Change = Callable[[SheetSpec], object]


def block(spec: SheetSpec, purpose: Purpose, **changes: object) -> SheetSpec:
    """Return the sheet with its first block of a purpose changed."""
    at = next(n for n, b in enumerate(spec.blocks) if b.purpose is purpose)
    changed = replace(spec.blocks[at], **changes)  # type: ignore[arg-type]
    return replace(spec, blocks=(*spec.blocks[:at], changed, *spec.blocks[at + 1 :]))


def grid(spec: SheetSpec, **changes: object) -> SheetSpec:
    return block(spec, Purpose.CHOICE, grid=replace(spec.blocks[1].grid, **changes))  # type: ignore[arg-type]


def marker(spec: SheetSpec, **changes: object) -> SheetSpec:
    return replace(spec, markers=(replace(spec.markers[0], **changes), *spec.markers[1:]))  # type: ignore[arg-type]


def other_identifier(spec: SheetSpec) -> SheetSpec:
    more = Block(
        "id-2", Purpose.IDENTIFIER, Run.DOWN, Grid(Point(100, 230), 6, 6, 3, 3), ("id.9",), ("0", "1")
    )
    return replace(spec, blocks=(*spec.blocks, more))


BAD: list[tuple[str, str, Change]] = [
    ("sheet_id_unfit", "id", lambda s: replace(s, id="")),
    ("sheet_id_unfit", "id", lambda s: replace(s, id="a b")),
    ("sheet_id_unfit", "id", lambda s: replace(s, id="x\n")),
    ("sheet_id_unfit", "id", lambda s: replace(s, id="답안지")),
    ("sheet_id_unfit", "id", lambda s: replace(s, id="x" * 41)),
    ("sheet_version_unfit", "version", lambda s: replace(s, version=0)),
    ("sheet_version_unfit", "version", lambda s: replace(s, version=65_536)),
    ("sheet_size_unfit", "page", lambda s: replace(s, width=0.0)),
    ("sheet_size_unfit", "page", lambda s: replace(s, height=nan)),
    ("sheet_size_unfit", "page", lambda s: replace(s, height=inf)),
    ("sheet_size_unfit", "marker 1", lambda s: marker(s, size=-1.0)),
    ("sheet_size_unfit", "QR", lambda s: replace(s, code=CodeBox(Point(100, 20), 0.0))),
    ("sheet_size_unfit", "questions-1", lambda s: grid(s, width=0.0)),
    ("sheet_size_unfit", "questions-1", lambda s: grid(s, height=21.0)),
    ("sheet_step_unfit", "questions-1", lambda s: grid(s, field_step=0.0)),
    ("sheet_step_unfit", "questions-1", lambda s: grid(s, choice_step=nan)),
    ("sheet_empty", "block", lambda s: replace(s, blocks=())),
    ("sheet_off_page", 'choice "1" of field "1"', lambda s: grid(s, first=Point(1.0, 60.0))),
    ("sheet_off_page", 'choice "1" of field "4"', lambda s: grid(s, first=Point(21.5, 270.0))),
    ("sheet_off_page", 'choice "1" of field "1"', lambda s: grid(s, first=Point(nan, 60.0))),
    ("sheet_off_page", "marker 1", lambda s: marker(s, centre=Point(4.0, 20.0))),
    ("sheet_off_page", "QR", lambda s: replace(s, code=CodeBox(Point(205, 100), 16.0))),
    ("sheet_overlap", "overlap", lambda s: grid(s, choice_step=4.5)),
    ("sheet_overlap", "overlap", lambda s: grid(s, field_step=3.5)),
    ("sheet_overlap", "marker 3", lambda s: grid(s, first=Point(200.5, 245.0), choice_step=-5.0)),
    ("sheet_overlap", "QR", lambda s: replace(s, code=CodeBox(Point(60, 130), 16.0))),
    ("sheet_overlap", "marker 1", lambda s: replace(s, code=CodeBox(Point(26.5, 13.5), 16.0))),
    ("sheet_name_twice", "identifier", lambda s: block(s, Purpose.CHOICE, name="identifier")),
    ("sheet_name_twice", "id.1", lambda s: block(s, Purpose.CHOICE, fields=("id.1",))),
    ("sheet_name_twice", "21", lambda s: block(s, Purpose.CHOICE, fields=("21",))),
    ("sheet_name_unfit", "Names", lambda s: block(s, Purpose.CHOICE, fields=("",))),
    ("sheet_name_unfit", "Names", lambda s: block(s, Purpose.CHOICE, name="x" * 41)),
    ("sheet_name_unfit", "Names", lambda s: block(s, Purpose.CHOICE, name="a\x00")),
    ("sheet_choices_unfit", "questions-1", lambda s: block(s, Purpose.CHOICE, fields=())),
    ("sheet_choices_unfit", "questions-1", lambda s: block(s, Purpose.CHOICE, choices=())),
    ("sheet_choices_unfit", "questions-1", lambda s: block(s, Purpose.CHOICE, choices=("1", "1"))),
    ("sheet_choices_unfit", "questions-1", lambda s: block(s, Purpose.CHOICE, choices=("1", ""))),
    ("sheet_choices_unfit", "identifier", lambda s: block(s, Purpose.IDENTIFIER, choices=("0", "10"))),
    ("sheet_identifier_runs", "identifier", other_identifier),
    ("sheet_marker_numbers", "ArUco", lambda s: marker(s, number=2)),
    ("sheet_marker_numbers", "ArUco", lambda s: marker(s, number=50)),
    ("sheet_markers_missing", "three", lambda s: replace(s, markers=s.markers[:2])),
    ("sheet_too_large", "32 markers", lambda s: replace(s, markers=s.markers * 9)),
    (
        "sheet_too_large",
        "400 fields",
        lambda s: block(s, Purpose.CHOICE, fields=tuple(str(n) for n in range(1000, 1401))),
    ),
    (
        "sheet_too_large",
        "4000 bubbles",
        lambda s: block(s, Purpose.CHOICE, choices=tuple(str(n) for n in range(1000))),
    ),
]


@pytest.mark.parametrize(("code", "place", "change"), BAD)
def test_an_impossible_specification_is_refused_with_its_place(code: str, place: str, change: Change) -> None:
    with pytest.raises(SpecInvalid) as caught:
        change(GOOD)
    failure = caught.value.failure
    assert failure.code == code
    assert place in failure.message
    assert any("가" <= letter <= "힣" for letter in failure.message_ko)
    assert failure.message.endswith(".")


def test_three_markers_in_one_line_do_not_give_the_page_away() -> None:
    line = tuple(Marker(MarkerKind.SQUARE, Point(20 + 60 * n, 15), 6) for n in range(3))
    with pytest.raises(SpecInvalid) as caught:
        replace(GOOD, markers=line, code=None)
    assert caught.value.failure.code == "sheet_markers_missing"


@pytest.mark.parametrize("anchor", [Anchor.EDGE, Anchor.BLANK])
def test_a_sheet_found_by_its_edge_or_its_blank_needs_no_markers(anchor: Anchor) -> None:
    assert replace(GOOD, anchor=anchor, markers=(), code=None).questions == GOOD.questions


def test_steps_may_go_to_the_left_and_up() -> None:
    first = Point(60.0, 170.0)
    spec = grid(GOOD, first=first, field_step=-9.5, choice_step=-7.0)
    assert spec.blocks[1].grid.first == first


def test_the_largest_sheet_is_checked_at_once() -> None:
    rows = tuple(
        Block(
            f"b{n}",
            Purpose.CHOICE,
            Run.DOWN,
            Grid(Point(30, 25 + 2.4 * n), 2.4, 7, 2, 2, Shape.BOX),
            (str(n),),
            tuple("ABCDEFGHIJKLMNOPQRST"),
        )
        for n in range(100)
    )
    assert len(replace(GOOD, blocks=rows, code=None).questions) == 100


@pytest.mark.parametrize("identifier", ["", "01234567"])
def test_an_identifier_that_can_be_marked(identifier: str) -> None:
    assert identifier_problem(GOOD.blocks, identifier) is None


@pytest.mark.parametrize("identifier", ["1234567", "123456789", "1234567a", "1234567８", "0101234-"])
def test_an_identifier_that_cannot_be_marked(identifier: str) -> None:
    problem = identifier_problem(GOOD.blocks, identifier)
    assert problem is not None
    assert problem.code == "identifier_unfit"
    assert "8" in problem.message
