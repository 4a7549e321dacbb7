"""Put right what is past its timer (JOB-7): a lost message, a dead worker, a stuck row."""

import asyncio
import logging
from datetime import timedelta
from itertools import count

from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import announce
from academy.application.ports.database import Database, DatabaseUnavailable, Transaction
from academy.application.ports.telemetry import Telemetry

__all__ = ["Reconciler"]

log = logging.getLogger(__name__)

GRACE = timedelta(minutes=2)
"""Redelivery by the broker comes first; the reconciler is for what it did not mend."""
SOONEST, LATEST = timedelta(minutes=10), timedelta(hours=6)
"""A job is looked at again after as long as it has existed, within these bounds: a message that merely waits in a long queue
gets a handful of copies, not one every few minutes."""
PERIOD_SECONDS = 15.0
TIDY_ROUNDS = 240
"""Rounds, about an hour, after which buckets at rest are forgotten."""
WORKERS_ROUNDS = 4
"""Rounds, about a minute, after which workers long gone are forgotten."""
WORKERS_KEPT = timedelta(minutes=10)
"""Long enough for an alert that waits five minutes; by then its jobs are with others. One that comes back is seen again at once."""
TIDIED_AT_ONCE = 1000
BATCH = 200


class Reconciler:
    """Gives overdue jobs a fresh message. Several may run: rows locked by one are skipped by the others."""

    def __init__(
        self, database: Database, types: JobTypes, telemetry: Telemetry, grace: timedelta = GRACE
    ) -> None:
        """Look after the jobs in `database` that are overdue by more than `grace`."""
        self._database = database
        self._types = types
        self._telemetry = telemetry
        self._grace = grace
        self._healthy = True

    def alive(self) -> bool:
        """Return whether the last round succeeded."""
        return self._healthy

    async def run(self, stop: asyncio.Event) -> None:
        """Reconcile until `stop` is set."""
        for number in count():
            if stop.is_set():
                return
            try:
                while await self.reconcile_once() == BATCH:
                    continue
                if number % WORKERS_ROUNDS == 0:
                    await self._database.run(lambda tx: tx.workers.trim(WORKERS_KEPT))
                if number % TIDY_ROUNDS == 0:
                    await self._database.run(lambda tx: tx.rates.trim(TIDIED_AT_ONCE))
                self._healthy = True
            except DatabaseUnavailable as error:
                log.warning("reconcile_failed", extra={"error": str(error)})
                self._healthy = False
            try:
                await asyncio.wait_for(stop.wait(), PERIOD_SECONDS)
            except TimeoutError:
                continue

    async def reconcile_once(self) -> int:
        """Put right one batch; return how many jobs were overdue. Raises DatabaseUnavailable."""
        return await self._database.run(self._mend)

    def _mend(self, tx: Transaction) -> int:
        overdue = tx.jobs.overdue(self._grace, BATCH)
        now = tx.now()
        for job in overdue:
            # A type that this process does not know is put off as well, or it would be in the way of the others for ever.
            tx.jobs.postpone([job.id], min(LATEST, max(SOONEST, now - job.created_at)))
            known = job.type in self._types
            if known:
                tx.outbox.add([announce(job)])
            fields = {"job_id": job.id, "job_type": job.type, "state": job.state.value}
            log.warning("job_overdue" if known else "job_overdue_of_unknown_type", extra=fields)
            self._telemetry.count("academy_jobs_reconciled_total", type=job.type, state=job.state.value)
        return len(overdue)
