"""The sheets that this system designs: they fit, and their ids name them."""

from itertools import product

import pytest

from academy.domain.omr.refusal import SheetRefused
from academy.domain.omr.sheet import MarkerKind, Purpose, SheetSpec
from academy.domain.omr.standard import IDENTIFIER_DIGITS, standard_sheet

pytestmark = pytest.mark.requirement("OMR-1")


def outcome(*arguments: int, landscape: bool) -> SheetSpec | str:
    try:
        return standard_sheet(*arguments, landscape=landscape)
    except SheetRefused as refused:
        return refused.failure.code


@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("choices", [2, 3, 4, 5])
def test_one_to_a_hundred_questions_fit_on_a_page(choices: int, landscape: bool) -> None:
    for questions in range(1, 101):
        spec = standard_sheet(questions, choices, landscape=landscape)
        assert spec.questions == tuple(str(n + 1) for n in range(questions))
        for block in spec.blocks:
            if block.purpose is Purpose.CHOICE:
                assert block.choices == tuple(str(n + 1) for n in range(choices))
                assert len(block.fields) <= 5


@pytest.mark.parametrize("landscape", [False, True])
def test_numbers_fit_beside_questions_or_are_refused_clearly(landscape: bool) -> None:
    for questions, numbers, digits in product((0, 1, 20, 25, 50, 75, 100), range(17), range(1, 7)):
        if not questions + numbers:
            continue
        spec = outcome(questions, 5, numbers, digits, landscape=landscape)
        if isinstance(spec, str):
            assert spec == "sheet_too_full"
            assert questions + numbers > 4, "a small sheet always fits"
            continue
        assert spec.questions == tuple(str(n + 1) for n in range(questions + numbers))
        found = [block for block in spec.blocks if block.purpose is Purpose.NUMBER]
        assert [len(block.fields) for block in found] == [digits] * numbers


@pytest.mark.parametrize(("questions", "numbers", "digits"), [(22, 8, 3), (30, 5, 3), (60, 2, 3), (0, 8, 6)])
@pytest.mark.parametrize("landscape", [False, True])
def test_usual_mixtures_fit(questions: int, numbers: int, digits: int, landscape: bool) -> None:
    assert standard_sheet(questions, 5, numbers, digits, landscape=landscape).questions


def test_the_id_names_the_layout_and_no_two_layouts_share_one() -> None:
    assert standard_sheet(40, 5, 2, 3).id == "a4-p-40x5-n2x3"
    assert standard_sheet(20, 4, landscape=True).id == "a4-l-20x4"
    many = [
        outcome(*arguments, landscape=landscape)
        for arguments in product((0, 1, 7, 40), (2, 5), (0, 2, 3), (2, 3))
        for landscape in (False, True)
    ]
    specs = {spec for spec in many if isinstance(spec, SheetSpec)}
    assert len({spec.id for spec in specs}) == len(specs)


def test_the_same_arguments_give_the_same_sheet() -> None:
    assert standard_sheet(33, 4, 3, 2) == standard_sheet(33, 4, 3, 2)


@pytest.mark.parametrize("landscape", [False, True])
def test_marks_of_position_go_clockwise_and_keep_away_from_the_edge(landscape: bool) -> None:
    spec = standard_sheet(100, landscape=landscape)
    assert [marker.number for marker in spec.markers] == [0, 1, 2, 3]
    assert {marker.kind for marker in spec.markers} == {MarkerKind.ARUCO}
    first, second, third, fourth = (marker.centre for marker in spec.markers)
    assert first.x == fourth.x < second.x == third.x
    assert first.y == second.y < third.y == fourth.y
    for marker in spec.markers:
        half = marker.size / 2
        assert marker.size >= 8
        assert min(marker.centre.x, spec.width - marker.centre.x) - half >= 8
        assert min(marker.centre.y, spec.height - marker.centre.y) - half >= 8
    assert spec.code is not None
    assert spec.code.size == 16
    assert spec.code.centre.x + 8 + 4 <= second.x - spec.markers[1].size / 2, "room around the QR code"


def test_an_identifier_has_eight_digits() -> None:
    (block,) = (b for b in standard_sheet(1).blocks if b.purpose is Purpose.IDENTIFIER)
    assert len(block.fields) == IDENTIFIER_DIGITS == 8
    assert block.choices == tuple("0123456789")


@pytest.mark.parametrize(
    "arguments", [(0,), (-1,), (101,), (10, 1), (10, 6), (10, 5, -1), (10, 5, 1, 0), (10, 5, 1, 7)]
)
def test_what_no_sheet_can_be_is_refused(arguments: tuple[int, ...]) -> None:
    with pytest.raises(SheetRefused) as caught:
        standard_sheet(*arguments)
    assert caught.value.failure.code == "sheet_unknown_layout"
    assert caught.value.failure.message_ko


def test_too_much_for_one_page_is_refused() -> None:
    with pytest.raises(SheetRefused) as caught:
        standard_sheet(100, 5, 10, 3)
    assert caught.value.failure.code == "sheet_too_full"
