"""Which students are found, and in which order."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.contract.database.academics import (
    UNREAD,
    add_parents,
    add_students,
    link,
    listed,
    page,
    parent,
    student,
)
from tests.contract.database.conftest import Place

from academy.application.ports.academics import PeopleFilter
from academy.application.ports.database import Transaction
from academy.domain.academics.people import Relation
from academy.domain.academics.teaching import SchoolClass

pytestmark = pytest.mark.requirement("ACA-1")

KOREA = timedelta(hours=9)


def test_students_are_paged_by_name(place: Place) -> None:
    # Of the same name are some, and one has what separates in other texts.
    names = ["가람", "나:래", "나래", "나래", "나래", "12:다솜", "라온 😀"]
    add_students(place, *(student(f"s:{at}", f"{at:08}", name=name) for at, name in enumerate(names)))
    add_students(place, student("left", "99999999", name="나래", active=False))
    add_students(place, student("o1", "00000000", "t2", name="나래"))
    seen: list[tuple[str, str]] = []
    cursor, pages = "", 0
    while cursor or not pages:
        found = page(place, PeopleFilter(), cursor, 2)
        seen += [(each.name, each.id) for each in found.items]
        cursor, pages = found.next_cursor, pages + 1
    assert pages == 4
    assert seen == sorted((name, f"s:{at}") for at, name in enumerate(names))
    exact = page(place, PeopleFilter(), "", len(names))
    assert (len(exact.items), exact.next_cursor) == (len(names), "")


@pytest.mark.parametrize("cursor", ["!!", "YQ", "OTphYmM", "MDphYg", "MDE6YWI", "eDph", "OTk5OTphYg"])
def test_a_cursor_that_is_not_ours_is_refused(place: Place, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        page(place, PeopleFilter(), cursor, 10)


def test_those_who_left_are_listed_only_when_asked_for(place: Place) -> None:
    add_students(place, student("s1", "11111111"), student("s2", "22222222", active=False))
    assert listed(place) == ["s1"]
    assert listed(place, active_only=False) == ["s1", "s2"]
    found = place.database.read_sync(lambda tx: tx.people.by_identifiers("t1", ["22222222", "33333333"]))
    assert {identifier: each.id for identifier, each in found.items()} == {"22222222": "s2"}


@pytest.mark.requirement("API-2")
def test_students_are_found_by_id_whether_they_left_or_not(place: Place) -> None:
    add_students(place, student("s1", "11111111"), student("s2", "22222222", active=False))
    add_students(place, student("o1", "11111111", "t2"))
    found = place.database.read_sync(lambda tx: tx.people.by_ids("t1", ["s2", "s1", "s1", "o1", "nobody"]))
    assert {given: each.identifier for given, each in found.items()} == {"s1": "11111111", "s2": "22222222"}
    assert place.database.read_sync(lambda tx: tx.people.by_ids("t1", [])) == {}


def test_students_are_found_by_a_part_of_their_name(place: Place) -> None:
    add_students(
        place,
        student("s1", "11111111", name="김민준"),
        student("s2", "22222222", name="Kim Minjun"),
        student("s3", "33333333", name="이서연 100%"),
    )
    assert listed(place, text="민") == ["s1"]
    assert listed(place, text=" kim m") == ["s2"]
    assert listed(place, text="%") == ["s3"]
    assert listed(place, text="_") == []
    assert sorted(listed(place, text="")) == ["s1", "s2", "s3"]


def test_students_are_found_by_digits_however_they_are_written(place: Place) -> None:
    add_students(
        place,
        student("s1", "98765432", name="가", phone="01012345678"),
        student("s2", "23456789", name="나"),
        student("s3", "55555555", name="다"),
    )
    add_parents(place, parent("p3", "01044442222"))
    link(place, ("s3", "p3", Relation.MOTHER))
    assert listed(place, text="2345678") == ["s1", "s2"]
    assert listed(place, text="010-1234") == ["s1"]
    assert listed(place, text="+82 10-1234-5678") == ["s1"]
    assert listed(place, text="０１０ １２３４") == ["s1"]
    assert listed(place, text="9876") == ["s1"]
    assert listed(place, text="4444-2222") == ["s3"]
    assert listed(place, text="가 2345") == []
    assert listed(place, text="-") == []


def test_students_are_found_by_the_class_they_are_in_today(place: Place) -> None:
    # An afternoon in UTC that is the next day in Korea.
    now = place.database.read_sync(lambda tx: tx.now())
    until_four = (datetime(now.year, now.month, now.day, 16, tzinfo=UTC) - now) % timedelta(days=1)
    place.pass_time(until_four.total_seconds())
    today = place.database.read_sync(lambda tx: (tx.now() + KOREA).date())
    day = timedelta(days=1)
    ids = ["coming", "gone", "here", "last", "new"]
    add_students(place, *(student(name, f"{at:08}", name=name) for at, name in enumerate(ids)))

    def work(tx: Transaction) -> None:
        tx.teaching.add_class(SchoolClass("c1", "t1", "고2 심화", "수학", True, UNREAD, UNREAD))
        tx.teaching.enrol("t1", "c1", ["gone", "here", "last"], date(2020, 1, 1))
        tx.teaching.enrol("t1", "c1", ["new"], today)
        tx.teaching.enrol("t1", "c1", ["coming"], today + day)
        tx.teaching.leave("t1", "c1", ["gone"], today)
        tx.teaching.leave("t1", "c1", ["last"], today + day)

    place.database.run_sync(work)
    assert listed(place, class_id="c1") == ["here", "last", "new"]
    assert listed(place, class_id="c2") == []
    assert listed(place, "t2", class_id="c1") == []


def test_students_are_found_by_their_login_and_by_that_of_a_parent(place: Place) -> None:
    add_students(
        place,
        student("s1", "11111111", account="v1"),
        student("s2", "22222222"),
        student("s3", "33333333", account="v3"),
    )
    add_parents(place, parent("p1", "01011111111", account="v9"), parent("p2", "01022222222"))
    add_parents(place, parent("q1", "01011111111", "t2", account="v1"))
    link(place, ("s2", "p1", Relation.FATHER), ("s3", "p1", Relation.FATHER), ("s1", "p2", Relation.MOTHER))
    assert listed(place, account="v1") == ["s1"]
    assert listed(place, account="v9") == ["s2", "s3"]
    assert listed(place, account="v9", text="3333") == ["s3"]
    assert listed(place, account="nobody") == []
    # Most have no login, and no login is nobody's.
    assert listed(place, account="") == []
    assert listed(place, "t2", account="v9") == []
