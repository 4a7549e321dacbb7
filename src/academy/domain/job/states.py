"""The states of a job and the one table of legal transitions (JOB-1)."""

from enum import StrEnum

__all__ = ["ACTIVE", "TERMINAL", "EndReason", "IllegalTransition", "JobState", "check_transition"]


class JobState(StrEnum):
    """Where a job stands."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    RETRY_WAIT = "RETRY_WAIT"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    DEAD = "DEAD"


class EndReason(StrEnum):
    """Why an attempt or a job ended other than well."""

    PERMANENT_ERROR = "permanent_error"
    RETRYABLE_ERROR = "retryable_error"
    RETRIES_EXHAUSTED = "retries_exhausted"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    RATE_LIMITED = "rate_limited"
    YIELDED = "yielded"


TERMINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.DEAD})
ACTIVE = frozenset(JobState) - TERMINAL

_LEGAL: dict[JobState, frozenset[JobState]] = {
    JobState.PENDING: frozenset({JobState.RUNNING, JobState.CANCELLED, JobState.DEAD}),
    # RUNNING → RUNNING: another worker takes over an expired lease with a higher fencing token.
    JobState.RUNNING: frozenset(
        {
            JobState.RUNNING,
            JobState.PENDING,
            JobState.RETRY_WAIT,
            JobState.SUCCEEDED,
            JobState.FAILED,
            JobState.CANCELLED,
            JobState.DEAD,
        }
    ),
    # RETRY_WAIT → PENDING: the wait is over, its message was lost, and the reconciler sent another.
    JobState.RETRY_WAIT: frozenset({JobState.PENDING, JobState.RUNNING, JobState.CANCELLED, JobState.DEAD}),
    JobState.SUCCEEDED: frozenset(),
    # An operator may give a failed job a new life; its history stays.
    JobState.FAILED: frozenset({JobState.PENDING}),
    JobState.CANCELLED: frozenset({JobState.PENDING}),
    JobState.DEAD: frozenset({JobState.PENDING}),
}


class IllegalTransition(Exception):
    """A move that the table does not allow."""

    def __init__(self, current: JobState, wanted: JobState) -> None:
        super().__init__(f"a job cannot go from {current} to {wanted}")
        self.current = current
        self.wanted = wanted


def check_transition(current: JobState, wanted: JobState) -> None:
    """Raise IllegalTransition unless a job may go from `current` to `wanted`."""
    if wanted not in _LEGAL[current]:
        raise IllegalTransition(current, wanted)
