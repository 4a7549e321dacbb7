"""What a teacher sees after scanning: scores for what is certain, questions for what is not (OMR-5)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.unit.ai.papers import key_of, page
from tests.unit.ai.room import Room

from academy.application.academics.exams import ExamChange
from academy.domain.failures import Failure
from academy.domain.omr.key import AnswerKey, KeyItem, Number, Single, Void, VoidMode
from academy.domain.omr.reading import SheetCode
from academy.domain.omr.standard import standard_sheet

pytestmark = pytest.mark.requirement("OMR-5")
ONE, TWO, THREE = "1" * 8, "2" * 8, "3" * 8
TORN = Failure("page_torn", "The page is torn.", "찢어진 페이지입니다.")


def waiting(room: Room) -> list[tuple[int, list[str], tuple[str, ...]]]:
    """Return page, reasons and fields of everything that waits."""
    return [
        (each.number, [reason.code for reason in each.reasons], each.doubtful) for each in room.queue().pages
    ]


def test_scores_follow_a_scan(room: Room) -> None:
    scan = room.scan(page(1, ONE, "12345"), page(2, TWO, "12341"), page(3, THREE, "1----"))
    assert room.scores() == {"하나": 100.0, "두리": 80.0, "세나": 20.0}
    assert (scan.state.value, scan.pages, waiting(room)) == ("read", 3, [])


def test_several_scans_are_graded_together_and_pages_keep_their_own_numbers(room: Room) -> None:
    first = room.scan(page(1, ONE), page(2, TWO, "1234?"))
    second = room.scan(page(1, THREE, "5432?"))
    assert room.scores() == {"하나": 100.0}
    found = [(each.scan.id, each.number, each.match.page) for each in room.queue().pages]
    assert found == [(first.id, 2, 2), (second.id, 1, 1)]


def test_a_student_who_comes_twice_has_no_score_until_a_page_is_set_aside(room: Room) -> None:
    first = room.scan(page(1, ONE, "12345"))
    second = room.scan(page(1, ONE, "11111"))
    assert room.scores() == {}
    assert [codes for _, codes, _ in waiting(room)] == [["omr_student_twice"]] * 2
    room.decide(second, student="")
    assert (room.scores(), waiting(room)) == ({"하나": 100.0}, [])
    room.decide(second, student=None)
    assert room.scores() == {}
    room.decide(first, student="")
    assert room.scores() == {"하나": 20.0}


def test_sheets_that_call_themselves_page_one_and_two_are_rivals_all_the_same(room: Room) -> None:
    codes = [SheetCode("s", 1, room.exam.id, room.hana.id, number) for number in (1, 2)]
    room.scan(*(page(at, ONE, code=code) for at, code in enumerate(codes, 1)))
    assert room.scores() == {}
    assert [codes for _, codes, _ in waiting(room)] == [["omr_student_twice"]] * 2


def test_somebody_who_is_not_on_the_roster_waits_and_is_graded_once_enrolled(room: Room) -> None:
    guest = room.student("네모", "4" * 8, enrolled=False)
    room.scan(page(1, "4" * 8))
    assert (room.scores(), [codes for _, codes, _ in waiting(room)]) == ({}, [["omr_not_on_roster"]])
    room.do(lambda tx: room.classes.enrol(tx, room.staff, room.school_class.id, [guest.id], None))
    room.set_key()
    assert room.scores() == {"네모": 100.0}


def test_a_sheet_of_another_exam_is_not_graded_here(room: Room) -> None:
    other = room.plan()
    room.scan(page(1, ONE, code=SheetCode("s", 1, other.id, room.hana.id)))
    assert (room.scores(), [codes for _, codes, _ in waiting(room)]) == ({}, [["omr_other_exam"]])


@pytest.mark.parametrize("identifier", ["1111111-", "111?1111"])
def test_a_missing_digit_names_who_it_may_be_and_is_mended_by_a_person(room: Room, identifier: str) -> None:
    scan = room.scan(page(1, identifier))
    assert room.scores() == {}
    (found,) = room.queue().pages
    assert found.reasons[0].code == "omr_identifier_unreadable"
    assert found.match.candidates == (room.hana.id,)
    assert found.doubtful == (("id.4",) if "?" in identifier else ())
    field = f"id.{1 + identifier.index('?' if '?' in identifier else '-')}"
    room.decide(scan, fields={field: ["1"]})
    assert (room.scores(), waiting(room)) == ({"하나": 100.0}, [])


def test_a_blank_sheet_is_not_a_zero(room: Room) -> None:
    room.scan(page(1, ONE, "-----"), page(2, "-" * 8, "-----"))
    assert room.scores() == {}
    assert [codes for _, codes, _ in waiting(room)] == [
        ["omr_no_answers"],
        ["omr_identifier_blank", "omr_no_answers"],
    ]


def test_one_bad_page_leaves_the_others_graded(room: Room) -> None:
    room.scan(page(1, ONE), page(2, "", problem=TORN), page(3, TWO))
    assert (room.scores(), waiting(room)) == ({"하나": 100.0, "두리": 100.0}, [(2, ["page_torn"], ())])


def test_an_undecided_mark_waits_and_the_decision_fixes_the_score(room: Room) -> None:
    scan = room.scan(page(1, ONE, "1234?"))
    assert (room.scores(), waiting(room)) == ({}, [(1, ["omr_undecided"], ("5",))])
    room.decide(scan, fields={"5": ["5"]})
    assert (room.scores(), waiting(room)) == ({"하나": 100.0}, [])
    room.decide(scan, fields={"5": ["4"]})
    assert room.scores() == {"하나": 80.0}
    room.decide(scan, fields={"5": None})
    assert (room.scores(), waiting(room)) == ({}, [(1, ["omr_undecided"], ("5",))])


def test_void_questions_give_everybody_the_points_or_nobody(room: Room) -> None:
    room.scan(page(1, ONE, "1234?"), page(2, TWO, "-2345"))
    items = key_of().items
    full = AnswerKey((*items[:4], replace(items[4], answer=Void(VoidMode.FULL_POINTS))))
    room.set_key(full)
    assert room.scores() == {"하나": 100.0, "두리": 80.0}
    room.set_key(AnswerKey((replace(items[0], answer=Void(VoidMode.NOT_COUNTED)), *full.items[1:])))
    assert room.scores() == {"하나": 80.0, "두리": 80.0}


def test_short_numbers_are_compared_by_value(room: Room) -> None:
    room.exam = room.plan()
    room.set_sheet(standard_sheet(1, numbers=1, digits=3))
    numbers = KeyItem("2", Number((Decimal(6),)), Decimal(3))
    room.set_key(AnswerKey((KeyItem("1", Single("1")), numbers)))
    reading = page(1, ONE, "1")
    digits = {f"2.{at}": page(1, "", mark).fields["1"] for at, mark in enumerate("-06", 1)}
    named = {name: replace(field, field=name) for name, field in digits.items()}
    room.scan(replace(reading, fields={**reading.fields, **named}))
    assert room.scores() == {"하나": 4.0}


def test_a_score_that_a_person_noted_is_kept(room: Room) -> None:
    room.note(room.hana, 37.0)
    scan = room.scan(page(1, ONE), page(2, TWO))
    assert room.scores() == {"하나": 37.0, "두리": 100.0}
    room.note(room.duri, None)
    room.decide(scan, number=2, fields={"1": ["2"]})
    room.set_key(key_of("54321"))
    assert room.scores() == {"하나": 37.0, "두리": None}
    room.do(lambda tx: room.desk.remove_scan(tx, room.staff, scan.id))
    assert room.scores() == {"하나": 37.0, "두리": None}


def test_a_corrected_key_regrades_and_without_a_key_there_are_no_scores(room: Room) -> None:
    room.scan(page(1, ONE, "12345"))
    room.set_key(key_of("12344"))
    assert room.scores() == {"하나": 80.0}
    room.do(lambda tx: room.desk.set_key(tx, room.staff, room.exam.id, None))
    assert (room.scores(), waiting(room)) == ({}, [])


def test_a_higher_threshold_asks_for_more(room: Room) -> None:
    sure = page(1, ONE)
    unsure = replace(sure.fields["3"], confidence=0.93)
    room.scan(replace(sure, fields={**sure.fields, "3": unsure}))
    assert room.scores() == {"하나": 100.0}
    room.set_sheet(threshold=0.95)
    assert (room.scores(), waiting(room)) == ({}, [(1, ["omr_undecided"], ("3",))])


def test_who_leaves_after_the_exam_keeps_the_score_and_who_comes_later_may_sit_it(room: Room) -> None:
    today = room.clock.now().date()
    room.change(ExamChange(held_on=today))
    room.scan(page(1, ONE), page(2, TWO))
    room.clock.advance(timedelta(days=8).total_seconds())
    leave = [room.hana.id]
    room.do(lambda tx: room.classes.leave(tx, room.staff, room.school_class.id, leave, None))
    room.do(lambda tx: tx.people.save_student(replace(room.hana, active=False)))
    room.student("네모", "4" * 8)
    room.scan(page(1, "4" * 8, "1234-"))
    assert room.scores() == {"하나": 100.0, "두리": 100.0, "네모": 80.0}


def test_penalties_never_note_a_score_below_zero(room: Room) -> None:
    items = tuple(replace(item, penalty=Decimal(10)) for item in key_of().items)
    room.set_key(AnswerKey(items, below_zero=True))
    room.scan(page(1, ONE, "54-21"))
    assert room.scores() == {"하나": 0.0}
    (found,) = room.do(lambda tx: room.review.results(tx, room.staff, room.exam.id)).students
    assert found.total == Decimal(-40)
    assert found.noted is not None


def test_nothing_above_the_maximum_of_the_exam_is_noted(room: Room) -> None:
    room.do(lambda tx: tx.teaching.save_exam(replace(room.exam, max_score=70.0)))
    room.scan(page(1, ONE), page(2, TWO, "12311"))
    assert room.scores() == {"두리": 60.0}
