"""Tell the producers of some job types how far their jobs are, every other second (GRA-1)."""

import asyncio
import logging
from collections import defaultdict

from academy.application.jobs.attempt import Attempt
from academy.application.ports.database import Lease
from academy.application.ports.job_queue import OutgoingMessage, QueueError
from academy.domain.job.progress import Progress
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.holdings import Holdings

__all__ = ["ProgressTeller"]

log = logging.getLogger(__name__)

MOST_TELLINGS = 1_000_000
"""Tellings of one attempt: the fencing token, which only grows, counts these."""


class ProgressTeller:
    """Publishes the progress of running jobs whose type has `answers`. Advisory: what cannot be published is logged and left out."""

    def __init__(self, config: WorkerConfig, parts: WorkerParts, holdings: Holdings) -> None:
        """Tell of `holdings`."""
        self._config = config
        self._parts = parts
        self._holdings = holdings
        self._told: dict[Lease, tuple[int, Progress]] = {}

    async def run(self) -> None:
        """Tell until cancelled; return at once where nobody wants to be told."""
        if not any(self._parts.types.reply_queue(name) for name in self._parts.handlers):
            return
        while True:
            await asyncio.sleep(self._config.tell_interval)
            await self._tell()

    async def _tell(self) -> None:
        running = {attempt.lease: attempt for attempt in self._holdings.attempts if not attempt.over}
        self._told = {lease: told for lease, told in self._told.items() if lease in running}
        together: dict[str, list[OutgoingMessage]] = defaultdict(list)
        for lease, attempt in running.items():
            text = self._news(lease, attempt)
            if text:
                together[attempt.job.reply_to].append(OutgoingMessage(text, attempt.job.tenant_id))
        for queue, messages in together.items():
            await self._publish(queue, messages)

    def _news(self, lease: Lease, attempt: Attempt) -> str:
        answers = self._parts.types.answers_for(attempt.job)
        number, before = self._told.get(lease, (0, None))
        progress = attempt.progress
        if answers is None or progress is None or progress == before:
            return ""
        self._told[lease] = (min(number + 1, MOST_TELLINGS - 1), progress)
        sequence = lease.token * MOST_TELLINGS + self._told[lease][0]
        return answers.progress(attempt.job, progress, sequence, self._parts.clock.now())

    async def _publish(self, queue: str, messages: list[OutgoingMessage]) -> None:
        most = self._parts.publisher.largest_publish
        try:
            for first in range(0, len(messages), most):
                await self._parts.publisher.publish(queue, messages[first : first + most])
        except QueueError as error:
            log.warning("progress_not_told", extra={"queue": queue, "error": str(error)})
            self._parts.telemetry.count("academy_progress_failures_total")
