"""Publish what the outbox holds (JOB-6): after commit, again after a crash, never lost."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from academy.application.claim_check import check_in
from academy.application.ports.database import Database, DatabaseUnavailable, OutboxRow
from academy.application.ports.job_queue import (
    JobPublisher,
    MessageTooLarge,
    OutgoingMessage,
    QueueError,
)
from academy.application.ports.object_store import ObjectStore, ObjectStoreUnavailable
from academy.application.ports.telemetry import NoTracer, Telemetry, Tracer

__all__ = ["OutboxRelay"]

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 100
PUBLISHES_AT_ONCE = 4
LONGEST_REST_SECONDS = 1.0
"""Rows that another process commits are seen this late at most."""
FAILED_REST = timedelta(seconds=5)


class OutboxRelay:
    """Moves committed messages to the broker; several may run, each row is one's own for the length of a lease.

    A crash between publishing and removing publishes a row twice, which claims make harmless.
    """

    def __init__(
        self,
        database: Database,
        publisher: JobPublisher,
        telemetry: Telemetry,
        claims: ObjectStore | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        """Relay from `database` to `publisher`; woken by commits of this process, else once a second.

        Bodies too large for the queue go to `claims` and travel as claim checks (QUE-7).
        """
        self._database = database
        self._publisher = publisher
        self._telemetry = telemetry
        self._claims = claims
        self._tracer = tracer or NoTracer()
        self._wake = asyncio.Event()
        self._healthy = True
        self._refused = False

    def alive(self) -> bool:
        """Return whether the last look into the outbox succeeded."""
        return self._healthy

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop` is set. Must be started on the loop that the wake-up is meant for."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            # A commit after the end of the relay (its loop closed) needs nobody to be woken.
            if not stop.is_set():
                loop.call_soon_threadsafe(self._wake.set)

        self._database.on_outbox(wake)
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                try:
                    moved = await self.relay_once()
                    self._healthy = True
                except DatabaseUnavailable as error:
                    log.warning("relay_failed", extra={"error": str(error)})
                    self._healthy = False
                    moved = 0
                if self._refused:
                    # Nobody took anything: without a rest a long outbox would be offered round and round.
                    await asyncio.wait({stopping}, timeout=LONGEST_REST_SECONDS)
                elif not moved:
                    waking = asyncio.create_task(self._wake.wait())
                    await asyncio.wait(
                        {waking, stopping}, timeout=LONGEST_REST_SECONDS, return_when=asyncio.FIRST_COMPLETED
                    )
                    waking.cancel()
        finally:
            stopping.cancel()

    async def relay_once(self) -> int:
        """Publish one batch of due rows; return how many were taken. Raises DatabaseUnavailable."""
        # Neither taking nor removing need survive a power cut: what is published twice does no harm.
        rows = await self._database.run(lambda tx: tx.outbox.take(BATCH, LEASE), relaxed=True)
        by_queue: dict[str, list[OutboxRow]] = defaultdict(list)
        for row in rows:
            by_queue[row.queue].append(row)
        size = self._publisher.largest_publish
        groups = [
            (queue, queued[start : start + size])
            for queue, queued in by_queue.items()
            for start in range(0, len(queued), size)
        ]
        some = asyncio.Semaphore(PUBLISHES_AT_ONCE)

        async def publish(queue: str, group: Sequence[OutboxRow]) -> list[int]:
            async with some:
                return await self._publish(queue, group)

        published = await asyncio.gather(*(publish(queue, group) for queue, group in groups))
        done = [row_id for row_ids in published for row_id in row_ids]
        self._refused = bool(rows) and not done
        if done:
            await self._database.run(lambda tx: tx.outbox.published(done), relaxed=True)
        return len(rows)

    async def _publish(self, queue: str, rows: Sequence[OutboxRow]) -> list[int]:
        """Publish up to `largest_publish` rows of one queue; return the ids of those the broker has. The others are put back."""
        messages = await asyncio.gather(*map(self._message, rows))
        ready = [(row, message) for row, message in zip(rows, messages, strict=True) if message is not None]
        if not ready:
            return []
        traces = (row.attributes.get("traceparent", "") for row, _ in ready)
        publishing = self._tracer.spans("publish", traces, queue=queue)
        try:
            refused = set(await self._publisher.publish(queue, [message for _, message in ready]))
        except MessageTooLarge as error:
            if len(ready) == 1:
                await self._put_back([row for row, _ in ready], error)
                return []
            # One that no broker takes must not keep the others back.
            return [row_id for row, _ in ready for row_id in await self._publish(queue, [row])]
        except QueueError as error:
            await self._put_back([row for row, _ in ready], error)
            return []
        finally:
            publishing.end()
        back = [row for index, (row, _) in enumerate(ready) if index in refused]
        if back:
            await self._put_back(back, QueueError("the broker did not take the message"))
        done = [row.id for index, (row, _) in enumerate(ready) if index not in refused]
        self._telemetry.count("academy_published_total", float(len(done)), queue=queue)
        return done

    async def _message(self, row: OutboxRow) -> OutgoingMessage | None:
        """Return what to publish, None when the body could not be checked in; the row was put back then."""
        body = row.body
        if self._claims is not None:
            try:
                body = await check_in(self._claims, row.body, row.group)
            except (ObjectStoreUnavailable, ValueError) as error:
                await self._put_back([row], error)
                return None
        return OutgoingMessage(body, row.group, 0, row.attributes)

    async def _put_back(self, rows: Sequence[OutboxRow], error: Exception) -> None:
        queue = rows[0].queue
        mend = {"mend": error.mend} if isinstance(error, QueueError) and error.mend else {}
        log.warning(
            "publish_failed", extra={"queue": queue, "messages": len(rows), "error": str(error), **mend}
        )
        self._telemetry.count("academy_publish_failures_total", queue=queue)
        ids = [row.id for row in rows]
        text = f"{type(error).__name__}: {error}"[:500]
        await self._database.run(lambda tx: tx.outbox.failed(ids, text, FAILED_REST))
