"""Where a student stands: ranks with ties, percentiles and the nine grades (OMR-5)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.omr.analysis import FEWEST_FOR_GRADES, GRADE_ENDS, standings

pytestmark = pytest.mark.requirement("OMR-5")


def test_without_students_nobody_stands_anywhere() -> None:
    assert standings({}) == {}


def test_equal_totals_share_a_rank_and_the_next_is_left_out() -> None:
    found = standings({"a": Decimal(90), "b": Decimal("80.0"), "c": Decimal(80), "d": Decimal(70)})
    assert {student: entry.rank for student, entry in found.items()} == {"a": 1, "b": 2, "c": 2, "d": 4}
    assert all(entry.percentile is None and entry.grade is None for entry in found.values())


def test_a_hundred_different_totals_fill_the_nine_grades_as_published() -> None:
    found = standings({str(total): Decimal(total) for total in range(100)})
    sizes = [sum(entry.grade == grade for entry in found.values()) for grade in range(1, 10)]
    assert sizes == [4, 7, 12, 17, 20, 17, 12, 7, 4]
    assert found["99"].percentile == 99.5
    assert found["0"].percentile == 0.5


def test_who_is_tied_at_the_edge_of_a_grade_gets_the_better_one() -> None:
    tied = {f"t{number}": Decimal(90) for number in range(10)}
    found = standings(
        {"first": Decimal(100)} | tied | {f"r{number}": Decimal(number) for number in range(89)}
    )
    assert {found[student].grade for student in tied} == {1}
    # Eleven of a hundred stand above: the next is beyond the 11 % of grade 2 as well.
    assert found["r88"].grade == 3


def test_grades_need_a_class_of_twenty_five() -> None:
    assert FEWEST_FOR_GRADES * GRADE_ENDS[0] == 100
    for count, graded in ((24, False), (25, True)):
        found = standings({str(number): Decimal(number) for number in range(count)})
        assert all((entry.grade is not None) == graded for entry in found.values())
        assert all(entry.percentile is not None for entry in found.values())


@given(
    st.dictionaries(st.text(min_size=1), st.integers(-200, 10_000).map(lambda cents: Decimal(cents) / 100))
)
def test_more_points_never_stand_worse(points: dict[str, Decimal]) -> None:
    found = standings(points)
    assert found.keys() == points.keys()
    for one, mine in points.items():
        assert found[one].rank == 1 + sum(total > mine for total in points.values())
        for other, theirs in points.items():
            if mine == theirs:
                assert found[one] == found[other]
            elif mine > theirs:
                assert found[one].rank < found[other].rank
                assert (found[one].grade or 1) <= (found[other].grade or 9)
                assert (found[one].percentile or 100) >= (found[other].percentile or 0)
