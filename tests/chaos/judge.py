"""What must be true after a chaos run, read from the database and the broker."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from tests.chaos.plan import MEANT, Kind, PlannedJob
from tests.support.standin.hurry import HURRIED_RETRY
from tests.support.standin.types import QUEUE, effects

from academy.bootstrap.backends import Backends
from academy.bootstrap.queues import queue_names
from academy.domain.job.job import Job
from academy.domain.job.states import TERMINAL, JobState
from academy.infrastructure.sql.tables import jobs as job_table
from academy.infrastructure.sql.tables import outbox, queue_messages

__all__ = ["Findings", "complaints", "leftovers", "look", "unsettled"]

ENDS = {
    JobState.SUCCEEDED: "done",
    JobState.FAILED: "failed",
    JobState.DEAD: "dead",
    JobState.CANCELLED: "cancelled",
}
MOST_LETTERS = 100_000


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run left: the rows by job id, effects by job id and kind, letters as (job id, reason)."""

    jobs: Mapping[str, Job]
    effects: Mapping[str, Counter[str]]
    outbox: int
    queued: int
    letters: Sequence[tuple[str, str]]

    @property
    def starts(self) -> int:
        """Return how many attempts began."""
        return sum(done["started"] for done in self.effects.values())


async def unsettled(backends: Backends) -> str:
    """Say what is not at its end yet, "" for nothing."""

    def work(tx: Any) -> tuple[int, int]:
        active = select(func.count()).select_from(job_table).where(job_table.c.state.not_in(TERMINAL))
        waiting = select(func.count()).select_from(outbox)
        return tx._connection.scalar(active), tx._connection.scalar(waiting)

    active, waiting = await backends.database.read(work)
    queued = await _queued(backends)
    if active or waiting or queued:
        return f"{active} jobs not ended, {waiting} rows in the outbox, {queued} messages in the queue"
    return ""


async def leftovers(backends: Backends) -> str:
    """Say of up to three messages in the queue tables how they stand, "" where there are none or the broker is another."""

    def work(tx: Any) -> list[str]:
        fields = (queue_messages.c.id, queue_messages.c.turn, queue_messages.c.visible_at)
        counts = (queue_messages.c.receive_count, queue_messages.c.body)
        rows = tx._connection.execute(select(*fields, *counts).where(queue_messages.c.reason == "").limit(3))
        return [
            f"message {number} of job {json.loads(body)['id']}: turn {turn}, received {received} times, "
            f"visible {(visible_at - tx.now()).total_seconds():.0f} s from now"
            for number, turn, visible_at, received, body in rows.all()
        ]

    return "; ".join(await backends.database.read(work))


async def _queued(backends: Backends) -> int:
    depth = await backends.queue.depth(queue_names(backends.settings)[QUEUE])
    return depth.visible + depth.in_flight + depth.delayed


async def look(backends: Backends) -> Findings:
    """Read everything."""

    def work(tx: Any) -> tuple[dict[str, Job], dict[str, Counter[str]], int]:
        connection = tx._connection
        rows = {row[0]: Job(*row) for row in connection.execute(select(job_table))}
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for job_id, what in connection.execute(select(effects.c.job_id, effects.c.what)):
            counts[job_id][what] += 1
        return rows, counts, connection.scalar(select(func.count()).select_from(outbox))

    jobs, counts, waiting = await backends.database.read(work)
    letters = await backends.queue.dead_letters(queue_names(backends.settings)[QUEUE], MOST_LETTERS)
    told = [(json.loads(letter.body)["id"], letter.reason) for letter in letters]
    return Findings(jobs, counts, waiting, await _queued(backends), told)


def complaints(planned: Sequence[PlannedJob], found: Findings) -> list[str]:
    """Return everything that is not as it was meant."""
    wrong = [text for job in planned for text in _of_job(job, found)]
    strangers = found.jobs.keys() - {job.id for job in planned}
    wrong += [f"{job_id}: nobody submitted it" for job_id in strangers]
    if found.outbox or found.queued:
        wrong.append(f"{found.outbox} rows are left in the outbox, {found.queued} messages in the queue")
    dead = {job_id for job_id, job in found.jobs.items() if job.state is JobState.DEAD}
    named = {job_id for job_id, _ in found.letters}
    wrong += [f"{job_id}: DEAD without a dead letter" for job_id in dead - named]
    wrong += [
        f"{job_id}: {found.jobs[job_id].state} with a dead letter: {reason}"
        for job_id, reason in found.letters
        if job_id not in dead
    ]
    return wrong


def _of_job(planned: PlannedJob, found: Findings) -> Iterator[str]:
    job = found.jobs.get(planned.id)
    if job is None:
        yield f"{planned.id}: lost"
        return
    about = f"{planned.id} ({planned.kind})"
    state, reason = MEANT[planned.kind]
    if (job.state, job.end_reason) != (state, reason):
        yield f"{about}: {job.state} for {job.end_reason}, meant was {state} for {reason}; {_told(job)}"
        return
    done = found.effects[planned.id]
    for each, name in ENDS.items():
        if done[name] != (each is state):
            yield f"{about}: {state}, but its effect {name!r} happened {done[name]} times"
    yield from _of_attempts(about, planned, job, done)


def _told(job: Job) -> str:
    return f"token {job.token}, {job.attempt} attempts, {job.interruptions} interruptions, due {job.due_at}"


def _of_attempts(about: str, planned: PlannedJob, job: Job, done: Counter[str]) -> Iterator[str]:
    if planned.kind is Kind.CANCELLED:
        return
    attempts = (
        min(planned.failing + 1, HURRIED_RETRY.max_attempts) if planned.kind is not Kind.PERMANENT else 1
    )
    if job.attempt != attempts:
        yield f"{about}: {job.attempt} attempts were charged, {attempts} were its own; {job.interruptions} interruptions"
    if done["started"] != job.attempt + job.interruptions:
        yield f"{about}: began {done['started']} times, {job.attempt} attempts and {job.interruptions} interruptions"
    if job.started_at is None or (job.started_at - job.created_at).total_seconds() < planned.delay - 0.01:
        yield f"{about}: began at {job.started_at}, it was to wait {planned.delay:.1f} s from {job.created_at}"
