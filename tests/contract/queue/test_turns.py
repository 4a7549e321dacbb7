"""QUE-4: groups that wait are served in turn, whatever else waits."""

from collections.abc import Sequence

import pytest
from tests.contract.queue.adapters import ADAPTERS, QueueAdapter

from academy.application.ports.job_queue import Delivery, OutgoingMessage, QueueSettings

# Amazon promises the same of its fair queues; the servers that stand for it in tests do not keep it.
FAIR = [name for name in ADAPTERS if name != "sqs"]
pytestmark = [
    pytest.mark.requirement("QUE-4"),
    pytest.mark.parametrize("adapter", FAIR, indirect=True),
]


@pytest.fixture
async def queue(adapter: QueueAdapter) -> str:
    settings = QueueSettings(f"{adapter.prefix}-jobs", max_receives=3)
    await adapter.queue.create([settings])
    return settings.name


async def publish(
    adapter: QueueAdapter, queue: str, group: str, count: int, start: int = 0, delay: int = 0
) -> None:
    bodies = [f"{group} {number}" for number in range(start, start + count)]
    for at in range(0, count, 10):
        await adapter.queue.publish(
            queue, [OutgoingMessage(body, group, delay) for body in bodies[at : at + 10]]
        )


async def batch(adapter: QueueAdapter, queue: str, size: int = 10) -> Sequence[Delivery]:
    return await adapter.queue.receive(queue, size, 0, 600)


def groups(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.body.partition(" ")[0] for delivery in deliveries]


async def test_messages_of_others_come_next_though_thousands_of_one_tenant_wait(
    adapter: QueueAdapter, queue: str
) -> None:
    await publish(adapter, queue, "heavy", 2_000)
    await batch(adapter, queue)
    for name in ("a", "b", "c"):
        await publish(adapter, queue, name, 1)
    found = groups(await batch(adapter, queue)) + groups(await batch(adapter, queue))
    assert {"a", "b", "c"} <= set(found)


async def test_tenants_share_evenly_and_each_in_its_own_order(adapter: QueueAdapter, queue: str) -> None:
    await publish(adapter, queue, "heavy", 300)
    await publish(adapter, queue, "light", 20)
    found = [delivery.body for _ in range(5) for delivery in await batch(adapter, queue)]
    light = [body for body in found if body.startswith("light")]
    assert light == [f"light {number}" for number in range(20)]
    heavy = [body for body in found if body.startswith("heavy")]
    assert heavy == [f"heavy {number}" for number in range(30)]


async def test_tenant_that_was_idle_has_no_credit(adapter: QueueAdapter, queue: str) -> None:
    await publish(adapter, queue, "busy", 300)
    for _ in range(10):
        await adapter.queue.ack([delivery.receipt for delivery in await batch(adapter, queue)])
    await publish(adapter, queue, "idle", 300)
    found = [name for _ in range(6) for name in groups(await batch(adapter, queue))]
    assert 25 <= found.count("busy") <= 35


async def test_stream_of_small_tenants_does_not_starve_the_one_with_many(
    adapter: QueueAdapter, queue: str
) -> None:
    await publish(adapter, queue, "heavy", 20)
    found: list[str] = []
    # As many new messages, each of a tenant that has no other, as are received.
    for turn in range(8):
        for number in range(10):
            await publish(adapter, queue, f"small{number}", 1, turn)
        deliveries = await batch(adapter, queue)
        found += groups(deliveries)
        await adapter.queue.ack([delivery.receipt for delivery in deliveries])
    assert found.count("heavy") >= 6


async def test_messages_without_a_group_are_one_group(adapter: QueueAdapter, queue: str) -> None:
    for _ in range(20):
        await adapter.queue.publish(queue, [OutgoingMessage("none", "") for _ in range(10)])
    await publish(adapter, queue, "a", 1)
    assert "a" in groups(await batch(adapter, queue))


async def test_message_that_came_back_is_found_though_the_line_never_ends(
    adapter: QueueAdapter, queue: str
) -> None:
    await publish(adapter, queue, "heavy", 100)
    (first,) = await adapter.queue.receive(queue, 1, 0, 5)
    await adapter.pass_time(5.1)
    found: set[str] = set()
    for _ in range(1_000):
        await publish(adapter, queue, "heavy", 10)
        found |= {delivery.message_id for delivery in await batch(adapter, queue)}
        if first.message_id in found:
            break
    assert first.message_id in found
    assert len(await batch(adapter, queue)) == 10


async def test_message_given_back_is_next(adapter: QueueAdapter, queue: str) -> None:
    await publish(adapter, queue, "heavy", 100)
    first, *_ = await batch(adapter, queue)
    await adapter.queue.extend([first.receipt], 0)
    assert first.message_id in {delivery.message_id for delivery in await batch(adapter, queue)}


async def test_delayed_messages_that_come_due_together_do_not_delay_others(
    adapter: QueueAdapter, queue: str
) -> None:
    await publish(adapter, queue, "heavy", 300, delay=5)
    await publish(adapter, queue, "light", 1, delay=5)
    await adapter.pass_time(5.1)
    found = groups(await batch(adapter, queue))
    await publish(adapter, queue, "now", 1)
    found += groups(await batch(adapter, queue)) + groups(await batch(adapter, queue))
    assert {"now", "light"} <= set(found)


async def test_hidden_messages_do_not_stand_in_the_way(adapter: QueueAdapter, queue: str) -> None:
    await publish(adapter, queue, "heavy", 200, delay=600)
    for _ in range(3):
        await publish(adapter, queue, "flight", 10)
        await batch(adapter, queue)
    await publish(adapter, queue, "a", 2)
    assert groups(await batch(adapter, queue)) == ["a", "a"]


async def test_redriven_messages_take_turns_like_new_ones(adapter: QueueAdapter, queue: str) -> None:
    await publish(adapter, queue, "heavy", 100)
    for _ in range(10):
        for delivery in await batch(adapter, queue):
            await adapter.queue.dead_letter(delivery, "invalid")
    await publish(adapter, queue, "other", 30)
    assert await adapter.queue.redrive(queue, 100) == 100
    await publish(adapter, queue, "a", 1)
    found = [name for _ in range(2) for name in groups(await batch(adapter, queue))]
    assert "a" in found
    assert found.count("heavy") <= 12
    assert found.count("other") >= 7


async def test_a_hundred_come_in_one_receive_where_the_broker_allows(
    adapter: QueueAdapter, queue: str
) -> None:
    most = adapter.queue.largest_receive
    await publish(adapter, queue, "heavy", 100)
    assert len(await batch(adapter, queue, most)) == most
