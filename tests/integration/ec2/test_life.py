"""The metadata of an EC2 instance, version 2 only, and the API that stops it, asked over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.ec2 import INSTANCE, FakeInstance, fake_instance

from academy.application.ports.instance import Instance, InstanceUnavailable, StopRefused
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.ec2.life import Ec2InstanceLife
from academy.infrastructure.ec2.lock import FileInstanceLock
from academy.infrastructure.ec2.metadata import InstanceMetadata
from academy.infrastructure.http.client import HttpLimits
from academy.infrastructure.memory.clock import ManualClock

QUICK = HttpLimits(connections=1, connect_seconds=1.0, answer_seconds=0.2, body_bytes=1 << 16)


@pytest.fixture
async def machine() -> AsyncIterator[FakeInstance]:
    async with fake_instance() as served:
        yield served


@pytest.fixture
async def life(machine: FakeInstance) -> AsyncIterator[Ec2InstanceLife]:
    metadata = InstanceMetadata(machine.url, SystemClock().monotonic, QUICK)
    yield Ec2InstanceLife(metadata, SystemClock(), endpoint=machine.url)
    await metadata.aclose()


@pytest.mark.requirement("OPS-4")
async def test_an_instance_names_itself_with_one_token_for_all(
    machine: FakeInstance, life: Ec2InstanceLife
) -> None:
    assert await life.identity() == Instance(INSTANCE, "ap-northeast-2", scaled=False)
    assert await life.notice() is None
    assert (len(machine.tokens), machine.unauthorised) == (1, 0)


@pytest.mark.requirement("OPS-4")
@pytest.mark.parametrize(
    "sign", ["autoscaling/target-lifecycle-state", "tags/instance/aws:autoscaling:groupName"]
)
async def test_a_group_that_scales_is_seen_by_either_sign(
    machine: FakeInstance, life: Ec2InstanceLife, sign: str
) -> None:
    machine.items[sign] = "InService"
    found = await life.identity()
    assert found is not None
    assert found.scaled


@pytest.mark.requirement("OPS-4")
async def test_a_token_that_ended_is_replaced_early_and_when_it_is_refused(machine: FakeInstance) -> None:
    clock = ManualClock()
    metadata = InstanceMetadata(machine.url, clock.monotonic, QUICK)
    await metadata.item("meta-data/instance-id")
    clock.advance(timedelta(hours=3, seconds=1))
    await metadata.item("meta-data/instance-id")
    assert (len(machine.tokens), machine.unauthorised) == (2, 0)
    machine.forget_tokens()
    assert await metadata.item("meta-data/instance-id") == INSTANCE
    assert machine.unauthorised == 1
    await metadata.aclose()


@pytest.mark.requirement("JOB-12")
async def test_a_spot_interruption_is_told_with_its_moment(
    machine: FakeInstance, life: Ec2InstanceLife
) -> None:
    machine.spot_notice(timedelta(seconds=120), "stop")
    notice = await life.notice()
    assert notice is not None
    assert notice.at is not None
    assert notice.why == "spot_stop"
    assert timedelta(seconds=110) < notice.at - datetime.now(UTC) <= timedelta(seconds=120)
    machine.items["spot/instance-action"] = "soon"
    unread = await life.notice()
    assert unread is not None
    assert unread.at is None


@pytest.mark.requirement("JOB-12")
@pytest.mark.parametrize(
    ("state", "leaves"), [("Terminated", True), ("Warmed:Stopped", True), ("InService", False)]
)
async def test_the_wish_of_an_autoscaling_group_is_a_notice(
    machine: FakeInstance, life: Ec2InstanceLife, state: str, leaves: bool
) -> None:
    machine.items["autoscaling/target-lifecycle-state"] = state
    assert (await life.notice() is not None) is leaves


@pytest.mark.requirement("JOB-12")
async def test_a_rebalance_recommendation_is_logged_once_and_is_no_notice(
    machine: FakeInstance, life: Ec2InstanceLife, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    machine.items["events/recommendations/rebalance"] = '{"noticeTime": "2026-03-02T08:22:00Z"}'
    assert [await life.notice() for _ in range(3)] == [None, None, None]
    assert [record.message for record in caplog.records].count("rebalance_recommended") == 1


@pytest.mark.requirement("JOB-12")
async def test_metadata_that_break_off_or_never_answer_are_an_outage_and_recover(
    machine: FakeInstance, life: Ec2InstanceLife
) -> None:
    machine.away = True
    with pytest.raises(InstanceUnavailable):
        await life.notice()
    machine.away, machine.mute = False, True
    async with asyncio.timeout(5):
        with pytest.raises(InstanceUnavailable):
            await life.notice()
    machine.mute = False
    assert await life.notice() is None


@pytest.mark.requirement("OPS-4")
async def test_the_instance_stops_itself_with_a_signature_of_its_role(
    machine: FakeInstance, life: Ec2InstanceLife
) -> None:
    await life.check_stop()
    assert (machine.dry_runs, machine.stopped) == (1, [])
    await life.stop()
    assert machine.stopped == [INSTANCE]
    assert "ASIAEXAMPLE/" in machine.authorizations[-1]
    assert "/ap-northeast-2/ec2/aws4_request" in machine.authorizations[-1]


@pytest.mark.requirement("OPS-4")
async def test_an_instance_of_a_group_is_never_stopped_from_within(
    machine: FakeInstance, life: Ec2InstanceLife
) -> None:
    machine.items["autoscaling/target-lifecycle-state"] = "InService"
    for ask in (life.check_stop, life.stop):
        with pytest.raises(StopRefused, match="Auto Scaling group"):
            await ask()
    assert machine.authorizations == []


@pytest.mark.requirement("OPS-4")
async def test_a_role_that_may_not_stop_is_told_from_an_api_that_is_away(
    machine: FakeInstance, life: Ec2InstanceLife
) -> None:
    machine.refusal = "UnauthorizedOperation"
    with pytest.raises(StopRefused, match="UnauthorizedOperation"):
        await life.check_stop()
    machine.refusal = "RequestLimitExceeded"
    with pytest.raises(InstanceUnavailable, match="RequestLimitExceeded"):
        await life.stop()
    machine.refusal = ""
    del machine.items["iam/security-credentials/"]
    with pytest.raises(InstanceUnavailable, match="no credentials"):
        await life.stop()
    assert machine.stopped == []


@pytest.mark.requirement("OPS-4")
def test_the_lock_is_owned_only_when_nobody_shares_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    one, other = FileInstanceLock(path), FileInstanceLock(path)
    assert one.share()
    assert other.share()
    assert not one.own()
    assert one.share()
    other.release()
    assert one.own()
    assert not other.share()
    one.close()
    assert other.own()
    other.close()
