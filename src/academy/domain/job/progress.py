"""How far a job is (JOB-9)."""

from dataclasses import dataclass

__all__ = ["Progress", "StepPlan"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A point in a job's work.

    Attributes:
        step: name of the step under way, from the job type's list.
        step_index: 1-based.
        step_count: number of steps.
        percent: 0 to 100 of the whole job; never falls within one attempt.
        remaining_seconds: estimate, None until one is possible.
    """

    step: str
    step_index: int
    step_count: int
    percent: float
    remaining_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class StepPlan:
    """The steps of a job type with their share of the whole work (weights need not sum to 1)."""

    names: tuple[str, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse a plan whose weights do not match its names."""
        if len(self.names) != len(self.weights) or not self.names or min(self.weights) <= 0:
            raise ValueError("every step needs a positive weight")

    def at(self, step: str, fraction: float, elapsed: float = 0.0, before: float = 0.0) -> Progress:
        """Return the progress when `fraction` (0 to 1) of `step` is done.

        `elapsed` seconds ago `before` percent were done: what is left is taken to go as fast as what was done since.
        """
        index = self.names.index(step)
        total = sum(self.weights)
        done = sum(self.weights[:index]) + self.weights[index] * min(1.0, max(0.0, fraction))
        share = done / total
        since = share - before / 100
        remaining = elapsed * (1 - share) / since if since > 0.02 and elapsed > 0 else None
        return Progress(step, index + 1, len(self.names), round(100 * share, 1), remaining)
