"""How often jobs of a kind may begin: for a provider, or for each academy."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["RateLimit"]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A token bucket: `burst` jobs at once, then one every `1 / per_second` seconds.

    Attributes:
        name: what is limited ("solapi"); limits with one name share one bucket, whatever the job type.
        per_second: sustained rate, jobs per second.
        burst: how many may begin at once after a rest, at least 1.
        per_tenant: every academy has a bucket of its own.
    """

    name: str
    per_second: float
    burst: int = 1
    per_tenant: bool = False

    def __post_init__(self) -> None:
        """Refuse a limit that lets nothing through."""
        if not self.name or self.per_second <= 0 or self.burst < 1:
            raise ValueError("a rate limit has a name, a rate above zero and a burst of at least 1")

    @property
    def interval(self) -> timedelta:
        """Return the time between two jobs at the sustained rate."""
        return timedelta(seconds=1 / self.per_second)

    def bucket(self, tenant_id: str) -> str:
        """Return the name of the bucket that a job of an academy draws from."""
        return f"{self.name}:{tenant_id}" if self.per_tenant else self.name
