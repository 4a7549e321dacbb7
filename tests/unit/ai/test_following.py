"""Scores follow who is in the class and under which identifier: results, the list of scores and the export say the same."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from tests.unit.ai.papers import page
from tests.unit.ai.room import Room

from academy.application.academics.exams import ExamChange
from academy.application.academics.people import StudentChange
from academy.application.academics.roster import NewStudent
from academy.application.academics.sheet_exports import scores_sheet
from academy.application.ports.database import Transaction
from academy.application.ports.spreadsheets import Value
from academy.domain.korea import korean_day

pytestmark = pytest.mark.requirement("OMR-5")
ONE, TWO, FOUR = "1" * 8, "2" * 8, "4" * 8
EVERY = {"하나": 100.0, "두리": 80.0, "네모": 100.0}


def results(room: Room) -> dict[str, float]:
    found = room.do(lambda tx: room.review.results(tx, room.staff, room.exam.id))
    return {each.student.name: float(each.total) for each in found.students}


def exported(room: Room) -> dict[str, object]:
    def rows(tx: Transaction) -> list[Sequence[Value]]:
        return list(scores_sheet(tx, room.staff, room.school_class.id)[1])

    return {str(row[1]): row[4] for row in room.do(rows) if row[0] and row[4] is not None}


def agreed(room: Room) -> dict[str, float | None]:
    """Return the scores, which all three ways of asking tell alike."""
    noted = room.scores()
    assert results(room) == noted == exported(room)
    return noted


def test_a_page_that_waits_is_graded_when_its_student_is_added_with_the_class(room: Room) -> None:
    room.scan(page(1, ONE), page(2, TWO, "12341"), page(3, FOUR))
    assert (agreed(room), room.queue().waiting) == ({"하나": 100.0, "두리": 80.0}, 1)
    wish = NewStudent(name="네모", identifier=FOUR, class_names=("고2 수학",))
    room.do(lambda tx: room.roster.add_many(tx, room.staff, [wish]))
    assert (agreed(room), room.queue().waiting) == (EVERY, 0)


def test_a_page_that_waits_is_graded_when_its_student_is_enrolled(room: Room) -> None:
    guest = room.student("네모", FOUR, enrolled=False)
    room.scan(page(1, ONE), page(2, TWO, "12341"), page(3, FOUR))
    given = room.school_class.id
    room.do(lambda tx: room.classes.enrol(tx, room.staff, given, [guest.id], None))
    assert agreed(room) == EVERY


def test_a_page_is_graded_at_once_for_somebody_who_joins_tomorrow(room: Room) -> None:
    guest = room.student("네모", FOUR, enrolled=False)
    room.scan(page(1, ONE), page(2, TWO, "12341"), page(3, FOUR))
    tomorrow = korean_day(room.clock.now()) + timedelta(days=1)
    given = room.school_class.id
    room.do(lambda tx: room.classes.enrol(tx, room.staff, given, [guest.id], tomorrow))
    assert agreed(room) == EVERY
    # Nothing happens when that day comes, so nothing may depend on it.
    room.clock.advance(timedelta(days=2))
    assert agreed(room) == EVERY


def test_other_digits_take_a_score_away_and_give_it_to_whose_they_are(room: Room) -> None:
    room.scan(page(1, ONE), page(2, TWO, "12341"))

    def digits(student_id: str, identifier: str) -> None:
        change = StudentChange(identifier=identifier)
        room.do(lambda tx: room.people.change(tx, room.staff, student_id, change))

    digits(room.hana.id, FOUR)
    assert (agreed(room), room.queue().waiting) == ({"두리": 80.0}, 1)
    digits(room.sena.id, ONE)
    assert (agreed(room), room.queue().waiting) == ({"두리": 80.0, "세나": 100.0}, 0)


def test_a_page_that_waits_follows_whether_its_student_is_active(room: Room) -> None:
    scan = room.scan(page(1, ONE, "1234?"), page(2, TWO, "12341"))
    room.do(lambda tx: room.people.change(tx, room.staff, room.hana.id, StudentChange(active=False)))
    room.decide(scan, fields={"5": ["5"]})
    assert agreed(room) == {"두리": 80.0}
    room.do(lambda tx: room.people.change(tx, room.staff, room.hana.id, StudentChange(active=True)))
    assert agreed(room) == {"하나": 100.0, "두리": 80.0}


def test_leaving_before_the_exam_and_moving_its_day_count(room: Room) -> None:
    given, today = room.school_class.id, korean_day(room.clock.now())
    room.clock.advance(timedelta(days=10))
    room.do(lambda tx: room.classes.leave(tx, room.staff, given, [room.hana.id], today + timedelta(days=5)))
    room.scan(page(1, ONE), page(2, TWO, "12341"))
    assert agreed(room) == {"두리": 80.0}
    room.change(ExamChange(held_on=today + timedelta(days=2)))
    assert agreed(room) == {"하나": 100.0, "두리": 80.0}


def test_a_note_about_a_student_grades_nothing_anew(room: Room) -> None:
    room.scan(page(1, ONE))
    before = room.do(lambda tx: tx.teaching.scores("t1", room.exam.id))
    room.clock.advance(timedelta(minutes=1))
    room.do(lambda tx: room.people.change(tx, room.staff, room.hana.id, StudentChange(note="안경")))
    assert room.do(lambda tx: tx.teaching.scores("t1", room.exam.id)) == before


def test_who_joined_after_the_exam_is_not_expected_but_may_sit_it_late(room: Room) -> None:
    room.change(ExamChange(held_on=date(2020, 3, 2)))
    given = room.school_class.id
    since = date(2020, 3, 2)
    room.do(lambda tx: room.classes.enrol(tx, room.staff, given, [room.hana.id], since))
    found = room.do(lambda tx: room.review.results(tx, room.staff, room.exam.id))
    assert [each.name for each in found.without] == ["하나"]
    room.scan(page(1, TWO))
    assert agreed(room) == {"두리": 100.0}
