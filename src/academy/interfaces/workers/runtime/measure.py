"""What a worker measures of its jobs: how long they waited, ran and how they ended; and the spans of their trace (API-4)."""

from academy.application.jobs.attempt import Attempt
from academy.application.ports.database import Lease, Settlement
from academy.application.ports.telemetry import Span, current_trace
from academy.domain.job.states import JobState
from academy.interfaces.workers.runtime.config import WorkerParts

__all__ = ["Measures"]


class Measures:
    """Measures one worker's attempts: each goes through the stages run, settle and ack."""

    def __init__(self, parts: WorkerParts) -> None:
        """Measure with the telemetry and the tracer of `parts`."""
        self._telemetry = parts.telemetry
        self._tracer = parts.tracer
        self._clock = parts.clock
        self._spans: dict[Lease, Span] = {}
        self._begun: dict[Lease, float] = {}
        self._running = dict.fromkeys(parts.handlers, 0)
        for name in self._running:
            self._telemetry.gauge("academy_jobs_running", 0, type=name)

    def begun(self, attempt: Attempt) -> None:
        """Count an attempt as running; log lines that this task writes from now on carry its trace."""
        current_trace.set(attempt.job.trace)
        self._waited(attempt)
        self._change(attempt.job.type, 1)
        self._begun[attempt.lease] = self._clock.monotonic()
        self._enter(attempt, "run")

    def ran(self, attempt: Attempt) -> None:
        """Note that the handler has ended; what follows is the settlement."""
        seconds = self._clock.monotonic() - self._begun.pop(attempt.lease)
        self._telemetry.observe("academy_job_attempt_seconds", seconds, type=attempt.job.type)
        self._enter(attempt, "settle")

    def settled(self, attempt: Attempt, end: Settlement) -> None:
        """Note that the end is durable; what follows is the ack."""
        if end.state is JobState.RETRY_WAIT:
            reason = end.reason.value if end.reason else "none"
            self._telemetry.count("academy_job_retries_total", type=attempt.job.type, reason=reason)
        self._enter(attempt, "ack")

    def ended(self, attempt: Attempt) -> None:
        """Count an attempt as running no more, however it ended."""
        span = self._spans.pop(attempt.lease, None)
        if span is not None:
            span.end()
            self._change(attempt.job.type, -1)

    def _enter(self, attempt: Attempt, stage: str) -> None:
        job, last = attempt.job, self._spans.get(attempt.lease)
        if last is not None:
            last.end()
        self._spans[attempt.lease] = self._tracer.span(stage, job.trace, type=job.type, job=job.id)

    def _waited(self, attempt: Attempt) -> None:
        """Observe the wait since the job could begin: the broker takes its message at that moment, for a retry as well.

        A message that came back because its worker vanished is left out: most of that time the job was running.
        """
        delivery = attempt.claimed.delivery
        if delivery.receive_count == 1 or attempt.job.interruptions == 0:
            seconds = max(0.0, (self._clock.now() - delivery.sent_at).total_seconds())
            self._telemetry.observe("academy_job_wait_seconds", seconds, type=attempt.job.type)

    def _change(self, job_type: str, by: int) -> None:
        self._running[job_type] = self._running.get(job_type, 0) + by
        self._telemetry.gauge("academy_jobs_running", self._running[job_type], type=job_type)
