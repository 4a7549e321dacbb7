"""When to try again (JOB-5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

__all__ = ["RetryPolicy"]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with full jitter.

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

    Attributes:
        max_attempts: attempts that may begin before the job is DEAD.
        max_interruptions: times a worker may vanish or give the job back before the job is DEAD.
        base: upper bound of the first delay.
        ceiling: upper bound of any delay.
        patience: how long after its first attempt a job is not charged for outages.
    """

    max_attempts: int = 5
    max_interruptions: int = 20
    base: timedelta = timedelta(seconds=5)
    ceiling: timedelta = timedelta(minutes=10)
    patience: timedelta = timedelta(hours=24)

    def delay(self, attempt: int, uniform: Callable[[], float]) -> timedelta:
        """Return how long to wait after `attempt` (1-based) failed; `uniform` draws from [0, 1)."""
        bound = min(self.ceiling, self.base * 2.0 ** min(attempt - 1, 32))
        return bound * uniform()

    def outage_delay(self, age: timedelta, uniform: Callable[[], float]) -> timedelta:
        """Return how long to wait when an outage ended an attempt of a job first begun `age` ago.

        It grows with the age, so no count is needed: the longer it lasts, the rarer the attempts.
        """
        return min(self.ceiling, max(self.base, age / 2)) * uniform()

    def outage_outlasted(self, age: timedelta) -> bool:
        """Return whether an outage has lasted so long that attempts count again."""
        return age > self.patience

    def exhausted(self, attempt: int) -> bool:
        """Return whether `attempt` (1-based) was the last one."""
        return attempt >= self.max_attempts
