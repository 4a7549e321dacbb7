"""One batched heartbeat for everything a worker holds: received, running and draining (JOB-4)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from academy.application.jobs.attempt import Attempt, Stop
from academy.application.ports.database import DatabaseUnavailable, Lease, LeaseState
from academy.application.ports.job_queue import QueueError
from academy.application.ports.telemetry import trace_id
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.holdings import Holdings

__all__ = ["Heartbeat"]

log = logging.getLogger(__name__)


class Heartbeat:
    """Renews leases and visibility every third of the lease; stops attempts whose lease is gone."""

    def __init__(self, config: WorkerConfig, parts: WorkerParts, holdings: Holdings) -> None:
        """Beat for `holdings`."""
        self._config = config
        self._parts = parts
        self._holdings = holdings

    async def run(self) -> None:
        """Beat until cancelled."""
        # Apart: a broker that hangs must not keep the leases from being renewed.
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._every_third(self._renew_leases), name="leases")
            loops.create_task(self._every_third(self._extend_messages), name="visibility")

    async def _every_third(self, renew: Callable[[], Awaitable[None]]) -> None:
        while True:
            due = self._parts.clock.monotonic() + self._config.lease.total_seconds() / 3
            await asyncio.sleep(self._config.lease.total_seconds() / 3)
            await renew()
            late = self._parts.clock.monotonic() - due
            self._parts.telemetry.gauge("academy_heartbeat_lag_seconds", max(0.0, late))

    async def _renew_leases(self) -> None:
        attempts = {attempt.lease: attempt for attempt in self._holdings.attempts}
        leases = list(attempts)
        if not leases:
            return
        try:
            states = await self._parts.database.run(lambda tx: tx.jobs.renew(leases, self._config.lease))
        except DatabaseUnavailable as error:
            log.warning("heartbeat_failed", extra={"error": str(error), "jobs": len(leases)})
            self._parts.telemetry.count("academy_heartbeat_failures_total", target="database")
            return
        for state in states:
            self._follow(state, attempts[Lease(state.job_id, state.token)])

    def _follow(self, state: LeaseState, attempt: Attempt) -> None:
        if not state.held and not attempt.over:
            log.warning(
                "lease_lost",
                extra={"job_id": state.job_id, "token": state.token, "trace_id": trace_id(attempt.job.trace)},
            )
            self._parts.telemetry.count("academy_leases_lost_total", type=attempt.job.type)
            attempt.stop(Stop.LOST)
        elif state.cancel_requested:
            attempt.stop(Stop.CANCELLED)

    async def _extend_messages(self) -> None:
        receipts = self._holdings.receipts
        if not receipts:
            return
        try:
            void = await self._parts.consumer.extend(receipts, self._config.visibility_seconds)
        except QueueError as error:
            log.warning("heartbeat_failed", extra={"error": str(error), "messages": len(receipts)})
            self._parts.telemetry.count("academy_heartbeat_failures_total", target="queue")
            return
        # A void receipt is no reason to stop: the lease in the job row decides, the other delivery finds it held.
        self._holdings.released(void)
