"""When a mark counts as filled."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.omr.judge import Ink, judge, scale_of
from academy.domain.omr.reading import FieldReading, MarkState
from academy.domain.omr.sheet import Block, Grid, Point, Purpose, Run

pytestmark = pytest.mark.requirement("OMR-4")

EMPTY = 0.01


def page(
    *odd: Sequence[float | Ink], usual: float = 0.8, fields: int = 20, print_seen: bool = True
) -> list[FieldReading]:
    """Judge a page of plainly marked fields with `odd` ones before them; return the readings of the odd."""
    plain = [[usual if choice == at % 5 else EMPTY for choice in range(5)] for at in range(fields)]
    rows = [[one if isinstance(one, Ink) else Ink(one, one) for one in field] for field in [*odd, *plain]]
    names = tuple(str(at) for at in range(len(rows)))
    block = Block("q", Purpose.CHOICE, Run.DOWN, Grid(Point(30, 30), 7, 7, 4, 4), names, tuple("12345"))
    found = judge([block], [rows], print_seen=print_seen)
    return [found[name] for name in names[: len(odd)]]


def state(*field: float | Ink, usual: float = 0.8) -> tuple[MarkState, tuple[str, ...]]:
    (found,) = page(field, usual=usual)
    return found.state, found.marked


def test_one_mark_as_dark_as_the_others_is_single() -> None:
    assert state(EMPTY, 0.75, EMPTY, EMPTY, EMPTY) == (MarkState.SINGLE, ("2",))


def test_no_mark_is_blank() -> None:
    assert state(EMPTY, EMPTY, EMPTY, EMPTY, EMPTY) == (MarkState.BLANK, ())


def test_two_clear_marks_are_multiple() -> None:
    assert state(0.8, EMPTY, EMPTY, EMPTY, 0.7) == (MarkState.MULTIPLE, ("1", "5"))


def test_a_blank_sheet_is_blank_not_full() -> None:
    found = page(*[[0.004 * choice for choice in range(5)]] * 40, fields=0)
    assert {one.state for one in found} == {MarkState.BLANK}
    assert min(one.confidence for one in found) > 0.95


def test_light_pencil_counts_on_a_page_of_light_pencil() -> None:
    assert state(EMPTY, 0.26, EMPTY, EMPTY, EMPTY, usual=0.28) == (MarkState.SINGLE, ("2",))


def test_the_same_grey_on_a_page_of_dark_pencil_is_for_a_person() -> None:
    assert state(EMPTY, 0.26, EMPTY, EMPTY, EMPTY)[0] is MarkState.AMBIGUOUS


def test_what_a_rubber_left_beside_a_mark_does_not_count() -> None:
    (found,) = page([0.1, EMPTY, 0.8, EMPTY, EMPTY])
    assert (found.state, found.marked) == (MarkState.SINGLE, ("3",))
    assert found.confidence > 0.9


def test_what_a_rubber_left_alone_does_not_count() -> None:
    assert state(0.07, EMPTY, EMPTY, EMPTY, EMPTY) == (MarkState.BLANK, ())


@pytest.mark.parametrize("usual", [0.3, 0.5, 0.8, 1.0])
@given(light=st.floats(0.09, 1.0))
def test_what_is_darker_than_the_empty_bubbles_is_never_blank(usual: float, light: float) -> None:
    """However dark the other marks of the page are."""
    (found,) = page([EMPTY, EMPTY, Ink(light, light), EMPTY, EMPTY], usual=usual)
    assert (found.state, found.marked) in {
        (MarkState.AMBIGUOUS, ("3",)),
        (MarkState.SINGLE, ("3",)),
    }


def test_a_light_mark_beside_a_dark_one_is_for_a_person() -> None:
    (found,) = page([EMPTY, 0.15, 0.8, EMPTY, EMPTY])
    assert (found.marked, found.confidence < 0.9) == (("3",), True)


def test_a_tick_is_dark_where_it_is() -> None:
    tick = Ink(mean=0.16, peak=0.8)
    smear = Ink(mean=0.16, peak=0.18)
    assert state(tick, EMPTY, EMPTY, EMPTY, EMPTY, usual=0.45) == (MarkState.SINGLE, ("1",))
    assert state(smear, EMPTY, EMPTY, EMPTY, EMPTY, usual=0.45)[0] is not MarkState.SINGLE


def test_a_ring_around_an_empty_bubble_is_for_a_person() -> None:
    (found,) = page([EMPTY, EMPTY, Ink(EMPTY, EMPTY, halo=0.4), EMPTY, EMPTY])
    assert (found.state, found.marked) == (MarkState.AMBIGUOUS, ("3",))
    assert found.confidence <= 0.5


def test_a_bubble_that_a_streak_hides_is_for_a_person() -> None:
    assert state(EMPTY, 0.8, EMPTY, Ink(0.0, 0.0, seen=0.3), EMPTY)[0] is MarkState.AMBIGUOUS


def test_a_column_printed_on_grey_is_as_good_as_another() -> None:
    (found,) = page([0.1, 0.1, 0.85, 0.1, 0.1])
    assert (found.state, found.marked) == (MarkState.SINGLE, ("3",))
    assert found.confidence > 0.98


def test_without_print_only_a_single_mark_is_believed() -> None:
    blank, single, several = page(
        [EMPTY] * 5, [0.8, EMPTY, EMPTY, EMPTY, EMPTY], [0.8, 0.8, EMPTY, EMPTY, EMPTY], print_seen=False
    )
    assert single.confidence > 0.9
    assert blank.confidence <= 0.5
    assert several.confidence <= 0.5


def test_without_print_faint_marks_are_not_believed() -> None:
    (found,) = page([0.3, EMPTY, EMPTY, EMPTY, EMPTY], usual=0.3, print_seen=False)
    assert found.confidence <= 0.5


def test_several_faint_marks_may_be_the_edge_of_a_shadow() -> None:
    (found,) = page([0.3, 0.3, EMPTY, EMPTY, EMPTY], usual=0.33)
    assert found.marked == ("1", "2")
    assert found.confidence <= 0.5


def test_confidence_falls_towards_the_middle() -> None:
    found = page(*([share, EMPTY, EMPTY, EMPTY, EMPTY] for share in (0.8, 0.6, 0.5, 0.42)))
    confidences = [one.confidence for one in found]
    assert confidences == sorted(confidences, reverse=True)
    assert confidences[0] > 0.99


def test_a_few_marks_do_not_make_a_scale_of_their_own() -> None:
    assert scale_of([[EMPTY] * 5] * 30 + [[0.2, *[EMPTY] * 4]]).mark > 0.4
    assert scale_of([[EMPTY] * 4 + [0.3]] * 30).mark < 0.35


@given(st.lists(st.lists(st.floats(0, 1), min_size=5, max_size=5), min_size=1, max_size=30))
def test_every_field_gets_a_reading_that_holds_together(fields: list[list[float]]) -> None:
    for found in page(*fields, fields=0):
        assert 0 <= found.confidence <= 1
        assert set(found.marked) <= set("12345")
        assert list(found.marked) == sorted(found.marked)
        if found.state is not MarkState.AMBIGUOUS:
            expected = {MarkState.BLANK: (0, 0), MarkState.SINGLE: (1, 1), MarkState.MULTIPLE: (2, 5)}[
                found.state
            ]
            assert expected[0] <= len(found.marked) <= expected[1]
