"""Whom a bulk message goes to (MSG-6)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import pytest

from academy.application.errors import NotFound, Refused
from academy.application.messaging.audience import Addressed, Audience, Side, addressed
from academy.application.ports.database import Transaction
from academy.domain.academics.people import Parent, Relation, Student
from academy.domain.academics.teaching import SchoolClass
from academy.domain.messaging.compose import Recipient
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare

pytestmark = pytest.mark.requirement("MSG-6")
T = TypeVar("T")
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)


@dataclass
class Academy:
    """Two academies, the first with a class."""

    database: SqlDatabase
    clock: ManualClock

    def do(self, work: Callable[[Transaction], T]) -> T:
        return self.database.run_sync(work)

    def student(self, student_id: str, name: str, phone: str = "", tenant: str = "t1") -> None:
        student = Student(student_id, tenant, name, phone, student_id, "", "", "", "", True, NOW, NOW)
        self.do(lambda tx: tx.people.add_students([student]))

    def leave_academy(self, student_id: str) -> None:
        def work(tx: Transaction) -> None:
            student = tx.people.student("t1", student_id)
            assert student is not None
            tx.people.save_student(replace(student, active=False))

        self.do(work)

    def parent(self, phone: str, name: str, *student_ids: str) -> None:
        parent = Parent(f"p{phone}", "t1", name, phone, "", NOW, NOW)

        def work(tx: Transaction) -> None:
            made = tx.people.add_parents([parent])[phone]
            tx.people.link("t1", [(each, made.id, Relation.MOTHER) for each in student_ids])

        self.do(work)

    def school_class(self, class_id: str, name: str, *student_ids: str, since: date = TODAY) -> None:
        given = SchoolClass(class_id, "t1", name, "", True, NOW, NOW)
        self.do(lambda tx: tx.teaching.add_class(given))
        self.do(lambda tx: tx.teaching.enrol("t1", class_id, student_ids, since))

    def audience(self, audience: Audience, tenant: str = "t1") -> list[Addressed]:
        return self.database.read_sync(lambda tx: addressed(tx, tenant, audience))


@pytest.fixture
def academy() -> Iterator[Academy]:
    clock = ManualClock(NOW)
    connections = SqlConnections("sqlite://", clock)
    prepare(connections)
    made = Academy(SqlDatabase(connections), clock)
    made.do(lambda tx: tx.tenants.add("t1", "t1", "하늘 학원"))
    made.do(lambda tx: tx.tenants.add("t2", "t2", "바다 학원"))
    made.student("s1", "김하늘", "01011110000")
    made.student("s2", "이바다")
    made.student("s3", "박산")
    made.parent("01000000001", "김엄마", "s1")
    made.parent("01000000002", "이엄마", "s2")
    made.school_class("c1", "고2 수학", "s1", "s2")
    yield made
    connections.close()


def who(found: Sequence[Addressed]) -> list[tuple[str, str, str]]:
    return [(each.student_id, each.recipient.name, each.recipient.phone) for each in found]


def test_the_parents_of_a_class_know_whose_and_which(academy: Academy) -> None:
    found = academy.audience(Audience(class_id="c1"))

    assert who(found) == [("s1", "김엄마", "01000000001"), ("s2", "이엄마", "01000000002")]
    assert found[0].recipient.variables == {
        "학생이름": "김하늘",
        "이름": "김엄마",
        "반이름": "고2 수학",
        "학원이름": "하늘 학원",
    }


def test_students_themselves_and_both(academy: Academy) -> None:
    students = academy.audience(Audience(class_id="c1", side=Side.STUDENTS))
    both = academy.audience(Audience(class_id="c1", side=Side.BOTH))

    assert who(students) == [("s1", "김하늘", "01011110000"), ("s2", "이바다", "")]
    assert [each.recipient.variables["이름"] for each in students] == ["김하늘", "이바다"]
    assert who(both) == [
        ("s1", "김하늘", "01011110000"),
        ("s1", "김엄마", "01000000001"),
        ("s2", "이바다", ""),
        ("s2", "이엄마", "01000000002"),
    ]


def test_a_student_without_parents_stands_there_without_a_number(academy: Academy) -> None:
    (alone,) = academy.audience(Audience(student_ids=["s3"]))
    assert who([alone]) == [("s3", "박산", "")]
    assert alone.problem is not None
    assert alone.problem.message_ko.startswith("등록된 학부모가 없습니다.")
    assert who(academy.audience(Audience(student_ids=["s3"], side=Side.BOTH))) == [
        ("s3", "박산", ""),
        ("s3", "박산", ""),
    ]


def test_a_class_is_who_is_in_it_on_the_day_in_korea(academy: Academy) -> None:
    academy.school_class("c2", "내일 반", "s3", since=TODAY + timedelta(days=1))

    assert academy.audience(Audience(class_id="c2")) == []
    assert who(academy.audience(Audience(class_id="c2", on=TODAY + timedelta(days=1)))) == [
        ("s3", "박산", "")
    ]
    academy.clock.advance(12.5 * 3600)  # 15:30 UTC, past midnight in Korea
    assert who(academy.audience(Audience(class_id="c2"))) == [("s3", "박산", "")]


@pytest.mark.parametrize("side", list(Side))
def test_who_left_is_no_problem_of_a_class_and_one_where_named(academy: Academy, side: Side) -> None:
    academy.leave_academy("s2")

    assert "s2" not in [each.student_id for each in academy.audience(Audience(class_id="c1", side=side))]
    named = academy.audience(Audience(class_id="c1", student_ids=["s1", "s2"], side=side))
    left = named[-1]
    assert (left.student_id, left.recipient.phone, left.path) == ("s2", "", ("student_ids", 1))
    assert left.problem is not None
    assert left.problem.code == "student_left"
    assert [each.problem for each in named[:-1]] == [None] * (len(named) - 1)


def test_a_class_that_has_ended_is_refused(academy: Academy) -> None:
    def end(tx: Transaction) -> None:
        given = tx.teaching.school_class("t1", "c1")
        assert given is not None
        tx.teaching.save_class(replace(given, active=False))

    academy.do(end)

    with pytest.raises(Refused) as refused:
        academy.audience(Audience(class_id="c1"))
    assert refused.value.failure.code == "class_closed"
    assert [each.path for each in refused.value.faults] == [("class_id",)]


def test_everybody_has_a_place_in_the_request(academy: Academy) -> None:
    typed = [Recipient("x"), Recipient("y")]

    found = academy.audience(Audience(to=typed, class_id="c1", student_ids=["s3", "s1"]))

    assert [(each.student_id, each.path) for each in found] == [
        ("", ("to", 0)),
        ("", ("to", 1)),
        ("s1", ("student_ids", 1)),
        ("s3", ("student_ids", 0)),
        ("s2", ("class_id", "s2")),
    ]


def test_a_student_of_the_class_who_is_named_too_is_written_to_once(academy: Academy) -> None:
    found = academy.audience(Audience(class_id="c1", student_ids=["s1", "s3", "s1"]))

    assert [each.student_id for each in found] == ["s1", "s3", "s2"]
    by_student = {each.student_id: each.recipient.variables for each in found}
    assert by_student["s1"]["반이름"] == "고2 수학"
    assert "반이름" not in by_student["s3"]


def test_a_parent_of_two_hears_of_each(academy: Academy) -> None:
    academy.parent("01000000001", "김엄마", "s2")

    found = academy.audience(Audience(class_id="c1"))

    mother = [each for each in found if each.recipient.phone == "01000000001"]
    assert [each.recipient.variables["학생이름"] for each in mother] == ["김하늘", "이바다"]


def test_what_is_given_stands_above_what_follows_and_ones_own_above_all(academy: Academy) -> None:
    typed = [
        Recipient("010-1", "강", {"점수": "90"}),
        Recipient("010-2", "물", {"반이름": "제 반"}),
    ]
    shared = {"점수": "0", "학원이름": "우리"}

    found = academy.audience(Audience(to=typed, class_id="c1", variables=shared))

    assert who(found)[:2] == [("", "강", "010-1"), ("", "물", "010-2")]
    assert found[0].recipient.variables == {"점수": "90", "학원이름": "우리", "이름": "강"}
    assert found[1].recipient.variables["반이름"] == "제 반"
    assert (found[2].recipient.variables["점수"], found[2].recipient.variables["학원이름"]) == ("0", "우리")


def test_what_another_academy_has_is_not_there(academy: Academy) -> None:
    academy.student("other", "남", tenant="t2")

    for audience, what, place in (
        (Audience(class_id="none"), "class", ("class_id",)),
        (Audience(student_ids=["none"]), "student", ("student_ids", 0)),
        (Audience(student_ids=["s1", "other"]), "student", ("student_ids", 1)),
    ):
        with pytest.raises(NotFound) as missing:
            academy.audience(audience)
        assert (missing.value.what, missing.value.paths) == (what, (place,))
    for audience in (Audience(class_id="c1"), Audience(student_ids=["s1"])):
        with pytest.raises(NotFound):
            academy.audience(audience, tenant="t2")


def test_many_students_are_found_like_few(academy: Academy) -> None:
    ids = [f"m{number:03}" for number in range(50)]
    for each in ids:
        academy.student(each, f"학생 {each}")

    found = academy.audience(Audience(class_id="c1", student_ids=ids))

    assert [each.student_id for each in found] == ["s1", "s2", *ids]
    with pytest.raises(NotFound):
        academy.audience(Audience(student_ids=[*ids, "none"]))


def test_ten_thousand_are_the_most(academy: Academy) -> None:
    typed = [Recipient(f"010{number:08}") for number in range(9_998)]

    assert len(academy.audience(Audience(to=typed, class_id="c1"))) == 10_000
    with pytest.raises(Refused) as refused:
        academy.audience(Audience(to=typed, class_id="c1", student_ids=["s3"]))
    assert refused.value.failure.code == "too_many_recipients"
