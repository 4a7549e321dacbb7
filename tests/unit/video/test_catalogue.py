"""Uploads, retries, cancellations and deletions as people see them (VID-1, VID-8)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tests.support.jobs import QUEUE
from tests.support.studio import MP4, Fuse, Killed, Studio

from academy.application.errors import Conflict, NotFound, Refused
from academy.application.jobs.operate import Operations
from academy.application.jobs.settle import settle
from academy.application.jobs.submit import revive
from academy.application.ports.database import Lease, Settlement
from academy.application.ports.object_store import ObjectStoreUnavailable, UploadPart
from academy.application.video.expiry import UploadExpiry
from academy.application.video.job_types import PURGE, TRANSCODE
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, JobState
from academy.domain.video.failures import VideoFailure
from academy.domain.video.video import AccessMode, Video, VideoState

S = VideoState


def code(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.failure.code


def begun(studio: Studio, video_id: str) -> tuple[VideoState, int]:
    """Return the state of a video and how many jobs it has."""
    return studio.video(video_id).state, sum(len(jobs) for jobs in studio.jobs(video_id).values())


async def complete(studio: Studio, video: Video, *parts: UploadPart) -> tuple[Video, Job]:
    return await studio.catalogue.complete_upload("t1", video.id, parts)


@pytest.mark.requirement("VID-1")
async def test_an_upload_is_recorded_checked_and_queued_once(studio: Studio) -> None:
    video = await studio.upload()
    assert (video.state, video.file_key) == (S.PENDING, f"tenants/t1/video/source/{video.id}/original")
    assert begun(studio, video.id) == (S.PENDING, 0)
    done, job = await complete(studio, video)
    assert (done.state, done.job_id, job.type, job.state) == (S.UPLOADED, job.id, TRANSCODE, JobState.PENDING)
    assert studio.world.outbox() == 1


@pytest.mark.requirement("VID-1")
@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"size": 0}, "empty_file"),
        ({"size": -1}, "empty_file"),
        ({"size": 10_001}, "upload_too_large"),
        ({"content_type": "text/html"}, "content_type_mismatch"),
        ({"content_type": ""}, "content_type_mismatch"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused(studio: Studio, wish: dict[str, Any], refusal: str) -> None:
    with pytest.raises(Refused) as refused:
        await studio.upload(**wish)
    assert code(refused) == refusal
    assert studio.store.stored() == set()


@pytest.mark.requirement("VID-1")
@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", VideoFailure.EMPTY_FILE),
        (MP4 + b"x", VideoFailure.SIZE_MISMATCH),
        (MP4[:-1], VideoFailure.SIZE_MISMATCH),
        (b"#EXTM3U\n".ljust(len(MP4)), VideoFailure.NOT_A_VIDEO),
        (b"<html>".ljust(len(MP4)), VideoFailure.NOT_A_VIDEO),
    ],
)
async def test_what_was_uploaded_is_checked_before_anything_is_queued(
    studio: Studio, content: bytes, refusal: VideoFailure
) -> None:
    video = await studio.upload()
    await studio.store.delete([video.file_key])
    await studio.store.put(video.file_key, content)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            await complete(studio, video)
        assert code(refused) == refusal
    assert begun(studio, video.id) == (S.FAILED, 0)
    failure = studio.video(video.id).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == (refusal, False)


@pytest.mark.requirement("VID-1")
async def test_an_upload_of_which_nothing_has_arrived_stays_open(studio: Studio) -> None:
    video = await studio.upload()
    await studio.store.delete([video.file_key])
    with pytest.raises(Refused) as refused:
        await complete(studio, video)
    assert code(refused) == VideoFailure.UPLOAD_NOT_FOUND
    assert begun(studio, video.id) == (S.PENDING, 0)
    await studio.store.put(video.file_key, MP4)
    assert (await complete(studio, video))[0].state is S.UPLOADED


@pytest.mark.requirement("VID-1")
async def test_completing_twice_gives_the_same_job(studio: Studio) -> None:
    video = await studio.upload()
    first, second = await asyncio.gather(complete(studio, video), complete(studio, video))
    assert first[1].id == second[1].id
    await studio.work_off()
    third = await complete(studio, video)
    assert (third[1].id, third[0].state) == (first[1].id, S.READY)
    assert len(studio.jobs(video.id)[TRANSCODE]) == 1


@pytest.mark.requirement("VID-1")
async def test_an_upload_in_parts_is_joined_from_the_parts_named(studio: Studio) -> None:
    content = MP4 + bytes(2500)
    video = await studio.upload(content)
    await studio.store.delete([video.file_key])
    assert video.upload_id
    tags = []
    for number, start in enumerate(range(0, len(content), 1000), 1):
        piece = content[start : start + 1000]

        async def body(data: bytes = piece):  # type: ignore[no-untyped-def] # noqa: ANN202
            yield data

        tags.append(
            await studio.uploads.accept_part(video.file_key, video.upload_id, number, len(piece), body())
        )
    parts = [UploadPart(number, tag) for number, tag in enumerate(tags, 1)]
    with pytest.raises(Refused) as refused:
        await complete(studio, video, *parts[:-1])
    assert code(refused) == "parts_mismatch"
    assert begun(studio, video.id) == (S.PENDING, 0)
    (_, job), (_, again) = await asyncio.gather(
        complete(studio, video, *parts), complete(studio, video, *parts)
    )
    assert job.id == again.id
    assert await studio.store.get(video.file_key) == content


@pytest.mark.requirement("VID-1", "QUE-6")
async def test_a_store_that_is_away_leaves_the_upload_open(studio: Studio) -> None:
    video = await studio.upload()
    studio.store.fuse.at, studio.store.fuse.error = 2, ObjectStoreUnavailable("timed out")
    with pytest.raises(ObjectStoreUnavailable):
        await complete(studio, video)
    assert begun(studio, video.id) == (S.PENDING, 0)
    assert (await complete(studio, video))[0].state is S.UPLOADED


@pytest.mark.requirement("VID-1")
async def test_uploads_that_nobody_completes_expire(studio: Studio) -> None:
    parts = await studio.upload(MP4 + bytes(2500))
    single, done = await studio.upload(), await studio.uploaded()
    studio.world.manual.advance(timedelta(hours=47))
    young = await studio.upload()
    assert await studio.expiry.expire_abandoned() == 0
    studio.world.manual.advance(timedelta(hours=2))
    assert await studio.expiry.expire_abandoned() == 2
    assert await studio.expiry.expire_abandoned() == 0
    for video in (parts, single):
        failed = studio.video(video.id)
        assert failed.failure is not None
        assert (failed.state, failed.failure.code) == (S.FAILED, "upload_expired")
        with pytest.raises(Conflict):
            await complete(studio, video)
    assert (studio.video(young.id).state, studio.video(done.id).state) == (S.PENDING, S.UPLOADED)
    assert not studio.uploads._uploads


@pytest.mark.requirement("VID-1")
async def test_another_academy_does_not_find_the_video(studio: Studio) -> None:
    video = await studio.uploaded()
    catalogue, database = studio.catalogue, studio.world.database
    with pytest.raises(NotFound):
        await catalogue.complete_upload("t2", video.id, ())
    for call in (catalogue.get, catalogue.retry, catalogue.delete, catalogue.cancel_processing):
        with pytest.raises(NotFound):
            database.run_sync(lambda tx, call=call: call(tx, "t2", video.id))  # type: ignore[misc]
    assert database.run_sync(lambda tx: catalogue.list(tx, "t2", "", 10, ready_only=False)).items == []


@pytest.mark.requirement("VID-1")
async def test_a_failed_video_can_be_tried_again(studio: Studio) -> None:
    catalogue, database = studio.catalogue, studio.world.database
    video = await studio.uploaded()
    with pytest.raises(Conflict):
        database.run_sync(lambda tx: catalogue.retry(tx, "t1", video.id))
    database.run_sync(lambda tx: catalogue.cancel_processing(tx, "t1", video.id))
    again, job = database.run_sync(lambda tx: catalogue.retry(tx, "t1", video.id))
    assert (again.state, again.job_id, again.failure) == (S.UPLOADED, job.id, None)
    assert job.id != video.job_id
    await studio.work_off()
    assert studio.video(video.id).state is S.READY
    assert studio.strays(studio.video(video.id)) == set()


@pytest.mark.requirement("JOB-8", "VID-1")
async def test_processing_can_be_cancelled_before_and_while_it_runs(studio: Studio) -> None:
    catalogue, database = studio.catalogue, studio.world.database
    waiting = await studio.uploaded()
    after = database.run_sync(lambda tx: catalogue.cancel_processing(tx, "t1", waiting.id))
    assert after.failure is not None
    assert (after.state, after.failure.code) == (S.FAILED, "cancelled")
    with pytest.raises(Conflict):
        database.run_sync(lambda tx: catalogue.cancel_processing(tx, "t1", waiting.id))
    await studio.work_off()
    running = await studio.uploaded()
    (claimed,) = await studio.take()
    after = database.run_sync(lambda tx: catalogue.cancel_processing(tx, "t1", running.id))
    assert after.state is S.PROCESSING
    assert studio.world.job(claimed.job.id).cancel_requested


@pytest.mark.requirement("VID-1")
async def test_titles_and_modes_can_be_changed(studio: Studio) -> None:
    video = await studio.ready()
    catalogue, database = studio.catalogue, studio.world.database
    database.run_sync(lambda tx: catalogue.rename(tx, "t1", video.id, title="2강", access_mode=None))
    database.run_sync(
        lambda tx: catalogue.rename(tx, "t1", video.id, title=None, access_mode=AccessMode.BLOCKED)
    )
    changed = studio.video(video.id)
    assert (changed.title, changed.access_mode, changed.revision) == (
        "2강",
        AccessMode.BLOCKED,
        video.revision,
    )


def delete(studio: Studio, video_id: str) -> Job:
    return studio.world.database.run_sync(lambda tx: studio.catalogue.delete(tx, "t1", video_id))


def listed(studio: Studio) -> list[str]:
    page = studio.world.database.read_sync(
        lambda tx: studio.catalogue.list(tx, "t1", "", 10, ready_only=False)
    )
    return [video.id for video in page.items]


@pytest.mark.requirement("VID-8")
async def test_a_deleted_video_leaves_every_list_at_once_and_every_object_soon(studio: Studio) -> None:
    video, other = await studio.ready(), await studio.ready()
    job = delete(studio, video.id)
    assert listed(studio) == [other.id]
    with pytest.raises(NotFound):
        studio.world.database.run_sync(lambda tx: studio.catalogue.get(tx, "t1", video.id))
    assert delete(studio, video.id).id == job.id
    await studio.work_off()
    assert not {key for key in studio.store.stored() if video.id in key}
    assert studio.world.database.read_sync(lambda tx: tx.videos.get("t1", video.id)) is None
    assert studio.published(other)
    with pytest.raises(NotFound):
        delete(studio, video.id)


@pytest.mark.requirement("VID-8")
@pytest.mark.parametrize("finishes", [True, False])
async def test_a_video_deleted_while_it_is_made_is_removed_when_that_has_stopped(
    studio: Studio, finishes: bool
) -> None:
    video = await studio.uploaded()
    (claimed,) = await studio.take()
    purges: list[Job] = []

    class DeletesMidway(Fuse):
        def before(self, name: str) -> None:
            if name == "encode 2":
                purges.append(delete(studio, video.id))
                if not finishes:
                    raise Killed

    studio.engine.fuse = DeletesMidway()
    if finishes:
        # It did not notice in time and publishes all the same; the wish to stop counts.
        assert (await studio.finish(studio.begin(claimed))).state is JobState.CANCELLED
    else:
        await studio.crash(claimed)
    (purge,) = purges
    for _ in range(10):
        await studio.work_off()
        studio.world.manual.advance(700)
    assert studio.world.job(purge.id).state is JobState.SUCCEEDED
    assert studio.store.stored() == set()
    assert studio.world.database.read_sync(lambda tx: tx.videos.get("t1", video.id)) is None


@pytest.mark.requirement("VID-8")
async def test_a_purge_waits_while_the_video_is_still_being_made(studio: Studio) -> None:
    video = await studio.uploaded()
    (claimed,) = await studio.take()
    purge = delete(studio, video.id)
    assert studio.world.job(claimed.job.id).cancel_requested
    await studio.work_off()
    waiting = studio.world.job(purge.id)
    assert waiting.failure is not None
    assert (waiting.state, waiting.failure.code) == (JobState.RETRY_WAIT, "transcode_still_running")
    assert studio.video(video.id).state is S.DELETING


@pytest.mark.requirement("VID-8")
async def test_a_video_that_waits_is_deleted_with_its_job(studio: Studio) -> None:
    video = await studio.uploaded()
    delete(studio, video.id)
    await studio.work_off()
    assert studio.store.stored() == set()
    assert studio.engine.encoded == []


@pytest.mark.requirement("VID-8")
async def test_a_purge_that_was_given_up_gets_a_new_life_when_deleted_again(studio: Studio) -> None:
    video = await studio.ready()
    job = delete(studio, video.id)
    studio.world.database.run_sync(lambda tx: tx.jobs.request_cancel(job.id))
    again = delete(studio, video.id)
    assert (again.id, again.state) == (job.id, JobState.PENDING)
    await studio.work_off()
    assert studio.store.stored() == set()
    assert studio.jobs(video.id)[PURGE][0].state is JobState.SUCCEEDED


@pytest.mark.requirement("VID-1", "VID-8")
async def test_a_file_that_arrived_but_was_never_completed_is_removed_when_its_upload_expires(
    studio: Studio,
) -> None:
    video = await studio.upload()
    studio.world.manual.advance(timedelta(hours=49))
    with pytest.raises(Conflict):
        await complete(studio, video)
    assert await studio.expiry.expire_abandoned() == 1
    assert studio.store.stored() == set()
    assert studio.video(video.id).state is S.FAILED


@pytest.mark.requirement("VID-1")
async def test_a_store_that_is_away_when_an_upload_expires_is_asked_again(studio: Studio) -> None:
    video = await studio.upload()
    studio.world.manual.advance(timedelta(hours=49))
    studio.store.fuse = Fuse(1, error=ObjectStoreUnavailable("timed out"))
    with pytest.raises(ObjectStoreUnavailable):
        await studio.expiry.expire_abandoned()
    assert studio.video(video.id).state is S.PENDING
    assert await studio.expiry.expire_abandoned() == 1
    assert studio.store.stored() == set()


@pytest.mark.requirement("OPS-5", "VID-8")
async def test_an_old_job_of_a_deleted_video_gets_no_new_life(studio: Studio) -> None:
    video = await studio.uploaded()
    types, database = studio.world.types, studio.world.database
    delete(studio, video.id)
    for gone in (False, True):
        with pytest.raises(Conflict) as refused:
            database.run_sync(lambda tx: revive(tx, types, video.job_id))
        assert refused.value.failure.code == "video_deleted"
        assert studio.world.job(video.job_id).state is JobState.CANCELLED
        if not gone:
            await studio.work_off()
    assert database.read_sync(lambda tx: tx.videos.get("t1", video.id)) is None


@pytest.mark.requirement("OPS-5")
async def test_a_job_that_a_newer_one_took_over_from_gets_no_new_life(studio: Studio) -> None:
    catalogue, database, types = studio.catalogue, studio.world.database, studio.world.types
    video = await studio.uploaded()
    database.run_sync(lambda tx: catalogue.cancel_processing(tx, "t1", video.id))
    again, _ = database.run_sync(lambda tx: catalogue.retry(tx, "t1", video.id))
    with pytest.raises(Conflict) as refused:
        database.run_sync(lambda tx: revive(tx, types, video.job_id))
    assert refused.value.failure.code == "job_superseded"
    assert studio.video(video.id).job_id == again.job_id


@pytest.mark.requirement("OPS-5", "VID-8")
async def test_a_redrive_leaves_the_dead_job_of_a_deleted_video_dead(studio: Studio) -> None:
    video = await studio.uploaded()
    (claimed,) = await studio.take()
    lease = Lease(claimed.job.id, claimed.job.token)
    failure = Failure("worker_lost", "The worker vanished.")
    dead = Settlement(lease, JobState.DEAD, reason=EndReason.INTERRUPTED, failure=failure)
    database, types, queue = studio.world.database, studio.world.types, studio.world.queue
    database.run_sync(lambda tx: settle(tx, types, [(claimed.job, dead)]))
    await queue.dead_letter(claimed.delivery, "it died")
    delete(studio, video.id)
    await studio.work_off()
    done = await Operations(database, queue, types).redrive(QUEUE, 10)
    assert done.revived == ()
    admission = await studio.world.intake(handled=frozenset(studio.handlers)).admit(
        await studio.world.receive()
    )
    assert [reason for _, reason in admission.dead] == ["interrupted: The worker vanished."]
    assert database.read_sync(lambda tx: tx.videos.get("t1", video.id)) is None


@pytest.mark.requirement("VID-1")
async def test_what_crashes_left_in_a_store_of_our_own_is_swept_by_and_by(studio: Studio) -> None:
    stop, ages = asyncio.Event(), list[float]()

    async def sweep(older_than_seconds: float) -> int:
        ages.append(older_than_seconds)
        stop.set()
        return 3

    await UploadExpiry(studio.world.database, studio.store, studio.uploads, sweep).expire_until(stop)
    assert ages == [50 * 3600]
