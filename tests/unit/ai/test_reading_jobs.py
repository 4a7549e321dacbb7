"""How a scan follows its jobs: read, failed, read again, removed (OMR-2, OMR-4)."""

import pytest
from tests.unit.ai.papers import code_of, page
from tests.unit.ai.room import QUEUES, Room

from academy.application.ai.job_types import GRADING
from academy.application.errors import Conflict, NotFound
from academy.application.jobs.submit import cancel, revive
from academy.domain.job.states import JobState
from academy.domain.omr.reading import PageReading
from academy.domain.omr.scan import Scan, ScanState

pytestmark = pytest.mark.requirement("OMR-4")
ONE, TWO = "1" * 8, "2" * 8


def state(room: Room, scan: Scan) -> tuple[str, int, str]:
    """Return state, pages and the failure's code of a scan."""
    found = room.scan_of(scan)
    return found.state.value, found.pages, found.failure.code if found.failure else ""


def read_again(room: Room, scan: Scan, *pages: PageReading) -> None:
    again, job = room.reread(scan)
    room.read(job, again, pages)


def test_a_scan_is_read_by_a_job_of_its_own(room: Room) -> None:
    scan, job = room.add_scan()
    assert (job.type, job.queue, job.subject) == (GRADING, QUEUES["ai_basic"], f"scan:{scan.id}")
    assert (job.idempotency_key, job.payload) == (f"omr-grading:{scan.id}:1", {"scan_id": scan.id})
    assert (scan.number, scan.by, scan.file_name, state(room, scan)) == (
        1,
        "staff",
        "3반.pdf",
        ("reading", 0, ""),
    )


@pytest.mark.parametrize("ended", [JobState.FAILED, JobState.DEAD])
def test_a_scan_that_cannot_be_read_says_why(room: Room, ended: JobState) -> None:
    scan, job = room.add_scan()
    room.settle(room.claim(job), ended)
    assert state(room, scan) == ("failed", 0, "scan_broken")


def test_a_scan_waits_while_its_job_is_tried_again(room: Room) -> None:
    scan, job = room.add_scan()
    room.settle(room.claim(job), JobState.RETRY_WAIT)
    assert state(room, scan) == ("reading", 0, "")


def test_a_cancelled_reading_says_so_and_can_be_ordered_again(room: Room) -> None:
    scan, job = room.add_scan()
    room.do(lambda tx: cancel(tx, room.types, job.id))
    assert state(room, scan) == ("failed", 0, "scan_cancelled")
    read_again(room, scan, page(1, ONE))
    assert (state(room, scan), room.scores()) == (("read", 1, ""), {"하나": 100.0})


def test_what_was_read_counts_until_the_new_reading_does(room: Room) -> None:
    scan = room.scan(page(1, ONE, "12345"), page(2, TWO))
    again, job = room.reread(scan)
    assert (job.idempotency_key, again.state) == (f"omr-grading:{scan.id}:2", ScanState.READING)
    assert room.scores() == {"하나": 100.0, "두리": 100.0}
    assert room.queue().pages_read == 2
    room.read(job, again, [page(1, ONE, "12341")])
    assert (state(room, scan), room.scores()) == (("read", 1, ""), {"하나": 80.0})


def test_a_new_reading_that_fails_leaves_the_one_before(room: Room) -> None:
    scan = room.scan(page(1, ONE))
    _, job = room.reread(scan)
    room.settle(room.claim(job), JobState.FAILED)
    assert (state(room, scan), room.scores()) == (("read", 1, "scan_broken"), {"하나": 100.0})
    assert room.queue().pages_read == 1


def test_decisions_stay_when_a_scan_is_read_again(room: Room) -> None:
    scan = room.scan(page(1, ONE, "1234?"), page(2, "?" * 8))
    room.decide(scan, fields={"5": ["5"]})
    room.decide(scan, number=2, student=room.duri.id)
    assert room.scores() == {"하나": 100.0, "두리": 100.0}
    read_again(room, scan, page(1, ONE, "12341"), page(2, "?" * 8, "54321"))
    assert room.scores() == {"하나": 100.0, "두리": 20.0}
    found = room.do(lambda tx: room.review.page(tx, room.staff, scan.id, 1))
    (change,) = found.effective.changes
    assert (change.decision.by, change.now and change.now.marked) == ("staff", ("1",))


def test_only_one_reading_at_a_time(room: Room) -> None:
    scan, _ = room.add_scan()
    with pytest.raises(Conflict) as refused:
        room.reread(scan)
    assert code_of(refused) == "scan_reading"


def test_an_older_job_changes_nothing_any_more(room: Room) -> None:
    scan, first = room.add_scan()
    old = room.claim(first)
    room.settle(old, JobState.FAILED)
    again, job = room.reread(scan)
    room.do(lambda tx: room.types[GRADING].effects.started(tx, old))
    assert room.scan_of(scan).job_id == job.id
    with pytest.raises(Conflict) as refused:
        room.do(lambda tx: revive(tx, room.types, first.id))
    assert code_of(refused) == "scan_superseded"
    room.read(job, again, [page(1, ONE)])
    assert (state(room, scan), room.scores()) == (("read", 1, ""), {"하나": 100.0})


def test_a_failed_job_that_gets_a_new_life_reads_the_scan(room: Room) -> None:
    scan, job = room.add_scan()
    room.settle(room.claim(job), JobState.DEAD)
    revived = room.do(lambda tx: revive(tx, room.types, job.id))
    assert revived is not None
    assert state(room, scan) == ("reading", 0, "")
    room.read(revived, scan, [page(1, ONE)])
    assert (state(room, scan), room.scores()) == (("read", 1, ""), {"하나": 100.0})


def test_a_job_ordered_by_name_reads_a_scan_that_nobody_reads(room: Room) -> None:
    scan = room.scan(page(1, ONE))
    job = room.do(lambda tx: room.desk.order(tx, "t1", GRADING, {"scan_id": scan.id}))
    assert (room.scan_of(scan).job_id, state(room, scan)) == (job.id, ("reading", 1, ""))
    room.read(job, scan, [page(1, TWO)])
    assert room.scores() == {"두리": 100.0}


def test_a_job_of_another_academy_does_not_touch_a_scan(room: Room) -> None:
    scan = room.scan(page(1, ONE))
    job = room.do(lambda tx: room.desk.order(tx, "t2", GRADING, {"scan_id": scan.id}))
    room.read(job, scan, [page(1, TWO)])
    assert (state(room, scan), room.scores()) == (("read", 1, ""), {"하나": 100.0})


def test_a_removed_scan_takes_its_scores_and_its_job_with_it(room: Room) -> None:
    read, (waiting, job) = room.scan(page(1, ONE)), room.add_scan()
    room.do(lambda tx: room.desk.remove_scan(tx, room.staff, read.id))
    assert room.scores() == {}
    room.do(lambda tx: room.desk.remove_scan(tx, room.staff, waiting.id))
    found = room.do(lambda tx: tx.jobs.get(job.id))
    assert found is not None
    assert found.state is JobState.CANCELLED
    assert room.do(lambda tx: room.desk.scans(tx, room.staff, room.exam.id)) == []
    with pytest.raises(NotFound):
        room.scan_of(read)


def test_a_scan_removed_while_it_is_read_is_no_error(room: Room) -> None:
    scan, job = room.add_scan()
    running = room.claim(job)
    room.do(lambda tx: room.desk.remove_scan(tx, room.staff, scan.id))
    room.settle(running, JobState.FAILED)
    assert room.scores() == {}
    with pytest.raises(Conflict) as refused:
        room.do(lambda tx: revive(tx, room.types, job.id))
    assert code_of(refused) == "scan_removed"


def test_a_number_is_never_given_twice(room: Room) -> None:
    room.scan(page(1, ONE))
    last = room.scan(page(1, TWO))
    room.do(lambda tx: room.desk.remove_scan(tx, room.staff, last.id))
    assert room.add_scan()[0].number == 3
