"""From a delivery to a claimed job, or to a good reason why not (JOB-2, JOB-3, QUE-5, CON-2)."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from tests.support.jobs import LEASE, QUEUE, WORK, Payload, World, job_types, open_world

from academy.application.jobs.admission import Admission
from academy.application.jobs.settle import settle
from academy.application.jobs.submit import cancel
from academy.application.ports.database import DatabaseUnavailable, Lease, Settlement, Transaction
from academy.application.ports.job_queue import Delivery
from academy.application.video.job_types import PURGE, TRANSCODE, video_job_types
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, JobState
from academy.domain.video.video import VideoState

FAILURE = Failure("broken", "It broke for good.")


def envelope(name: str = "a", **changes: object) -> str:
    message: dict[str, object] = {
        "v": 1,
        "id": f"job-{name}",
        "type": WORK,
        "tenant_id": "t1",
        "payload": {"name": name},
        "created_at": "2026-03-02T09:00:00Z",
        "idempotency_key": f"key-{name}",
    }
    return json.dumps({**message, **changes})


async def admit(world: World, *bodies: str, worker: str = "w1", **changes: Any) -> Admission:
    await world.publish(*bodies)
    return await world.intake(worker, **changes).admit(await world.receive())


def settled(world: World, job: Job, state: JobState, **fields: Any) -> None:
    end = Settlement(Lease(job.id, job.token), state, **fields)
    assert world.database.run_sync(lambda tx: settle(tx, world.types, [(job, end)]))


def claimed(world: World, name: str = "a") -> Job:
    job = world.submit(name)
    return world.database.run_sync(lambda tx: tx.jobs.claim([job.id], "other", LEASE))[job.id]


def only(admission: Admission) -> str:
    """Return the name of the one list that is not empty."""
    lists = ("claimed", "finished", "dead", "invalid", "held")
    (name,) = [name for name in lists if getattr(admission, name)]
    return name


@pytest.mark.requirement("JOB-2", "JOB-3")
async def test_a_job_is_claimed_and_its_start_takes_effect_in_one_go(traced: World) -> None:
    job = traced.submit("a")
    await traced.relay().relay_once()
    admission = await traced.intake().admit(await traced.receive())
    (ours,) = admission.claimed
    assert ours.payload == Payload(name="a")
    assert (ours.job.state, ours.job.token, ours.job.attempt, ours.job.worker) == (
        JobState.RUNNING,
        1,
        1,
        "w1",
    )
    assert traced.did(f"started:{job.id}:1")


@pytest.mark.requirement("QUE-5")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "not JSON"),
        ("no json", "not JSON"),
        ("[1]", "not a JSON object"),
        ("{}", "neither an envelope"),
        ('{"action": "delete_all", "video_id": 1}', "action"),
        (envelope(type="no.such"), "'no.such' is not handled"),
        (envelope(v=2), "v:"),
        (envelope(payload={"name": 5}), "name:"),
        (envelope(payload={"name": "a", "more": 1}), "more:"),
        (envelope(payload={}), "name:"),
        (envelope(tenant_id=""), "tenant_id:"),
        (envelope(tenant_id="nobody"), "names no academy"),
        (envelope(id="a\nb"), "id:"),
    ],
)
async def test_what_cannot_be_understood_is_invalid_with_a_reason(
    world: World, body: str, words: str
) -> None:
    ((_, error),) = (await admit(world, body)).invalid
    assert words in error.reason
    assert world.database.read_sync(lambda tx: tx.jobs.count_by_state()) == {}


@pytest.mark.requirement("QUE-5")
async def test_a_bad_message_does_not_spoil_its_batch(world: World) -> None:
    admission = await admit(world, envelope("a"), "rubbish", envelope("b", tenant_id="nobody"), envelope("c"))
    assert sorted(c.job.id for c in admission.claimed) == ["job-a", "job-c"]
    assert len(admission.invalid) == 2


@pytest.mark.requirement("CON-2")
async def test_a_message_without_a_row_makes_one(traced: World) -> None:
    admission = await admit(traced, envelope("a", reply_to="results"), reply_queues=frozenset({"results"}))
    (ours,) = admission.claimed
    job = traced.job("job-a")
    assert (job.tenant_id, job.idempotency_key, job.reply_to, job.subject) == (
        "t1",
        "key-a",
        "results",
        "name:a",
    )
    assert job.state is JobState.RUNNING
    assert ours.job.token == 1
    assert traced.did("created:job-a")
    assert traced.did("started:job-a:1")


@pytest.mark.requirement("CON-2")
async def test_a_message_whose_key_is_known_is_the_known_job(traced: World) -> None:
    traced.submit("a", key="key-b")
    admission = await admit(traced, envelope("b"))
    assert [c.job.id for c in admission.claimed] == ["job-a"]
    assert not traced.did("created:job-b")


@pytest.mark.requirement("JOB-3")
async def test_the_row_is_the_truth_when_the_message_says_something_else(world: World) -> None:
    world.submit("a", data={"n": 1})
    (ours,) = (await admit(world, envelope("a", payload={"name": "forged", "data": {"n": 2}}))).claimed
    assert ours.payload == Payload(name="a", data={"n": 1})


@pytest.mark.requirement("JOB-3")
async def test_a_row_that_no_longer_fits_its_model_is_claimed_without_a_payload(world: World) -> None:
    world.submit("a")

    def spoil(tx: Transaction) -> None:
        tx.jobs._connection.execute(text("UPDATE jobs SET payload = '{\"old\": 1}'"))  # type: ignore[attr-defined]

    world.database.run_sync(spoil)
    (ours,) = (await admit(world, envelope("a"))).claimed
    assert ours.payload is None


@pytest.mark.requirement("JOB-3")
async def test_another_academys_message_with_a_known_id_is_refused_and_the_job_untouched(
    world: World,
) -> None:
    world.database.run_sync(lambda tx: tx.tenants.add("t2", "other", "Other"))
    world.submit("a")
    ((_, error),) = (await admit(world, envelope("a", tenant_id="t2"))).invalid
    assert "another job" in error.reason
    assert world.job("job-a").state is JobState.PENDING


@pytest.mark.requirement("JOB-3")
async def test_several_deliveries_of_one_job_in_a_batch_are_run_once(world: World) -> None:
    world.submit("a")
    admission = await admit(world, *[envelope("a")] * 3)
    assert (len(admission.claimed), len(admission.held)) == (1, 2)
    # The others come back when the lease of the first would end, not long after.
    assert {seconds for _, seconds in admission.held} == {121}


@pytest.mark.requirement("JOB-3", "CON-2")
async def test_two_workers_that_get_the_same_new_message_at_once_run_it_once(world: World) -> None:
    bodies = [envelope(str(n)) for n in range(5)]
    await world.publish(*bodies, *bodies)
    first, second = await world.receive(5), await world.receive(5)
    got = await asyncio.gather(world.intake("w1").admit(first), world.intake("w2").admit(second))
    ids = sorted(c.job.id for admission in got for c in admission.claimed)
    assert ids == [f"job-{n}" for n in range(5)]
    assert sum(len(admission.held) for admission in got) == 5


@pytest.mark.requirement("JOB-3")
async def test_a_message_that_comes_again_later_is_acked_when_the_job_is_done(world: World) -> None:
    (ours,) = (await admit(world, envelope("a"))).claimed
    assert only(await admit(world, envelope("a"))) == "held"
    settled(world, ours.job, JobState.SUCCEEDED, result={})
    assert only(await admit(world, envelope("a"))) == "finished"


@pytest.mark.requirement("JOB-2", "JOB-3")
async def test_a_job_that_another_worker_holds_is_left_alone_until_its_lease_ends(traced: World) -> None:
    job = claimed(traced)
    traced.manual.advance(100)
    admission = await admit(traced, envelope("a"))
    assert [seconds for _, seconds in admission.held] == [21]
    assert traced.job(job.id).worker == "other"
    traced.manual.advance(20)
    (ours,) = (await admit(traced, envelope("a"), worker="w2")).claimed
    assert (ours.job.token, ours.job.attempt, ours.job.interruptions) == (2, 1, 1)
    assert traced.did("started:job-a:2")


@pytest.mark.requirement("JOB-5")
async def test_a_job_that_waits_for_its_next_attempt_is_not_begun_early(world: World) -> None:
    job = claimed(world)
    delay = timedelta(seconds=30)
    settled(world, job, JobState.RETRY_WAIT, reason=EndReason.RETRYABLE_ERROR, failure=FAILURE, delay=delay)
    assert [seconds for _, seconds in (await admit(world, envelope("a"))).held] == [31]
    world.manual.advance(30)
    (ours,) = (await admit(world, envelope("a"))).claimed
    assert (ours.job.attempt, ours.job.interruptions) == (2, 0)


@pytest.mark.requirement("JOB-5")
async def test_the_message_of_a_dead_job_carries_the_reason(world: World) -> None:
    settled(world, claimed(world), JobState.DEAD, reason=EndReason.RETRIES_EXHAUSTED, failure=FAILURE)
    ((_, reason),) = (await admit(world, envelope("a"))).dead
    assert reason == "retries_exhausted: It broke for good."


@pytest.mark.requirement("JOB-2")
@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED])
async def test_the_message_of_a_job_that_ended_is_acked(world: World, state: JobState) -> None:
    settled(world, claimed(world), state, failure=None if state is JobState.SUCCEEDED else FAILURE)
    assert only(await admit(world, envelope("a"))) == "finished"


@pytest.mark.requirement("JOB-8")
async def test_a_job_to_be_cancelled_is_claimed_but_does_not_start(traced: World) -> None:
    job = claimed(traced)
    traced.database.run_sync(lambda tx: cancel(tx, traced.types, job.id))
    traced.manual.advance(121)
    (ours,) = (await admit(traced, envelope("a"))).claimed
    assert ours.job.cancel_requested
    assert not traced.did("started:job-a:2")


@pytest.mark.requirement("QUE-6")
async def test_an_outage_of_the_database_is_an_error_and_changes_nothing(world: World) -> None:
    class Away:
        async def run(self, work: Callable[[Transaction], object]) -> object:
            raise DatabaseUnavailable("no route to host")

    world.submit("a")
    await world.publish(envelope("a"))
    deliveries = await world.receive()
    intake = world.intake()
    intake._database = Away()  # type: ignore[assignment]
    with pytest.raises(DatabaseUnavailable):
        await intake.admit(deliveries)
    assert world.job("job-a").state is JobState.PENDING


@pytest.mark.requirement("QUE-5")
async def test_a_message_that_breaks_our_effects_takes_nobody_down(tmp_path: Path) -> None:
    class Breaks:
        def created(self, tx: Transaction, job: Job) -> None:
            if job.payload["name"] == "bad":
                raise RuntimeError("nobody foresaw this")

        def check_revival(self, tx: Transaction, job: Job) -> None: ...

        def started(self, tx: Transaction, job: Job) -> None: ...

        def settled(self, tx: Transaction, job: Job, end: Settlement) -> None: ...

    async with open_world(tmp_path, types=job_types(effects=Breaks())) as world:
        admission = await admit(world, envelope("good"), envelope("bad"), envelope("fine"))
        assert sorted(c.job.id for c in admission.claimed) == ["job-fine", "job-good"]
        ((delivery, error),) = admission.invalid
        assert json.loads(delivery.body)["id"] == "job-bad"
        assert "RuntimeError" in error.reason
        assert world.database.read_sync(lambda tx: tx.jobs.get("job-bad")) is None


# What the producers of today send.


@pytest.fixture
async def videos(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, types=video_job_types({"video": QUEUE})) as world:
        yield world


HANDLED: dict[str, Any] = {"handled": frozenset({TRANSCODE, PURGE})}


def legacy(**changes: object) -> str:
    message = {
        "video_id": 7,
        "file_key": "tenants/hagwon/videos/7.mp4",
        "tenant_code": "hagwon",
        "created_at": "2025-01-01",
        "attempt": 1,
    }
    return json.dumps({**message, **changes})


def deliveries_of(admission: Admission) -> Sequence[Delivery]:
    return [c.delivery for c in admission.claimed]


@pytest.mark.requirement("CON-2")
async def test_an_older_producers_message_makes_the_job_and_the_video(videos: World) -> None:
    (ours,) = (await admit(videos, legacy(), **HANDLED)).claimed
    job = ours.job
    assert (job.type, job.tenant_id, job.subject) == (TRANSCODE, "t1", "video:7")
    assert job.idempotency_key == "video:7:tenants/hagwon/videos/7.mp4"
    video = videos.database.read_sync(lambda tx: tx.videos.get("t1", "7"))
    assert video is not None
    assert (video.state, video.job_id, video.file_key) == (
        VideoState.PROCESSING,
        job.id,
        "tenants/hagwon/videos/7.mp4",
    )


@pytest.mark.requirement("CON-2", "JOB-3")
async def test_an_older_producers_message_sent_twice_is_one_job(videos: World) -> None:
    admission = await admit(videos, legacy(), legacy(), legacy(attempt=2, tenant_id="t1"), **HANDLED)
    assert (len(admission.claimed), len(admission.held)) == (1, 2)
    assert only(await admit(videos, legacy(), **HANDLED)) == "held"


@pytest.mark.requirement("CON-2", "JOB-3")
async def test_two_workers_that_get_an_older_message_at_once_make_one_job(videos: World) -> None:
    await videos.publish(legacy(), legacy())
    first, second = await videos.receive(1), await videos.receive(1)
    got = await asyncio.gather(
        videos.intake("w1", **HANDLED).admit(first), videos.intake("w2", **HANDLED).admit(second)
    )
    assert sorted(only(admission) for admission in got) == ["claimed", "held"]


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize(
    ("message", "setting", "tenant"),
    [
        ({"tenant_id": "t1"}, {}, "t1"),
        ({"tenant_id": "t1", "tenant_code": "wrong"}, {}, "t1"),
        ({"tenant_code": "hagwon"}, {QUEUE: "t2"}, "t1"),
        ({"tenant_code": None}, {QUEUE: "t2"}, "t2"),
        ({"tenant_code": ""}, {QUEUE: "t2"}, "t2"),
        ({"tenant_code": ""}, {}, None),
        ({"tenant_code": "wrong"}, {QUEUE: "t2"}, None),
        ({"tenant_id": "wrong"}, {QUEUE: "t2"}, None),
        ({"tenant_code": None}, {QUEUE: "gone"}, None),
    ],
)
async def test_the_academy_comes_from_the_message_or_the_queues_setting_or_nowhere(
    videos: World, message: dict[str, object], setting: dict[str, str], tenant: str | None
) -> None:
    videos.database.run_sync(lambda tx: tx.tenants.add("t2", "other", "Other"))
    admission = await admit(videos, legacy(**message), tenants=setting, **HANDLED)
    if tenant is None:
        ((_, error),) = admission.invalid
        assert "names no academy" in error.reason
    else:
        assert [c.job.tenant_id for c in admission.claimed] == [tenant]


@pytest.mark.requirement("CON-2")
async def test_a_newer_source_of_the_same_video_takes_over(videos: World) -> None:
    (old,) = (await admit(videos, legacy(), **HANDLED)).claimed
    newer = legacy(file_key="tenants/hagwon/videos/7-new.mp4")
    (new,) = (await admit(videos, newer, **HANDLED)).claimed
    video = videos.database.read_sync(lambda tx: tx.videos.get("t1", "7"))
    assert video is not None
    assert (video.job_id, video.state) == (new.job.id, VideoState.PROCESSING)
    assert videos.job(old.job.id).cancel_requested
    # And again while the row waits in UPLOADED: nobody is taken down by it.
    newest = legacy(file_key="tenants/hagwon/videos/7-newest.mp4")
    settled(videos, new.job, JobState.PENDING, reason=EndReason.INTERRUPTED)
    assert only(await admit(videos, newest, **HANDLED)) == "claimed"
    assert videos.job(new.job.id).state is JobState.CANCELLED


@pytest.mark.requirement("CON-2")
async def test_an_older_producers_delete_hides_the_video_and_stops_its_work(videos: World) -> None:
    (transcode,) = (await admit(videos, legacy(), **HANDLED)).claimed
    delete = {
        "action": "delete_r2",
        "video_id": "7",
        "tenant_id": "t1",
        "hls_prefix": "tenants/t1/video/hls/7",
    }
    (purge,) = (await admit(videos, json.dumps(delete), **HANDLED)).claimed
    assert purge.job.type == PURGE
    video = videos.database.read_sync(lambda tx: tx.videos.get("t1", "7"))
    assert video is not None
    assert video.state is VideoState.DELETING
    assert videos.job(transcode.job.id).cancel_requested
