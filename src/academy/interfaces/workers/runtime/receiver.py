"""Bring messages to a worker: queues in turn by weight (QUE-4), several receives at once where one brings few, none ever broken off."""

import asyncio
import logging
from collections.abc import Collection, Sequence

from academy.application.jobs.rotation import Rotation
from academy.application.ports.job_queue import Delivery, QueueError
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.holdings import Holdings

__all__ = ["Receiver"]

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Receives at once while a queue gives as many messages as one can bring: one claim then serves them all."""
SEVERAL_WAIT_SECONDS = 1.0
"""Longest wait for one of several queues, while messages may come to the others."""


class Receiver:
    """Receives from the queues of one worker; whatever it receives is held, and kept alive, at once."""

    def __init__(self, config: WorkerConfig, parts: WorkerParts, holdings: Holdings) -> None:
        """Receive from the queues of `config`."""
        self._config = config
        self._consumer = parts.consumer
        self._holdings = holdings
        self._rotation = Rotation(config.queues)
        self._round = 0
        self._all_empty = False
        self.plenty = False
        """Whether the last receive brought as many messages as it was to bring."""

    @property
    def most(self) -> int:
        """Return how many messages one call can bring."""
        return self._consumer.largest_receive * AT_ONCE

    async def receive(self, most: int) -> Sequence[Delivery]:
        """Return 0 to `most` messages, waiting as long as the configuration says. Raises QueueError."""
        names = [queue.name for queue in self._config.queues]
        if len(names) == 1:
            return await self._from_one(names[0], most)
        awaited = names[self._round % len(names)]
        failed: QueueError | None = None
        for queue in self._rotation.order():
            # While nothing comes, the one that is waited for next is not asked before: brokers charge for every question.
            if queue == awaited and self._all_empty:
                continue
            try:
                found = await self._once(queue, self._one(most), 0)
            except QueueError as error:
                # A queue that is missing or refused must not starve the others; it is told when none of them has anything.
                failed = error
                continue
            if found:
                self._all_empty = False
                return found
        self._round += 1
        if failed is not None:
            self._all_empty = False
            raise failed
        wait = min(self._config.receive_wait, SEVERAL_WAIT_SECONDS)
        others = [name for name in names if name != awaited]
        found = await self._once(awaited, self._one(most), wait, others)
        self._all_empty = not found
        return found

    async def give_back(self, deliveries: Sequence[Delivery], seconds: int = 0) -> None:
        """Let others have messages, after `seconds`."""
        receipts = [delivery.receipt for delivery in deliveries]
        self._holdings.released(receipts)
        try:
            if receipts:
                await self._consumer.extend(receipts, seconds)
        except QueueError as error:
            # They come back by themselves when their visibility timeout ends.
            log.warning("give_back_failed", extra={"error": str(error), "messages": len(receipts)})

    def _one(self, most: int) -> int:
        return min(most, self._consumer.largest_receive)

    async def _from_one(self, queue: str, most: int) -> Sequence[Delivery]:
        """Receive from the only queue: while it has plenty, several times at once and without waiting."""
        if self.plenty and most > self._one(most):
            found = await self._several(queue, most)
            self.plenty = len(found) >= self._one(most)
            if found:
                return found
        found = await self._once(queue, self._one(most), self._config.receive_wait)
        self.plenty = len(found) == self._one(most)
        return found

    async def _several(self, queue: str, most: int) -> Sequence[Delivery]:
        """Receive several times at once; one that fails spoils nothing of what the others brought."""
        size = self._one(most)
        sizes = [min(size, most - start) for start in range(0, most, size)]
        answers = await asyncio.gather(
            *(self._once(queue, each, 0) for each in sizes), return_exceptions=True
        )
        found = [
            delivery for answer in answers if not isinstance(answer, BaseException) for delivery in answer
        ]
        for answer in answers:
            if isinstance(answer, BaseException):
                if not found:
                    raise answer
                log.warning("receive_failed", extra={"queue": queue, "error": str(answer)})
        return found

    async def _once(
        self, queue: str, most: int, wait: float, also: Collection[str] = ()
    ) -> Sequence[Delivery]:
        # Shielded: an aborted long poll swallows messages on the server's side.
        receiving = asyncio.create_task(
            self._consumer.receive(queue, most, wait, self._config.visibility_seconds, also=also)
        )
        try:
            deliveries = await asyncio.shield(receiving)
        except asyncio.CancelledError:
            await asyncio.wait({receiving})
            if not receiving.cancelled() and receiving.exception() is None:
                await self.give_back(receiving.result())
            raise
        self._holdings.received(deliveries)
        if deliveries:
            self._rotation.took(queue, len(deliveries))
        else:
            self._rotation.empty(queue)
        return deliveries
