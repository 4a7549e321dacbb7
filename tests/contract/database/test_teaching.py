"""Rows of classes, lectures and sessions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.contract.database.academics import (
    at_once,
    do,
    exam,
    lecture,
    school,
    school_class,
    see,
    session,
    taken,
    timeless,
)
from tests.contract.database.conftest import Place

from academy.application.ports.academics import NameTaken, TeachingRepository
from academy.application.ports.database import Transaction

pytestmark = pytest.mark.requirement("ACA-1")


def refusal(place: Place, work: Callable[[TeachingRepository], object]) -> tuple[str, tuple[str, ...]]:
    """Return what of which is taken; the transaction must be of use afterwards."""

    def inside(tx: Transaction) -> NameTaken:
        with pytest.raises(NameTaken) as refused:
            work(tx.teaching)
        tx.teaching.add_class(school_class("afterwards", "다음 반"))
        return refused.value

    refused = place.database.run_sync(inside)
    assert see(place, lambda teaching: teaching.school_class("t1", "afterwards")) is not None
    return refused.field, refused.ids


def test_classes_read_back_as_written(place: Place) -> None:
    given = school_class("c1", "고2 '심화' 😀", subject="", active=False)
    do(place, lambda teaching: teaching.add_class(given))
    stored = see(place, lambda teaching: teaching.school_class("t1", "c1"))
    assert timeless(stored) == given
    now = place.database.read_sync(lambda tx: tx.now())
    assert stored is not None
    # Each is read when it is written.
    assert timedelta(0) <= stored.updated_at - stored.created_at < timedelta(seconds=60)
    assert abs(stored.created_at - now) < timedelta(seconds=60)
    assert see(place, lambda teaching: teaching.school_class("t1", "c2")) is None


def test_names_of_classes_are_taken_once_in_an_academy(place: Place) -> None:
    school(place)
    do(place, lambda teaching: teaching.add_class(school_class("c2", "고3")))
    assert refusal(place, lambda teaching: teaching.add_class(school_class("c9", "고3"))) == ("name", ("c9",))
    assert see(place, lambda teaching: teaching.school_class("t1", "c9")) is None


def test_saving_a_class_writes_every_field_unless_the_name_is_taken(place: Place) -> None:
    school(place)
    place.pass_time(60)
    changed = school_class("c1", "고3", subject="영어", active=False)
    do(
        place,
        lambda teaching: teaching.save_class(changed),
        lambda teaching: teaching.save_class(changed),
        lambda teaching: teaching.add_class(school_class("c2", "중3")),
    )
    saved = see(place, lambda teaching: teaching.school_class("t1", "c1"))
    assert timeless(saved) == changed
    assert saved is not None
    assert saved.updated_at - saved.created_at >= timedelta(seconds=60)
    taken = refusal(place, lambda teaching: teaching.save_class(school_class("c2", "고3", subject="x")))
    assert taken == ("name", ("c2",))
    assert timeless(see(place, lambda teaching: teaching.school_class("t1", "c2"))).subject == "수학"


def test_of_many_who_make_one_class_one_wins(place: Place) -> None:
    works = [lambda tx, at=at: tx.teaching.add_class(school_class(f"c{at}", "고2")) for at in range(6)]
    assert taken(at_once(place, works)) == ["name"] * 5


def test_of_many_who_take_one_name_one_wins(place: Place) -> None:
    for at in range(4):
        do(place, lambda teaching, at=at: teaching.add_class(school_class(f"c{at}", f"{at}반")))  # type: ignore[misc]
    works = [lambda tx, at=at: tx.teaching.save_class(school_class(f"c{at}", "고2")) for at in range(4)]
    assert taken(at_once(place, works)) == ["name"] * 3


def test_classes_are_paged_by_name(place: Place) -> None:
    names = ["고1", "고2", "고3: 가", "중1", "중2"]

    def work(teaching: TeachingRepository) -> None:
        for at, name in enumerate(reversed(names)):
            teaching.add_class(school_class(f"c{at}", name))
        teaching.add_class(school_class("closed", "고2 (폐강)", active=False))
        teaching.add_class(school_class("oc", "고2", "t2"))

    do(place, work)
    first = see(place, lambda teaching: teaching.classes("t1", "", 3))
    second = see(place, lambda teaching: teaching.classes("t1", first.next_cursor, 3))
    assert [each.name for each in (*first.items, *second.items)] == names
    assert (len(first.items), second.next_cursor) == (3, "")
    every = see(place, lambda teaching: teaching.classes("t1", "", 9, active_only=False))
    assert [each.name for each in every.items] == sorted([*names, "고2 (폐강)"])
    assert [each.id for each in see(place, lambda teaching: teaching.classes("t2", "", 9)).items] == ["oc"]
    for cursor in ("!!", "YQ"):
        with pytest.raises(ValueError, match="cursor"):
            see(place, lambda teaching, cursor=cursor: teaching.classes("t1", cursor, 3))  # type: ignore[misc]


def test_lectures_are_written_read_and_paged_by_title(place: Place) -> None:
    school(place)
    titles = ["기하", "미적분", "확률과 통계"]

    def work(teaching: TeachingRepository) -> None:
        teaching.add_class(school_class("c2", "고3"))
        for at, title in enumerate(titles):
            teaching.add_lecture(lecture(f"m{at}", title, class_id="c2"))

    do(place, work)
    assert timeless(see(place, lambda teaching: teaching.lecture("t1", "m0"))) == lecture(
        "m0", "기하", class_id="c2"
    )
    first = see(place, lambda teaching: teaching.lectures("t1", "c2", "", 2))
    second = see(place, lambda teaching: teaching.lectures("t1", "c2", first.next_cursor, 2))
    assert [each.title for each in (*first.items, *second.items)] == titles
    assert second.next_cursor == ""
    # Two have the same title, one in each class.
    every = see(place, lambda teaching: teaching.lectures("t1", "", "", 2))
    rest = see(place, lambda teaching: teaching.lectures("t1", "", every.next_cursor, 9))
    assert [each.id for each in (*every.items, *rest.items)] == ["m0", "l1", "m1", "m2"]
    with pytest.raises(ValueError, match="cursor"):
        see(place, lambda teaching: teaching.lectures("t1", "c2", "YQ", 2))


def test_saving_a_lecture_writes_every_field(place: Place) -> None:
    school(place)
    place.pass_time(60)
    changed = lecture("l1", "새 제목", class_id="c2")
    do(
        place,
        lambda teaching: teaching.add_class(school_class("c2", "고3")),
        lambda teaching: teaching.save_lecture(changed),
    )
    saved = see(place, lambda teaching: teaching.lecture("t1", "l1"))
    assert timeless(saved) == changed
    assert saved is not None
    assert saved.updated_at - saved.created_at >= timedelta(seconds=60)


def test_sessions_come_by_number(place: Place) -> None:
    school(place)
    held_at = datetime(2026, 3, 2, 9, 30, 0, 125_000, tzinfo=UTC)
    do(
        place,
        lambda teaching: teaching.add_session(session("n10", 10)),
        lambda teaching: teaching.add_session(session("n2", 2, held_at=held_at)),
    )
    found = see(place, lambda teaching: teaching.sessions("t1", "l1"))
    assert [each.number for each in found] == [1, 2, 10]
    assert timeless(found[1]) == session("n2", 2, held_at=held_at)
    assert see(place, lambda teaching: teaching.session("t1", "n2")) == found[1]
    assert see(place, lambda teaching: teaching.session("t1", "n3")) is None


def test_numbers_of_sessions_are_taken_once_in_a_lecture(place: Place) -> None:
    school(place)
    do(
        place,
        lambda teaching: teaching.add_lecture(lecture("l2", "기하")),
        lambda teaching: teaching.add_session(session("m1", 1, lecture_id="l2")),
        lambda teaching: teaching.add_session(session("n2", 2)),
    )
    assert refusal(place, lambda teaching: teaching.add_session(session("n9", 2))) == ("number", ("n9",))
    changed = session("n2", 3, title="보강", held_at=datetime(2026, 3, 2, tzinfo=UTC))
    do(place, lambda teaching: teaching.save_session(changed))
    assert timeless(see(place, lambda teaching: teaching.session("t1", "n2"))) == changed


def test_saving_a_taken_number_changes_nothing(place: Place) -> None:
    school(place)
    do(place, lambda teaching: teaching.add_session(session("n2", 2)))
    taken = refusal(place, lambda teaching: teaching.save_session(session("n2", 1, title="x")))
    assert taken == ("number", ("n2",))
    assert timeless(see(place, lambda teaching: teaching.session("t1", "n2"))) == session("n2", 2)


def test_of_many_who_add_one_session_one_wins(place: Place) -> None:
    school(place)
    works = [lambda tx, at=at: tx.teaching.add_session(session(f"m{at}", 7)) for at in range(6)]
    assert taken(at_once(place, works)) == ["number"] * 5


@pytest.mark.requirement("API-2")
def test_another_academy_finds_nothing(place: Place) -> None:
    school(place)
    looks: list[Callable[[TeachingRepository], object]] = [
        lambda teaching: teaching.school_class("t2", "c1"),
        lambda teaching: teaching.lecture("t2", "l1"),
        lambda teaching: teaching.session("t2", "n1"),
        lambda teaching: teaching.exam("t2", "e1"),
    ]
    assert [see(place, look) for look in looks] == [None] * 4
    lists: list[Callable[[TeachingRepository], object]] = [
        lambda teaching: teaching.lectures("t2", "c1", "", 9).items,
        lambda teaching: teaching.exams("t2", "c1", "", 9).items,
        lambda teaching: teaching.sessions("t2", "l1"),
    ]
    assert [see(place, look) for look in lists] == [[]] * 3
    assert [each.id for each in see(place, lambda teaching: teaching.lectures("t2", "", "", 9)).items] == [
        "ol1"
    ]
    assert [each.id for each in see(place, lambda teaching: teaching.exams("t2", "", "", 9)).items] == ["oe1"]


@pytest.mark.requirement("API-2")
def test_another_academy_changes_nothing_and_adds_nothing(place: Place) -> None:
    school(place)

    def all_of_it(teaching: TeachingRepository) -> list[object]:
        return [
            teaching.school_class("t1", "c1"),
            teaching.lectures("t1", "", "", 9),
            teaching.sessions("t1", "l1"),
            teaching.exams("t1", "", "", 9),
        ]

    before = see(place, all_of_it)
    do(
        place,
        lambda teaching: teaching.save_class(school_class("c1", "x", "t2")),
        lambda teaching: teaching.save_lecture(lecture("l1", "x", "t2", "oc1")),
        lambda teaching: teaching.save_session(session("n1", 5, "t2", lecture_id="ol1")),
        lambda teaching: teaching.save_exam(exam("e1", "t2", title="x", class_id="oc1")),
    )
    adding: list[Callable[[TeachingRepository], object]] = [
        lambda teaching: teaching.add_lecture(lecture("x", "x", "t2", "c1")),
        lambda teaching: teaching.add_session(session("x", 5, "t2", lecture_id="l1")),
        lambda teaching: teaching.add_exam(exam("x", "t2", class_id="c1")),
    ]
    for add in adding:
        with pytest.raises(ValueError, match="academy has no row"):
            do(place, add)
    assert see(place, all_of_it) == before


@pytest.mark.requirement("API-2")
def test_nothing_is_moved_to_another_academy(place: Place) -> None:
    school(place)
    do(
        place,
        lambda teaching: teaching.save_lecture(lecture("l1", "x", class_id="oc1")),
        lambda teaching: teaching.save_session(session("n1", 5, lecture_id="ol1")),
        lambda teaching: teaching.save_exam(exam("e1", title="x", class_id="oc1")),
    )
    assert timeless(see(place, lambda teaching: teaching.lecture("t1", "l1"))) == lecture("l1", "미적분")
    assert timeless(see(place, lambda teaching: teaching.session("t1", "n1"))) == session("n1", 1)
    assert timeless(see(place, lambda teaching: teaching.exam("t1", "e1"))) == exam("e1")
