"""Take slots, receive, admit, start (JOB-2); an outage is waited out, never taken for an empty queue (QUE-6)."""

import asyncio
import logging
from collections.abc import Sequence

from academy.application.jobs.admission import Admission
from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.job_queue import Delivery, QueueError
from academy.interfaces.workers.runtime.backoff import Backoff
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.health import Health
from academy.interfaces.workers.runtime.holdings import Holdings
from academy.interfaces.workers.runtime.receiver import Receiver
from academy.interfaces.workers.runtime.runner import Runner
from academy.interfaces.workers.runtime.settler import Settler
from academy.interfaces.workers.runtime.slots import Slots

__all__ = ["Poller"]

log = logging.getLogger(__name__)

GATHER_SECONDS = 0.001
"""While a queue has plenty and few slots are free, a receive waits this long for more of them: one claim then serves several jobs."""


class Poller:
    """Feeds one worker from its queue until told to stop."""

    def __init__(
        self,
        config: WorkerConfig,
        parts: WorkerParts,
        holdings: Holdings,
        slots: Slots,
        runner: Runner,
        settler: Settler,
        health: Health,
    ) -> None:
        """Poll with `parts`, hand claimed jobs to `runner` and what needs no run to `settler`."""
        self._config = config
        self._parts = parts
        self._runner = runner
        self._settler = settler
        self._health = health
        self._slots = slots
        self._holdings = holdings
        self._receiver = Receiver(config, parts, holdings)
        self._database_away = False

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set; what was received by then is given back."""
        backoff = Backoff()
        stopping = asyncio.create_task(stop.wait())
        taking: asyncio.Task[int] | None = None
        try:
            while not stop.is_set():
                gather = GATHER_SECONDS if self._receiver.plenty else 0.0
                taking = asyncio.create_task(self._slots.take(self._receiver.most, gather))
                self._health.busy = True
                await asyncio.wait({taking, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if stop.is_set():
                    break
                self._health.busy = False
                await self._poll(taking.result(), stop, backoff)
            # What still runs is looked after by others; a worker that drains does not poll and is alive.
            self._health.busy = True
        finally:
            stopping.cancel()
            if taking is not None:
                taking.cancel()

    async def _poll(self, slots: int, stop: asyncio.Event, backoff: Backoff) -> None:
        """Receive and admit once; takes no message while the database is away, so that none uses up its receives."""
        try:
            if self._database_away:
                # A database that answers and cannot write (a full disk) is away, too: write something.
                beat = self._config.beat(len(self._holdings.attempts))
                await self._parts.database.run(lambda tx: tx.workers.beat(beat))
                self._database_away = False
            deliveries = await self._receiver.receive(slots)
            if stop.is_set():
                await self._receiver.give_back(deliveries)
            elif deliveries:
                admission = await self._admit(deliveries)
                self._runner.begin(admission.claimed)
                # Each of these slots is freed when its handler has ended.
                slots -= len(admission.claimed)
                await self._dispose(admission)
            self._health.polled()
            backoff.succeeded()
        except (QueueError, DatabaseUnavailable) as error:
            self._database_away = self._database_away or isinstance(error, DatabaseUnavailable)
            mend = {"mend": error.mend} if isinstance(error, QueueError) and error.mend else {}
            told = {"worker": self._config.name, "error": str(error), "failures": backoff.failures + 1}
            log.warning("poll_failed", extra={**told, **mend})
            self._parts.telemetry.count("academy_poll_failures_total", error=type(error).__name__)
            await backoff.wait(stop)
        finally:
            self._slots.free(slots)

    async def _admit(self, deliveries: Sequence[Delivery]) -> Admission:
        traces = (delivery.attributes.get("traceparent", "") for delivery in deliveries)
        claiming = self._parts.tracer.spans("claim", traces)
        try:
            return await self._parts.intake.admit(deliveries)
        except DatabaseUnavailable:
            await self._receiver.give_back(deliveries, 5)
            raise
        finally:
            claiming.end()

    async def _dispose(self, admission: Admission) -> None:
        self._settler.ack(admission.finished)
        invalid = ((delivery, error.reason) for delivery, error in admission.invalid)
        for delivery, reason in (*invalid, *admission.dead):
            log.error("message_dead_lettered", extra={"message_id": delivery.message_id, "reason": reason})
            self._parts.telemetry.count("academy_dead_letters_total")
            self._settler.dead_letter(delivery, reason)
        together: dict[int, list[Delivery]] = {}
        for delivery, seconds in admission.held:
            log.info("claim_lost", extra={"message_id": delivery.message_id, "again_in_seconds": seconds})
            together.setdefault(seconds, []).append(delivery)
        await asyncio.gather(*(self._receiver.give_back(some, seconds) for seconds, some in together.items()))
