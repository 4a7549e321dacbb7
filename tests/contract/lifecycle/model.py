"""What the specification says of a job, without a database: the model that the lifecycle is held against."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from academy.application.errors import WorkFailed, Yielded
from academy.application.jobs.attempt import Stop, Work
from academy.application.ports.database import DatabaseUnavailable
from academy.contracts.base import Contract
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import TERMINAL, JobState

__all__ = ["HANDLERS", "HOW", "RETRY", "STOPS", "Done", "Handler", "JobModel", "end_of", "timer_ran_out"]

RETRY = RetryPolicy(
    max_attempts=2, max_interruptions=1, base=timedelta(seconds=20), patience=timedelta(days=365)
)
CANCELLABLE = frozenset({JobState.SUCCEEDED, JobState.RETRY_WAIT, JobState.PENDING})


class Done(Contract):
    """Result of a job that ended well."""

    by: str


@dataclass(frozen=True)
class Handler:
    """A handler that ends in one way."""

    act: Callable[[], Contract]

    async def run(self, work: Work) -> Contract | None:
        return self.act()


def _raising(error: Exception) -> Handler:
    def act() -> Contract:
        raise error

    return Handler(act)


HANDLERS: dict[str, Handler] = {
    "succeeds": Handler(lambda: Done(by="handler")),
    "may work later": _raising(WorkFailed(Failure("later", "Later.", retryable=True))),
    "never works": _raising(WorkFailed(Failure("never", "Never."))),
    "outage": _raising(DatabaseUnavailable("away")),
    "breaks": _raising(LookupError()),
    "makes room": _raising(Yielded()),
}
STOPS = {
    "drained": Stop.INTERRUPTED,
    "told to stop": Stop.CANCELLED,
    "stalls": Stop.STALLED,
    "takes too long": Stop.TIMEOUT,
    "thought lost": Stop.LOST,
}
HOW = [*HANDLERS, *STOPS]
_RETRIED = frozenset({"may work later", "breaks", "stalls", "takes too long"})


def end_of(job: Job, how: str) -> JobState | None:
    """Return the state that an attempt at `job` wants to end in; None when it may not say anything."""
    if how == "thought lost":
        return None
    if job.cancel_requested:
        return JobState.CANCELLED
    if how not in STOPS and job.interruptions > RETRY.max_interruptions:
        return JobState.DEAD
    if how in _RETRIED:
        return JobState.DEAD if job.attempt >= RETRY.max_attempts else JobState.RETRY_WAIT
    return {
        "succeeds": JobState.SUCCEEDED,
        "never works": JobState.FAILED,
        "outage": JobState.RETRY_WAIT,
        "drained": JobState.PENDING,
        "makes room": JobState.PENDING,
        "told to stop": JobState.CANCELLED,
    }[how]


def timer_ran_out(job: Job, now: datetime, grace: timedelta, slack: timedelta) -> bool | None:
    """Return whether a timer ran out more than `grace` ago; None when it is too close to say."""
    if job.due_at is None:
        return False
    late = now - grace - job.due_at
    return None if abs(late) <= slack else late > timedelta(0)


@dataclass
class JobModel:
    """One job as it should stand."""

    state: JobState = JobState.PENDING
    token: int = 0
    attempt: int = 0
    interruptions: int = 0
    unwanted: bool = False
    succeeded: int = 0

    @property
    def over(self) -> bool:
        return self.state in TERMINAL

    def holds(self, token: int) -> bool:
        """Return whether a claim under this token still is the job's."""
        return self.state is JobState.RUNNING and token == self.token

    def claimed(self) -> None:
        """Follow a claim."""
        assert not self.over
        if self.state is JobState.RUNNING:
            self.interruptions += 1
        else:
            self.attempt += 1
        self.state = JobState.RUNNING
        self.token += 1

    def ended(self, wanted: JobState, *, counted: bool) -> None:
        """Follow the end of an attempt that holds the job."""
        assert self.state is JobState.RUNNING
        given_back = wanted is JobState.PENDING
        self.interruptions += given_back and counted
        self.attempt -= given_back or not counted
        self.state = JobState.CANCELLED if self.unwanted and wanted in CANCELLABLE else wanted
        self.succeeded += self.state is JobState.SUCCEEDED

    def cancelled(self) -> None:
        """Follow a request to stop."""
        if self.over:
            return
        self.unwanted = True
        if self.state is not JobState.RUNNING:
            self.state = JobState.CANCELLED

    def reconciled(self) -> None:
        """Follow the reconciler past the timer."""
        assert not self.over
        taken = self.state is JobState.RUNNING
        self.token += taken
        self.attempt -= taken
        self.interruptions += taken
        self.state = JobState.PENDING

    def revived(self) -> None:
        """Follow an operator's new life."""
        assert self.over
        assert self.state is not JobState.SUCCEEDED
        self.state, self.attempt, self.interruptions, self.unwanted = JobState.PENDING, 0, 0, False
