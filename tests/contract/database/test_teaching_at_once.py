"""Two members of staff change the same thing at the same moment: what each of them changed is there afterwards."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import TypeVar

import pytest
from tests.contract.database.academics import UNREAD, link, parent, school
from tests.contract.database.conftest import Place

from academy.application.academics.asker import Asker
from academy.application.academics.classes import ClassChange, Classes
from academy.application.academics.exams import ExamChange, Exams, Scored
from academy.application.academics.form import FieldsRefused
from academy.application.academics.lectures import Lectures, NewSession, SessionChange
from academy.application.academics.people import ParentChange, People, StudentChange
from academy.application.ai.following import ScoresFollow
from academy.application.ports.database import Transaction
from academy.domain.academics.people import Relation
from academy.infrastructure.sql.database import SqlDatabase

pytestmark = pytest.mark.requirement("ACA-1")

T = TypeVar("T")
Work = Callable[[Transaction], object]
ROUNDS = 40
STAFF = Asker("t1", "staff", manages=True)
numbers = count(1)


def new_id() -> str:
    return f"id-{next(numbers):05}"


follow = ScoresFollow()
people, classes = People(new_id, follow), Classes(new_id, follow)
lectures, exams = Lectures(new_id), Exams(new_id, follow)


@dataclass(frozen=True, slots=True)
class Desks:
    """Two members of staff, each with connections of their own."""

    databases: Sequence[SqlDatabase]
    threads: ThreadPoolExecutor

    def at_once(self, *works: Work) -> list[object]:
        """Carry out each at the same moment; return what each returned or was refused with."""
        barrier = threading.Barrier(len(works))

        def one(database: SqlDatabase, work: Work) -> object:
            barrier.wait(timeout=30)
            try:
                return database.run_sync(work)
            except FieldsRefused as refused:
                return refused

        return list(self.threads.map(one, self.databases, works))

    def see(self, work: Callable[[Transaction], T]) -> T:
        """Look at what stands."""
        return self.databases[0].read_sync(work)


@pytest.fixture
def desks(server: Place) -> Iterator[Desks]:
    """An academy with somebody of each kind."""
    school(server)
    server.database.run_sync(lambda tx: tx.people.add_parents([parent("p1", "01011111111")]))
    link(server, ("s1", "p1", Relation.MOTHER))
    with ThreadPoolExecutor(2) as threads:
        yield Desks([server.another(), server.another()], threads)


def test_two_changes_of_a_student_are_both_kept(desks: Desks) -> None:
    for at in range(ROUNDS):
        school_name, grade = StudentChange(school=f"학교 {at}"), StudentChange(grade=f"{at}")
        desks.at_once(
            lambda tx, given=school_name: people.change(tx, STAFF, "s1", given),
            lambda tx, given=grade: people.change(tx, STAFF, "s1", given),
        )
        found = desks.see(lambda tx: people.get(tx, STAFF, "s1")).student
        assert (found.school, found.grade) == (f"학교 {at}", f"{at}")


def test_two_changes_of_a_parent_are_both_kept(desks: Desks) -> None:
    for at in range(ROUNDS):
        name, phone = ParentChange(name=f"엄마 {at}"), ParentChange(phone=f"010{at:08}")
        desks.at_once(
            lambda tx, given=name: people.change_parent(tx, STAFF, "p1", given),
            lambda tx, given=phone: people.change_parent(tx, STAFF, "p1", given),
        )
        found = desks.see(lambda tx: people.parent(tx, STAFF, "p1"))
        assert (found.name, found.phone) == (f"엄마 {at}", f"010{at:08}")


def test_two_changes_of_a_class_are_both_kept(desks: Desks) -> None:
    for at in range(ROUNDS):
        name, subject = ClassChange(name=f"반 {at}"), ClassChange(subject=f"과목 {at}")
        desks.at_once(
            lambda tx, given=name: classes.change(tx, STAFF, "c1", given),
            lambda tx, given=subject: classes.change(tx, STAFF, "c1", given),
        )
        found = desks.see(lambda tx: classes.get(tx, STAFF, "c1"))
        assert (found.name, found.subject) == (f"반 {at}", f"과목 {at}")


def test_a_new_title_of_a_lecture_is_kept_beside_a_change_of_nothing(desks: Desks) -> None:
    for at in range(ROUNDS):
        desks.at_once(
            lambda tx, title=f"강의 {at}": lectures.rename(tx, STAFF, "l1", title),
            lambda tx: lectures.rename(tx, STAFF, "l1", None),
        )
        assert desks.see(lambda tx: lectures.get(tx, STAFF, "l1")).title == f"강의 {at}"


def test_two_changes_of_a_session_are_both_kept(desks: Desks) -> None:
    for at in range(ROUNDS):
        title, number = SessionChange(title=f"차시 {at}"), SessionChange(number=at + 2)
        desks.at_once(
            lambda tx, given=title: lectures.change_session(tx, STAFF, "n1", given),
            lambda tx, given=number: lectures.change_session(tx, STAFF, "n1", given),
        )
        found = desks.see(lambda tx: lectures.session(tx, STAFF, "n1"))
        assert (found.title, found.number) == (f"차시 {at}", at + 2)


def test_two_changes_of_an_exam_are_both_kept(desks: Desks) -> None:
    for at in range(ROUNDS):
        day = date(2026, 3, 1 + at % 28)
        title, planned = ExamChange(title=f"시험 {at}"), ExamChange(held_on=day)
        desks.at_once(
            lambda tx, given=title: exams.change(tx, STAFF, "e1", given),
            lambda tx, given=planned: exams.change(tx, STAFF, "e1", given),
        )
        found = desks.see(lambda tx: exams.get(tx, STAFF, "e1"))
        assert (found.title, found.held_on) == (f"시험 {at}", day)


def test_two_who_add_the_next_session_get_one_after_the_other(desks: Desks) -> None:
    def add(tx: Transaction) -> object:
        return lectures.add_session(tx, STAFF, "l1", NewSession()).number

    for at in range(ROUNDS):
        first = 2 + 2 * at
        assert set(desks.at_once(add, add)) == {first, first + 1}


def test_a_maximum_stays_above_a_score_that_is_being_noted(desks: Desks) -> None:
    desks.databases[0].run_sync(lambda tx: tx.teaching.enrol("t1", "c1", ["s1"], UNREAD.date()))

    def lower(tx: Transaction) -> object:
        return exams.change(tx, STAFF, "e1", ExamChange(max_score=50.0))

    def note(score: float) -> Work:
        return lambda tx: exams.note_scores(tx, STAFF, "e1", [Scored("s1", score)])

    for _ in range(ROUNDS):
        desks.databases[0].run_sync(note(10.0))
        desks.databases[0].run_sync(lambda tx: exams.change(tx, STAFF, "e1", ExamChange(max_score=100.0)))
        answers = desks.at_once(lower, note(90.0))
        exam = desks.see(lambda tx: exams.get(tx, STAFF, "e1"))
        (noted,) = desks.see(lambda tx: exams.scores(tx, STAFF, "e1"))
        assert (exam.max_score, noted.score) in {(50.0, 10.0), (100.0, 90.0)}
        assert [isinstance(each, FieldsRefused) for each in answers].count(True) == 1
