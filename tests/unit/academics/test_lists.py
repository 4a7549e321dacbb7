"""Who is left out of lists, and how many statements lists take."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from tests.unit.academics.conftest import Office

from academy.application.academics.exams import Scored
from academy.application.academics.lectures import Came, NewSession
from academy.application.academics.people import StudentsWanted
from academy.application.ports.database import Transaction
from academy.domain.academics.teaching import AttendanceStatus, SchoolClass

pytestmark = pytest.mark.requirement("ACA-1")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Gather the statements that are carried out meanwhile."""
    seen: list[str] = []

    def note(*details: object) -> None:
        seen.append(str(details[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def count(office: Office, work: Callable[[Transaction], object]) -> int:
    with statements() as seen:
        office.do(work)
    return len(seen)


def in_class(office: Office, given: SchoolClass) -> list[str]:
    """Return the names that staff sees in a class."""
    wanted = StudentsWanted(class_id=given.id)
    found = office.do(lambda tx: office.people.list(tx, office.staff, wanted, "", 20))
    return [record.student.name for record in found.items]


def test_the_classes_of_a_student_take_as_many_statements_as_there_were_with_one_class(
    office: Office,
) -> None:
    hana = office.change(office.add("하나", "01011111111"), account="student")
    office.enrol(office.add_class("첫 반"), hana)

    def list_classes(tx: Transaction) -> list[str]:
        page = office.classes.list(tx, office.student, "", 20, include_inactive=False)
        return [each.name for each in page.items]

    with_one = count(office, list_classes)
    for at in range(30):
        other = office.add_class(f"반 {at:02}")
        if at % 10 == 0:
            office.enrol(other, hana)

    assert office.do(list_classes) == ["반 00", "반 10", "반 20", "첫 반"]
    assert count(office, list_classes) == with_one


def test_taking_many_out_of_a_class_takes_as_many_statements_as_taking_one(office: Office) -> None:
    given = office.add_class()
    ids = [office.add(f"학생 {at}", f"010{at:08}").student.id for at in range(20)]

    def leave(*student_ids: str) -> int:
        return count(office, lambda tx: office.classes.leave(tx, office.staff, given.id, student_ids, None))

    assert leave(*ids) == leave(ids[0])


def test_one_who_left_the_academy_is_in_no_list_of_a_class(office: Office) -> None:
    given = office.add_class()
    hana, duri = office.add("하나", "01011111111"), office.add("두리", "01022222222")
    office.enrol(given, hana, duri)
    office.change(hana, active=False)

    again = office.do(lambda tx: office.classes.enrol(tx, office.staff, given.id, [duri.student.id], None))

    assert in_class(office, given) == ["두리"]
    assert again.student_ids == {duri.student.id}
    # Whoever comes back is where they were.
    office.change(hana, active=True)
    assert in_class(office, given) == ["두리", "하나"]


def test_what_was_noted_of_one_who_left_the_academy_stays_and_is_corrected(office: Office) -> None:
    given = office.add_class()
    hana, duri = office.add("하나", "01011111111"), office.add("두리", "01022222222")
    office.enrol(given, hana, duri)
    lecture = office.do(lambda tx: office.lectures.add(tx, office.staff, given.id, "미적분"))
    session = office.do(lambda tx: office.lectures.add_session(tx, office.staff, lecture.id, NewSession()))
    exam = office.exam(given)
    student_id = hana.student.id

    def note(status: AttendanceStatus, score: float) -> None:
        came, scored = [Came(student_id, status)], [Scored(student_id, score)]
        office.do(lambda tx: office.lectures.note_attendance(tx, office.staff, session.id, came))
        office.do(lambda tx: office.exams.note_scores(tx, office.staff, exam.id, scored))

    def noted() -> list[tuple[str, object]]:
        attended = office.do(lambda tx: office.lectures.attendance(tx, office.staff, session.id))
        scores = office.do(lambda tx: office.exams.scores(tx, office.staff, exam.id))
        return [(each.student_id, each.status) for each in attended] + [
            (each.student_id, each.score) for each in scores
        ]

    note(AttendanceStatus.PRESENT, 70.0)
    for record in (hana, duri):
        office.change(record, active=False)
    assert noted() == [(student_id, AttendanceStatus.PRESENT), (student_id, 70.0)]
    note(AttendanceStatus.LATE, 80.0)
    assert noted() == [(student_id, AttendanceStatus.LATE), (student_id, 80.0)]
