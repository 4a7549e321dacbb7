"""Run claimed jobs, settle them in groups, then ack (JOB-2)."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from academy.application.jobs import failures
from academy.application.jobs.attempt import Attempt
from academy.application.jobs.batching import Batcher
from academy.application.jobs.intake import Claimed
from academy.application.jobs.settle import settle
from academy.application.ports.database import DatabaseUnavailable, Settlement
from academy.application.ports.job_queue import Delivery, QueueError, Receipt
from academy.domain.job.job import Job
from academy.domain.job.states import TERMINAL, JobState
from academy.interfaces.workers.runtime.backoff import Backoff
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.holdings import Holdings

__all__ = ["Runner"]

log = logging.getLogger(__name__)


class Runner:
    """One attempt per claimed job; the result is durable before the message is acked."""

    def __init__(self, config: WorkerConfig, parts: WorkerParts, holdings: Holdings) -> None:
        """Run with `parts`, noting everything in `holdings`."""
        self._config = config
        self._parts = parts
        self._holdings = holdings
        self._settling: Batcher[tuple[Job, Settlement], bool | Exception] = Batcher(self._settle)
        self._acking: Batcher[Receipt, None] = Batcher(self._ack)

    def begin(self, claimed: Claimed) -> Attempt:
        """Prepare the attempt and hold it, so that the heartbeat covers it before it runs."""
        job_type = self._parts.types[claimed.job.type]
        attempt = Attempt(claimed, job_type, self._parts.handlers[job_type.name], self._parts.clock)
        self._holdings.running(attempt)
        return attempt

    async def run(self, attempt: Attempt, free_slot: Callable[[], None]) -> None:
        """Run, settle, ack, free the slot. Raises HandlerStuck."""
        job = attempt.job
        log.info(
            "job_started",
            extra={"job_id": job.id, "job_type": job.type, "attempt": job.attempt, "token": job.token},
        )
        try:
            end = await attempt.run()
            settled = await self._settle_surely(attempt, end) if end is not None else None
            if settled is not None:
                await self._close(attempt, settled)
        finally:
            self._holdings.ended(attempt)
            self._holdings.released([attempt.claimed.delivery.receipt])
            free_slot()

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Ack deliveries of jobs that ended before."""
        await asyncio.gather(*(self._acking.add(d.receipt) for d in deliveries))

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Move a message to the dead-letter queue; in an outage the message simply comes back and this is tried again."""
        try:
            await self._parts.consumer.dead_letter(delivery, reason)
        except QueueError as error:
            log.warning("dead_letter_failed", extra={"error": str(error), "message_id": delivery.message_id})
        self._holdings.released([delivery.receipt])

    async def _settle_surely(self, attempt: Attempt, end: Settlement) -> Settlement | None:
        """Commit the settlement, however long the database is away; return it, None when the job is no longer ours.

        Trying for ever is safe: the fencing token refuses the write as soon as somebody else took over. An end that cannot be written
        for another reason becomes a failure of this job; when that cannot be written either, the job is left to its lease.
        """
        job, backoff, refused = attempt.job, Backoff(), False
        while True:
            answer = await self._settling.add((job, end))
            if isinstance(answer, bool):
                self._note(job, end, applied=answer)
                return end if answer else None
            if isinstance(answer, DatabaseUnavailable):
                log.warning("settle_failed", extra={"job_id": job.id, "error": str(answer)})
                await backoff.wait()
                continue
            log.error("settlement_refused", extra={"job_id": job.id, "state": end.state}, exc_info=answer)
            if refused:
                return None
            refused, end = True, attempt.failed(failures.internal(answer))

    async def _settle(self, ends: Sequence[tuple[Job, Settlement]]) -> Sequence[bool | Exception]:
        """Settle a batch in one transaction; when one end breaks it, every end gets its own."""
        try:
            applied = await self._parts.database.run(lambda tx: settle(tx, self._parts.types, ends))
        except Exception as error:  # noqa: BLE001 - every caller gets the error of its own job
            if len(ends) == 1 or isinstance(error, DatabaseUnavailable):
                return [error] * len(ends)
            return [(await self._settle([end]))[0] for end in ends]
        return [end.lease in applied for _, end in ends]

    def _note(self, job: Job, end: Settlement, *, applied: bool) -> None:
        outcome = end.state.value if applied else "FENCED_OFF"
        self._parts.telemetry.count("academy_jobs_settled_total", type=job.type, outcome=outcome)
        fields = {
            "job_id": job.id,
            "job_type": job.type,
            "outcome": outcome,
            "reason": end.reason and end.reason.value,
        }
        if end.failure is not None:
            fields |= {"code": end.failure.code, "detail": end.failure.detail}
        log.info("job_settled", extra=fields)

    async def _close(self, attempt: Attempt, end: Settlement) -> None:
        delivery = attempt.claimed.delivery
        if end.state is JobState.DEAD:
            reason = end.failure.message if end.failure else "no reason was recorded"
            await self.dead_letter(delivery, f"{end.reason}: {reason}")
        else:
            await self._acking.add(delivery.receipt)
        if end.state in TERMINAL and attempt.progress is not None:
            self._holdings.finished(attempt.job.id)

    async def _ack(self, receipts: Sequence[Receipt]) -> Sequence[None]:
        try:
            await self._parts.consumer.ack(receipts)
        except QueueError as error:
            # The settlement stands; the message comes back, finds the job finished and is acked then.
            log.warning("ack_failed", extra={"error": str(error), "messages": len(receipts)})
        self._holdings.released(receipts)
        return [None] * len(receipts)
