"""What becomes of a batch of deliveries."""

from dataclasses import dataclass, field
from datetime import timedelta

from academy.application.ports.job_queue import Delivery
from academy.contracts.base import Contract, InvalidMessage
from academy.domain.job.job import Job

__all__ = ["Admission", "Claimed"]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery whose job is now ours.

    Attributes:
        job: as it stands after the claim, ours under `job.token`.
        payload: None when the row's no longer fits its model.
        age: how long ago its first attempt began, by the database's clock, when it was claimed.
    """

    delivery: Delivery
    job: Job
    payload: Contract | None
    age: timedelta


@dataclass(slots=True)
class Admission:
    """What became of a batch of deliveries; every delivery is in exactly one list.

    Attributes:
        claimed: ours to run.
        finished: the job has ended well or by decision, or waits for a fresh message because of a rate limit: ack.
        dead: the job is DEAD: dead-letter with the reason.
        invalid: cannot be understood: dead-letter with the error's reason.
        held: another worker has the job, it is not due, or its body is out of reach: give back, invisible for that many seconds.
            Never acked.
    """

    claimed: list[Claimed] = field(default_factory=list)
    finished: list[Delivery] = field(default_factory=list)
    dead: list[tuple[Delivery, str]] = field(default_factory=list)
    invalid: list[tuple[Delivery, InvalidMessage]] = field(default_factory=list)
    held: list[tuple[Delivery, int]] = field(default_factory=list)

    def extend(self, other: "Admission") -> None:
        """Add what became of other deliveries."""
        self.claimed += other.claimed
        self.finished += other.finished
        self.dead += other.dead
        self.invalid += other.invalid
        self.held += other.held
