"""Rows of students."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.contract.database.academics import (
    add_parents,
    add_students,
    at_once,
    get_parent,
    get_student,
    link,
    listed,
    parent,
    parents_of,
    student,
    taken,
    timeless,
)
from tests.contract.database.conftest import Place

from academy.application.ports.academics import NameTaken, PeopleFilter
from academy.application.ports.database import Transaction
from academy.domain.academics.people import Relation

pytestmark = pytest.mark.requirement("ACA-1")


def test_students_read_back_as_written_with_the_times_of_the_database(place: Place) -> None:
    full = student(
        "s1",
        "12345678",
        name="김'민준 %_\\ 😀",
        phone="01012345678",
        note="두\n줄",
        account="v1",
        active=False,
    )
    add_students(place, full, student("s2", "00000001"))
    stored = get_student(place, "s1")
    assert timeless(stored) == full
    now = place.database.read_sync(lambda tx: tx.now())
    assert stored is not None
    assert stored.created_at == stored.updated_at
    assert abs(stored.created_at - now) < timedelta(seconds=60)
    second = get_student(place, "s2")
    assert second is not None
    assert (second.active, second.identifier) == (True, "00000001")
    assert get_student(place, "s3") is None


def test_many_students_are_added_at_once(place: Place) -> None:
    many = [student(f"s{number:04}", f"{number:08}") for number in range(7000)]
    add_students(place, *many)
    found = place.database.read_sync(
        lambda tx: tx.people.by_identifiers("t1", [each.identifier for each in many])
    )
    assert len(found) == 7000
    assert found["00006999"].id == "s6999"
    place.database.run_sync(lambda tx: tx.people.add_students([]))


def test_all_who_are_added_at_once_were_created_and_changed_at_one_moment(place: Place) -> None:
    add_students(place, *(student(f"s{n:04}", f"{n:08}") for n in range(1000)))
    added = place.database.read_sync(lambda tx: tx.people.students("t1", PeopleFilter(), "", 1000)).items
    assert len({each.created_at for each in added} | {each.updated_at for each in added}) == 1


def test_a_taken_identifier_adds_nobody_and_names_those_who_have_it(place: Place) -> None:
    add_students(place, student("s1", "11111111"), student("s2", "22222222", active=False))
    new = [
        student("n1", "22222222"),
        student("n2", "33333333"),
        student("n3", "11111111"),
        student("n4", "44444444"),
    ]

    def work(tx: Transaction) -> NameTaken:
        with pytest.raises(NameTaken) as refused:
            tx.people.add_students(new)
        # The transaction goes on, and what was refused left nothing behind.
        tx.people.add_students([student("n5", "33333333")])
        return refused.value

    refused = place.database.run_sync(work)
    assert (refused.field, refused.ids) == ("identifier", ("n1", "n3"))
    assert sorted(listed(place, active_only=False)) == ["n5", "s1", "s2"]


def test_one_identifier_twice_among_those_given_is_taken(place: Place) -> None:
    with pytest.raises(NameTaken) as refused:
        add_students(place, student("s1", "11111111"), student("s2", "11111111"), student("s3", "33333333"))
    assert (refused.value.field, refused.value.ids) == ("identifier", ("s2",))
    assert listed(place) == []


def test_an_id_is_given_once(place: Place) -> None:
    add_students(place, student("s1", "11111111"))
    with pytest.raises(ValueError, match="refused"):
        add_students(place, student("s2", "22222222"), student("s1", "33333333"))
    assert listed(place) == ["s1"]


@pytest.mark.requirement("API-2")
def test_academies_have_their_own_identifiers_phones_and_people(place: Place) -> None:
    add_students(place, student("s1", "11111111"))
    add_students(place, student("o1", "11111111", "t2"))
    add_parents(place, parent("p1", "01011111111"))
    assert add_parents(place, parent("q1", "01011111111", "t2"))["01011111111"].id == "q1"
    link(place, ("s1", "p1", Relation.MOTHER))

    assert get_student(place, "s1", "t2") is None
    assert get_parent(place, "p1", "t2") is None
    assert listed(place, "t2") == ["o1"]
    assert listed(place, "t2", text="1111") == ["o1"]
    assert parents_of(place, "s1", tenant="t2") == []
    found = place.database.read_sync(lambda tx: tx.people.by_identifiers("t2", ["11111111"]))
    assert found["11111111"].id == "o1"


@pytest.mark.requirement("API-2")
def test_nothing_of_another_academy_changes(place: Place) -> None:
    add_students(place, student("s1", "11111111"))
    add_parents(place, parent("p1", "01011111111"))
    link(place, ("s1", "p1", Relation.MOTHER))
    before = get_student(place, "s1"), get_parent(place, "p1"), parents_of(place, "s1")

    def work(tx: Transaction) -> bool:
        tx.people.save_student(student("s1", "99999999", "t2", name="x"))
        tx.people.save_parent(parent("p1", "01099999999", "t2", name="x"))
        tx.people.link("t2", [("s1", "p1", Relation.FATHER)])
        return tx.people.unlink("t2", "s1", "p1")

    assert not place.database.run_sync(work)
    assert (get_student(place, "s1"), get_parent(place, "p1"), parents_of(place, "s1")) == before


def test_saving_a_student_writes_every_field_and_the_time(place: Place) -> None:
    add_students(place, student("s1", "11111111"), student("s2", "22222222"))
    created = get_student(place, "s1")
    assert created is not None
    place.pass_time(60)
    changed = student(
        "s1",
        "33333333",
        name="새 이름",
        phone="01033333333",
        school="다른 학교",
        grade="3",
        note="메모",
        account="v9",
        active=False,
    )
    place.database.run_sync(lambda tx: tx.people.save_student(changed))
    saved = get_student(place, "s1")
    assert timeless(saved) == changed
    assert saved is not None
    assert saved.updated_at - saved.created_at >= timedelta(seconds=60)
    assert timeless(get_student(place, "s2")) == student("s2", "22222222")


def test_saving_a_taken_identifier_changes_nothing_and_the_transaction_goes_on(place: Place) -> None:
    add_students(place, student("s1", "11111111"), student("s2", "22222222"))

    def work(tx: Transaction) -> NameTaken:
        with pytest.raises(NameTaken) as refused:
            tx.people.save_student(student("s1", "22222222", name="새 이름"))
        tx.people.save_student(student("s2", "22222222", name="다른 이름"))
        return refused.value

    refused = place.database.run_sync(work)
    assert (refused.field, refused.ids) == ("identifier", ("s1",))
    assert timeless(get_student(place, "s1")) == student("s1", "11111111")
    assert timeless(get_student(place, "s2")) == student("s2", "22222222", name="다른 이름")


def test_of_many_who_add_the_same_identifiers_one_wins(place: Place) -> None:
    def adding(number: int) -> Callable[[Transaction], object]:
        many = [student(f"{number}-{at:03}", f"{at:08}") for at in range(300)]
        # Each in another order: no order of locks may matter.
        return lambda tx: tx.people.add_students(many[:: 1 - 2 * (number % 2)])

    answers = at_once(place, [adding(number) for number in range(6)])
    assert taken(answers) == ["identifier"] * 5
    assert all(len(answer.ids) == 300 for answer in answers if isinstance(answer, NameTaken))
    winner = answers.index(None)
    found = place.database.read_sync(
        lambda tx: tx.people.by_identifiers("t1", [f"{at:08}" for at in range(300)])
    )
    assert sorted(each.id for each in found.values()) == [f"{winner}-{at:03}" for at in range(300)]


def test_of_two_who_take_one_identifier_one_is_refused(place: Place) -> None:
    add_students(place, student("s0", "00000000"), student("s1", "11111111"))

    def saving(student_id: str) -> Callable[[Transaction], object]:
        return lambda tx: tx.people.save_student(student(student_id, "77777777"))

    answers = at_once(place, [saving("s0"), saving("s1")])
    assert [answer.ids for answer in answers if isinstance(answer, NameTaken)] in ([("s0",)], [("s1",)])
