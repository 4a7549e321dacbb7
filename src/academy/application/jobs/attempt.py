"""One attempt at one job: run its handler, and say in a settlement how it ended (JOB-1, JOB-4, JOB-5, JOB-8)."""

import asyncio
import json
import logging
import random
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from academy.application.errors import WorkFailed, Yielded
from academy.application.jobs import failures
from academy.application.jobs.admission import Claimed
from academy.application.jobs.job_type import JobType
from academy.application.ports.clock import Clock
from academy.application.ports.database import DatabaseUnavailable, Lease, Settlement
from academy.application.ports.job_queue import QueueUnavailable
from academy.application.ports.object_store import ObjectStoreUnavailable
from academy.contracts.base import Contract
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.progress import Progress
from academy.domain.job.states import EndReason, JobState

__all__ = ["Attempt", "HandlerStuck", "JobHandler", "Stop", "Work"]

log = logging.getLogger(__name__)


class HandlerStuck(Exception):
    """A handler did not stop when told to; only the end of the process can stop it."""


class Stop(StrEnum):
    """Why an attempt is stopped from outside."""

    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    LOST = "lost"
    STALLED = "stalled"
    TIMEOUT = "timeout"


class Work:
    """What a handler sees of its job."""

    def __init__(self, job: Job, payload: Contract, report: Callable[[str, float], None]) -> None:
        """Bind a claimed job, its validated payload and where progress goes."""
        self.job = job
        self.payload = payload
        self._report = report

    @property
    def lease(self) -> Lease:
        """Return the claim under which the handler may write."""
        return Lease(self.job.id, self.job.token)

    def report(self, step: str, fraction: float) -> None:
        """Say that `fraction` (0 to 1) of `step` is done; cheap, also the sign of life the watchdog looks for."""
        self._report(step, fraction)


class JobHandler(Protocol):
    """Does the work of one job type. Its effects outside the database must be idempotent."""

    async def run(self, work: Work) -> Contract | None:
        """Do the work and return the result.

        Raises WorkFailed, and Yielded to let others have its slot and be run again. When cancelled it stops what it started, removes partial output and re-raises.
        """
        ...


class Attempt:
    """Runs one handler; can be stopped from outside at any moment."""

    def __init__(self, claimed: Claimed, job_type: JobType, handler: JobHandler, clock: Clock) -> None:
        """Prepare; nothing runs yet."""
        self.claimed = claimed
        self.job = claimed.job
        self.lease = Lease(claimed.job.id, claimed.job.token)
        self.progress: Progress | None = None
        self.stopped: Stop | None = Stop.CANCELLED if claimed.job.cancel_requested else None
        self._type = job_type
        self._handler = handler
        self._clock = clock
        self.begun = clock.monotonic()
        """When its slot was taken, by the monotonic clock."""
        self._last_report = self.begun
        self._reported: tuple[str, float] | None = None
        self._first: tuple[float, float] | None = None
        self._told_at: float | None = None
        self._over = False
        self._task: asyncio.Task[Any] | None = None

    def stop(self, why: Stop) -> None:
        """Stop the handler; the first reason counts, but a lost lease overrides every other."""
        first = self.stopped is None
        if first or why is Stop.LOST:
            self.stopped = why
        # Once only: a second cancellation would break off the handler's own cleaning up.
        if first and self._task is not None and not self._over:
            self._told_at = self._clock.monotonic()
            self._task.cancel()

    @property
    def over(self) -> bool:
        """Return whether the handler has ended; what is left is to write down how."""
        return self._over

    def stuck(self, grace: timedelta) -> bool:
        """Return whether the handler goes on though it was told to stop longer than `grace` ago."""
        if self._told_at is None or self._over:
            return False
        return self._clock.monotonic() - self._told_at > grace.total_seconds()

    def stalled(self) -> bool:
        """Return whether the handler reported nothing for longer than the job type allows."""
        return (
            not self.over
            and self._clock.monotonic() - self._last_report > self._type.stall_limit.total_seconds()
        )

    def failed(self, failure: Failure, reason: EndReason = EndReason.RETRYABLE_ERROR) -> Settlement:
        """Return the end that a failure makes of this attempt: for good, until the next attempt, or the last."""
        if not failure.retryable:
            return Settlement(self.lease, JobState.FAILED, reason=EndReason.PERMANENT_ERROR, failure=failure)
        policy = self._type.retry
        # Time that has passed, not the time of day: a worker whose clock is wrong does no harm.
        age = self.claimed.age + timedelta(seconds=self._clock.monotonic() - self.begun)
        if not failure.costs_attempt and not policy.outage_outlasted(age):
            delay = policy.outage_delay(age, random.random)
            return Settlement(
                self.lease, JobState.RETRY_WAIT, reason=reason, failure=failure, delay=delay, counted=False
            )
        if policy.exhausted(self.job.attempt):
            last = EndReason.TIMEOUT if reason is EndReason.TIMEOUT else EndReason.RETRIES_EXHAUSTED
            return Settlement(self.lease, JobState.DEAD, reason=last, failure=failure)
        delay = policy.delay(self.job.attempt, random.random)
        return Settlement(self.lease, JobState.RETRY_WAIT, reason=reason, failure=failure, delay=delay)

    async def run(self) -> Settlement | None:
        """Run to the end and return the settlement, None when the lease was lost and nothing may be written.

        Runs the handler on the current task, which `stop` cancels; nothing may be awaited on that task afterwards.
        """
        if self.stopped is Stop.LOST:
            return None
        refused = self._refusal()
        if refused is not None:
            return refused
        assert self.claimed.payload is not None
        work = Work(self.job, self.claimed.payload, self._report)
        self._task = task = asyncio.current_task()
        assert task is not None
        limit = self._type.time_limit.total_seconds()
        timer = asyncio.get_running_loop().call_later(limit, self.stop, Stop.TIMEOUT)
        try:
            ended: dict[str, Any] | BaseException = await self._handle(work)
        except BaseException as error:  # noqa: BLE001 - whatever a handler raises is the end of its attempt
            ended = error
        finally:
            timer.cancel()
            self._over = True
        if self._told_at is not None:
            task.uncancel()
        if isinstance(ended, asyncio.CancelledError) and task.cancelling():
            # Not we have cancelled it: the worker itself is going down.
            raise ended
        return self._outcome(ended)

    async def _handle(self, work: Work) -> dict[str, Any]:
        """Run the handler and return its result as JSON; a result that is none is this job's error, nobody else's."""
        result = await self._handler.run(work)
        body: dict[str, Any] = {} if result is None else result.model_dump(mode="json")
        if body and len(json.dumps(body, allow_nan=False)) > failures.MAX_RESULT_BYTES:
            raise WorkFailed(failures.RESULT_TOO_LARGE)
        return body

    def _refusal(self) -> Settlement | None:
        if self.stopped is not None:
            return self._stopped_outcome()
        if self.job.interruptions > self._type.retry.max_interruptions:
            return Settlement(
                self.lease, JobState.DEAD, reason=EndReason.INTERRUPTED, failure=failures.WORKER_LOST
            )
        if self.claimed.payload is None:
            reason = EndReason.PERMANENT_ERROR
            return Settlement(self.lease, JobState.FAILED, reason=reason, failure=failures.PAYLOAD_INVALID)
        return None

    def _outcome(self, ended: dict[str, Any] | BaseException) -> Settlement | None:
        if self.stopped is Stop.LOST:
            return None
        if not isinstance(ended, BaseException):
            return Settlement(self.lease, JobState.SUCCEEDED, result=ended)
        if self.stopped is not None:
            # Work that is broken off may fail in many ways; the reason is that it was stopped.
            log.info(
                "job_stopped",
                extra={"job_id": self.job.id, "why": self.stopped, "error": type(ended).__name__},
            )
            return self._stopped_outcome()
        if isinstance(ended, Yielded):
            return Settlement(
                self.lease, JobState.PENDING, reason=EndReason.YIELDED, delay=ended.delay, counted=False
            )
        failure = failure_of(ended, self.job)
        # A limit that was kept in a child process is one all the same.
        timeout = failure.code in {failures.TIME_LIMIT.code, failures.STALLED.code}
        return self.failed(failure, EndReason.TIMEOUT if timeout else EndReason.RETRYABLE_ERROR)

    def _stopped_outcome(self) -> Settlement:
        if self.stopped is Stop.CANCELLED:
            return Settlement(self.lease, JobState.CANCELLED, reason=EndReason.CANCELLED)
        if self.stopped in {Stop.STALLED, Stop.TIMEOUT}:
            failure = failures.STALLED if self.stopped is Stop.STALLED else failures.TIME_LIMIT
            return self.failed(failure, EndReason.TIMEOUT)
        return Settlement(self.lease, JobState.PENDING, reason=EndReason.INTERRUPTED)

    def _report(self, step: str, fraction: float) -> None:
        now = self._clock.monotonic()
        # Measured from the first report on: an attempt may begin with much that is done already.
        start, before = self._first or (now, 0.0)
        fresh = self._type.steps.at(step, fraction, now - start, before)
        self._first = self._first or (now, fresh.percent)
        if (fresh.step, fresh.percent) == self._reported:
            # The same again is no sign of life: a tool that hangs may go on saying where it hangs.
            return
        self._reported = (fresh.step, fresh.percent)
        self._last_report = now
        if self.progress is None or fresh.step != self.progress.step:
            log.info("job_step", extra={"job_id": self.job.id, "step": fresh.step, "token": self.job.token})
        if self.progress is None or fresh.percent >= self.progress.percent:
            self.progress = fresh


def failure_of(error: BaseException, job: Job) -> Failure:
    """Translate what a handler raised into a failure; what nobody foresaw is logged and may be retried."""
    while isinstance(error, BaseExceptionGroup):
        # Of what several tasks raised, the first says why: the others were cancelled for it.
        error = error.exceptions[0]
    if isinstance(error, WorkFailed):
        return error.failure
    if isinstance(error, DatabaseUnavailable | ObjectStoreUnavailable | QueueUnavailable):
        log.warning("job_hit_outage", extra={"job_id": job.id, "job_type": job.type, "error": str(error)})
        return failures.OUTAGE
    log.error("job_crashed", extra={"job_id": job.id, "job_type": job.type}, exc_info=error)
    return failures.internal(error)
