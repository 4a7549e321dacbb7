"""QUE-1, QUE-3, QUE-5: dead letters, redrive and what operators see."""

import pytest
from tests.contract.queue.adapters import QueueAdapter

from academy.application.ports.job_queue import OutgoingMessage, QueueMissing, QueueSettings, QueueUnavailable

BODY = '{"job": 1}'


async def make(adapter: QueueAdapter, max_receives: int = 2) -> str:
    settings = QueueSettings(f"{adapter.prefix}-jobs", max_receives=max_receives)
    await adapter.queue.create([settings])
    await adapter.queue.publish(settings.name, [OutgoingMessage(BODY, "t", attributes={"producer": "api"})])
    return settings.name


async def exhaust(adapter: QueueAdapter, queue: str, receives: int) -> None:
    """Receive and give back, as a worker does that dies each time."""
    for count in range(1, receives + 1):
        (delivery,) = await adapter.queue.receive(queue, 10, 1, 30)
        assert delivery.receive_count == count
        await adapter.queue.extend([delivery.receipt], 0)
    assert await adapter.queue.receive(queue, 10, 0, 30) == []


@pytest.mark.requirement("QUE-3")
async def test_broker_dead_letters_after_max_receives(adapter: QueueAdapter) -> None:
    queue = await make(adapter, max_receives=2)
    await exhaust(adapter, queue, 2)
    (dead,) = await adapter.queue.dead_letters(queue, 10)
    assert dead.body == BODY
    assert dead.reason == "max_receives_exceeded"
    depth = await adapter.queue.depth(queue)
    assert (depth.visible, depth.in_flight) == (0, 0)


@pytest.mark.requirement("QUE-1")
async def test_message_within_max_receives_stays(adapter: QueueAdapter) -> None:
    queue = await make(adapter, max_receives=3)
    for _ in range(3):
        (delivery,) = await adapter.queue.receive(queue, 10, 1, 30)
        await adapter.queue.extend([delivery.receipt], 0)
    assert await adapter.queue.dead_letters(queue, 10) == []


@pytest.mark.requirement("QUE-5")
async def test_dead_letter_moves_a_message_at_once_with_its_reason(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    (delivery,) = await adapter.queue.receive(queue, 10, 1, 1)
    await adapter.queue.dead_letter(delivery, "invalid_envelope: payload.video_id is missing")
    (dead,) = await adapter.queue.dead_letters(queue, 10)
    assert dead.body == BODY
    assert dead.reason == "invalid_envelope: payload.video_id is missing"
    await adapter.pass_time(1.1)
    assert await adapter.queue.receive(queue, 10, 0, 30) == []


async def test_looking_at_dead_letters_leaves_them_there(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    (delivery,) = await adapter.queue.receive(queue, 10, 1, 30)
    await adapter.queue.dead_letter(delivery, "invalid")
    for _ in range(2):
        assert len(await adapter.queue.dead_letters(queue, 10)) == 1


@pytest.mark.requirement("QUE-3")
async def test_redrive_brings_messages_back_with_receive_counts_afresh(adapter: QueueAdapter) -> None:
    queue = await make(adapter, max_receives=2)
    await exhaust(adapter, queue, 2)
    assert await adapter.queue.redrive(queue, 10) == 1
    (delivery,) = await adapter.queue.receive(queue, 10, 1, 30)
    assert delivery.body == BODY
    assert delivery.receive_count == 1
    assert dict(delivery.attributes) == {"producer": "api"}
    assert await adapter.queue.dead_letters(queue, 10) == []


@pytest.mark.requirement("QUE-3")
async def test_redrive_moves_no_more_than_asked(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    await adapter.queue.publish(queue, [OutgoingMessage(BODY, "t"), OutgoingMessage(BODY, "t")])
    for _ in range(3):
        (delivery,) = await adapter.queue.receive(queue, 1, 1, 30)
        await adapter.queue.dead_letter(delivery, "invalid")
    assert await adapter.queue.redrive(queue, 2) == 2
    assert len(await adapter.queue.dead_letters(queue, 10)) == 1
    assert await adapter.queue.redrive(queue, 10) == 1
    assert await adapter.queue.redrive(queue, 10) == 0


async def test_redriven_message_cannot_be_acked_with_a_receipt_from_before(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    (old,) = await adapter.queue.receive(queue, 10, 1, 30)
    await adapter.queue.dead_letter(old, "invalid")
    await adapter.queue.redrive(queue, 10)
    (new,) = await adapter.queue.receive(queue, 10, 1, 30)
    await adapter.queue.ack([old.receipt])
    assert (await adapter.queue.depth(queue)).in_flight == 1
    assert list(await adapter.queue.ack([new.receipt])) == []


@pytest.mark.requirement("QUE-1")
async def test_creating_twice_changes_nothing(adapter: QueueAdapter) -> None:
    settings = [QueueSettings(f"{adapter.prefix}-{name}", 60, 10) for name in ("a", "b")]
    made = await adapter.queue.create(settings)
    assert {each.name for each in settings} <= set(made)
    await adapter.queue.publish(settings[0].name, [OutgoingMessage(BODY, "t")])
    assert list(await adapter.queue.create(settings)) == []
    assert (await adapter.queue.depth(settings[0].name)).visible == 1


@pytest.mark.requirement("QUE-1")
async def test_creating_with_other_settings_brings_them_up_to_date(adapter: QueueAdapter) -> None:
    queue = await make(adapter, max_receives=9)
    assert queue in await adapter.queue.create([QueueSettings(queue, max_receives=1)])
    await exhaust(adapter, queue, 1)
    assert len(await adapter.queue.dead_letters(queue, 10)) == 1


async def test_depth_tells_visible_in_flight_and_delayed_apart(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    await adapter.queue.publish(
        queue, [OutgoingMessage(BODY, "t"), OutgoingMessage(BODY, "t", delay_seconds=60)]
    )
    await adapter.queue.receive(queue, 1, 1, 30)
    depth = await adapter.queue.depth(queue)
    assert (depth.visible, depth.in_flight, depth.delayed) == (1, 1, 1)


@pytest.mark.requirement("QUE-6")
async def test_operators_hear_of_a_missing_queue(adapter: QueueAdapter) -> None:
    missing = f"{adapter.prefix}-missing"
    with pytest.raises(QueueMissing):
        await adapter.queue.dead_letters(missing, 10)
    with pytest.raises(QueueMissing):
        await adapter.queue.redrive(missing, 10)


@pytest.mark.requirement("QUE-6")
async def test_outage_is_an_error_in_every_call(adapter: QueueAdapter) -> None:
    queue = await make(adapter)
    (delivery,) = await adapter.queue.receive(queue, 10, 1, 30)
    gone = adapter.unreachable
    calls = (
        lambda: gone.receive(queue, 10, 0, 30),
        lambda: gone.publish(queue, [OutgoingMessage(BODY)]),
        lambda: gone.ack([delivery.receipt]),
        lambda: gone.extend([delivery.receipt], 30),
        lambda: gone.dead_letter(delivery, "invalid"),
        lambda: gone.create([QueueSettings(queue)]),
        lambda: gone.depth(queue),
        lambda: gone.dead_letters(queue, 10),
        lambda: gone.redrive(queue, 10),
        gone.ping,
    )
    for call in calls:
        with pytest.raises(QueueUnavailable):
            await call()
    await adapter.queue.ping()
