"""QUE-3: visibility, receipts and receive counts are the same everywhere."""

import pytest
from tests.contract.queue.adapters import QueueAdapter

from academy.application.ports.job_queue import Delivery, OutgoingMessage, QueueSettings

pytestmark = pytest.mark.requirement("QUE-3")


@pytest.fixture
async def queue(adapter: QueueAdapter) -> str:
    """A queue with one message."""
    settings = QueueSettings(f"{adapter.prefix}-jobs")
    await adapter.queue.create([settings])
    await adapter.queue.publish(settings.name, [OutgoingMessage('{"job": 1}', "t")])
    return settings.name


async def receive(adapter: QueueAdapter, queue: str, visibility: int) -> Delivery:
    (delivery,) = await adapter.queue.receive(queue, 10, 1, visibility)
    return delivery


async def nothing(adapter: QueueAdapter, queue: str) -> bool:
    return not await adapter.queue.receive(queue, 10, 0, 1)


async def test_received_message_is_hidden_until_its_visibility_timeout_passes(
    adapter: QueueAdapter, queue: str
) -> None:
    first = await receive(adapter, queue, 2)
    assert await nothing(adapter, queue)
    await adapter.pass_time(2.1)
    second = await receive(adapter, queue, 30)
    assert second.message_id == first.message_id
    assert second.body == first.body


async def test_receive_count_grows_with_every_delivery(adapter: QueueAdapter, queue: str) -> None:
    counts: list[int] = []
    for _ in range(3):
        counts.append((await receive(adapter, queue, 1)).receive_count)
        await adapter.pass_time(1.1)
    assert counts == [1, 2, 3]


async def test_extend_keeps_a_message_hidden_longer(adapter: QueueAdapter, queue: str) -> None:
    delivery = await receive(adapter, queue, 1)
    assert list(await adapter.queue.extend([delivery.receipt], 4)) == []
    await adapter.pass_time(1.5)
    assert await nothing(adapter, queue)
    await adapter.pass_time(2.7)
    assert (await receive(adapter, queue, 30)).receive_count == 2


async def test_extend_by_zero_gives_a_message_back_at_once(adapter: QueueAdapter, queue: str) -> None:
    delivery = await receive(adapter, queue, 600)
    assert list(await adapter.queue.extend([delivery.receipt], 0)) == []
    again = await receive(adapter, queue, 30)
    assert again.message_id == delivery.message_id
    assert again.receive_count == 2


async def test_receipt_is_void_once_somebody_else_received_the_message(
    adapter: QueueAdapter, queue: str
) -> None:
    stale = await receive(adapter, queue, 1)
    await adapter.pass_time(1.1)
    fresh = await receive(adapter, queue, 30)
    await adapter.queue.ack([stale.receipt])
    assert (await adapter.queue.depth(queue)).in_flight == 1
    assert list(await adapter.queue.ack([fresh.receipt])) == []
    assert (await adapter.queue.depth(queue)).in_flight == 0


async def test_expired_receipt_still_acks_while_nobody_else_received_the_message(
    adapter: QueueAdapter, queue: str
) -> None:
    delivery = await receive(adapter, queue, 1)
    await adapter.pass_time(1.1)
    assert list(await adapter.queue.ack([delivery.receipt])) == []
    assert await nothing(adapter, queue)


async def test_extending_an_acked_message_reports_its_receipt_as_void(
    adapter: QueueAdapter, queue: str
) -> None:
    delivery = await receive(adapter, queue, 30)
    await adapter.queue.ack([delivery.receipt])
    assert list(await adapter.queue.extend([delivery.receipt], 60)) == [delivery.receipt]


async def test_extend_answers_for_each_receipt_of_a_batch(adapter: QueueAdapter, queue: str) -> None:
    acked = await receive(adapter, queue, 30)
    await adapter.queue.ack([acked.receipt])
    await adapter.queue.publish(queue, [OutgoingMessage('{"job": 2}', "t")])
    held = await receive(adapter, queue, 1)
    assert list(await adapter.queue.extend([acked.receipt, held.receipt], 60)) == [acked.receipt]
    await adapter.pass_time(1.5)
    assert await nothing(adapter, queue)
