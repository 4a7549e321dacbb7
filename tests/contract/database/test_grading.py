"""What grading asks of the database: scores that follow, and people who decide, note and remove at once (OMR-4, OMR-5)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import count

import pytest
from tests.contract.database.academics import UNREAD, do, school, see
from tests.contract.database.conftest import Place
from tests.contract.database.sheets import (
    MARKED,
    count_as,
    document,
    exam_with_scan,
    log,
    look,
    page,
    run,
    scan,
    sheet,
)

from academy.application.academics.asker import Asker
from academy.application.academics.exams import Exams, Scored
from academy.application.ai.exam_desk import ExamDesk
from academy.application.ai.following import ScoresFollow
from academy.application.ai.grading import regrade
from academy.application.ai.job_types import ai_job_types
from academy.application.ai.review import Review
from academy.application.errors import NotFound
from academy.application.ports.database import Transaction
from academy.domain.academics.teaching import Score
from academy.domain.omr.key import AnswerKey, KeyItem, Single
from academy.domain.omr.reading import FieldReading, MarkState

ROUNDS = 25
KEY = AnswerKey(tuple(KeyItem(str(at), Single("3")) for at in range(1, 5)))
STAFF, COLLEAGUE = Asker("t1", "staff", manages=True), Asker("t1", "colleague", manages=True)
QUEUES = {"ai_lite": "a", "ai_basic": "b", "ai_premium": "c"}
numbers = count(1)
review, exams = Review(), Exams(lambda: f"id-{next(numbers)}", ScoresFollow())
desk = ExamDesk(ai_job_types(QUEUES), lambda: f"id-{next(numbers)}")


def marked_exam(place: Place, scan_id: str = "x1") -> None:
    """Make an exam of which s1 has handed in a sheet: nobody is sure of the answers to the first four questions."""
    exam_with_scan(place)
    unsure = {
        str(at): FieldReading(str(at), MarkState.AMBIGUOUS, ("3",), 0.4, MARKED.darkness)
        for at in range(1, 5)
    }
    run(
        place,
        lambda tx: tx.teaching.enrol("t1", "c1", ["s1", "s2"], date(2020, 1, 1)),
        lambda tx: tx.exam_sheets.save(sheet(key=KEY)),
        lambda tx: tx.scans.put_pages("t1", "r1", [page(scan_id, 1, fields=unsure)]),
    )
    count_as(place, scan_id, "r1")


def scores(place: Place) -> dict[str, tuple[float | None, str]]:
    return {each.student_id: (each.score, each.by) for each in see(place, lambda t: t.scores("t1", "e1"))}


def at_once(place: Place, *works: Callable[[Transaction], object]) -> None:
    """Carry out each at the same moment, as two processes; what somebody removed meanwhile is not found."""
    barrier = threading.Barrier(len(works))
    databases = [place.another() for _ in works]

    def one(at: int) -> None:
        databases[at].read_sync(lambda tx: tx.now())
        barrier.wait(timeout=30)
        with suppress(NotFound):
            databases[at].run_sync(works[at])

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(one, range(len(works))))


@pytest.mark.requirement("OMR-5")
def test_scores_are_removed_for_some_students_of_one_exam_of_the_academy(place: Place) -> None:
    school(place)
    given = [Score("e1", each, 50.0, "omr", UNREAD) for each in ("s1", "s2", "s3")]
    do(
        place,
        lambda teaching: teaching.note_scores("t1", given),
        lambda teaching: teaching.remove_scores("t2", "e1", ["s1"]),
        lambda teaching: teaching.remove_scores("t1", "e2", ["s1"]),
        lambda teaching: teaching.remove_scores("t1", "e1", []),
    )
    assert set(scores(place)) == {"s1", "s2", "s3"}
    do(place, lambda teaching: teaching.remove_scores("t1", "e1", ["s1", "s3", "nobody"]))
    assert set(scores(place)) == {"s2"}


@pytest.mark.requirement("SEC-2")
def test_a_document_is_in_use_by_a_scan_or_as_the_blank_of_a_sheet(place: Place) -> None:
    exam_with_scan(place)
    run(
        place,
        lambda tx: tx.documents.add([document("d-x1"), document("d-blank"), document("d-free")]),
        lambda tx: tx.exam_sheets.save(sheet(blank_document_id="d-blank")),
    )

    def used(document_id: str, tenant: str = "t1") -> bool:
        return look(place, lambda tx: tx.documents.in_use(tenant, document_id))

    assert [used(each) for each in ("d-x1", "d-blank", "d-free", "")] == [True, True, False, False]
    assert [used(each, "t2") for each in ("d-x1", "d-blank")] == [False, False]
    run(place, lambda tx: tx.scans.remove("t1", "x1"))
    assert not used("d-x1")


@pytest.mark.requirement("OMR-4")
def test_two_who_decide_at_once_are_both_heard_and_the_score_is_right(server: Place) -> None:
    marked_exam(server)
    run(server, lambda tx: review.decide(tx, STAFF, "x1", 1, {"3": ["3"], "4": ["3"]}))
    for at in range(ROUNDS):
        right = ["3"] if at % 2 else ["1"]
        at_once(
            server,
            lambda tx, m=right: review.decide(tx, STAFF, "x1", 1, {"1": m}),  # type: ignore[misc]
            lambda tx, m=right: review.decide(tx, COLLEAGUE, "x1", 1, {"2": m}),  # type: ignore[misc]
        )
        assert scores(server) == {"s1": (4.0 if at % 2 else 2.0, "omr")}
    assert [each.number for each in log(server)] == list(range(1, 2 * ROUNDS + 3))


@pytest.mark.requirement("OMR-5")
def test_a_score_noted_while_the_exam_is_graded_stays_the_persons(server: Place) -> None:
    marked_exam(server)
    run(server, lambda tx: review.decide(tx, STAFF, "x1", 1, {str(at): ["3"] for at in range(1, 5)}))
    for at in range(ROUNDS):
        do(server, lambda teaching: teaching.remove_scores("t1", "e1", ["s1"]))
        noted = [Scored("s1", float(at))]
        at_once(
            server,
            lambda tx: regrade(tx, "t1", "e1"),
            lambda tx, given=noted: exams.note_scores(tx, STAFF, "e1", given),  # type: ignore[misc]
        )
        assert scores(server) == {"s1": (float(at), "staff")}


@pytest.mark.requirement("OMR-5")
def test_no_score_is_left_of_a_scan_that_is_removed_while_somebody_decides(server: Place) -> None:
    marked_exam(server)
    fields = {str(at): ["3"] for at in range(1, 5)}
    pages = look(server, lambda tx: tx.scans.pages("t1", ["x1"]))["x1"]
    for at in range(ROUNDS):
        scan_id = f"y{at}"
        rows = [replace(each, scan_id=scan_id) for each in pages]
        run(
            server,
            lambda tx: tx.scans.remove("t1", "x1"),
            lambda tx, s=scan_id, n=at: tx.scans.add(scan(s, n + 2)),  # type: ignore[misc]
            lambda tx, r=rows: tx.scans.put_pages("t1", "r1", r),  # type: ignore[misc]
        )
        count_as(server, scan_id, "r1")
        at_once(
            server,
            lambda tx, s=scan_id: review.decide(tx, STAFF, s, 1, fields),  # type: ignore[misc]
            lambda tx, s=scan_id: desk.remove_scan(tx, COLLEAGUE, s),  # type: ignore[misc]
        )
        assert scores(server) == {}
