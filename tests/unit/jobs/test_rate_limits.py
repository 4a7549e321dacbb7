"""A job over a rate limit waits, is charged nothing and does not use up its message's receives (JOB-5)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.jobs import World, job_types, open_world

from academy.domain.job.rate import RateLimit
from academy.domain.job.states import EndReason, JobState

pytestmark = pytest.mark.requirement("JOB-5", "QUE-4")
PROVIDER = RateLimit("provider", per_second=1.0, burst=2)
EACH = RateLimit("each", per_second=0.1, burst=1, per_tenant=True)


@pytest.fixture
async def limited(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, types=job_types(limits=(PROVIDER,))) as opened:
        yield opened


async def round_trip(world: World) -> tuple[set[str], int]:
    """Relay, receive and admit what is there; return the ids claimed and how many messages were done with."""
    while await world.relay().relay_once():
        continue
    claimed: set[str] = set()
    done = 0
    while deliveries := await world.receive():
        admission = await world.intake().admit(deliveries)
        claimed |= {one.job.id for one in admission.claimed}
        done += len(admission.finished)
        await world.queue.ack([delivery.receipt for delivery in deliveries])
    return claimed, done


async def test_only_as_many_begin_as_the_provider_takes_and_the_others_follow_in_time(limited: World) -> None:
    names = [f"job-{number}" for number in range(6)]
    for number in range(6):
        limited.submit(str(number))
    begun, waiting = await round_trip(limited)
    assert (len(begun), waiting) == (2, 4)
    for name in set(names) - begun:
        job = limited.job(name)
        assert (job.state, job.attempt, job.interruptions) == (JobState.RETRY_WAIT, 0, 0)
        assert (job.end_reason, job.failure) == (EndReason.RATE_LIMITED, None)
    total = set(begun)
    for _ in range(4):
        limited.manual.advance(timedelta(seconds=1.01))
        more, _ = await round_trip(limited)
        assert len(more) <= 2
        total |= more
    assert total == set(names)


async def test_one_academy_at_its_limit_does_not_hold_up_another(tmp_path: Path) -> None:
    async with open_world(tmp_path, types=job_types(limits=(EACH,))) as world:
        world.database.run_sync(lambda tx: tx.tenants.add("t2", "second", "Second"))
        for number in range(3):
            world.submit(f"a{number}")
        world.submit("b", tenant="t2")
        begun, waiting = await round_trip(world)
        assert "job-b" in begun
        assert (len(begun), waiting) == (2, 2)


async def test_a_job_to_be_cancelled_is_not_kept_waiting(limited: World) -> None:
    for number in range(3):
        limited.submit(str(number))
    begun, _ = await round_trip(limited)
    (late,) = {"job-0", "job-1", "job-2"} - begun
    after = limited.database.run_sync(lambda tx: tx.jobs.request_cancel(late))
    assert after is not None
    assert after.state is JobState.CANCELLED
    limited.manual.advance(timedelta(seconds=5))
    assert (await round_trip(limited))[1] == 1
