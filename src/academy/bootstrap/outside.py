"""An embedded installation as a back end beside it sees it: a bucket and queues, by their names (CON-2)."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from academy.application.ports.job_queue import OutgoingMessage
from academy.bootstrap.backends import Backends, open_backends
from academy.bootstrap.settings import Objects, Profile, ProgressBackend, Queues, load_settings

__all__ = ["OutsideSystem"]

_HELD_SECONDS = 60
_WAIT_SECONDS = 0.2
_AT_ONCE = 10


class OutsideSystem:
    """The bucket of documents and the queues of the installation in a folder. A context; methods block.

    Nothing of this process's environment counts: the demonstration runs without it, too.
    """

    def __init__(self, data_dir: Path) -> None:
        """Use the installation that keeps its data in `data_dir`."""
        self._data_dir = data_dir
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._backends: Backends | None = None

    def __enter__(self) -> Self:
        settings = load_settings(
            profile=Profile.EMBEDDED,
            data_dir=self._data_dir,
            database_url="",
            queue_backend=Queues.SQL,
            objects_backend=Objects.FOLDER,
            progress_backend=ProgressBackend.DATABASE,
            otlp_endpoint="",
        )
        self._backends = self._runner.run(self._stack.enter_async_context(open_backends(settings)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._runner.run(self._stack.aclose())
        finally:
            self._runner.close()

    def put(self, key: str, file: Path) -> None:
        """Store a file under a key. Raises ObjectStoreUnavailable."""
        self._runner.run(self._opened.ai_objects.put(key, file))

    def fetch(self, key: str, target: Path) -> None:
        """Bring an object. Raises ObjectMissing, ObjectStoreUnavailable."""
        self._runner.run(self._opened.ai_objects.download(key, target))

    def send(self, queue: str, text: str) -> None:
        """Put a message on a queue. Raises QueueUnavailable."""
        self._runner.run(self._opened.queue.publish(queue, [OutgoingMessage(text)]))

    def take(self, queue: str) -> list[str]:
        """Take what waits on a queue, waiting a little where nothing does. Raises QueueUnavailable."""
        return self._runner.run(self._take(queue))

    async def _take(self, queue: str) -> list[str]:
        consumer = self._opened.queue
        found = await consumer.receive(queue, _AT_ONCE, _WAIT_SECONDS, _HELD_SECONDS)
        if found:
            await consumer.ack([each.receipt for each in found])
        return [each.body for each in found]

    @property
    def _opened(self) -> Backends:
        assert self._backends is not None
        return self._backends
