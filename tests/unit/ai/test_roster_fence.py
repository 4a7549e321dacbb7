"""A roster is taken once, by whoever holds its job, and the numbers are those of the job (XLS-1, JOB-3, JOB-8)."""

from datetime import timedelta

import pytest
from tests.unit.ai.room import Room

from academy.application.academics.roster import NewStudent
from academy.application.ai.job_types import ROSTER_APPLY
from academy.application.ai.roster_fence import NotApplied, apply_once, refuse_applied
from academy.application.errors import WorkFailed, Yielded
from academy.application.jobs.submit import cancel
from academy.application.ports.database import Transaction
from academy.contracts.ai import RosterApplied
from academy.domain.job.job import Job

pytestmark = [pytest.mark.requirement("XLS-1"), pytest.mark.requirement("JOB-3")]
FOUR = "4" * 8
LEASE = timedelta(minutes=1)


def ordered(room: Room, number: int = 1) -> Job:
    wish = {"document_id": "d1", "digest": "0" * 64, "choice": {}}
    job = room.do(lambda tx: room.desk.order(tx, "t1", ROSTER_APPLY, wish, key=f"k{number}"))
    return claimed(room, job)


def claimed(room: Room, job: Job) -> Job:
    return room.do(lambda tx: tx.jobs.claim([job.id], "w1", LEASE)[job.id])


def applied(room: Room, job: Job, *, meanwhile: bool = False) -> RosterApplied:
    """Add a student as the rows of a file say; `meanwhile` somebody wants the job to stop."""

    def take(tx: Transaction) -> RosterApplied:
        if meanwhile:
            cancel(tx, room.types, job.id)
        wish = NewStudent(name="네모", identifier=FOUR)
        records = room.roster.add_many(tx, room.staff, [wish]).records
        return RosterApplied(added=len(records), changed=0, left_out=2, parents_created=0, enrolments=0)

    return room.do(lambda tx: apply_once(tx, job, "d1", lambda: take(tx)))


def test_the_attempt_after_one_that_died_tells_what_the_job_did(room: Room) -> None:
    job = ordered(room)
    first = applied(room, job)
    room.clock.advance(2 * LEASE)
    again = applied(room, claimed(room, job))
    assert (first.added, again) == (1, first)
    assert len(list(room.students())) == 4


def test_a_worker_that_lost_its_job_changes_nothing(room: Room) -> None:
    job = ordered(room)
    room.clock.advance(2 * LEASE)
    later = claimed(room, job)
    with pytest.raises(Yielded):
        applied(room, job)
    assert len(list(room.students())) == 3
    assert applied(room, later).added == 1


@pytest.mark.requirement("JOB-8")
@pytest.mark.parametrize("meanwhile", [False, True])
def test_a_job_that_is_to_stop_changes_nothing(room: Room, meanwhile: bool) -> None:
    job = ordered(room)
    if not meanwhile:
        room.do(lambda tx: cancel(tx, room.types, job.id))
    with pytest.raises(Yielded):
        applied(room, job, meanwhile=meanwhile)
    assert len(list(room.students())) == 3


def test_another_job_is_told_that_the_file_was_taken(room: Room) -> None:
    with pytest.raises(NotApplied):
        room.do(lambda tx: refuse_applied(tx, "t1", "d1"))
    applied(room, ordered(room))
    with pytest.raises(WorkFailed, match="roster_applied"):
        applied(room, ordered(room, 2))
    with pytest.raises(WorkFailed, match="roster_applied"):
        room.do(lambda tx: refuse_applied(tx, "t1", "d1"))
