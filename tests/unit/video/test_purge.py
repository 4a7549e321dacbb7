"""Removing: everything of a deleted video (VID-8), and what nobody will see of a living one (VID-5)."""

from collections.abc import Sequence

import pytest
from tests.support.studio import MP4, Fuse, Studio

from academy.application.jobs.attempt import Work
from academy.application.jobs.submit import submit
from academy.application.ports.object_store import ObjectStoreUnavailable
from academy.application.video.job_types import PURGE, SWEEP, TRANSCODE
from academy.contracts.video import SweepVideo
from academy.domain.job.states import JobState
from academy.domain.video.video import VideoState


def delete(studio: Studio, video_id: str) -> str:
    return studio.world.database.run_sync(lambda tx: studio.catalogue.delete(tx, "t1", video_id)).id


@pytest.mark.requirement("VID-8")
async def test_a_purge_that_fails_is_repeated_until_nothing_is_left(studio: Studio) -> None:
    video = await studio.ready()
    purge = delete(studio, video.id)
    for at in (1, 2, 3, 4):
        studio.store.fuse = Fuse(at, error=ObjectStoreUnavailable("timed out"))
        (job,) = await studio.work_off(1)
        assert (job.id, job.state) == (purge, JobState.RETRY_WAIT)
        assert studio.video(video.id).state is VideoState.DELETING
        studio.world.manual.advance(700)
    studio.store.fuse = Fuse()
    await studio.work_off()
    assert studio.world.job(purge).state is JobState.SUCCEEDED
    assert studio.store.stored() == set()


@pytest.mark.requirement("VID-8")
async def test_a_purge_that_leaves_something_has_failed(studio: Studio) -> None:
    video = await studio.ready()
    purge = delete(studio, video.id)

    class Forgets(type(studio.store)):  # type: ignore[misc]
        async def delete(self, keys: Sequence[str]) -> None:
            await super().delete([key for key in keys if "00001.m4s" not in key])

    kind = type(studio.store)
    studio.store.__class__ = Forgets
    (job,) = await studio.work_off(1)
    assert job.failure is not None
    assert (job.state, job.failure.code) == (JobState.RETRY_WAIT, "purge_failed")
    studio.store.__class__ = kind
    studio.world.manual.advance(700)
    await studio.work_off()
    assert studio.world.job(purge).state is JobState.SUCCEEDED
    assert studio.store.stored() == set()


@pytest.mark.requirement("VID-8", "CON-2")
async def test_an_older_producers_delete_removes_what_lies_elsewhere_too(studio: Studio) -> None:
    theirs = {
        "tenants/hagwon/videos/7.mp4",
        "tenants/hagwon/hls/7/master.m3u8",
        "tenants/hagwon/hls/7/a/1.ts",
    }
    kept = {"tenants/hagwon/hls/77/master.m3u8", "tenants/hagwon/videos/70.mp4", "tenants/t2/video/hls/7/x"}
    for key in theirs | kept:
        await studio.store.put(key, b"x")
    fields = {"video_id": 7, "tenant_id": "t1", "hls_prefix": "tenants/hagwon/hls/7"}
    await studio.message(action="delete_r2", file_key="tenants/hagwon/videos/7.mp4", **fields)
    (job,) = await studio.work_off()
    assert job.state is JobState.SUCCEEDED
    assert studio.store.stored() == kept


@pytest.mark.requirement("VID-8", "CON-2")
@pytest.mark.parametrize(
    "prefix",
    [
        "tenants/t1/",
        "tenants/t1",
        "tenants/t1/video/hls",
        "tenants/t1/video/hls/",
        "tenants/t1/video/hls/8",
        "tenants/t2/video/hls/7",
        "tenants/t1/video/hls/7/../8",
        "",
    ],
)
async def test_a_prefix_that_holds_more_than_the_video_is_not_emptied(studio: Studio, prefix: str) -> None:
    others = {"tenants/t1/video/hls/8/r1/master.m3u8", "tenants/t1/exams/1.pdf", "tenants/t2/video/hls/7/x"}
    for key in others:
        await studio.store.put(key, b"x")
    await studio.message(action="delete_r2", video_id=7, tenant_id="t1", file_key="", hls_prefix=prefix)
    (job,) = await studio.work_off()
    assert job.state is (JobState.FAILED if prefix else JobState.SUCCEEDED)
    assert studio.store.stored() == others


@pytest.mark.requirement("VID-8")
async def test_the_video_of_a_tenant_whose_id_is_the_same_is_untouched(studio: Studio) -> None:
    studio.world.database.run_sync(lambda tx: tx.tenants.add("7", "other", "Other"))
    await studio.store.put("tenants/7/video/hls/1/master.m3u8", b"x")
    await studio.message(
        action="delete_r2", video_id="7", tenant_id="7", file_key="", hls_prefix="tenants/7/video/hls"
    )
    (job,) = await studio.work_off()
    assert job.state is JobState.FAILED
    assert studio.store.stored() == {"tenants/7/video/hls/1/master.m3u8"}


@pytest.mark.requirement("VID-8")
async def test_work_that_comes_for_a_deleted_video_makes_nothing(studio: Studio) -> None:
    video = await studio.uploaded()
    delete(studio, video.id)
    await studio.store.put("tenants/t1/late.mp4", MP4)
    await studio.message(video_id=video.id, file_key="tenants/t1/late.mp4", tenant_id="t1")
    for _ in range(5):
        await studio.work_off()
        studio.world.manual.advance(700)
    late = studio.jobs(video.id)[TRANSCODE][-1]
    assert late.failure is not None
    assert (late.state, late.failure.code) == (JobState.FAILED, "video_deleted")
    assert studio.store.stored() == {"tenants/t1/late.mp4"}
    assert studio.world.database.read_sync(lambda tx: tx.videos.get("t1", video.id)) is None


@pytest.mark.requirement("VID-8")
async def test_an_id_used_again_after_its_video_was_removed_can_be_deleted_again(studio: Studio) -> None:
    for turn in range(2):
        key = f"tenants/t1/{turn}.mp4"
        await studio.store.put(key, MP4 + bytes([turn]))
        await studio.message(video_id="7", file_key=key, tenant_id="t1")
        await studio.work_off()
        assert studio.video("7").state is VideoState.READY
        delete(studio, "7")
        await studio.work_off()
        assert studio.store.stored() == set(), turn
        studio.world.manual.advance(1)
    assert len(studio.jobs("7")[PURGE]) == 2


async def sweep(studio: Studio, video_id: str, keep: str) -> None:
    """Run a sweep as one that was delayed until now."""
    job = studio.world.database.run_sync(
        lambda tx: (
            submit(
                tx,
                studio.world.types,
                job_id="late-sweep",
                tenant_id="t1",
                type_name=SWEEP,
                payload=SweepVideo(video_id=video_id, keep_revision=keep),
                idempotency_key="late-sweep",
            ).job
        )
    )
    work = Work(job, SweepVideo(video_id=video_id, keep_revision=keep), lambda *_: None)
    await studio.handlers[SWEEP].run(work)


@pytest.mark.requirement("VID-5")
async def test_a_late_sweep_never_touches_the_published_revision(studio: Studio) -> None:
    video = await studio.ready()
    before = studio.store.stored()
    for keep in ("", "r0-000000000000", video.revision):
        await studio.world.database.run(lambda tx: tx.jobs.request_cancel("late-sweep"))
        await sweep(studio, video.id, keep)
        assert studio.store.stored() == before


@pytest.mark.requirement("VID-5")
async def test_a_sweep_leaves_the_objects_of_a_newer_job_alone(studio: Studio) -> None:
    video = await studio.ready()
    await studio.store.put(video.file_key + "-2", MP4 + b"2")
    await studio.message(video_id=video.id, file_key=video.file_key + "-2", tenant_id="t1")
    (claimed,) = await studio.take()
    studio.store.fuse = Fuse(30, after=True)
    await studio.crash(claimed)
    busy = studio.store.stored()
    assert any("/work/" in key for key in busy)
    await sweep(studio, video.id, video.revision)
    assert studio.store.stored() == busy
    await studio.work_off()
    made = studio.video(video.id)
    assert made.state is VideoState.READY
    assert {key for key in studio.strays(made) if "/source/" not in key} == set()


@pytest.mark.requirement("VID-5")
async def test_a_job_begun_while_a_sweep_is_under_way_stops_the_sweep(studio: Studio) -> None:
    video = await studio.ready()
    prefix = f"tenants/t1/video/work/{video.id}/recipe/"
    await studio.store.put(f"{prefix}old", b"x")
    kind = type(studio.store)

    class Begins(kind):  # type: ignore[misc, valid-type]
        async def list(self, prefix: str):  # type: ignore[no-untyped-def] # noqa: ANN202
            async for head in super().list(prefix):
                yield head
            # After the listing and before the deletion a newer job comes.
            await studio.message(video_id=video.id, file_key=video.file_key + "-2", tenant_id="t1")
            await studio.take()

    studio.store.__class__ = Begins
    await sweep(studio, video.id, video.revision)
    studio.store.__class__ = kind
    assert f"{prefix}old" in studio.store.stored()


@pytest.mark.requirement("VID-5", "CON-2")
@pytest.mark.parametrize("old_ends_last", [True, False])
async def test_a_superseded_job_leaves_nothing_behind(studio: Studio, old_ends_last: bool) -> None:
    for name in ("1", "2"):
        await studio.store.put(f"tenants/t1/{name}.mp4", MP4 + name.encode())
    claims = []
    for name in ("1", "2"):
        await studio.message(video_id="7", file_key=f"tenants/t1/{name}.mp4", tenant_id="t1")
        claims += await studio.take(f"w{name}")
    order = reversed(claims) if old_ends_last else claims
    for claimed in order:
        # The old one did not notice that it was asked to stop.
        await studio.finish(studio.begin(claimed))
        await studio.work_off()
    video = studio.video("7")
    assert (video.state, video.job_id) == (VideoState.READY, claims[1].job.id)
    assert studio.published(video)
    assert {key for key in studio.strays(video) if "/hls/" in key or "/work/" in key} == set()


@pytest.mark.requirement("VID-5", "CON-1")
async def test_a_job_with_the_longest_id_there_can_be_is_swept_after_as_well(studio: Studio) -> None:
    await studio.store.put("tenants/t1/1.mp4", MP4)
    body = {
        "v": 1,
        "id": "i" * 200,
        "type": TRANSCODE,
        "tenant_id": "t1",
        "payload": {"video_id": "7", "file_key": "tenants/t1/1.mp4"},
        "created_at": "2026-03-02T09:00:00Z",
        "idempotency_key": "k" * 300,
    }
    await studio.message(**body)
    await studio.work_off()
    video = studio.video("7")
    assert video.state is VideoState.READY
    assert {job.state for job in studio.jobs("7")[SWEEP]} == {JobState.SUCCEEDED}
    assert studio.store.stored(f"tenants/t1/video/work/{video.id}/") == set()


@pytest.mark.requirement("VID-8", "CON-2", "SEC-3")
@pytest.mark.parametrize(
    ("video_id", "prefix"),
    [
        ("video", "tenants/hagwon/video/"),
        ("video", "tenants/t1/video"),
        ("hls", "tenants/t1/video/hls"),
        ("source", "tenants/t1/video/source/"),
        ("work", "tenants/t1/video/work/"),
        ("hls", "tenants/t1/video/hls/8/hls"),
        ("r1-abc", "tenants/t1/video/hls/8/r1-abc/"),
        ("recipe", "tenants/t1/video/work/8/recipe/"),
        ("8", "tenants/t1/video/hls/8/r1-abc/"),
        ("8", "tenants/8/"),
        ("7", "tenants/t1/7/hls"),
    ],
)
async def test_an_id_that_is_the_name_of_a_folder_empties_nothing(
    studio: Studio, video_id: str, prefix: str
) -> None:
    others = {
        "tenants/t1/video/hls/8/r1-abc/master.m3u8",
        "tenants/t1/video/hls/8/hls/x",
        "tenants/t1/video/source/8/original",
        "tenants/t1/video/work/8/recipe/x",
        "tenants/hagwon/video/9.mp4",
        "tenants/t1/7/hls/x",
    }
    for key in others:
        await studio.store.put(key, b"x")
    await studio.message(
        action="delete_r2", video_id=video_id, tenant_id="t1", file_key="", hls_prefix=prefix
    )
    (job,) = await studio.work_off()
    assert job.failure is not None
    assert (job.state, job.failure.code) == (JobState.FAILED, "foreign_key")
    assert studio.store.stored() == others


@pytest.mark.requirement("VID-8", "CON-2", "SEC-3")
@pytest.mark.parametrize(
    "key",
    [
        "tenants/t1/video/source/8/original",
        "tenants/hagwon/video/source/8/original",
        "tenants/t1/video/hls/8/r1/master.m3u8",
        "tenants/t1/video/work/8/7/x",
    ],
)
async def test_a_delete_never_removes_a_file_in_the_place_of_another_video(studio: Studio, key: str) -> None:
    await studio.store.put(key, b"x")
    await studio.message(action="delete_r2", video_id=7, tenant_id="t1", file_key=key)
    (job,) = await studio.work_off()
    assert job.state is JobState.FAILED
    assert studio.store.stored() == {key}


@pytest.mark.requirement("VID-8", "CON-2")
async def test_a_source_that_two_videos_share_goes_with_the_last_of_them(studio: Studio) -> None:
    await studio.store.put("tenants/t1/videos/1.mp4", MP4)
    for video_id in ("7", "8"):
        await studio.message(video_id=video_id, file_key="tenants/t1/videos/1.mp4", tenant_id="t1")
    await studio.work_off()
    fields = {"tenant_id": "t1", "file_key": "tenants/t1/videos/1.mp4"}
    await studio.message(action="delete_r2", video_id="7", **fields)
    await studio.work_off()
    assert studio.jobs("7")[PURGE][0].state is JobState.SUCCEEDED
    assert studio.store.stored("tenants/t1/videos/") == {"tenants/t1/videos/1.mp4"}
    assert not {key for key in studio.store.stored() if "/7/" in key}
    delete(studio, "8")
    await studio.work_off()
    assert studio.store.stored() == set()


@pytest.mark.requirement("VID-8")
async def test_what_an_address_still_lets_in_after_a_purge_is_removed_when_it_has_ended(
    studio: Studio,
) -> None:
    video = await studio.ready()
    delete(studio, video.id)
    await studio.work_off()
    # The address of the single PUT is good for hours; nothing can call it back.
    await studio.store.put(video.file_key, MP4)
    studio.world.manual.advance(5 * 3600)
    await studio.work_off()
    assert studio.store.stored() == {video.file_key}
    studio.world.manual.advance(2 * 3600)
    await studio.work_off()
    assert studio.store.stored() == set()
    assert [job.state for job in studio.jobs(video.id)[PURGE]] == [JobState.SUCCEEDED] * 2


@pytest.mark.requirement("VID-8")
async def test_a_video_whose_addresses_have_ended_is_purged_once(studio: Studio) -> None:
    video = await studio.ready()
    studio.world.manual.advance(8 * 3600)
    delete(studio, video.id)
    await studio.work_off()
    studio.world.manual.advance(8 * 3600)
    await studio.work_off()
    assert len(studio.jobs(video.id)[PURGE]) == 1


@pytest.mark.requirement("VID-8")
async def test_a_video_deleted_while_it_is_sent_keeps_no_parts(studio: Studio) -> None:
    video = await studio.upload(MP4 + bytes(2500))
    await studio.store.delete([video.file_key])
    assert video.upload_id in studio.uploads._uploads
    delete(studio, video.id)
    await studio.work_off()
    assert not studio.uploads._uploads
    assert studio.store.stored() == set()


@pytest.mark.requirement("CON-1", "QUE-3")
@pytest.mark.parametrize("kind", [TRANSCODE, PURGE, SWEEP])
async def test_an_id_that_is_no_part_of_a_key_is_refused_at_the_edge(studio: Studio, kind: str) -> None:
    payload = {
        TRANSCODE: {"video_id": "a..b", "file_key": "tenants/t1/1.mp4"},
        PURGE: {"video_id": "a..b"},
        SWEEP: {"video_id": "a", "keep_revision": "r1..2"},
    }[kind]
    body = {
        "v": 1,
        "id": "bad",
        "type": kind,
        "tenant_id": "t1",
        "payload": payload,
        "created_at": "2026-03-02T09:00:00Z",
        "idempotency_key": "k",
    }
    await studio.message(**body)
    admission = await studio.world.intake(handled=frozenset(studio.handlers)).admit(
        await studio.world.receive()
    )
    assert [error.reason.split(":")[0] for _, error in admission.invalid] in (["video_id"], ["keep_revision"])


@pytest.mark.requirement("JOB-5")
async def test_a_stored_tenant_that_is_no_part_of_a_key_is_no_error_of_ours(studio: Studio) -> None:
    studio.world.database.run_sync(lambda tx: tx.tenants.add("t..3", "odd", "Odd"))
    await studio.message(action="delete_r2", video_id="7", tenant_id="t..3")
    await studio.message(video_id="8", tenant_id="t..3", file_key="tenants/t..3/1.mp4")
    # The third is the sweep after the transcode.
    ends = [(job.state, job.failure and job.failure.code) for job in await studio.work_off()]
    assert ends == [(JobState.FAILED, "foreign_key")] * 3
