"""A job: one recorded unit of work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from academy.domain.failures import Failure
from academy.domain.job.states import TERMINAL, EndReason, JobState

__all__ = ["Job", "NewJob"]


@dataclass(frozen=True, slots=True)
class NewJob:
    """What is needed to record a job.

    Attributes:
        id: opaque, at most 200 characters; ours are UUIDv7, older producers bring their own.
        tenant_id: owner of everything the job touches.
        type: job type ("video.transcode").
        queue: where its message goes.
        idempotency_key: unique per tenant; a second job with it is the first one.
        payload: JSON object, validated by the job type's payload model.
        subject: what the job is about, for lists ("video:0192…"); empty if nothing.
        reply_to: result queue, empty if none is wanted.
        trace: W3C traceparent, empty if none.
        run_at: not before; None: now.
    """

    id: str
    tenant_id: str
    type: str
    queue: str
    idempotency_key: str
    payload: Mapping[str, Any]
    subject: str = ""
    reply_to: str = ""
    trace: str = ""
    run_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job row.

    Attributes:
        state: see JobState.
        token: fencing token; grows by one with every claim; writes of a worker say which one they hold.
        attempt: attempts begun and not given back by an interruption.
        interruptions: times a worker vanished or gave the job back.
        worker: who holds the lease, "" if nobody.
        due_at: timer of the current state: RUNNING: lease expiry; RETRY_WAIT: next attempt; PENDING: when the reconciler
            publishes it again; None in a terminal state.
        cancel_requested: somebody wants it stopped.
        end_reason: why the last attempt or the job ended, None when never or well.
        failure: of the last attempt, None when never or well.
        result: JSON object of a SUCCEEDED job.
    """

    id: str
    tenant_id: str
    type: str
    queue: str
    idempotency_key: str
    payload: Mapping[str, Any]
    subject: str
    reply_to: str
    trace: str
    state: JobState
    token: int
    attempt: int
    interruptions: int
    worker: str
    due_at: datetime | None
    cancel_requested: bool
    end_reason: EndReason | None
    failure: Failure | None
    result: Mapping[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def finished(self) -> bool:
        """Return whether the state is terminal."""
        return self.state in TERMINAL

    @property
    def made_room(self) -> bool:
        """Return whether it waits, partly done, because it let others have its slot."""
        return self.state is JobState.PENDING and self.end_reason is EndReason.YIELDED

    @property
    def under_way(self) -> bool:
        """Return whether its progress says how far it is: it runs, or has made room and goes on."""
        return self.state is JobState.RUNNING or self.made_room
