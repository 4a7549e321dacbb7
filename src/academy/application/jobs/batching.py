"""Group single calls into batches: while one batch is under way the next one gathers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

__all__ = ["Batcher"]

T = TypeVar("T")
R = TypeVar("R")


class Batcher(Generic[T, R]):
    """Collects items and hands them to `flush` together; every caller gets the answer to its own item.

    `flush` returns one answer per item, in order; when it raises, every caller of that batch gets the error. A call that
    is cancelled does not take its item out of the batch.
    """

    def __init__(self, flush: Callable[[Sequence[T]], Awaitable[Sequence[R]]], most: int = 100) -> None:
        """Batch calls of at most `most` items each."""
        self._flush = flush
        self._most = most
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._runner: asyncio.Task[None] | None = None

    async def add(self, item: T) -> R:
        """Put an item into the next batch and wait for its answer."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._drain(), name="batcher")
        return await answer

    async def _drain(self) -> None:
        # One turn of the loop lets jobs that end together settle together.
        await asyncio.sleep(0)
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._send(batch)

    async def _send(self, batch: Sequence[tuple[T, "asyncio.Future[R]"]]) -> None:
        try:
            answers = await self._flush([item for item, _ in batch])
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
        except Exception as error:  # noqa: BLE001 - handed on to every caller of the batch
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
