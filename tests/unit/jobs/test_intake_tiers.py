"""Which queue a job belongs to that only a message knows: by the tier it names, else by where it came (AI-1, CON-2)."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.jobs import Payload, World, open_world

from academy.application.jobs.admission import Admission
from academy.application.jobs.job_type import JobType, JobTypes
from academy.application.ports.job_queue import OutgoingMessage, QueueSettings
from academy.domain.job.progress import StepPlan
from academy.domain.job.tier import Tier

pytestmark = [pytest.mark.requirement("AI-1"), pytest.mark.requirement("CON-2")]

QUEUES = {"ai_lite": "q-lite", "ai_basic": "q-basic", "ai_premium": "q-premium"}


def tiered(name: str, *tiers: Tier) -> JobType:
    queues = {tier: f"ai_{tier.value}" for tier in tiers}
    return JobType(name, f"ai_{tiers[0].value}", Payload, None, StepPlan(("work",), (1,)), tiers=queues)


TYPES = JobTypes(
    [tiered("reading", Tier.LITE, Tier.BASIC, Tier.PREMIUM), tiered("grading", Tier.BASIC, Tier.PREMIUM)],
    QUEUES,
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world with a queue for each tier."""
    async with open_world(tmp_path, types=TYPES) as opened:
        await opened.queue.create([QueueSettings(name) for name in QUEUES.values()])
        yield opened


async def admit(world: World, queue: str, kind: str, tier: str | None) -> Admission:
    body = json.dumps(
        {"job_id": "a", "job_type": kind, "tier": tier, "payload": {"name": "a"}, "tenant_id": "t1"}
    )
    await world.queue.publish(queue, [OutgoingMessage(body, "t1")])
    intake = world.intake(handled=frozenset({"reading", "grading"}))
    return await intake.admit(list(await world.queue.receive(queue, 10, 0, 120)))


@pytest.mark.parametrize(
    ("queue", "kind", "tier", "belongs"),
    [
        ("q-lite", "reading", "lite", "q-lite"),
        ("q-lite", "reading", "premium", "q-premium"),
        ("q-basic", "reading", None, "q-basic"),
        ("q-lite", "grading", None, "q-basic"),
    ],
)
async def test_a_new_job_belongs_to_the_queue_of_its_tier(
    world: World, queue: str, kind: str, tier: str | None, belongs: str
) -> None:
    (claimed,) = (await admit(world, queue, kind, tier)).claimed
    assert (claimed.job.queue, claimed.job.idempotency_key) == (belongs, "ai:a")


@pytest.mark.parametrize("tier", ["lite", "huge"])
async def test_a_tier_that_the_type_does_not_allow_is_refused(world: World, tier: str) -> None:
    admission = await admit(world, "q-lite", "grading", tier)
    ((_, error),) = admission.invalid
    assert "tier" in error.reason
    assert not admission.claimed
    assert world.database.read_sync(lambda tx: tx.jobs.count_by_state()) == {}
