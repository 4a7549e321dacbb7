"""The book of scores tells how every question went (XLS-1, OMR-5)."""

import pytest
from tests.unit.ai.papers import page
from tests.unit.ai.room import Room

from academy.application.academics.sheet_exports import scores_sheet
from academy.application.ai.score_details import BookSheet, detail_sheets

pytestmark = [pytest.mark.requirement("XLS-1"), pytest.mark.requirement("OMR-5")]


def details(room: Room) -> list[BookSheet]:
    given = room.school_class.id
    return room.do(lambda tx: detail_sheets(tx, "t1", given, scores_sheet(tx, room.staff, given)[0]))


def test_each_question_is_told_by_student_and_for_the_class(room: Room) -> None:
    room.scan(page(1, "1" * 8, "12345"), page(2, "2" * 8, "1234-"), page(3, "3" * 8, "1234?"))
    by_student, analysis = details(room)
    assert [row[1:3] for row in by_student.rows] == [("두리", 80.0), ("하나", 100.0)], "세나 waits"
    assert by_student.rows[0][3:] == ("1 ○", "2 ○", "3 ○", "4 ○", "5 -")
    assert [row[1:4] for row in analysis.rows][3:] == [("4", 2, 1.0), ("5", 2, 0.5)]
    last = analysis.rows[-1]
    assert (last[5], last[-1]) == (1, "5: 1명")
    for sheet in (by_student, analysis):
        assert {len(row) for row in sheet.rows} == {len(sheet.table.columns)}


def test_a_class_without_sheets_has_no_such_sheets(room: Room) -> None:
    assert details(room) == []
