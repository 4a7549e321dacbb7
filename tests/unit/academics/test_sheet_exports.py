"""Attendance and scores as rows of a sheet."""

from collections.abc import Sequence
from functools import partial

import pytest
from tests.unit.academics.conftest import Office

from academy.application.academics.exams import Scored
from academy.application.academics.people import Record
from academy.application.academics.sheet_exports import attendance_sheet, class_attendance_sheet, scores_sheet
from academy.application.errors import NotFound
from academy.application.ports.database import Transaction
from academy.application.ports.spreadsheets import ColumnKind
from academy.domain.academics.teaching import Attendance, AttendanceStatus, Exam, Lecture, Session

pytestmark = pytest.mark.requirement("XLS-1")


def test_a_register_has_signs_and_counts(office: Office) -> None:
    given = office.add_class()
    people = [
        office.add(name, f"0101111000{number}", school="한빛고", grade="고2")
        for number, name in enumerate(("가", "나"))
    ]
    office.enrol(given, *people)
    now = office.clock.now()

    def fill(tx: Transaction) -> None:
        tx.teaching.add_lecture(Lecture("l1", "t1", given.id, "미적분", now, now))
        for number in (1, 2, 3):
            tx.teaching.add_session(
                Session(f"s{number}", "t1", "l1", number, "", now if number == 1 else None, now, now)
            )
        marks = [
            ("s1", AttendanceStatus.PRESENT),
            ("s2", AttendanceStatus.ABSENT),
            ("s3", AttendanceStatus.EXCUSED),
        ]
        tx.teaching.note_attendance(
            "t1",
            [
                Attendance(session, people[0].student.id, status, "", "staff", now)
                for session, status in marks
            ],
        )

    office.do(fill)
    table, rows = office.do(lambda tx: attendance_sheet(tx, office.staff, "l1"))

    labels = [column.label for column in table.columns]
    assert labels[:7] == ["번호", "이름", "학교", "학년", labels[4], "2차시", "3차시"]
    assert labels[4].startswith("1차시\n")
    assert [list(row) for row in rows] == [
        [1, "가", "한빛고", "고2", "○", "×", "공", 1, 0, 0, 1, 1, 0.5],
        [2, "나", "한빛고", "고2", None, None, None, 0, 0, 0, 0, 0, None],
    ]
    assert all(len(row) == len(labels) for row in rows)


def note(office: Office, exam_id: str, wishes: Sequence[Scored], tx: Transaction) -> None:
    office.exams.note_scores(tx, office.staff, exam_id, wishes)


def test_scores_have_averages_and_those_who_were_absent_are_named(office: Office) -> None:
    given = office.add_class()
    first, second = office.add("가", "01011110000"), office.add("나", "01011110001")
    office.enrol(given, first, second)
    exams = [office.exam(given, title) for title in ("1회", "=2회")]
    noted: list[tuple[Exam, list[tuple[Record, float | None]]]] = [
        (exams[0], [(first, 90.0), (second, None)]),
        (exams[1], [(first, 70.0)]),
    ]
    for exam, scored in noted:
        wishes = [Scored(who.student.id, score) for who, score in scored]
        office.do(partial(note, office, exam.id, wishes))

    table, rows = office.do(lambda tx: scores_sheet(tx, office.staff, given.id))

    assert [column.label for column in table.columns][4:] == [
        "1회\n(100점)",
        "=2회\n(100점)",
        "평균(%)",
        "등수",
    ]
    assert table.columns[-2].kind is ColumnKind.PERCENT
    assert [list(row) for row in rows] == [
        [1, "가", "", "", 90.0, 70.0, 0.8, 1],
        [2, "나", "", "", "결시", None, None, None],
        [None, "평균", None, None, 90.0, 70.0, 0.8, None],
    ]


def test_sheets_are_for_those_who_manage(office: Office) -> None:
    given = office.add_class()
    for asker in (office.parent, office.elsewhere):
        with pytest.raises(NotFound):
            office.do(lambda tx, asker=asker: scores_sheet(tx, asker, given.id))  # type: ignore[misc]
    with pytest.raises(NotFound):
        office.do(lambda tx: attendance_sheet(tx, office.staff, "none"))


def test_those_with_an_average_are_ranked_and_equals_share_a_rank(office: Office) -> None:
    given = office.add_class()
    people = [office.add(name, f"0101111000{number}") for number, name in enumerate("가나다라")]
    office.enrol(given, *people)
    exam = office.exam(given, "1회")
    wishes = [
        Scored(who.student.id, score) for who, score in zip(people, (70.0, 90.0, 90.0, None), strict=True)
    ]
    office.do(partial(note, office, exam.id, wishes))
    table, rows = office.do(lambda tx: scores_sheet(tx, office.staff, given.id))
    found = [list(row)[4:] for row in rows]
    assert [column.label for column in table.columns][-2:] == ["평균(%)", "등수"]
    assert [row[-1] for row in found] == [3, 1, 1, None, None]
    assert found[-1][:2] == [pytest.approx(250 / 3), pytest.approx(2.5 / 3)]


def test_a_register_without_sessions_says_so_and_counts_nothing(office: Office) -> None:
    given = office.add_class()
    office.enrol(given, office.add("가", "01011110000"))
    table, rows = office.do(lambda tx: class_attendance_sheet(tx, office.staff, given.id))
    first, last = list(rows)
    assert (first[1], set(first[4:])) == ("가", {None})
    assert last[1] == "출석을 기록할 차시가 없습니다."
    assert len(first) == len(last) == len(table.columns)
