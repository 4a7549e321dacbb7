"""What a worker is told and given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from academy.application.jobs.attempt import JobHandler
from academy.application.jobs.intake import Intake
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.rotation import PolledQueue
from academy.application.ports.clock import Clock
from academy.application.ports.database import Database
from academy.application.ports.job_queue import JobConsumer, JobPublisher
from academy.application.ports.progress import ProgressStore
from academy.application.ports.telemetry import NoTracer, Telemetry, Tracer
from academy.application.ports.workers import WorkerBeat

__all__ = ["WorkerConfig", "WorkerParts"]


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """Numbers of one worker.

    Attributes:
        name: worker id in job rows and logs: role, host and process.
        queues: what it polls, with weights.
        slots: jobs at once.
        lease: of the job row and of the message; renewed every third of it.
        receive_wait: seconds a long poll may take; also the longest a drain waits before jobs are looked at.
        drain: how long running jobs may go on after SIGTERM before they are given back.
        stop_grace: how long a handler may take to clean up after it was told to stop; then it counts as stuck and takes the worker
            down, for only the end of the process can stop it.
        watch_interval: seconds between looks for progress, cancel requests and stalls.
        tell_interval: seconds between messages that tell producers how far their jobs are, where they are told.
    """

    name: str
    queues: tuple[PolledQueue, ...]
    slots: int = 1
    lease: timedelta = timedelta(seconds=120)
    receive_wait: float = 20.0
    drain: timedelta = timedelta(seconds=60)
    stop_grace: timedelta = timedelta(seconds=30)
    watch_interval: float = 1.0
    tell_interval: float = 2.0

    def beat(self, running: int, *, draining: bool = False) -> WorkerBeat:
        """Return what the worker says of itself while it runs so many jobs."""
        queues = tuple(queue.name for queue in self.queues)
        return WorkerBeat(self.name, queues, self.slots, running, draining)

    @property
    def visibility_seconds(self) -> int:
        """Return the visibility timeout, the same as the lease."""
        return int(self.lease.total_seconds())


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """The ports and handlers of one worker, chosen by bootstrap."""

    database: Database
    consumer: JobConsumer
    publisher: JobPublisher
    progress: ProgressStore
    intake: Intake
    types: JobTypes
    handlers: Mapping[str, JobHandler]
    clock: Clock
    telemetry: Telemetry
    tracer: Tracer = field(default_factory=NoTracer)
