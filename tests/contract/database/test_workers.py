"""OPS-5: operators see which workers are alive."""

from datetime import timedelta

import pytest
from tests.contract.database.conftest import Place

from academy.application.ports.workers import SeenWorker, WorkerBeat

pytestmark = pytest.mark.requirement("OPS-5")


def beat(place: Place, name: str, running: int = 0, *, draining: bool = False) -> WorkerBeat:
    said = WorkerBeat(name, ("lite", "basic"), 4, running, draining)
    place.database.run_sync(lambda tx: tx.workers.beat(said))
    return said


def seen(place: Place) -> list[SeenWorker]:
    return list(place.database.read_sync(lambda tx: tx.workers.list()))


def test_worker_is_listed_as_it_last_said(place: Place) -> None:
    beat(place, "b@host:2")
    beat(place, "a@host:1")
    (first, _) = seen(place)
    place.pass_time(10)
    last = beat(place, "a@host:1", running=3, draining=True)
    (now, other) = seen(place)
    assert now.beat == last
    assert other.beat.name == "b@host:2"
    assert now.started_at <= first.started_at
    assert now.seen_at - now.started_at >= timedelta(seconds=9)


def test_worker_that_stopped_in_order_is_gone(place: Place) -> None:
    beat(place, "a")
    place.database.run_sync(lambda tx: tx.workers.gone("a"))
    place.database.run_sync(lambda tx: tx.workers.gone("a"))
    assert seen(place) == []


def test_worker_that_fell_silent_is_trimmed(place: Place) -> None:
    beat(place, "silent")
    place.pass_time(100)
    beat(place, "alive")
    assert place.database.run_sync(lambda tx: tx.workers.trim(timedelta(seconds=60))) == 1
    assert [each.beat.name for each in seen(place)] == ["alive"]
