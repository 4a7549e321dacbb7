"""Attendance, exams and scores."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.contract.database.academics import UNREAD, do, exam, school, school_class, see, timeless
from tests.contract.database.conftest import Place

from academy.domain.academics.teaching import Attendance, AttendanceStatus, Score

pytestmark = pytest.mark.requirement("ACA-1")


def came(student_id: str, status: AttendanceStatus, session_id: str = "n1", note: str = "") -> Attendance:
    return Attendance(session_id, student_id, status, note, "teacher", UNREAD)


def scored(student_id: str, score: float | None, exam_id: str = "e1") -> Score:
    return Score(exam_id, student_id, score, "teacher", UNREAD)


def test_attendance_is_noted_over_what_was_noted_before(place: Place) -> None:
    school(place)
    present, late, absent = AttendanceStatus.PRESENT, AttendanceStatus.LATE, AttendanceStatus.ABSENT
    first = [came("s2", present), came("s1", absent, note="병원"), came("s3", late), came("s3", present)]
    do(place, lambda teaching: teaching.note_attendance("t1", first))
    before = see(place, lambda teaching: teaching.attendance("t1", "n1"))
    assert [(each.student_id, each.status, each.note, each.by) for each in before] == [
        ("s1", absent, "병원", "teacher"),
        ("s2", present, "", "teacher"),
        ("s3", present, "", "teacher"),
    ]
    place.pass_time(60)
    again = replace(came("s1", late, note="10분"), by="owner")
    do(
        place,
        lambda teaching: teaching.note_attendance("t1", [again]),
        lambda teaching: teaching.note_attendance("t1", []),
    )
    after = see(place, lambda teaching: teaching.attendance("t1", "n1"))
    assert [(each.status, each.note, each.by) for each in after[:2]] == [
        (late, "10분", "owner"),
        (present, "", "teacher"),
    ]
    assert after[0].updated_at - after[1].updated_at >= timedelta(seconds=60)


@pytest.mark.requirement("API-2")
def test_attendance_is_noted_for_sessions_and_students_of_the_academy_only(place: Place) -> None:
    school(place)
    here, away = AttendanceStatus.PRESENT, AttendanceStatus.ABSENT
    do(
        place,
        lambda teaching: teaching.note_attendance(
            "t1", [came("s1", here), came("o1", here), came("x", here)]
        ),
        lambda teaching: teaching.note_attendance("t1", [came("o1", here, "on1"), came("s1", here, "on1")]),
        lambda teaching: teaching.note_attendance("t2", [came("s1", away), came("o1", away)]),
    )
    found = see(place, lambda teaching: teaching.attendance("t1", "n1"))
    assert [(each.student_id, each.status) for each in found] == [("s1", here)]
    for tenant, session_id in (("t1", "on1"), ("t2", "on1"), ("t2", "n1")):
        assert see(place, lambda teaching, t=tenant, s=session_id: teaching.attendance(t, s)) == []  # type: ignore[misc]


def test_exams_are_written_and_read(place: Place) -> None:
    school(place)
    given = exam("e2", title="기말고사", held_on=date(2026, 7, 3), max_score=70.5)
    do(place, lambda teaching: teaching.add_exam(given))
    assert timeless(see(place, lambda teaching: teaching.exam("t1", "e2"))) == given
    assert timeless(see(place, lambda teaching: teaching.exam("t1", "e1"))) == exam("e1")
    place.pass_time(60)
    changed = exam("e1", title="새 제목", held_on=date(2026, 4, 30), max_score=50.0, class_id="c2")
    do(
        place,
        lambda teaching: teaching.add_class(school_class("c2", "고3")),
        lambda teaching: teaching.save_exam(changed),
    )
    saved = see(place, lambda teaching: teaching.exam("t1", "e1"))
    assert timeless(saved) == changed
    assert saved is not None
    assert saved.updated_at - saved.created_at >= timedelta(seconds=60)


def test_exams_are_listed_newest_first(place: Place) -> None:
    school(place)
    do(place, lambda teaching: teaching.add_class(school_class("c2", "고3")))
    for at in range(2, 6):
        place.pass_time(60)
        chosen = "c2" if at == 3 else "c1"
        do(place, lambda teaching, at=at, chosen=chosen: teaching.add_exam(exam(f"e{at}", class_id=chosen)))  # type: ignore[misc]
    first = see(place, lambda teaching: teaching.exams("t1", "", "", 3))
    second = see(place, lambda teaching: teaching.exams("t1", "", first.next_cursor, 3))
    assert [each.id for each in (*first.items, *second.items)] == ["e5", "e4", "e3", "e2", "e1"]
    assert second.next_cursor == ""
    assert [each.id for each in see(place, lambda teaching: teaching.exams("t1", "c1", "", 9)).items] == [
        "e5",
        "e4",
        "e2",
        "e1",
    ]
    with pytest.raises(ValueError, match="cursor"):
        see(place, lambda teaching: teaching.exams("t1", "", "!!", 3))


def test_scores_are_noted_over_those_noted_before(place: Place) -> None:
    school(place)
    first = [scored("s2", 81.1), scored("s1", None), scored("s3", 1.0), scored("s3", 0.0)]
    do(place, lambda teaching: teaching.note_scores("t1", first))

    def found() -> list[tuple[str, float | None]]:
        rows = see(place, lambda teaching: teaching.scores("t1", "e1"))
        assert all((each.exam_id, each.by) == ("e1", "teacher") for each in rows)
        return [(each.student_id, each.score) for each in rows]

    assert found() == [("s1", None), ("s2", 81.1), ("s3", 0.0)]
    do(
        place,
        lambda teaching: teaching.note_scores("t1", [scored("s1", 99.9), scored("s2", None)]),
        lambda teaching: teaching.note_scores("t1", []),
    )
    assert found() == [("s1", 99.9), ("s2", None), ("s3", 0.0)]


@pytest.mark.requirement("API-2")
def test_scores_are_noted_for_exams_and_students_of_the_academy_only(place: Place) -> None:
    school(place)
    do(
        place,
        lambda teaching: teaching.note_scores("t1", [scored("s1", 1.0), scored("o1", 1.0), scored("x", 1.0)]),
        lambda teaching: teaching.note_scores("t1", [scored("o1", 2.0, "oe1"), scored("s1", 2.0, "oe1")]),
        lambda teaching: teaching.note_scores("t2", [scored("s1", 3.0), scored("o1", 3.0)]),
    )
    found = see(place, lambda teaching: teaching.scores("t1", "e1"))
    assert [(each.student_id, each.score) for each in found] == [("s1", 1.0)]
    for tenant, exam_id in (("t1", "oe1"), ("t2", "oe1"), ("t2", "e1")):
        assert see(place, lambda teaching, t=tenant, e=exam_id: teaching.scores(t, e)) == []  # type: ignore[misc]
    for tenant, student_id in (("t1", "o1"), ("t2", "s1"), ("t2", "o1")):
        assert see(place, lambda teaching, t=tenant, s=student_id: teaching.scores_of(t, s, 9)) == []  # type: ignore[misc]


def test_scores_of_a_student_come_with_their_exams_newest_first(place: Place) -> None:
    school(place)
    for at in (2, 3):
        place.pass_time(60)
        do(place, lambda teaching, at=at: teaching.add_exam(exam(f"e{at}", title=f"{at}차")))  # type: ignore[misc]
    noted = [
        scored("s1", 10.0, "e1"),
        scored("s1", None, "e2"),
        scored("s1", 30.5, "e3"),
        scored("s2", 5.0, "e3"),
    ]
    do(place, lambda teaching: teaching.note_scores("t1", noted))
    found = see(place, lambda teaching: teaching.scores_of("t1", "s1", 9))
    assert [(each.id, score.exam_id, score.student_id, score.score) for each, score in found] == [
        ("e3", "e3", "s1", 30.5),
        ("e2", "e2", "s1", None),
        ("e1", "e1", "s1", 10.0),
    ]
    assert found[0][0] == see(place, lambda teaching: teaching.exam("t1", "e3"))
    assert len(see(place, lambda teaching: teaching.scores_of("t1", "s1", 2))) == 2
