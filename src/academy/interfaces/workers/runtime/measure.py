"""What a worker measures of its jobs: how long they waited, ran and how they ended; and the spans of their trace (API-4).

Whole groups where they come in groups: a measurement costs as much as a tenth of a small job.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from academy.application.jobs.attempt import Attempt
from academy.application.ports.database import Lease, Settlement
from academy.application.ports.telemetry import Span
from academy.domain.job.states import JobState
from academy.interfaces.workers.runtime.config import WorkerParts

__all__ = ["Measures"]


class Measures:
    """Measures one worker's attempts: each goes through the stages run, settle and ack."""

    def __init__(self, parts: WorkerParts) -> None:
        """Measure with the telemetry and the tracer of `parts`."""
        self._telemetry = parts.telemetry
        self._tracer = parts.tracer
        self._traced = parts.tracer.records
        self._clock = parts.clock
        self._spans: dict[Lease, Span] = {}
        self._running = Counter(dict.fromkeys(parts.handlers, 0))
        self._tell_running(self._running)

    def begun(self, attempts: Sequence[Attempt]) -> None:
        """Count attempts as running."""
        now = self._clock.now()
        for attempt in attempts:
            self._waited(attempt, now)
            self._enter(attempt, "run")
        types = Counter(attempt.job.type for attempt in attempts)
        self._running.update(types)
        self._tell_running(types)

    def ran(self, attempt: Attempt) -> None:
        """Note that the handler has ended; what follows is the settlement."""
        seconds = self._clock.monotonic() - attempt.begun
        self._telemetry.observe("academy_job_attempt_seconds", seconds, type=attempt.job.type)
        self._enter(attempt, "settle")

    def settled(self, attempts: Sequence[tuple[Attempt, Settlement | None]]) -> None:
        """Note that ends are durable, or (None) were fenced off; what follows is the ack."""
        outcomes = Counter(
            (attempt.job.type, end.state.value if end else "FENCED_OFF") for attempt, end in attempts
        )
        for (job_type, outcome), count in outcomes.items():
            self._telemetry.count("academy_jobs_settled_total", count, type=job_type, outcome=outcome)
        for attempt, end in attempts:
            if end is not None:
                self._enter(attempt, "ack")
            if end is not None and end.state is JobState.RETRY_WAIT:
                reason = end.reason.value if end.reason else "none"
                self._telemetry.count("academy_job_retries_total", type=attempt.job.type, reason=reason)

    def ended(self, attempts: Sequence[Attempt]) -> None:
        """Count attempts as running no more, however they ended."""
        for attempt in attempts:
            span = self._spans.pop(attempt.lease, None)
            if span is not None:
                span.end()
        types = Counter(attempt.job.type for attempt in attempts)
        self._running.subtract(types)
        self._tell_running(types)

    def _enter(self, attempt: Attempt, stage: str) -> None:
        if not self._traced:
            return
        job, last = attempt.job, self._spans.get(attempt.lease)
        if last is not None:
            last.end()
        self._spans[attempt.lease] = self._tracer.span(stage, job.trace, type=job.type, job=job.id)

    def _waited(self, attempt: Attempt, now: datetime) -> None:
        """Observe the wait since the job could begin: the broker takes its message at that moment, for a retry as well.

        A message that came back because its worker vanished is left out: most of that time the job was running.
        """
        delivery = attempt.claimed.delivery
        if delivery.receive_count == 1 or attempt.job.interruptions == 0:
            seconds = max(0.0, (now - delivery.sent_at).total_seconds())
            self._telemetry.observe("academy_job_wait_seconds", seconds, type=attempt.job.type)

    def _tell_running(self, types: Counter[str]) -> None:
        for job_type in types:
            self._telemetry.gauge("academy_jobs_running", self._running[job_type], type=job_type)
