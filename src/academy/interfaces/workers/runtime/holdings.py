"""What a worker holds right now: every delivery from receipt to ack, and the attempts that run."""

import asyncio
from collections.abc import Sequence

from academy.application.jobs.attempt import Attempt
from academy.application.ports.database import Lease
from academy.application.ports.job_queue import Delivery, Receipt

__all__ = ["Holdings"]


class Holdings:
    """The one list that heartbeat, watch and drain look at; `idle` is set while no attempt runs."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._deliveries: dict[Receipt, Delivery] = {}
        # By lease: an attempt that outlived its lease may still run beside the one that took over.
        self._attempts: dict[Lease, Attempt] = {}
        self._finished: list[str] = []
        self.idle = asyncio.Event()
        self.idle.set()

    def received(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries alive from now on."""
        self._deliveries.update((d.receipt, d) for d in deliveries)

    def released(self, receipts: Sequence[Receipt]) -> None:
        """Keep these alive no longer: acked, dead-lettered or given back."""
        for receipt in receipts:
            self._deliveries.pop(receipt, None)

    def running(self, attempt: Attempt) -> None:
        """Note an attempt."""
        self._attempts[attempt.lease] = attempt
        self.idle.clear()

    def ended(self, attempt: Attempt) -> None:
        """Forget an attempt whose settlement is durable or lost."""
        self._attempts.pop(attempt.lease, None)
        if not self._attempts:
            self.idle.set()

    def finished(self, job_id: str) -> None:
        """Note a job whose end is durable: its progress is of no more use."""
        self._finished.append(job_id)

    def take_finished(self) -> list[str]:
        """Return the finished jobs noted since the last call."""
        taken, self._finished = self._finished, []
        return taken

    @property
    def receipts(self) -> list[Receipt]:
        """Return every receipt to keep alive."""
        return list(self._deliveries)

    @property
    def attempts(self) -> list[Attempt]:
        """Return every attempt not yet settled."""
        return list(self._attempts.values())
