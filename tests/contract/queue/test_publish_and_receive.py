"""QUE-3: what every queue does with messages that are published, received and acked."""

import asyncio
import json

import pytest
from tests.contract.queue.adapters import QueueAdapter

from academy.application.ports.job_queue import (
    MAX_BODY_BYTES,
    MessageTooLarge,
    OutgoingMessage,
    QueueMissing,
    QueueSettings,
    Receipt,
)

pytestmark = [pytest.mark.requirement("QUE-3"), pytest.mark.requirement("QUE-2")]


def body(value: object) -> str:
    return json.dumps({"value": value}, ensure_ascii=False)


async def make(adapter: QueueAdapter, name: str = "jobs", **changes: int) -> str:
    settings = QueueSettings(f"{adapter.prefix}-{name}", **{"visibility_seconds": 30, **changes})
    await adapter.queue.create([settings])
    return settings.name


async def publish(adapter: QueueAdapter, queue: str, *values: object) -> None:
    rejected = await adapter.queue.publish(
        queue, [OutgoingMessage(body(value), "tenant-1") for value in values]
    )
    assert list(rejected) == []


async def drain(adapter: QueueAdapter, queue: str, visibility: int = 30) -> list[str]:
    """Receive until nothing comes; brokers may hand out fewer than there are."""
    found: list[str] = []
    while batch := await adapter.queue.receive(queue, 10, 0, visibility):
        found += [delivery.body for delivery in batch]
    return found


async def test_message_comes_out_as_it_went_in(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    text = body('한글 "quoted" \\ 😀 \t line\n :colon %percent {brace}')
    attributes = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "producer": "api"}
    await adapter.queue.publish(queue, [OutgoingMessage(text, "tenant-1", 0, attributes)])
    (delivery,) = await adapter.queue.receive(queue, 10, 1, 30)
    assert delivery.body == text
    assert dict(delivery.attributes) == attributes
    assert delivery.receive_count == 1
    assert delivery.sent_at.utcoffset() is not None
    assert delivery.receipt.queue == queue


async def test_ten_messages_travel_in_one_batch_and_each_arrives_once(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    await publish(adapter, queue, *range(10))
    found = await drain(adapter, queue)
    assert sorted(found) == sorted(body(number) for number in range(10))


async def test_no_more_than_asked_for_is_received(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    await publish(adapter, queue, 1, 2, 3)
    assert len(await adapter.queue.receive(queue, 2, 0, 30)) <= 2


@pytest.mark.parametrize("beyond", [False, True])
async def test_batches_outside_the_limit_are_refused(adapter: QueueAdapter, beyond: bool) -> None:
    queue = await make(adapter)
    largest = adapter.queue.largest_receive
    assert largest >= 10
    with pytest.raises(ValueError, match=str(largest)):
        await adapter.queue.receive(queue, largest + 1 if beyond else 0, 0, 30)


async def test_publishing_more_than_the_largest_batch_is_refused_and_publishes_none(
    adapter: QueueAdapter,
) -> None:
    queue = await make(adapter)
    most = adapter.queue.largest_publish
    with pytest.raises(ValueError, match=str(most)):
        await adapter.queue.publish(queue, [OutgoingMessage(body(number)) for number in range(most + 1)])
    assert await adapter.queue.receive(queue, 10, 0, 30) == []


async def test_publishing_nothing_changes_nothing(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    assert list(await adapter.queue.publish(queue, [])) == []
    assert await adapter.queue.receive(queue, 10, 0, 30) == []


async def test_body_at_the_limit_passes(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    text = json.dumps("x" * (MAX_BODY_BYTES - 2))
    assert list(await adapter.queue.publish(queue, [OutgoingMessage(text, "t")])) == []
    (delivery,) = await adapter.queue.receive(queue, 10, 1, 30)
    assert delivery.body == text


async def test_body_over_the_limit_is_refused_and_nothing_of_the_batch_published(
    adapter: QueueAdapter,
) -> None:
    queue = await make(adapter)
    # Counted in bytes: a Korean syllable has three.
    big = json.dumps("가" * (MAX_BODY_BYTES // 3), ensure_ascii=False)
    with pytest.raises(MessageTooLarge):
        await adapter.queue.publish(queue, [OutgoingMessage(body("small")), OutgoingMessage(big)])
    assert await adapter.queue.receive(queue, 10, 0, 30) == []


async def test_delayed_message_stays_hidden_until_its_time(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    await adapter.queue.publish(queue, [OutgoingMessage(body("later"), "t", delay_seconds=2)])
    assert await adapter.queue.receive(queue, 10, 0, 30) == []
    await adapter.pass_time(2.1)
    (delivery,) = await adapter.queue.receive(queue, 10, 1, 30)
    assert delivery.body == body("later")
    assert delivery.receive_count == 1


async def test_acked_message_never_comes_back(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    await publish(adapter, queue, "once")
    (delivery,) = await adapter.queue.receive(queue, 10, 1, 1)
    assert list(await adapter.queue.ack([delivery.receipt])) == []
    await adapter.pass_time(1.1)
    assert await adapter.queue.receive(queue, 10, 0, 30) == []


async def test_acking_twice_is_no_error(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    await publish(adapter, queue, "once")
    (delivery,) = await adapter.queue.receive(queue, 10, 1, 30)
    assert list(await adapter.queue.ack([delivery.receipt])) == []
    assert list(await adapter.queue.ack([delivery.receipt])) == []


async def test_any_number_of_receipts_of_several_queues_is_acked_at_once(adapter: QueueAdapter) -> None:
    queues = [await make(adapter, name) for name in ("one", "two")]
    receipts: list[Receipt] = []
    for queue in queues:
        await publish(adapter, queue, *range(10))
        await publish(adapter, queue, 10, 11)
        for _ in range(12):
            receipts += [delivery.receipt for delivery in await adapter.queue.receive(queue, 10, 0, 30)]
    assert len(receipts) == 24
    assert list(await adapter.queue.ack(receipts)) == []
    for queue in queues:
        depth = await adapter.queue.depth(queue)
        assert depth.visible + depth.in_flight == 0


async def test_acking_nothing_is_no_error(adapter: QueueAdapter) -> None:
    assert list(await adapter.queue.ack([])) == []
    assert list(await adapter.queue.extend([], 30)) == []


async def test_concurrent_receivers_never_share_a_message(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    for _ in range(12):
        for start in range(0, 30, 10):
            await publish(adapter, queue, *range(start, start + 10))
        batches = await asyncio.gather(*(adapter.queue.receive(queue, 10, 0, 30) for _ in range(8)))
        found = [delivery.body for batch in batches for delivery in batch] + await drain(adapter, queue)
        assert sorted(found) == sorted(body(number) for number in range(30))


@pytest.mark.requirement("QUE-6")
async def test_missing_queue_is_an_error_and_not_an_empty_one(adapter: QueueAdapter) -> None:
    missing = f"{adapter.prefix}-missing"
    with pytest.raises(QueueMissing):
        await adapter.queue.receive(missing, 10, 0, 30)
    with pytest.raises(QueueMissing):
        await adapter.queue.publish(missing, [OutgoingMessage(body(1))])
    with pytest.raises(QueueMissing):
        await adapter.queue.depth(missing)


async def test_waiting_receive_wakes_when_a_message_arrives(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    waiting = asyncio.ensure_future(adapter.queue.receive(queue, 10, 20, 30))
    done, _ = await asyncio.wait([waiting], timeout=0.2)
    assert not done
    await publish(adapter, queue, "wake")
    # Far less than the 20 s that it may wait.
    (delivery,) = await asyncio.wait_for(waiting, 8)
    assert delivery.body == body("wake")


async def test_waiting_receive_ends_empty_when_nothing_comes(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await adapter.queue.receive(queue, 10, 1, 30) == []
    assert loop.time() - began >= 0.9


async def test_queues_do_not_mix(adapter: QueueAdapter) -> None:
    one, two = await make(adapter, "one"), await make(adapter, "two")
    await publish(adapter, one, "for one")
    assert await adapter.queue.receive(two, 10, 0, 30) == []
    assert await drain(adapter, one) == [body("for one")]
