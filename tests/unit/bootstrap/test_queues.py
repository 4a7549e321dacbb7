"""Every queue of the system has the name and the settings that operators and producers rely on."""

import pytest

from academy.bootstrap.queues import queue_plan
from academy.bootstrap.settings import Settings

NAMES = [
    "academy-video-jobs",
    "academy-ai-jobs-lite",
    "academy-ai-jobs-basic",
    "academy-ai-jobs-premium",
    "academy-messaging-jobs",
    "academy-graph-requests",
    "academy-graph-results",
]


@pytest.mark.requirement("QUE-1")
def test_every_queue_is_planned_as_the_producers_know_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACADEMY_QUEUE_MESSAGING", "texts")
    plan = {queue.name: queue for queue in queue_plan(Settings())}
    assert list(plan) == [name if name != "academy-messaging-jobs" else "texts" for name in NAMES]
    assert {queue.dead_letter_name for queue in plan.values()} == {f"{name}-dlq" for name in plan}
    assert {
        name: queue.visibility_seconds for name, queue in plan.items() if queue.visibility_seconds != 120
    } == {"texts": 60}
    kept = {(q.retention_days, q.long_poll_seconds, q.max_receives) for q in plan.values()}
    assert kept == {(14, 20, 10)}
