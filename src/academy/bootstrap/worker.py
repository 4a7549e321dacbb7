"""What every job worker runs with, whatever its jobs are."""

import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from academy.application.jobs.attempt import JobHandler
from academy.application.jobs.intake import Intake
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.refusals import Refusal
from academy.application.jobs.rotation import PolledQueue
from academy.bootstrap.backends import Backends
from academy.bootstrap.queues import result_queues
from academy.infrastructure.ids import new_id

__all__ = ["WorkerSetup", "worker_setup"]


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """Adapters, queues, job types and handlers of one worker.

    Attributes:
        name: worker id in job rows and logs: role, host and process.
        queues: what it polls, with weights.
        slots: jobs at once.
        checks: how what only this worker needs is asked whether it can work now, beside what all do.
    """

    backends: Backends
    name: str
    queues: tuple[PolledQueue, ...]
    slots: int
    types: JobTypes
    intake: Intake
    handlers: Mapping[str, JobHandler]
    checks: Mapping[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)


def worker_setup(
    backends: Backends,
    role: str,
    *,
    queues: Sequence[PolledQueue],
    slots: int,
    types: JobTypes,
    handlers: Mapping[str, JobHandler],
    queue_tenants: Mapping[str, str] | None = None,
    checks: Mapping[str, Callable[[], Awaitable[None]]] | None = None,
    refusals: Mapping[str, Refusal] | None = None,
) -> WorkerSetup:
    """Return the setup over backends that are open already (one process may hold several roles)."""
    name = f"{role}@{socket.gethostname()}:{os.getpid()}"
    intake = Intake(
        backends.database,
        types,
        worker=name,
        lease=timedelta(seconds=backends.settings.lease_seconds),
        new_id=new_id,
        queue_tenants=queue_tenants or {},
        handled=frozenset(handlers),
        reply_queues=result_queues(backends.settings),
        claims=backends.video_objects,
        refusals=refusals,
    )
    return WorkerSetup(backends, name, tuple(queues), slots, types, intake, handlers, checks or {})
