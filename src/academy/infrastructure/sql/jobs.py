"""Job rows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    case,
    delete,
    func,
    select,
    text,
    union_all,
    update,
)

from academy.application.ports.database import Added, JobFilter, Lease, LeaseState, Settlement
from academy.application.ports.page import Page
from academy.domain.job.job import Job, NewJob
from academy.domain.job.states import (
    ACTIVE,
    TERMINAL,
    EndReason,
    IllegalTransition,
    JobState,
    check_transition,
)
from academy.infrastructure.sql import cursors, job_sql
from academy.infrastructure.sql.columns import (
    failure_text,
    from_millis,
    json_text,
    millis,
    now,
    read_failure,
    row_now,
    rows_text,
    to_millis,
)
from academy.infrastructure.sql.tables import jobs

__all__ = ["SqlJobRepository"]

_AT = {column.name: at for at, column in enumerate(jobs.columns)}
_PAYLOAD, _STATE, _CANCEL = _AT["payload"], _AT["state"], _AT["cancel_requested"]
_REASON, _FAILURE = _AT["end_reason"], _AT["failure"]
_TIMES = tuple(_AT[name] for name in ("due_at", "created_at", "started_at", "finished_at"))


class SqlJobRepository:
    """`JobRepository` on one connection; `pending_timer` is how long a PENDING job waits before it is looked at again."""

    def __init__(self, connection: Connection, pending_timer: timedelta) -> None:
        self._connection = connection
        self._pending_timer = millis(pending_timer)
        self._sqlite = connection.dialect.name == "sqlite"
        self._statements = job_sql.SQLITE if self._sqlite else job_sql.POSTGRESQL

    def add(self, new: Sequence[NewJob]) -> Sequence[Added]:
        """Insert jobs as PENDING; where (tenant_id, idempotency_key) or the id exists already, return that job."""
        if not new:
            return []
        # Sorted, so that two batches with the same keys never wait for each other in a circle.
        rows = [_row(job) for job in sorted(new, key=lambda job: (job.tenant_id, job.idempotency_key))]
        values = {"rows": rows_text(rows), "pending_timer": self._pending_timer}
        made = {row[0]: row for row in self._connection.execute(self._statements.add, values).all()}
        # Taken out as they are handed on: the second of two equal ones in a batch was not created.
        return [
            Added(_made(job, *made.pop(job.id)), True) if job.id in made else self._existing(job)
            for job in new
        ]

    def get(self, job_id: str, *, lock: bool = False) -> Job | None:
        """Return a job or None; with `lock` nobody else changes it before this transaction ends."""
        if lock:
            return self._locked(job_id)
        return self._one(select(jobs).where(jobs.c.id == job_id))

    def by_key(self, tenant_id: str, idempotency_key: str) -> Job | None:
        """Return the job with this key or None."""
        mine = (jobs.c.tenant_id == tenant_id) & (jobs.c.idempotency_key == idempotency_key)
        return self._one(select(jobs).where(mine))

    def get_many(self, job_ids: Sequence[str]) -> Mapping[str, Job]:
        """Return the jobs that exist, by id."""
        if not job_ids:
            return {}
        found = _jobs(self._connection.execute(select(jobs).where(jobs.c.id.in_(job_ids))))
        return {job.id: job for job in found}

    def list(self, where: JobFilter, cursor: str, limit: int) -> Page[Job]:
        """Return jobs, newest first; a cursor that is not ours raises ValueError."""
        query = select(jobs)
        for column, wanted in (
            (jobs.c.tenant_id, where.tenant_id),
            (jobs.c.state, where.state),
            (jobs.c.type, where.type),
            (jobs.c.subject, where.subject),
        ):
            if wanted is not None:
                query = query.where(column == wanted)
        if where.state in ACTIVE:
            # They alone have a timer: the partial index on it holds no finished job.
            query = query.where(jobs.c.due_at.is_not(None))
        if where.subject:
            # Named outright, so that the partial index on subjects is recognised.
            query = query.where(text("jobs.subject != ''"))
        found = _jobs(self._connection.execute(cursors.newest_first(query, jobs, cursor, limit)))
        return cursors.page_of_newest(found, limit)

    def claim(self, job_ids: Sequence[str], worker: str, lease: timedelta) -> Mapping[str, Job]:
        """Claim what can be claimed, in one statement, and return it as it stands after the claim."""
        values = {"ids": json_text(job_ids), "worker": worker, "lease": millis(lease)}
        # All at once, here and below: fetched one by one each row costs as much again.
        rows = self._connection.execute(self._statements.claim, values).all()
        return {row[0]: _claimed(row) for row in rows}

    def renew(self, leases: Sequence[Lease], lease: timedelta) -> Sequence[LeaseState]:
        """Set due_at = now + lease where the token still is the job's and it is RUNNING; answer for every lease given."""
        rows = [[held.job_id, held.token] for held in leases]
        values = {"rows": json_text(rows), "lease": millis(lease)}
        rows_held = self._connection.execute(self._statements.renew, values).all()
        held = {(row[0], row[1]): bool(row[2]) for row in rows_held}
        keys = [(lease.job_id, lease.token) for lease in leases]
        return [LeaseState(*key, held=key in held, cancel_requested=held.get(key, False)) for key in keys]

    def settle(self, settlements: Sequence[Settlement]) -> Mapping[Lease, JobState]:
        """Apply the ends whose token still is the job's and which is RUNNING; return the state that each lease ended in."""
        if not settlements:
            return {}
        rows = json_text([_end(settlement, self._pending_timer) for settlement in settlements])
        applied = self._connection.execute(self._statements.settle, {"rows": rows}).all()
        return {Lease(row[0], row[1]): JobState(row[2]) for row in applied}

    def request_cancel(self, job_id: str) -> Job | None:
        """Mark a job to be cancelled; one that nobody runs becomes CANCELLED at once."""
        job = self._locked(job_id)
        if job is None or job.finished:
            return job
        change = update(jobs).where(jobs.c.id == job_id).values(cancel_requested=True)
        if job.state is not JobState.RUNNING:
            check_transition(job.state, JobState.CANCELLED)
            change = change.values(
                state=JobState.CANCELLED, end_reason=EndReason.CANCELLED, due_at=None, finished_at=row_now()
            )
        return self._one(change.returning(*jobs.c))

    def cancel_requested(self, job_ids: Sequence[str]) -> frozenset[str]:
        """Return which of these active jobs somebody wants stopped; one cheap look-up for many jobs."""
        wanted = (jobs.c.cancel_requested, jobs.c.due_at.is_not(None), jobs.c.id.in_(job_ids))
        return frozenset(self._connection.scalars(select(jobs.c.id).where(*wanted)))

    def revive(self, job_id: str) -> Job | None:
        """Set a FAILED, DEAD or CANCELLED job PENDING again with attempt and interruptions 0; raises IllegalTransition."""
        job = self._locked(job_id)
        if job is None:
            return None
        check_transition(job.state, JobState.PENDING)
        if not job.finished:
            # The table lets a worker give a running job back; nobody else may take it away.
            raise IllegalTransition(job.state, JobState.PENDING)
        change = (
            update(jobs).where(jobs.c.id == job_id).values(state=JobState.PENDING, attempt=0, interruptions=0)
        )
        # Why its former life ended is no news of this one.
        change = change.values(end_reason=None, failure=None)
        fresh = change.values(cancel_requested=False, started_at=None, finished_at=None)
        return self._one(fresh.values(due_at=row_now() + self._pending_timer).returning(*jobs.c))

    def overdue(self, grace: timedelta, limit: int) -> Sequence[Job]:
        """Lock and return active jobs whose timer ran out more than `grace` ago (rows locked elsewhere are skipped)."""
        late = select(jobs).where(jobs.c.due_at < now() - millis(grace)).order_by(jobs.c.due_at).limit(limit)
        return _jobs(self._connection.execute(late.with_for_update(skip_locked=True)))

    def count_overdue(self, grace: timedelta) -> int:
        """Return how many active jobs have a timer that ran out more than `grace` ago; locks nothing."""
        late = select(func.count()).select_from(jobs).where(jobs.c.due_at < now() - millis(grace))
        return self._connection.execute(late).scalar_one()

    def postpone(self, job_ids: Sequence[str], by: timedelta) -> None:
        """Make active jobs PENDING with the timer now + `by`, so that the next message can claim them.

        A RUNNING one gets a new fencing token, so that a worker thought dead which is not can change nothing from now on, one
        more interruption, and its attempt back.
        """
        taken = case((jobs.c.state == JobState.RUNNING, 1), else_=0)
        change = update(jobs).where(jobs.c.id.in_(job_ids), jobs.c.due_at.is_not(None))
        self._connection.execute(
            change.values(
                due_at=row_now() + millis(by),
                state=JobState.PENDING,
                token=jobs.c.token + taken,
                attempt=jobs.c.attempt - taken,
                interruptions=jobs.c.interruptions + taken,
                worker="",
            )
        )

    def count_by_state(self) -> Mapping[tuple[str, JobState], int]:
        """Return how many jobs of each type stand in each state."""
        # Two counts, each from the partial index that holds exactly these rows.
        parts = [
            select(jobs.c.type, jobs.c.state, func.count()).where(part).group_by(jobs.c.type, jobs.c.state)
            for part in (jobs.c.due_at.is_not(None), jobs.c.finished_at.is_not(None))
        ]
        return {(row[0], row[1]): row[2] for row in self._connection.execute(union_all(*parts))}

    def count_finished(self, before: datetime) -> int:
        """Return how many jobs finished before that."""
        old = select(func.count()).select_from(jobs).where(jobs.c.finished_at < before)
        return self._connection.execute(old).scalar_one()

    def trim(self, finished_before: datetime, limit: int) -> int:
        """Delete up to `limit` finished jobs older than that; return how many."""
        old = select(jobs.c.id).where(jobs.c.finished_at < finished_before).order_by(jobs.c.finished_at)
        chosen = old.limit(limit).with_for_update(skip_locked=True)
        return self._connection.execute(delete(jobs).where(jobs.c.id.in_(chosen))).rowcount

    def _one(self, statement: Executable) -> Job | None:
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else Job(*row)

    def _locked(self, job_id: str) -> Job | None:
        return self._one(select(jobs).where(jobs.c.id == job_id).with_for_update())

    def _existing(self, new: NewJob) -> Added:
        job = self.by_key(new.tenant_id, new.idempotency_key) or self.get(new.id)
        if job is None:
            raise ValueError(f"job {new.id} was removed while it was added again")
        return Added(job, False)


def _end(settlement: Settlement, pending_timer: int) -> list[object]:
    """Return a settlement as the row that `job_sql` expects."""
    state, lease, result = settlement.state, settlement.lease, settlement.result
    if state is JobState.RUNNING:
        raise ValueError("an attempt does not end in RUNNING")
    delay: int | None = None
    if state is JobState.PENDING:
        delay = pending_timer
    elif state not in TERMINAL:
        delay = millis(settlement.delay)
    kept = None if result is None or state is not JobState.SUCCEEDED else json_text(result)
    given_back = state is JobState.PENDING
    interrupted = int(given_back and settlement.counted)
    back = int(given_back or not settlement.counted)
    failure = failure_text(settlement.failure)
    return [lease.job_id, lease.token, state, kept, settlement.reason, failure, delay, back, interrupted]


def _jobs(rows: Iterable[Sequence[Any]]) -> list[Job]:
    return [Job(*row) for row in rows]


def _claimed(row: Sequence[Any]) -> Job:
    """Return a job from a row as the database stores it: the most frequent reading of all goes past the types of its columns."""
    job = list(row)
    job[_PAYLOAD] = json.loads(job[_PAYLOAD])
    job[_STATE] = JobState(job[_STATE])
    job[_CANCEL] = bool(job[_CANCEL])
    if job[_REASON] is not None:
        job[_REASON] = EndReason(job[_REASON])
    if job[_FAILURE] is not None:
        job[_FAILURE] = read_failure(job[_FAILURE])
    for at in _TIMES:
        if job[at] is not None:
            job[at] = from_millis(job[at])
    return Job(*job)


def _row(job: NewJob) -> list[str | int]:
    """Return a new job in the order that `job_sql` expects."""
    run_at = to_millis(job.run_at) if job.run_at else 0
    payload = json_text(dict(job.payload))
    texts = (job.id, job.tenant_id, job.type, job.queue, job.idempotency_key, payload)
    return [*texts, job.subject, job.reply_to, job.trace, run_at]


def _made(new: NewJob, _id: str, created_at: datetime, due_at: datetime) -> Job:
    """Return the job that was just added, without reading back what we wrote."""
    return Job(
        id=new.id,
        tenant_id=new.tenant_id,
        type=new.type,
        queue=new.queue,
        idempotency_key=new.idempotency_key,
        payload=dict(new.payload),
        subject=new.subject,
        reply_to=new.reply_to,
        trace=new.trace,
        state=JobState.PENDING,
        token=0,
        attempt=0,
        interruptions=0,
        worker="",
        due_at=due_at,
        cancel_requested=False,
        end_reason=None,
        failure=None,
        result=None,
        created_at=created_at,
        started_at=None,
        finished_at=None,
    )
