"""Rows of parents, and whose parents they are."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.contract.database.academics import (
    add_parents,
    add_students,
    at_once,
    get_parent,
    get_student,
    link,
    parent,
    parents_of,
    student,
    timeless,
)
from tests.contract.database.conftest import Place

from academy.application.ports.academics import NameTaken
from academy.application.ports.database import Transaction
from academy.domain.academics.people import Relation

pytestmark = pytest.mark.requirement("ACA-1")


def test_parents_who_are_known_stay_as_they_are(place: Place) -> None:
    first = add_parents(place, parent("p1", "01011111111", name="박지영", account="v1"))
    assert timeless(first["01011111111"]) == parent("p1", "01011111111", name="박지영", account="v1")
    place.pass_time(60)
    before = get_parent(place, "p1")
    again = add_parents(
        place,
        parent("n1", "01011111111", name="다른 이름"),
        parent("n2", "01022222222"),
        parent("n3", "01022222222", name="같은 번호"),
    )
    assert {phone: each.id for phone, each in again.items()} == {"01011111111": "p1", "01022222222": "n2"}
    assert again["01011111111"] == before == get_parent(place, "p1")
    assert get_parent(place, "n1") is None
    assert get_parent(place, "n3") is None
    assert add_parents(place) == {}


def test_all_who_add_the_same_parents_get_the_same(place: Place) -> None:
    def adding(number: int) -> Callable[[Transaction], object]:
        many = [parent(f"{number}-{at:03}", f"0101111{at:04}") for at in range(300)]
        # Each in another order: no order of locks may matter.
        return lambda tx: tx.people.add_parents(many[:: 1 - 2 * (number % 2)])

    answers = at_once(place, [adding(number) for number in range(6)])
    first = answers[0]
    assert isinstance(first, dict)
    assert len(first) == 300
    assert answers == [first] * 6


def test_saving_a_parent_writes_every_field_unless_the_phone_is_taken(place: Place) -> None:
    add_parents(place, parent("p1", "01011111111"), parent("p2", "01022222222"))
    changed = parent("p1", "01033333333", name="새 이름", account="v1")

    def work(tx: Transaction) -> NameTaken:
        tx.people.save_parent(changed)
        with pytest.raises(NameTaken) as refused:
            tx.people.save_parent(parent("p2", "01033333333"))
        return refused.value

    refused = place.database.run_sync(work)
    assert (refused.field, refused.ids) == ("phone", ("p2",))
    assert timeless(get_parent(place, "p1")) == changed
    assert timeless(get_parent(place, "p2")) == parent("p2", "01022222222")


@pytest.mark.requirement("SEC-3")
def test_a_refusal_does_not_say_the_number(place: Place) -> None:
    add_parents(place, parent("p1", "01011111111"), parent("p2", "01022222222"))
    with pytest.raises(NameTaken) as refused:
        place.database.run_sync(lambda tx: tx.people.save_parent(parent("p2", "01011111111")))
    assert refused.value.__suppress_context__
    assert "0101111" not in str(refused.value)


def test_parents_of_students_come_by_student_and_name(place: Place) -> None:
    add_students(place, *(student(f"s{at}", f"{at:08}") for at in range(3)))
    add_parents(place, parent("p1", "01011111111", name="나"), parent("p2", "01022222222", name="가"))
    link(
        place,
        ("s1", "p1", Relation.MOTHER),
        ("s0", "p1", Relation.GUARDIAN),
        ("s1", "p2", Relation.FATHER),
        ("s1", "p2", Relation.GUARDIAN),
        ("s2", "p2", Relation.FATHER),
    )
    found = parents_of(place, "s1", "s0")
    assert [(each.student_id, each.parent.id, each.relation) for each in found] == [
        ("s0", "p1", Relation.GUARDIAN),
        ("s1", "p2", Relation.GUARDIAN),
        ("s1", "p1", Relation.MOTHER),
    ]
    assert timeless(found[1].parent) == parent("p2", "01022222222", name="가")
    link(place, ("s1", "p1", Relation.GUARDIAN))
    assert [each.relation for each in parents_of(place, "s1")] == [Relation.GUARDIAN, Relation.GUARDIAN]
    assert parents_of(place) == []


@pytest.mark.requirement("API-2")
def test_only_people_of_the_academy_are_linked(place: Place) -> None:
    add_students(place, student("s1", "11111111"))
    add_students(place, student("o1", "11111111", "t2"))
    add_parents(place, parent("p1", "01011111111"))
    add_parents(place, parent("q1", "01011111111", "t2"))
    ours, theirs = ("s1", "p1", Relation.MOTHER), ("o1", "q1", Relation.MOTHER)
    mixed = [("s1", "q1", Relation.FATHER), ("o1", "p1", Relation.FATHER), ("nobody", "p1", Relation.FATHER)]
    link(place, ours, theirs, *mixed)
    assert [each.parent.id for each in parents_of(place, "s1", "o1")] == ["p1"]
    assert parents_of(place, "s1", "o1", tenant="t2") == []


def test_a_parent_without_students_is_removed(place: Place) -> None:
    add_students(place, student("s1", "11111111"), student("s2", "22222222"))
    add_parents(place, parent("p1", "01011111111"))
    link(place, ("s1", "p1", Relation.MOTHER), ("s2", "p1", Relation.MOTHER))

    def unlink(student_id: str) -> bool:
        return place.database.run_sync(lambda tx: tx.people.unlink("t1", student_id, "p1"))

    assert unlink("s1")
    assert not unlink("s1")
    assert get_parent(place, "p1") is not None
    assert parents_of(place, "s1") == []
    assert unlink("s2")
    assert get_parent(place, "p1") is None
    assert get_student(place, "s2") is not None


def test_a_parent_whose_students_leave_at_once_is_removed(place: Place) -> None:
    ids = [f"s{at}" for at in range(6)]
    add_students(place, *(student(name, f"{at:08}") for at, name in enumerate(ids)))
    add_parents(place, parent("p1", "01011111111"))
    link(place, *((name, "p1", Relation.MOTHER) for name in ids))

    def leaving(name: str) -> Callable[[Transaction], object]:
        return lambda tx: tx.people.unlink("t1", name, "p1")

    assert at_once(place, [leaving(name) for name in ids]) == [True] * len(ids)
    assert get_parent(place, "p1") is None


@pytest.mark.parametrize("linked_first", [False, True])
def test_a_parent_who_is_given_a_student_meanwhile_stays(place: Place, linked_first: bool) -> None:
    add_students(place, student("s1", "11111111"), student("s2", "22222222"))
    add_parents(place, parent("p1", "01011111111"))
    link(place, ("s1", "p1", Relation.MOTHER))
    begun, other = threading.Event(), place.another()

    def give(tx: Transaction) -> None:
        if linked_first:
            tx.people.link("t1", [("s2", "p1", Relation.MOTHER)])
        else:
            tx.people.add_parents([parent("n1", "01011111111")])
        begun.set()
        # Meanwhile the other comes as far as it can.
        threading.Event().wait(0.3)
        tx.people.link("t1", [("s2", "p1", Relation.MOTHER)])

    with ThreadPoolExecutor(1) as pool:
        giving = pool.submit(place.database.run_sync, give)
        assert begun.wait(20)
        assert other.run_sync(lambda tx: tx.people.unlink("t1", "s1", "p1"))
        giving.result(20)
    assert [each.parent.id for each in parents_of(place, "s1", "s2")] == ["p1"]
