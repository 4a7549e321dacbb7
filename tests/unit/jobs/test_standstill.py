"""What waits although nobody does it, judged without a database (OPS-5)."""

from datetime import UTC, datetime, timedelta

import pytest

from academy.application.jobs.standstill import QUEUE_WAITS, Present, of_queue
from academy.application.ports.job_queue import QueueDepth
from academy.application.ports.workers import SeenWorker, WorkerBeat

pytestmark = pytest.mark.requirement("OPS-5")
NOW = datetime(2026, 3, 2, tzinfo=UTC)
NOBODY = Present(NOW, ())
LONG = QUEUE_WAITS.total_seconds() + 1


def seen(name: str, *queues: str, ago: float = 0.0) -> Present:
    beat = WorkerBeat(name, queues, len(queues), 0)
    return Present(NOW, (SeenWorker(beat, NOW, NOW - timedelta(seconds=ago)),))


def test_a_broker_that_tells_no_age_is_said_to_tell_none() -> None:
    standing = of_queue("q", QueueDepth(3, 0, 0, None), NOBODY)
    assert (standing.ok, "does not tell for how long" in standing.text) == (False, True)
    assert of_queue("q", QueueDepth(0, 0, 0, None), NOBODY).ok
    assert of_queue("q", QueueDepth(3, 0, 0, None), seen("w@host:1", "q")).ok


def test_messages_in_flight_and_delayed_wait_for_no_worker() -> None:
    assert of_queue("q", QueueDepth(0, 5, 5, LONG), NOBODY).ok


@pytest.mark.parametrize("present", [NOBODY, seen("w@host:1", "other"), seen("w@host:1", "q", ago=40)])
def test_only_a_living_worker_of_the_same_queue_counts(present: Present) -> None:
    assert not of_queue("q", QueueDepth(1, 0, 0, LONG), present).ok
