"""A worker whose clock is wrong does no harm: what is decided by time is decided by the database's."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.jobs import World, job_types, open_world, running_clock, until
from tests.support.running import working
from tests.support.standin.hurry import ShiftedClock

from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.contracts.base import Contract
from academy.domain.failures import Failure
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import JobState

AWAY = Failure("away", "Something is away for a moment.", retryable=True, costs_attempt=False)
PATIENT_FOR_A_MINUTE = RetryPolicy(max_attempts=1, patience=timedelta(minutes=1))


async def _hit_an_outage(world: World, minutes: float) -> JobState:
    async def run(work: Work) -> Contract:
        raise WorkFailed(AWAY)

    world.submit("a")
    await world.relay().relay_once()
    # The database keeps the clock that it was opened with.
    world.clock = ShiftedClock(world.clock, 60 * minutes)
    async with working(world.worker(run)):
        await until(lambda: world.job("job-a").state not in {JobState.PENDING, JobState.RUNNING})
    return world.job("job-a").state


@pytest.mark.requirement("JOB-3", "JOB-5")
@pytest.mark.parametrize("minutes", [0, -10, 10])
async def test_an_outage_is_not_charged_by_a_worker_whose_clock_is_wrong(
    tmp_path: Path, minutes: float
) -> None:
    types = job_types(retry=PATIENT_FOR_A_MINUTE)
    async with open_world(tmp_path, running_clock(), types) as world:
        assert await _hit_an_outage(world, minutes) is JobState.RETRY_WAIT
