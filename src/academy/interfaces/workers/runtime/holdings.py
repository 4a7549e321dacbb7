"""What a worker holds right now: every delivery from receipt to ack, and the attempts that run."""

import asyncio
from collections.abc import Sequence

from academy.application.jobs.attempt import Attempt
from academy.application.ports.database import Lease
from academy.application.ports.job_queue import Delivery, Receipt

__all__ = ["Holdings"]


class Holdings:
    """The one list that heartbeat, watch and drain look at; `idle` is set while nothing at all is in hand."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._deliveries: dict[Receipt, Delivery] = {}
        # By lease: an attempt that outlived its lease may still run beside the one that took over.
        self._attempts: dict[Lease, Attempt] = {}
        self._finished: list[str] = []
        self.taken = 0
        """Deliveries received so far."""
        self.working = 0
        """Attempts whose handler runs."""
        self.idle = asyncio.Event()
        self.idle.set()

    def received(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries alive from now on."""
        self.taken += len(deliveries)
        self._deliveries.update((d.receipt, d) for d in deliveries)
        self._look()

    def released(self, receipts: Sequence[Receipt]) -> None:
        """Keep these alive no longer: acked, dead-lettered or given back."""
        for receipt in receipts:
            self._deliveries.pop(receipt, None)
        self._look()

    def running(self, attempt: Attempt) -> None:
        """Note an attempt that begins."""
        self._attempts[attempt.lease] = attempt
        self.working += 1
        self._look()

    def worked(self) -> None:
        """Note that the handler of an attempt has ended."""
        self.working -= 1

    def ended(self, attempts: Sequence[Attempt]) -> None:
        """Forget attempts whose message is acked, or whose lease was lost."""
        for attempt in attempts:
            self._attempts.pop(attempt.lease, None)
        self._look()

    def _look(self) -> None:
        if self._deliveries or self._attempts:
            self.idle.clear()
        else:
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
        """Return every attempt that is not over and done with."""
        return list(self._attempts.values())
