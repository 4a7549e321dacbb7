"""Single calls are grouped, and every caller gets its own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from academy.application.jobs.batching import Batcher


@pytest.mark.requirement("JOB-2")
async def test_calls_that_come_together_go_together() -> None:
    batches: list[list[int]] = []
    begun, gate = asyncio.Event(), asyncio.Event()

    async def flush(items: Sequence[int]) -> list[int]:
        batches.append(list(items))
        begun.set()
        await gate.wait()
        return [item * 10 for item in items]

    batcher = Batcher(flush, most=4)
    first = [asyncio.create_task(batcher.add(n)) for n in range(3)]
    await begun.wait()
    # While one batch is under way, the next gathers, and is cut at its limit.
    second = [asyncio.create_task(batcher.add(n)) for n in range(3, 10)]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*first, *second) == [n * 10 for n in range(10)]
    assert batches == [[0, 1, 2], [3, 4, 5, 6], [7, 8, 9]]
    assert await batcher.add(11) == 110


async def test_an_error_reaches_every_caller_of_its_batch_and_nobody_else() -> None:
    async def flush(items: Sequence[int]) -> list[int]:
        if 0 in items:
            raise ValueError("no")
        return list(items)

    batcher = Batcher(flush, most=2)
    answers = await asyncio.gather(*(batcher.add(n) for n in range(4)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ValueError, ValueError, int, int]


async def test_a_missing_answer_is_an_error_and_not_a_wait_for_ever() -> None:
    async def flush(items: Sequence[int]) -> list[int]:
        return list(items)[:-1]

    batcher = Batcher(flush)
    async with asyncio.timeout(2):
        answers = await asyncio.gather(*(batcher.add(n) for n in range(3)), return_exceptions=True)
    assert answers[:2] == [0, 1]
    assert isinstance(answers[2], ValueError)


async def test_a_caller_that_gives_up_does_not_take_its_item_back() -> None:
    seen: list[int] = []

    async def flush(items: Sequence[int]) -> list[int]:
        seen.extend(items)
        return list(items)

    batcher = Batcher(flush)
    calls = [asyncio.create_task(batcher.add(n)) for n in range(3)]
    await asyncio.sleep(0)
    calls[1].cancel()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert seen == [0, 1, 2]
    assert (answers[0], answers[2]) == (0, 2)
    assert isinstance(answers[1], asyncio.CancelledError)
