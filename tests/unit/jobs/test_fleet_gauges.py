"""Gauges of the whole system: counted when scraped, and absent, never zero, when they are not known (API-4)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from tests.support.jobs import QUEUE, World
from tests.support.running import switchable

from academy.application.jobs.fleet import FleetGauges
from academy.application.ports.job_queue import QueueDepth, QueueUnavailable
from academy.application.ports.workers import WorkerBeat
from academy.infrastructure.memory.queue import MemoryJobQueue
from academy.infrastructure.prometheus.telemetry import PrometheusTelemetry

pytestmark = pytest.mark.requirement("API-4")
T = TypeVar("T")


class Counted(MemoryJobQueue):
    """A queue that notes how often it is counted and can be away."""

    counts = 0
    away = False

    async def depth(self, queue: str) -> QueueDepth:
        self.counts += 1
        if self.away:
            raise QueueUnavailable("made unavailable")
        return await super().depth(queue)


def gauges(world: World, telemetry: PrometheusTelemetry) -> FleetGauges:
    world.queue.__class__ = Counted
    names = (QUEUE, "never-made")
    return FleetGauges(world.database, world.queue, world.types, names, telemetry, world.clock)


def shown(telemetry: PrometheusTelemetry) -> Callable[[str], float | None]:
    text = telemetry.exposition().decode()

    def value(name: str) -> float | None:
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None

    return value


async def test_queues_dead_letters_jobs_outbox_and_workers_are_counted(world: World) -> None:
    telemetry = PrometheusTelemetry()
    world.submit("a")
    world.submit("b")
    await world.publish("not json")
    (delivery,) = await world.receive(1)
    await world.queue.dead_letter(delivery, "no JSON")
    await world.publish("another")
    world.database.run_sync(lambda tx: tx.workers.beat(WorkerBeat("w1", (QUEUE,), 4, 1)))
    await gauges(world, telemetry).refresh()
    value = shown(telemetry)
    assert value(f'academy_queue_messages{{queue="{QUEUE}",state="visible"}}') == 1
    assert value(f'academy_queue_dead_letters{{queue="{QUEUE}"}}') == 1
    assert value('academy_jobs{state="PENDING",type="test.work"}') == 2
    assert value('academy_jobs{state="DEAD",type="test.work"}') == 0
    assert value("academy_outbox_due") == 2
    assert value('academy_workers{state="working"}') == 1
    assert value("academy_database_up") == value("academy_queue_up") == 1
    assert "never-made" not in telemetry.exposition().decode()


async def test_a_count_serves_every_scrape_of_the_next_ten_seconds(world: World) -> None:
    telemetry = PrometheusTelemetry()
    fleet = gauges(world, telemetry)
    for _ in range(3):
        await fleet.refresh()
    assert world.queue.counts == 4  # type: ignore[attr-defined]
    world.manual.advance(timedelta(seconds=11))
    await fleet.refresh()
    assert world.queue.counts == 8  # type: ignore[attr-defined]


async def test_an_outage_shows_as_itself_and_takes_its_gauges_away(world: World) -> None:
    telemetry = PrometheusTelemetry()
    database = switchable(world)
    fleet = gauges(world, telemetry)
    await fleet.refresh()
    world.queue.away = database.away = True  # type: ignore[attr-defined]
    world.manual.advance(timedelta(seconds=11))
    await fleet.refresh()
    value = shown(telemetry)
    assert value("academy_database_up") == value("academy_queue_up") == 0
    assert value(f'academy_queue_messages{{queue="{QUEUE}",state="visible"}}') is None
    assert value("academy_outbox_due") is None
    world.queue.away = database.away = False  # type: ignore[attr-defined]
    world.manual.advance(timedelta(seconds=11))
    await fleet.refresh()
    assert shown(telemetry)("academy_outbox_due") == 0


async def test_a_relay_is_no_worker_for_the_alert_that_none_works(world: World) -> None:
    telemetry = PrometheusTelemetry()
    world.database.run_sync(lambda tx: tx.workers.beat(WorkerBeat("outbox_relay@host:1", (), 0, 0)))
    await gauges(world, telemetry).refresh()
    assert shown(telemetry)('academy_workers{state="working"}') == 0
