"""Port: shared rate limits, exact over all workers because they live in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from academy.domain.job.rate import RateLimit

__all__ = ["RateRepository", "RateWish"]


@dataclass(frozen=True, slots=True)
class RateWish:
    """One job of an academy that wants to begin under all of `limits`."""

    tenant_id: str
    limits: tuple[RateLimit, ...]


class RateRepository(Protocol):
    """Buckets by name (`RateLimit.bucket`); the time is the database's."""

    def take(self, wishes: Sequence[RateWish]) -> Sequence[timedelta]:
        """Answer each wish in order: zero, and it took from all its buckets, or how long to wait, and it took from none.

        Source of the algorithm: GCRA (ITU-T I.371, virtual scheduling). The waits form a line: of many wishes that come at once, each
        is told a later moment than the one before it, so that they come back spread out and not in a herd. A place in the
        line reserves nothing; who comes back asks again. Buckets are locked in order of their names.
        """
        ...

    def trim(self, limit: int) -> int:
        """Forget up to `limit` buckets that are full again and for which nobody waits; return how many.

        A bucket that does not exist is a full one, so this changes no answer.
        """
        ...
