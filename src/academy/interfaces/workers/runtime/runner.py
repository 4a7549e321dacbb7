"""Run claimed jobs: one attempt each, on a task of its own (JOB-2). The package tells the whole way of a message."""

import asyncio
import logging
from collections.abc import Sequence

from academy.application.jobs import failures
from academy.application.jobs.admission import Claimed
from academy.application.jobs.attempt import Attempt
from academy.application.ports.telemetry import current_trace
from academy.interfaces.workers.runtime.config import WorkerParts
from academy.interfaces.workers.runtime.holdings import Holdings
from academy.interfaces.workers.runtime.settler import Settler

__all__ = ["Runner"]

log = logging.getLogger(__name__)


class Runner:
    """Begins attempts and hands their ends to the settler."""

    def __init__(self, parts: WorkerParts, holdings: Holdings, settler: Settler) -> None:
        """Run with `parts`, noting everything in `holdings`."""
        self._parts = parts
        self._holdings = holdings
        self._settler = settler
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, batch: Sequence[Claimed]) -> None:
        """Start jobs; all are held before the first one runs, so that the heartbeat covers them."""
        attempts = [self._attempt(claimed) for claimed in batch]
        self._settler.measures.begun(attempts)
        for attempt in attempts:
            task = asyncio.create_task(self._run(attempt), name=f"job {attempt.job.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def ended(self, within: float) -> None:
        """Wait until no handler runs any more, `within` seconds at most."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)

    def _attempt(self, claimed: Claimed) -> Attempt:
        job_type = self._parts.types[claimed.job.type]
        attempt = Attempt(claimed, job_type, self._parts.handlers[job_type.name], self._parts.clock)
        self._holdings.running(attempt)
        return attempt

    async def _run(self, attempt: Attempt) -> None:
        job = attempt.job
        # Log lines that this task writes from now on carry its trace.
        current_trace.set(job.trace)
        if log.isEnabledFor(logging.INFO):
            fields = {"job_id": job.id, "job_type": job.type, "attempt": job.attempt, "token": job.token}
            log.info("job_started", extra=fields)
        # Nothing is awaited after this: a stop that came too late would be delivered there.
        try:
            end = await attempt.run()
        except asyncio.CancelledError as error:
            # Not we have stopped it: the handler cancelled its own task, or the loop ends, and nothing is written any more.
            end = attempt.failed(failures.internal(error))
        self._settler.put(attempt, end)
