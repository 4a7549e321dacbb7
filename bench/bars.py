"""What a benchmark has to keep to; see "Bars" in README.md."""

from dataclasses import dataclass

__all__ = ["Bar"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A ratio (or a count, a size, or the wait that a person would notice) and its limit."""

    name: str
    value: float
    limit: float

    @property
    def ok(self) -> bool:
        """Return whether it holds."""
        return self.value <= self.limit
