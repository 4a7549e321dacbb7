"""Who is in a class, from when to when."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.contract.database.academics import at_once, do, get_student, school, school_class, see
from tests.contract.database.conftest import Place

from academy.application.ports.database import Transaction

pytestmark = pytest.mark.requirement("ACA-1")

MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


def members(
    place: Place, on: date, class_id: str = "c1", tenant: str = "t1"
) -> dict[str, tuple[date, date | None]]:
    found = see(place, lambda teaching: teaching.enrolments(tenant, class_id, on))
    assert all(each.class_id == class_id for each in found)
    assert [each.student_id for each in found] == sorted(each.student_id for each in found)
    return {each.student_id: (each.since, each.until) for each in found}


def test_students_are_in_a_class_from_a_day_to_the_day_before_they_leave(place: Place) -> None:
    school(place)
    do(
        place,
        lambda teaching: teaching.enrol("t1", "c1", ["s2", "s1", "s2"], MARCH),
        lambda teaching: teaching.leave("t1", "c1", ["s1"], MAY),
        lambda teaching: teaching.enrol("t1", "c1", [], MARCH),
        lambda teaching: teaching.leave("t1", "c1", [], MARCH),
    )
    day = timedelta(days=1)
    assert members(place, MARCH - day) == {}
    assert members(place, MARCH) == {"s1": (MARCH, MAY), "s2": (MARCH, None)}
    assert members(place, MAY - day) == {"s1": (MARCH, MAY), "s2": (MARCH, None)}
    assert members(place, MAY) == {"s2": (MARCH, None)}


def test_enrolling_again_keeps_the_earlier_day(place: Place) -> None:
    school(place)
    do(
        place,
        lambda teaching: teaching.enrol("t1", "c1", ["s1", "s2"], APRIL),
        lambda teaching: teaching.enrol("t1", "c1", ["s1"], MAY),
        lambda teaching: teaching.enrol("t1", "c1", ["s2"], MARCH),
    )
    assert members(place, JUNE) == {"s1": (APRIL, None), "s2": (MARCH, None)}


def test_one_who_had_left_comes_back_from_the_new_day(place: Place) -> None:
    school(place)
    do(
        place,
        lambda teaching: teaching.enrol("t1", "c1", ["s1", "s2", "s3"], MARCH),
        lambda teaching: teaching.leave("t1", "c1", ["s1", "s2"], APRIL),
        lambda teaching: teaching.leave("t1", "c1", ["s3"], JUNE),
        lambda teaching: teaching.enrol("t1", "c1", ["s1"], MAY),
        lambda teaching: teaching.enrol("t1", "c1", ["s2"], APRIL),
        # Not gone yet on that day, so there without a break.
        lambda teaching: teaching.enrol("t1", "c1", ["s3"], MAY),
    )
    assert members(place, JUNE) == {"s1": (MAY, None), "s2": (APRIL, None), "s3": (MARCH, None)}


def test_an_enrolment_that_never_began_is_removed_and_one_that_ended_stays(place: Place) -> None:
    school(place)
    do(
        place,
        lambda teaching: teaching.enrol("t1", "c1", ["s1", "s3"], MARCH),
        lambda teaching: teaching.enrol("t1", "c1", ["s2"], MAY),
        lambda teaching: teaching.leave("t1", "c1", ["s3"], APRIL),
        lambda teaching: teaching.leave("t1", "c1", ["s1", "s2", "s3"], MAY),
    )
    assert members(place, MARCH) == {"s1": (MARCH, MAY), "s3": (MARCH, APRIL)}
    assert members(place, MAY) == {}
    do(place, lambda teaching: teaching.leave("t1", "c1", ["s1"], APRIL))
    assert members(place, MARCH)["s1"] == (MARCH, APRIL)


@pytest.mark.requirement("API-2")
def test_only_students_and_classes_of_the_academy_are_enrolled(place: Place) -> None:
    school(place)
    do(
        place,
        lambda teaching: teaching.enrol("t1", "c1", ["s1", "o1", "nobody"], MARCH),
        lambda teaching: teaching.enrol("t1", "oc1", ["s1", "o1"], MARCH),
        lambda teaching: teaching.enrol("t2", "c1", ["s1", "o1"], MARCH),
        lambda teaching: teaching.enrol("t2", "oc1", ["o1"], MARCH),
        lambda teaching: teaching.leave("t2", "c1", ["s1"], MARCH),
    )
    assert members(place, MARCH) == {"s1": (MARCH, None)}
    assert members(place, MARCH, "oc1", "t2") == {"o1": (MARCH, None)}
    assert members(place, MARCH, "oc1", "t1") == {}
    assert members(place, MARCH, "c1", "t2") == {}


def test_enrolling_and_leaving_at_once_never_deadlocks(place: Place) -> None:
    school(place)
    do(place, lambda teaching: teaching.enrol("t1", "c1", ["s1", "s2", "s3"], MARCH))
    ids = ["s1", "s2", "s3"]

    def work(at: int) -> Callable[[Transaction], object]:
        mine = ids[:: 1 - 2 * (at % 2)]
        if at < 4:
            return lambda tx: tx.teaching.leave("t1", "c1", mine, MAY)
        return lambda tx: tx.teaching.enrol("t1", "c1", mine, APRIL)

    assert at_once(place, [work(at) for at in range(8)]) == [None] * 8
    assert set(members(place, MARCH)) == set(ids)


def test_one_who_has_left_the_academy_is_in_a_class_only_when_asked_for(place: Place) -> None:
    school(place)
    do(place, lambda teaching: teaching.enrol("t1", "c1", ["s1", "s2"], MARCH))
    gone = get_student(place, "s1")
    assert gone is not None
    place.database.run_sync(lambda tx: tx.people.save_student(replace(gone, active=False)))
    everybody = see(place, lambda teaching: teaching.enrolments("t1", "c1", MARCH, active_only=False))
    assert list(members(place, MARCH)) == ["s2"]
    assert [each.student_id for each in everybody] == ["s1", "s2"]


def classes_of(place: Place, ids: Sequence[str], on: date, tenant: str = "t1") -> list[str]:
    return [each.name for each in see(place, lambda teaching: teaching.classes_of(tenant, ids, on))]


def test_classes_of_students_are_those_they_are_in_on_the_day_by_name(place: Place) -> None:
    school(place)
    do(
        place,
        lambda teaching: teaching.add_class(school_class("c2", "고1")),
        lambda teaching: teaching.add_class(school_class("c3", "중3", active=False)),
        lambda teaching: teaching.add_class(school_class("c4", "중1")),
        lambda teaching: teaching.enrol("t1", "c1", ["s1", "s2"], MARCH),
        lambda teaching: teaching.enrol("t1", "c2", ["s2"], APRIL),
        lambda teaching: teaching.enrol("t1", "c3", ["s1"], MARCH),
        lambda teaching: teaching.enrol("t1", "c4", ["s3"], MARCH),
        lambda teaching: teaching.leave("t1", "c1", ["s1"], MAY),
    )
    day = timedelta(days=1)
    assert classes_of(place, ["s1", "s2", "s2"], APRIL) == ["고1", "고2 심화"]
    assert classes_of(place, ["s1", "s2"], APRIL - day) == ["고2 심화"]
    assert classes_of(place, ["s1"], MAY - day) == ["고2 심화"]
    assert classes_of(place, ["s1"], MAY) == classes_of(place, ["s1"], MARCH - day) == []
    assert classes_of(place, [], APRIL) == []
    found = see(place, lambda teaching: teaching.classes_of("t1", ["s2"], APRIL))
    assert found[1] == see(place, lambda teaching: teaching.school_class("t1", "c1"))


@pytest.mark.requirement("API-2")
def test_classes_of_students_are_of_the_academy(place: Place) -> None:
    school(place)
    do(
        place,
        lambda teaching: teaching.enrol("t1", "c1", ["s1"], MARCH),
        lambda teaching: teaching.enrol("t2", "oc1", ["o1"], MARCH),
    )
    assert classes_of(place, ["s1", "o1", "nobody"], MARCH) == ["고2 심화"]
    assert classes_of(place, ["s1"], MARCH, "t2") == []
