"""Work of job types that are isolated in a process of its own, which can be killed and whose memory is bounded (JOB-11)."""

from datetime import timedelta
from typing import TypeVar

from academy.application.jobs.attempt import Work
from academy.application.jobs.isolated import IsolatedHandler
from academy.application.jobs.job_type import JobType, JobTypes
from academy.application.ports.processes import ChildLimits, ChildProcesses
from academy.contracts.base import Contract

__all__ = ["Children", "child_limits"]

_SPARE = timedelta(seconds=30)
"""The process ends before the attempt does, so that a slow document is told from a handler that hangs."""
_ADDRESSES = 3 << 30
"""Libraries map far more memory than they use; what they hold is watched apart."""
_STALL_SECONDS = 120.0

_Answer = TypeVar("_Answer", bound=Contract)


def child_limits(job_type: JobType) -> ChildLimits:
    """Return what the process of an isolated job type may use."""
    return ChildLimits(
        wall_seconds=max(1.0, (job_type.time_limit - _SPARE).total_seconds()),
        stall_seconds=min(_STALL_SECONDS, job_type.stall_limit.total_seconds()),
        memory_bytes=job_type.memory_limit + _ADDRESSES,
        resident_bytes=job_type.memory_limit,
    )


class Children:
    """Calls functions in processes of their own within the limits of a job's type."""

    def __init__(self, processes: ChildProcesses, types: JobTypes) -> None:
        """Take the port and the registry that says what each type may use."""
        self._processes = processes
        self._types = types

    async def call(self, work: Work, entry: str, request: Contract, answer: type[_Answer]) -> _Answer:
        """Call `entry` ("package.module:function") with `request` and return its answer.

        Progress that it reports is the job's. Raises WorkFailed; cancelled, it kills the process.
        """
        limits = child_limits(self._types[work.job.type])
        handler = IsolatedHandler(self._processes, entry, limits=limits, result=answer)
        answered = await handler.run(Work(work.job, request, work.report))
        assert isinstance(answered, answer)
        return answered

    async def forget(self, work: Work) -> None:
        """End what is kept in memory for the academy of a job; see ChildProcesses.forget."""
        await self._processes.forget(work.job.tenant_id)
