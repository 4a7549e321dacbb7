"""A roster is taken once, by whoever holds its job, and the numbers are those of the job (XLS-1, JOB-3, JOB-8)."""

from datetime import timedelta

import pytest
from tests.unit.ai.room import Room

from academy.application.academics.roster import NewStudent
from academy.application.ai.job_types import ROSTER_APPLY
from academy.application.ai.roster_fence import NotApplied, apply_once, refuse_applied
from academy.application.errors import WorkFailed, Yielded
from academy.application.jobs.settle import settle
from academy.application.jobs.submit import cancel
from academy.application.ports.database import Lease, Settlement, Transaction
from academy.contracts.ai import RosterApplied
from academy.domain.job.job import Job
from academy.domain.job.states import JobState

pytestmark = [pytest.mark.requirement("XLS-1"), pytest.mark.requirement("JOB-3")]
FOUR = "4" * 8
LEASE = timedelta(minutes=1)


def ordered(room: Room, number: int = 1) -> Job:
    wish = {"document_id": "d1", "digest": "0" * 64, "choice": {}}
    job = room.do(lambda tx: room.desk.order(tx, "t1", ROSTER_APPLY, wish, key=f"k{number}"))
    return claimed(room, job)


def claimed(room: Room, job: Job) -> Job:
    return room.do(lambda tx: tx.jobs.claim([job.id], "w1", LEASE)[job.id])


def stored(room: Room, job: Job) -> Job:
    found = room.do(lambda tx: tx.jobs.get(job.id))
    assert found is not None
    return found


def applied(room: Room, job: Job, *, meanwhile: bool = False) -> RosterApplied:
    """Add a student as the rows of a file say; `meanwhile` somebody wants the job to stop."""

    def take(tx: Transaction) -> RosterApplied:
        if meanwhile:
            cancel(tx, room.types, job.id)
        wish = NewStudent(name="네모", identifier=FOUR)
        records = room.roster.add_many(tx, room.staff, [wish]).records
        return RosterApplied(added=len(records), changed=0, left_out=2, parents_created=0, enrolments=0)

    return room.do(lambda tx: apply_once(tx, room.types, job, "d1", lambda: take(tx)))


def test_the_job_ends_with_what_it_did_though_its_worker_dies(room: Room) -> None:
    job = ordered(room)
    done = applied(room, job)
    room.clock.advance(2 * LEASE)
    assert room.do(lambda tx: tx.jobs.claim([job.id], "w2", LEASE)) == {}
    ended = stored(room, job)
    assert (ended.state, ended.result) == (JobState.SUCCEEDED, done.model_dump(mode="json"))
    assert done.added == 1
    assert len(list(room.students())) == 4


@pytest.mark.requirement("JOB-8")
@pytest.mark.parametrize("end", [JobState.SUCCEEDED, JobState.CANCELLED, JobState.PENDING])
def test_a_wish_to_stop_that_came_after_the_rows_does_not_hide_them(room: Room, end: JobState) -> None:
    """Whatever the worker says once it was told to stop: the students are there, and the job says so."""
    job = ordered(room)
    done = applied(room, job)
    asked = room.do(lambda tx: cancel(tx, room.types, job.id))
    assert asked is not None
    assert asked.state is JobState.SUCCEEDED
    late = Settlement(Lease(job.id, job.token), end, result=done.model_dump(mode="json"))
    assert room.do(lambda tx: settle(tx, room.types, [(job, late)])) == {}
    ended = stored(room, job)
    assert (ended.state, ended.result) == (JobState.SUCCEEDED, done.model_dump(mode="json"))


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
