"""Classes, attendance, exams and scores."""

from datetime import date, datetime, timedelta, timezone

import pytest
from tests.unit.academics.conftest import Office, faults

from academy.application.academics.asker import Asker
from academy.application.academics.classes import ClassChange
from academy.application.academics.exams import ExamChange, Scored
from academy.application.academics.form import FieldsRefused
from academy.application.academics.lectures import Came, NewSession, SessionChange
from academy.application.academics.people import Record
from academy.application.errors import NotFound
from academy.domain.academics.teaching import AttendanceStatus, SchoolClass

pytestmark = pytest.mark.requirement("ACA-1")
KOREA = timezone(timedelta(hours=9))
PRESENT, ABSENT = AttendanceStatus.PRESENT, AttendanceStatus.ABSENT
TODAY = date(2026, 3, 2)  # where the manual clock stands


@pytest.fixture
def given(office: Office) -> SchoolClass:
    return office.add_class()


@pytest.fixture
def hana(office: Office, given: SchoolClass) -> Record:
    """A student of the class with a login."""
    record = office.change(office.add("하나", "01011111111"), account="student")
    office.enrol(given, record)
    return record


@pytest.fixture
def duri(office: Office, given: SchoolClass) -> Record:
    """Another student of the class."""
    record = office.add("두리", "01022222222")
    office.enrol(given, record)
    return record


def here(office: Office, given: SchoolClass, on: date) -> set[str]:
    return {each.student_id for each in office.do(lambda tx: tx.teaching.enrolments("t1", given.id, on))}


def test_a_class_has_its_name_alone(office: Office, given: SchoolClass) -> None:
    other = office.add_class("다른 반")

    with pytest.raises(FieldsRefused) as twice:
        office.add_class("  고2 수학 ")
    change = ClassChange(name="고2 수학")
    with pytest.raises(FieldsRefused) as renamed:
        office.do(lambda tx: office.classes.change(tx, office.staff, other.id, change))
    same = office.do(lambda tx: office.classes.change(tx, office.staff, given.id, ClassChange(active=False)))

    assert faults(twice) == faults(renamed) == {"name": "class_name_taken"}
    assert (same.name, same.subject, same.active) == ("고2 수학", "수학", False)


def test_students_come_and_go(office: Office, given: SchoolClass, hana: Record, duri: Record) -> None:
    ids = [hana.student.id]
    members = office.do(lambda tx: office.classes.leave(tx, office.staff, given.id, ids, date(2026, 4, 1)))

    assert (members.on, members.student_ids) == (date(2026, 4, 1), {duri.student.id})
    assert here(office, given, date(2026, 3, 31)) == {hana.student.id, duri.student.id}
    again = office.do(lambda tx: office.classes.leave(tx, office.staff, given.id, ids, date(2026, 4, 1)))
    assert again.student_ids == members.student_ids
    back = office.do(lambda tx: office.classes.enrol(tx, office.staff, given.id, ids, date(2026, 5, 1)))
    assert back.student_ids == {hana.student.id, duri.student.id}


def test_today_is_the_day_in_korea(office: Office, given: SchoolClass, duri: Record) -> None:
    office.clock.advance(timedelta(hours=7))  # 01:00 of the next day in Korea
    record = office.add("늦은 학생", "01033333333")

    members = office.do(
        lambda tx: office.classes.enrol(tx, office.staff, given.id, [record.student.id], None)
    )

    assert members.on == TODAY + timedelta(days=1)
    assert record.student.id not in here(office, given, TODAY)


@pytest.mark.requirement("API-2")
def test_a_student_of_another_academy_is_not_there(office: Office, given: SchoolClass, hana: Record) -> None:
    with pytest.raises(NotFound):
        office.do(lambda tx: office.classes.enrol(tx, office.elsewhere, given.id, [hana.student.id], None))
    theirs = office.do(lambda tx: office.classes.add(tx, office.elsewhere, "반", ""))
    for use in (office.classes.enrol, office.classes.leave):
        with pytest.raises(NotFound):
            office.do(lambda tx, use=use: use(tx, office.elsewhere, theirs.id, [hana.student.id], None))  # type: ignore[misc]

    assert office.do(lambda tx: tx.teaching.enrolments("t2", theirs.id, TODAY)) == []
    assert here(office, given, TODAY) == {hana.student.id}


def test_one_who_stands_twice_in_a_list_is_told(office: Office, given: SchoolClass, hana: Record) -> None:
    ids = [hana.student.id, hana.student.id]
    with pytest.raises(FieldsRefused) as refused:
        office.do(lambda tx: office.classes.enrol(tx, office.staff, given.id, ids, None))

    assert faults(refused) == {"student_ids.1": "student_twice"}


def test_sessions_are_numbered(office: Office, given: SchoolClass) -> None:
    lecture = office.do(lambda tx: office.lectures.add(tx, office.staff, given.id, "미적분"))

    def add(wish: NewSession) -> int:
        return office.do(lambda tx: office.lectures.add_session(tx, office.staff, lecture.id, wish)).number

    assert [add(NewSession()), add(NewSession(number=7)), add(NewSession())] == [1, 7, 8]
    with pytest.raises(FieldsRefused) as refused:
        add(NewSession(number=7))
    assert faults(refused) == {"number": "session_number_taken"}

    first = office.do(lambda tx: office.lectures.sessions(tx, office.staff, lecture.id))[0]
    held_at = datetime(2026, 3, 4, 19, 0, tzinfo=KOREA)

    def change(change: SessionChange) -> tuple[int, str, datetime | None]:
        done = office.do(lambda tx: office.lectures.change_session(tx, office.staff, first.id, change))
        return done.number, done.title, done.held_at

    assert change(SessionChange(number=2, title="극한", held_at=held_at)) == (2, "극한", held_at)
    assert change(SessionChange(title="")) == (2, "", held_at)
    assert change(SessionChange(unplanned=True)) == (2, "", None)
    with pytest.raises(FieldsRefused) as refused:
        change(SessionChange(number=8))
    assert faults(refused) == {"number": "session_number_taken"}


def test_attendance_is_noted_in_parts_and_corrected(
    office: Office, given: SchoolClass, hana: Record, duri: Record
) -> None:
    session_id = _session(office, given)

    def note(*came: Came) -> dict[str, AttendanceStatus]:
        noted = office.do(lambda tx: office.lectures.note_attendance(tx, office.staff, session_id, came))
        return {each.student_id: each.status for each in noted}

    assert note(Came(hana.student.id, PRESENT)) == {hana.student.id: PRESENT}
    assert note(Came(duri.student.id, ABSENT)) == {hana.student.id: PRESENT, duri.student.id: ABSENT}
    # One who has left is corrected all the same, for they were there.
    office.do(lambda tx: office.classes.leave(tx, office.staff, given.id, [hana.student.id], TODAY))
    assert note(Came(hana.student.id, ABSENT))[hana.student.id] is ABSENT


def test_attendance_of_one_who_is_not_in_the_class_is_refused(
    office: Office, given: SchoolClass, hana: Record
) -> None:
    session_id = _session(office, given)
    other = office.add("다른 반 학생", "01033333333")
    came = [Came(each, PRESENT) for each in (hana.student.id, other.student.id, "no-such", hana.student.id)]

    with pytest.raises(FieldsRefused) as refused:
        office.do(lambda tx: office.lectures.note_attendance(tx, office.staff, session_id, came))

    assert faults(refused) == {
        "items.1.student_id": "not_in_class",
        "items.2.student_id": "not_in_class",
        "items.3.student_id": "student_twice",
    }
    assert office.do(lambda tx: tx.teaching.attendance("t1", session_id)) == []


def test_scores_are_noted_corrected_and_bounded(
    office: Office, given: SchoolClass, hana: Record, duri: Record
) -> None:
    exam = office.exam(given)
    other = office.add("다른 반 학생", "01033333333")

    def note(*scored: Scored) -> dict[str, float | None]:
        noted = office.do(lambda tx: office.exams.note_scores(tx, office.staff, exam.id, scored))
        return {each.student_id: each.score for each in noted}

    assert note(Scored(hana.student.id, 88.5)) == {hana.student.id: 88.5}
    assert note(Scored(duri.student.id, None), Scored(hana.student.id, 100.0)) == {
        hana.student.id: 100.0,
        duri.student.id: None,
    }
    with pytest.raises(FieldsRefused) as refused:
        note(
            Scored(hana.student.id, 100.1),
            Scored(duri.student.id, -0.5),
            Scored(other.student.id, float("nan")),
        )
    assert faults(refused) == {
        "items.0.score": "score_out_of_range",
        "items.1.score": "score_out_of_range",
        "items.2.score": "score_out_of_range",
        "items.2.student_id": "not_in_class",
    }
    assert [each.score for each in office.do(lambda tx: tx.teaching.scores("t1", exam.id))] == [100.0, None]


def test_a_maximum_never_falls_below_a_score(office: Office, given: SchoolClass, hana: Record) -> None:
    exam = office.exam(given)
    scored = [Scored(hana.student.id, 80.0)]
    office.do(lambda tx: office.exams.note_scores(tx, office.staff, exam.id, scored))

    change = ExamChange(max_score=79.0)
    with pytest.raises(FieldsRefused) as refused:
        office.do(lambda tx: office.exams.change(tx, office.staff, exam.id, change))
    fits = ExamChange(max_score=80.0, title="2회", held_on=TODAY)
    changed = office.do(lambda tx: office.exams.change(tx, office.staff, exam.id, fits))

    assert faults(refused) == {"max_score": "max_score_below_scores"}
    assert (changed.max_score, changed.title, changed.held_on) == (80.0, "2회", TODAY)


@pytest.mark.requirement("API-2")
def test_a_student_sees_their_own_classes_lectures_exams_and_scores(
    office: Office, given: SchoolClass, hana: Record, duri: Record
) -> None:
    other = office.add_class("남의 반")
    exams = [office.exam(given), office.exam(other)]
    lectures = [
        office.do(lambda tx, c=each: office.lectures.add(tx, office.staff, c.id, "강의"))  # type: ignore[misc]
        for each in (given, other)
    ]
    both = [Scored(hana.student.id, 90.0), Scored(duri.student.id, 10.0)]
    office.do(lambda tx: office.exams.note_scores(tx, office.staff, exams[0].id, both))
    ours, classes, papers = office.student, office.classes, office.exams

    def seen(asker: Asker) -> tuple[list[str], list[str], list[str]]:
        return office.do(
            lambda tx: (
                [each.id for each in classes.list(tx, asker, "", 20, include_inactive=True).items],
                [each.id for each in office.lectures.list(tx, asker, "", "", 20).items],
                [each.id for each in papers.list(tx, asker, "", "", 20).items],
            )
        )

    assert seen(ours) == ([given.id], [lectures[0].id], [exams[0].id])
    assert seen(office.parent) == ([], [], [])
    assert seen(office.elsewhere) == ([], [], [])
    assert office.do(lambda tx: papers.list(tx, ours, other.id, "", 20).items) == []
    assert [each.score for each in office.do(lambda tx: papers.scores(tx, ours, exams[0].id))] == [90.0]
    own = office.do(lambda tx: papers.scores_of(tx, ours, hana.student.id, 10))
    assert [(exam.id, score.score) for exam, score in own] == [(exams[0].id, 90.0)]
    for forbidden in (
        lambda tx: classes.get(tx, ours, other.id),
        lambda tx: papers.get(tx, ours, exams[1].id),
        lambda tx: papers.scores(tx, ours, exams[1].id),
        lambda tx: papers.scores_of(tx, ours, duri.student.id, 10),
        lambda tx: office.lectures.get(tx, ours, lectures[1].id),
        lambda tx: office.lectures.sessions(tx, ours, lectures[1].id),
    ):
        with pytest.raises(NotFound):
            office.do(forbidden)


@pytest.mark.requirement("API-2")
def test_a_student_sees_their_own_attendance(
    office: Office, given: SchoolClass, hana: Record, duri: Record
) -> None:
    session_id = _session(office, given)
    came = [Came(hana.student.id, PRESENT), Came(duri.student.id, ABSENT)]
    office.do(lambda tx: office.lectures.note_attendance(tx, office.staff, session_id, came))

    own = office.do(lambda tx: office.lectures.attendance(tx, office.student, session_id))

    assert [(each.student_id, each.status) for each in own] == [(hana.student.id, PRESENT)]
    for asker in (office.parent, office.elsewhere):
        with pytest.raises(NotFound):
            office.do(lambda tx, a=asker: office.lectures.attendance(tx, a, session_id))  # type: ignore[misc]


def _session(office: Office, given: SchoolClass) -> str:
    lecture = office.do(lambda tx: office.lectures.add(tx, office.staff, given.id, "미적분"))
    made = office.do(lambda tx: office.lectures.add_session(tx, office.staff, lecture.id, NewSession()))
    return made.id
