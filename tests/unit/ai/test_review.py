"""Deciding what the reader was not sure of, and the results (OMR-4, OMR-5)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import pytest
from tests.unit.ai.papers import code_of, faults, key_of, page
from tests.unit.ai.room import QUESTIONS, Room

from academy.application.academics.form import FieldsRefused
from academy.application.errors import Conflict, NotFound, Refused
from academy.application.ports.database import Transaction
from academy.application.ports.exam_sheets import DecisionTaken
from academy.domain.omr.decisions import FieldDecision, StudentDecision

pytestmark = pytest.mark.requirement("OMR-4")
ONE, TWO, THREE = "1" * 8, "2" * 8, "3" * 8


class _LateScans:
    """Scans on which somebody else decides in the moment before."""

    def __init__(self, tx: Transaction) -> None:
        self._scans = tx.scans

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scans, name)

    def decide(self, *_given: object) -> None:
        raise DecisionTaken


class _LateTransaction:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.scans = _LateScans(tx)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)


def test_the_queue_names_fields_in_the_order_of_the_sheet(room: Room) -> None:
    scan = room.scan(page(1, ONE, "?23?5"), page(2, TWO), page(3, THREE, "1234?"))
    queue = room.queue()
    assert [(each.scan.id, each.number, each.doubtful) for each in queue.pages] == [
        (scan.id, 1, ("1", "4")),
        (scan.id, 3, ("5",)),
    ]
    assert (queue.waiting, queue.fields, queue.pages_read) == (2, 3, 3)
    short = room.do(lambda tx: room.review.queue(tx, room.staff, room.exam.id, 1))
    assert (len(short.pages), short.waiting, short.fields) == (1, 2, 3)


def test_without_a_key_every_doubt_is_shown(room: Room) -> None:
    room.do(lambda tx: room.desk.set_key(tx, room.staff, room.exam.id, None))
    room.scan(page(1, ONE, "?2345"), page(2, TWO))
    assert [(each.number, each.doubtful, each.score) for each in room.queue().pages] == [(1, ("1",), None)]


def test_a_decision_says_who_when_and_what_the_reader_had_said(room: Room) -> None:
    scan = room.scan(page(1, "?" * 8, "1234?"))
    room.decide(scan, fields={"5": ["5"]}, student=room.hana.id)
    room.decide(scan, asker=room.colleague, fields={"5": []}, student=room.hana.id)
    log = room.do(lambda tx: room.review.page(tx, room.staff, scan.id, 1)).log
    fields = [each for each in log if isinstance(each, FieldDecision)]
    students = [each for each in log if isinstance(each, StudentDecision)]
    assert [(each.number, each.by, each.marked) for each in fields] == [
        (1, "staff", ("5",)),
        (3, "colleague", ()),
    ]
    assert [(each.number, each.student_id, each.was) for each in students] == [
        (2, room.hana.id, ""),
        (4, room.hana.id, ""),
    ]
    assert all(each.at == room.clock.now() for each in log)
    assert room.scores() == {"하나": 80.0}


def test_a_wrong_decision_names_its_field_and_changes_nothing(room: Room) -> None:
    scan = room.scan(page(1, ONE, "1234?"))
    outsider = room.student("네모", "4" * 8, enrolled=False)
    with pytest.raises(FieldsRefused) as refused:
        room.decide(scan, fields={"5": ["9"], "99": ["1"], "4": ["4"]}, student=outsider.id)
    assert faults(refused) == {
        "fields.5": "decision_choice_unknown",
        "fields.99": "decision_field_unknown",
        "student": "decision_not_on_roster",
    }
    with pytest.raises(Refused) as empty:
        room.decide(scan)
    assert code_of(empty) == "decision_empty"
    assert room.do(lambda tx: room.review.page(tx, room.staff, scan.id, 1)).log == ()


def test_of_two_people_who_decide_at_once_the_second_looks_again(room: Room) -> None:
    scan = room.scan(page(1, ONE, "1234?"))
    room.decide(scan, fields={"5": ["5"]}, seen=0)
    with pytest.raises(Conflict) as refused:
        room.decide(scan, asker=room.colleague, fields={"5": ["1"]}, seen=0)
    assert code_of(refused) == "decision_taken"
    assert room.scores() == {"하나": 100.0}
    room.decide(scan, asker=room.colleague, fields={"5": ["1"]}, seen=1)
    assert room.scores() == {"하나": 80.0}


def test_a_decision_that_comes_in_the_same_moment_is_refused_and_leaves_the_scores(room: Room) -> None:
    scan = room.scan(page(1, ONE, "1234?"), page(2, TWO))

    def late(tx: Transaction) -> object:
        raced = cast("Transaction", _LateTransaction(tx))
        return room.review.decide(raced, room.staff, scan.id, 1, {"5": ["5"]})

    with pytest.raises(Conflict) as refused:
        room.do(late)
    assert code_of(refused) == "decision_taken"
    assert room.scores() == {"두리": 100.0}


@pytest.mark.requirement("OMR-5")
def test_results_rank_students_and_tell_how_each_question_went(room: Room) -> None:
    scan = room.scan(page(1, ONE, "1234-"), page(2, TWO, "12345"), page(3, THREE, "1234?"))
    room.note(room.hana, 90.0)
    results = room.do(lambda tx: room.review.results(tx, room.staff, room.exam.id))
    assert [(each.student.name, each.total, each.standing.rank, each.page) for each in results.students] == [
        ("두리", Decimal(100), 1, 2),
        ("하나", Decimal(80), 2, 1),
    ]
    hana = results.students[1]
    assert (hana.maximum, hana.scan_id, hana.noted and (hana.noted.score, hana.noted.by)) == (
        Decimal(100),
        scan.id,
        (90.0, "staff"),
    )
    assert [each.name for each in results.without] == ["세나"]
    assert [(each.number, each.doubtful) for each in results.waiting] == [(3, ("5",))]
    assert (len(results.questions), results.questions[4].difficulty, results.questions[4].blank) == (
        QUESTIONS,
        0.5,
        1,
    )
    assert (results.stats.students, results.stats.not_graded, results.stats.mean) == (2, 1, 90.0)


@pytest.mark.requirement("OMR-5")
def test_results_need_a_key(room: Room) -> None:
    room.do(lambda tx: room.desk.set_key(tx, room.staff, room.exam.id, None))
    with pytest.raises(Conflict) as refused:
        room.do(lambda tx: room.review.results(tx, room.staff, room.exam.id))
    assert code_of(refused) == "key_missing"


@pytest.mark.requirement("API-2")
@pytest.mark.parametrize("who", ["elsewhere", "parent"])
def test_others_find_nothing_to_look_at_or_decide(room: Room, who: str) -> None:
    scan, asker = room.scan(page(1, ONE, "1234?")), getattr(room, who)
    asked: list[Callable[[Transaction], object]] = [
        lambda tx: room.review.queue(tx, asker, room.exam.id, 10),
        lambda tx: room.review.page(tx, asker, scan.id, 1),
        lambda tx: room.review.decide(tx, asker, scan.id, 1, {"5": ["5"]}),
        lambda tx: room.review.results(tx, asker, room.exam.id),
        lambda tx: room.desk.sheet(tx, asker, room.exam.id),
        lambda tx: room.desk.set_key(tx, asker, room.exam.id, key_of("11111")),
        lambda tx: room.desk.scans(tx, asker, room.exam.id),
        lambda tx: room.desk.reread(tx, asker, scan.id),
        lambda tx: room.desk.remove_scan(tx, asker, scan.id),
        lambda tx: room.desk.print_sheets(tx, asker, room.exam.id, [], 0),
        lambda tx: room.desk.make_notes(tx, asker, room.exam.id, []),
        lambda tx: room.desk.export_scores(tx, asker, room.school_class.id),
        lambda tx: room.desk.export_attendance(tx, asker, room.school_class.id),
    ]
    for work in asked:
        with pytest.raises(NotFound):
            room.do(work)
    assert (room.scan_of(scan), room.queue().waiting, room.scores()) == (scan, 1, {})


def test_pages_that_are_not_there_are_not_found(room: Room) -> None:
    scan = room.scan(page(1, ONE))
    with pytest.raises(NotFound):
        room.decide(scan, number=2, fields={"1": ["1"]})
    bare = room.plan()
    with pytest.raises(NotFound):
        room.do(lambda tx: room.review.queue(tx, room.staff, bare.id, 10))
