"""Whether anybody does what waits: the outbox without a relay, timers without a reconciler, a queue without a worker (OPS-5).

What has just come waits for nobody yet, so each of them has a bound; nothing that waits is never a fault, whoever runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from academy.application.jobs.fleet import UNSEEN_AFTER
from academy.application.jobs.reconcile import GRACE
from academy.application.ports.job_queue import QueueDepth
from academy.application.ports.workers import SeenWorker

__all__ = [
    "OUTBOX_WAITS",
    "QUEUE_WAITS",
    "RECONCILER",
    "RELAY",
    "TIMERS_LATE",
    "WORKS_LATE",
    "Present",
    "Standing",
    "of_outbox",
    "of_queue",
    "of_timers",
]

RELAY, RECONCILER = "outbox_relay", "reconciler"
"""What their rows among the workers begin with."""
OUTBOX_WAITS = timedelta(seconds=10)
"""A relay publishes within a second; without one nothing leaves the outbox."""
WORKS_LATE = timedelta(seconds=60)
"""What a relay that runs may need for a flood, before it is thought to publish nothing."""
QUEUE_WAITS = timedelta(seconds=60)
"""A worker that is being replaced, or whose machine begins to run, is back in less."""
TIMERS_LATE = GRACE + timedelta(minutes=1)
"""A reconciler puts right what is late by its grace, four times a minute."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How something stands: whether it is well, and what is known of it, for an operator."""

    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class Present:
    """Who has been heard of, at one moment of the database's clock."""

    at: datetime
    workers: Sequence[SeenWorker]

    def unseen(self, worker: SeenWorker) -> bool:
        """Return whether a worker has not been heard of for too long."""
        return self.at - worker.seen_at > UNSEEN_AFTER

    def named(self, role: str) -> str:
        """Return the names of the processes of a role that are alive, "" for none."""
        return ", ".join(
            each.beat.name for each in self.workers if each.beat.role == role and self._at_work(each)
        )

    def works(self, queue: str) -> bool:
        """Return whether a worker that takes messages from this queue is alive."""
        return any(queue in each.beat.queues and self._at_work(each) for each in self.workers)

    def _at_work(self, worker: SeenWorker) -> bool:
        return not (self.unseen(worker) or worker.beat.draining)


def of_outbox(due: int, oldest: float, present: Present) -> Standing:
    """Judge the outbox by how many messages are due in it and the age of the oldest in seconds."""
    relay = present.named(RELAY)
    who = f"{relay} runs" if relay else "no relay runs"
    if not due:
        return Standing(True, f"outbox empty; {who}")
    waiting = "1 message waits" if due == 1 else f"{due} messages wait"
    bound = WORKS_LATE if relay else OUTBOX_WAITS
    text = f"{waiting} in the outbox, the oldest for {oldest:.0f} s; {who}"
    return Standing(oldest <= bound.total_seconds(), text)


def of_timers(overdue: int, present: Present) -> Standing:
    """Judge the jobs by how many of them have a timer that ran out more than TIMERS_LATE ago."""
    reconciler = present.named(RECONCILER)
    who = f"{reconciler} runs" if reconciler else "no reconciler runs"
    late = "1 job is overdue" if overdue == 1 else f"{overdue} jobs are overdue"
    return Standing(not overdue, f"{late if overdue else 'no job is overdue'}; {who}")


def of_queue(name: str, depth: QueueDepth, present: Present) -> Standing:
    """Judge a queue that workers of this system serve; a broker that tells no age is believed that its messages wait.

    The text says only what is to be said beside the counts, "" for nothing.
    """
    if not depth.visible or present.works(name):
        return Standing(True, "")
    if depth.oldest_seconds is None:
        return Standing(False, "no worker of it runs; the broker does not tell for how long they wait")
    ok = depth.oldest_seconds <= QUEUE_WAITS.total_seconds()
    return Standing(ok, f"the oldest for {depth.oldest_seconds:.0f} s, and no worker of it runs")
