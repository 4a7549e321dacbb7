"""Port: shared rate limits, exact over all workers because they live in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from academy.domain.job.rate import RateLimit

__all__ = ["LONGEST_WAIT", "RateRepository", "RateWish"]

LONGEST_WAIT = timedelta(minutes=1)
"""Longest wait that is told. It bounds how long anybody waits behind jobs that were cancelled meanwhile."""


@dataclass(frozen=True, slots=True)
class RateWish:
    """One job of an academy that wants to begin under all of `limits`."""

    tenant_id: str
    limits: tuple[RateLimit, ...]


class RateRepository(Protocol):
    """Buckets by name (`RateLimit.bucket`); the time is the database's."""

    def take(self, wishes: Sequence[RateWish]) -> Sequence[timedelta]:
        """Answer each wish in order: zero, and it took from all its buckets, or how long to wait, and it took from none.

        Source of the algorithm: GCRA (ITU-T I.371, virtual scheduling). The waits form lines, one per bucket and academy, that take
        turns: of many wishes of an academy that come at once, each is told a later moment than the one before it, and the later
        the more other academies wait for the same bucket. So they come back spread out and not in a herd, and one academy's
        flood does not stand before another's single job. A wait is at most LONGEST_WAIT: who would have to wait for longer gets no
        place and a random wait of at least half of it. A place in the line reserves nothing; who comes back asks again. Buckets
        are locked in order of their names.
        """
        ...

    def trim(self, limit: int) -> int:
        """Forget up to `limit` buckets that are full again, and as many lines in which nobody waits; return how many buckets.

        A bucket that does not exist is a full one, and a line that does not exist an empty one, so this changes no answer.
        """
        ...
