"""Write how attempts ended, in groups, then ack their messages, in groups (JOB-2): the result is durable before the ack."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from academy.application.jobs import failures
from academy.application.jobs.attempt import Attempt
from academy.application.jobs.settle import settle
from academy.application.ports.database import DatabaseUnavailable, Settlement
from academy.application.ports.job_queue import Delivery, QueueError
from academy.application.ports.telemetry import trace_id
from academy.domain.job.states import TERMINAL, JobState
from academy.interfaces.workers.runtime.backoff import Backoff
from academy.interfaces.workers.runtime.config import WorkerParts
from academy.interfaces.workers.runtime.holdings import Holdings
from academy.interfaces.workers.runtime.measure import Measures
from academy.interfaces.workers.runtime.slots import Slots
from academy.interfaces.workers.runtime.stage import Stage

__all__ = ["Settler"]

log = logging.getLogger(__name__)

GATHER_SECONDS = 0.003
"""While other jobs run, an end waits this long for more of them: one transaction then settles several."""


@dataclass(frozen=True, slots=True)
class _End:
    attempt: Attempt
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class _Close:
    """A message to be done with: acked, or dead-lettered where there is a reason; `attempt` is what it was held for."""

    delivery: Delivery
    attempt: Attempt | None = None
    dead: str = ""


class Settler:
    """The last part of every job's way."""

    def __init__(self, parts: WorkerParts, holdings: Holdings, slots: Slots) -> None:
        """Settle in `parts`, free `slots`, release from `holdings`."""
        self._parts = parts
        self.measures = Measures(parts)
        self._holdings = holdings
        self._slots = slots
        self._settling: Stage[_End] = Stage(self._settle, self._gather)
        self._closing: Stage[_Close] = Stage(self._close)

    def put(self, attempt: Attempt, end: Settlement | None) -> None:
        """Settle an attempt; without an end its lease was lost and nothing may be written, nor acked."""
        self._holdings.worked()
        # The next job may be received and claimed while this one is settled; with the database away no claim succeeds either.
        self._slots.free()
        self.measures.ran(attempt)
        if end is None:
            self._give_up(attempt)
        else:
            self._settling.put(_End(attempt, end))

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Ack deliveries whose job needs no run."""
        for delivery in deliveries:
            self._closing.put(_Close(delivery))

    def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Move a delivery to the dead-letter queue."""
        self._closing.put(_Close(delivery, dead=reason))

    async def run(self) -> None:
        """Settle and ack until cancelled. What raises here takes the worker down: nothing that ended is forgotten."""
        async with asyncio.TaskGroup() as stages:
            stages.create_task(self._settling.run(), name="settling")
            stages.create_task(self._closing.run(), name="closing")

    def _gather(self) -> float:
        return GATHER_SECONDS if self._holdings.working else 0.0

    async def _settle(self, ends: Sequence[_End]) -> None:
        """Commit a group, however long the database is away.

        Trying for ever is safe: the fencing token refuses the write as soon as somebody else took over.
        """
        backoff = Backoff()
        pairs = [(end.attempt.job, end.settlement) for end in ends]
        while True:
            try:
                applied = await self._parts.database.run(lambda tx: settle(tx, self._parts.types, pairs))
            except DatabaseUnavailable as error:
                self._parts.telemetry.count("academy_database_failures_total", operation="settle")
                log.warning("settle_failed", extra={"jobs": len(ends), "error": str(error)})
                await backoff.wait()
            except Exception as error:  # noqa: BLE001 - what breaks one end must not break the others
                await self._settle_apart(ends, error)
                return
            else:
                break
        written = [(end.attempt, applied.get(end.settlement.lease)) for end in ends]
        self.measures.settled(written)
        for attempt, end in written:
            self._written(attempt, end)

    async def _settle_apart(self, ends: Sequence[_End], error: Exception) -> None:
        """Find the end that cannot be written; it becomes a failure, and where that cannot be written either, is left to its lease."""
        if len(ends) > 1:
            for end in ends:
                await self._settle([end])
            return
        (end,) = ends
        attempt, refused = end.attempt, end.settlement
        log.error(
            "settlement_refused", extra={"job_id": attempt.job.id, "state": refused.state}, exc_info=error
        )
        failure = failures.internal(error)
        if refused.failure == failure:
            self._give_up(attempt)
        else:
            await self._settle([_End(attempt, attempt.failed(failure))])

    def _written(self, attempt: Attempt, end: Settlement | None) -> None:
        """Go on after the commit: ack; an end that was fenced off is not ours to ack."""
        self._note(attempt, end)
        if end is None:
            self._give_up(attempt)
            return
        dead = ""
        if end.state is JobState.DEAD:
            self._parts.telemetry.count("academy_dead_letters_total")
            dead = f"{end.reason}: {end.failure.message if end.failure else 'no reason was recorded'}"
        if end.state in TERMINAL and attempt.progress is not None:
            self._holdings.finished(attempt.job.id)
        self._closing.put(_Close(attempt.claimed.delivery, attempt, dead))

    async def _close(self, group: Sequence[_Close]) -> None:
        """Ack or dead-letter, then release.

        The settlement stands: in an outage a message comes back, finds its job finished and is acked or dead-lettered then.
        """
        acked = [close.delivery.receipt for close in group if not close.dead]
        try:
            if acked:
                await self._parts.consumer.ack(acked)
        except QueueError as error:
            self._parts.telemetry.count("academy_queue_failures_total", operation="ack")
            log.warning("ack_failed", extra={"error": str(error), "messages": len(acked)})
        await asyncio.gather(*(self._move(close.delivery, close.dead) for close in group if close.dead))
        self._holdings.released([close.delivery.receipt for close in group])
        self._forget([close.attempt for close in group if close.attempt is not None])

    async def _move(self, delivery: Delivery, reason: str) -> None:
        try:
            await self._parts.consumer.dead_letter(delivery, reason)
        except QueueError as error:
            self._parts.telemetry.count("academy_queue_failures_total", operation="dead_letter")
            log.warning("dead_letter_failed", extra={"error": str(error), "message_id": delivery.message_id})

    def _give_up(self, attempt: Attempt) -> None:
        self._holdings.released([attempt.claimed.delivery.receipt])
        self._forget([attempt])

    def _forget(self, attempts: Sequence[Attempt]) -> None:
        self.measures.ended(attempts)
        self._holdings.ended(attempts)

    def _note(self, attempt: Attempt, end: Settlement | None) -> None:
        if not log.isEnabledFor(logging.INFO):
            return
        job, outcome = attempt.job, end.state.value if end else "FENCED_OFF"
        fields: dict[str, object] = {"job_id": job.id, "job_type": job.type, "outcome": outcome}
        if job.trace:
            fields["trace_id"] = trace_id(job.trace)
        if end is not None and end.reason is not None:
            fields["reason"] = end.reason.value
        if end is not None and end.failure is not None:
            fields |= {"code": end.failure.code, "detail": end.failure.detail}
        log.info("job_settled", extra=fields)
