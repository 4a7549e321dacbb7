"""Making a stream: resumed after a crash anywhere, published whole or not at all (VID-5, VID-6)."""

import errno
import json
import os
from pathlib import Path

import pytest
from tests.support.jobs import LEASE
from tests.support.studio import MP4, Fuse, Studio, open_studio, stream_names

from academy.application.jobs.attempt import Stop
from academy.application.jobs.submit import cancel
from academy.application.ports.media import MediaError
from academy.application.ports.object_store import ObjectStoreUnavailable
from academy.application.video.job_types import SWEEP, TRANSCODE
from academy.domain.job.states import EndReason, JobState
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.video import VideoState

NAMES = stream_names()


@pytest.mark.requirement("VID-5", "VID-6")
async def test_an_upload_becomes_a_complete_stream(studio: Studio) -> None:
    video = await studio.ready()
    assert (video.state, video.encrypted, video.duration, video.failure) == (
        VideoState.READY,
        True,
        30.0,
        None,
    )
    assert [rung.name for rung in video.rungs] == ["720p", "360p"]
    assert studio.published(video) == NAMES
    assert studio.strays(video) == set()
    assert not list(studio.scratch.iterdir())
    assert studio.engine.encoded == [0, 1, 2, 3, 4]


@pytest.mark.requirement("VID-5")
async def test_the_master_playlist_comes_last_and_media_before_playlists(studio: Studio) -> None:
    video = await studio.ready()
    sent = [Path(key).name for key in studio.store.puts if f"/{video.revision}/" in key]
    assert sent[-1] == "master.m3u8"
    kinds = [name.endswith(".m3u8") for name in sent]
    assert kinds == sorted(kinds)


@pytest.mark.requirement("VID-6")
async def test_progress_goes_through_the_steps_and_never_falls(studio: Studio) -> None:
    await studio.uploaded()
    (claimed,) = await studio.take()
    seen: list[tuple[str, float]] = []
    attempt = studio.begin(claimed)
    report = attempt._report

    def note(step: str, fraction: float) -> None:
        report(step, fraction)
        assert attempt.progress is not None
        seen.append((attempt.progress.step, attempt.progress.percent))

    attempt._report = note  # type: ignore[method-assign]
    await studio.finish(attempt)
    percents = [percent for _, percent in seen]
    assert percents == sorted(percents)
    assert percents[-1] == 100.0
    steps = list(dict.fromkeys(step for step, _ in seen))
    assert steps == ["download", "probe", "transcode", "package", "thumbnails", "upload"]


async def _calls(folder: Path) -> int:
    """Return how many calls of ports one undisturbed run makes."""
    async with open_studio(folder, 12.0) as studio:
        await studio.uploaded()
        (claimed,) = await studio.take()
        studio.store.fuse = studio.engine.fuse = fuse = Fuse()
        await studio.finish(studio.begin(claimed))
        return len(fuse.calls)


@pytest.mark.requirement("VID-5", "VID-6", "JOB-3")
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("part", range(4))
async def test_a_crash_anywhere_is_resumed_and_leaves_nothing_behind(
    tmp_path: Path, part: int, after: bool
) -> None:
    total = await _calls(tmp_path)
    assert total > 30
    for at in range(1 + part, total + 1, 4):
        folder = tmp_path / f"{at}"
        folder.mkdir()
        async with open_studio(folder, 12.0) as studio:
            video = await studio.uploaded()
            (claimed,) = await studio.take()
            studio.store.fuse = studio.engine.fuse = fuse = Fuse(at, after)
            await studio.crash(claimed)
            shelved = {key for key in studio.store.stored() if "/work/" in key and key.endswith(".json")}
            # Nobody sees a half-published version: no revision is named before the end is committed.
            assert studio.video(video.id).revision == "", fuse.calls[-1]
            done = await studio.work_off()
            made = studio.video(video.id)
            assert (made.state, studio.published(made)) == (VideoState.READY, stream_names(2)), fuse.calls[-1]
            assert studio.strays(made) == set(), fuse.calls[-1]
            assert [job.state for job in done if job.type == TRANSCODE] == [JobState.SUCCEEDED]
            for chunk in range(2):
                finished = any(f"chunk-{chunk:05}.json" in key for key in shelved)
                assert 1 <= studio.engine.encoded.count(chunk) <= (1 if finished else 2)
            assert studio.jobs(video.id)[TRANSCODE][0].attempt == 1
            assert not list(studio.scratch.iterdir())


@pytest.mark.requirement("VID-6")
async def test_finished_chunks_are_not_encoded_again(studio: Studio) -> None:
    await studio.uploaded()
    (claimed,) = await studio.take()
    calls = [f"encode {n}" for n in range(5)]
    studio.engine.fuse = Fuse(at=1 + 1 + 3)  # the probe, three chunks, and then
    await studio.crash(claimed)
    assert studio.engine.encoded == [0, 1, 2]
    await studio.work_off()
    assert studio.engine.encoded == [0, 1, 2, 3, 4]
    assert [call for call in studio.engine.fuse.calls if call in calls] == calls[3:]


@pytest.mark.requirement("VID-6")
async def test_chunks_of_other_bytes_are_never_mixed_in(studio: Studio) -> None:
    # An older producer's message names no ETag: whatever lies there is taken.
    key = "tenants/t1/video/source/7/original"
    await studio.store.put(key, MP4)
    await studio.message(video_id="7", file_key=key, tenant_id="t1")
    (claimed,) = await studio.take()
    studio.engine.fuse = Fuse(at=4)
    await studio.crash(claimed)
    assert studio.engine.encoded == [0, 1]
    await studio.store.put(key, MP4 + b"changed")
    await studio.work_off()
    video = studio.video("7")
    made = studio.video(video.id)
    assert studio.engine.encoded == [0, 1, 0, 1, 2, 3, 4]
    prefix = f"tenants/t1/video/hls/{video.id}/{made.revision}/360p/"
    prints = {(await studio.store.get(f"{prefix}{n:05}.m4s")).split()[0] for n in range(1, 6)}
    assert len(prints) == 1


@pytest.mark.requirement("VID-6")
async def test_a_shelved_piece_that_was_cut_short_is_made_again(studio: Studio) -> None:
    video = await studio.uploaded()
    (claimed,) = await studio.take()
    studio.engine.fuse = Fuse(at=4)
    await studio.crash(claimed)
    manifest = next(key for key in studio.store.stored() if key.endswith("chunk-00000.json"))
    entry = json.loads(await studio.store.get(manifest))["360p"]
    await studio.store.put(entry["key"], b"short")
    await studio.work_off()
    assert studio.video(video.id).state is VideoState.READY
    assert studio.engine.encoded.count(0) == 2


def failing(studio: Studio, error: BaseException, call: str) -> None:
    """Let the first call that begins with `call` fail once."""

    class Once(Fuse):
        def before(self, name: str) -> None:
            if name.startswith(call) and not self.calls:
                self.calls.append(name)
                raise error

    studio.engine.fuse = studio.store.fuse = Once()


@pytest.mark.requirement("VID-6", "JOB-5")
@pytest.mark.parametrize(
    ("error", "call", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "encode", "disk_full"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "package", "disk_full"),
        (OSError(errno.ENOSPC, "No space left on device"), "put tenants/t1/video/hls", "disk_full"),
        (ObjectStoreUnavailable("timed out"), "put tenants/t1/video/hls", "service_unavailable"),
        (ObjectStoreUnavailable("timed out"), "put tenants/t1/video/work", "service_unavailable"),
        (ObjectStoreUnavailable("timed out"), "head", "service_unavailable"),
        (MediaError(video_failure(VideoFailure.ENCODE_CRASHED)), "audio", "encode_crashed"),
        (ZeroDivisionError("bug"), "thumbnails", "internal_error"),
    ],
)
async def test_what_may_pass_is_tried_again_with_its_own_code(
    studio: Studio, error: BaseException, call: str, code: str
) -> None:
    video = await studio.uploaded()
    failing(studio, error, call)
    (job,) = await studio.work_off(1)
    assert job.failure is not None
    assert (job.state, job.failure.code) == (JobState.RETRY_WAIT, code)
    waiting = studio.video(video.id)
    assert waiting.failure is not None
    assert (waiting.state, waiting.failure.code) == (VideoState.UPLOADED, code)
    assert not list(studio.scratch.iterdir())
    studio.world.manual.advance(60)
    await studio.work_off()
    made = studio.video(video.id)
    assert (made.state, made.failure, studio.published(made)) == (VideoState.READY, None, NAMES)
    assert studio.strays(made) == set()


@pytest.mark.requirement("VID-4", "JOB-5")
async def test_a_file_that_is_no_video_fails_for_good_and_is_swept(studio: Studio) -> None:
    video = await studio.uploaded()
    failing(studio, MediaError(video_failure(VideoFailure.PLAYLIST_REFUSED)), "probe")
    jobs = await studio.work_off()
    assert [(job.type, job.state) for job in jobs] == [
        (TRANSCODE, JobState.FAILED),
        (SWEEP, JobState.SUCCEEDED),
    ]
    failed = studio.video(video.id)
    assert failed.failure is not None
    assert (failed.state, failed.failure.code) == (VideoState.FAILED, "playlist_refused")
    # The source is the teacher's: it stays.
    assert studio.store.stored() == {video.file_key}


@pytest.mark.requirement("VID-6", "JOB-5")
@pytest.mark.requirement("SEC-2")
async def test_a_source_replaced_after_it_was_checked_is_refused(studio: Studio) -> None:
    video = await studio.uploaded()
    await studio.store.put(video.file_key, MP4 + b"something else entirely")
    await studio.work_off()
    failed = studio.video(video.id)
    assert failed.failure is not None
    assert (failed.state, failed.failure.code) == (VideoState.FAILED, "upload_replaced")
    assert studio.engine.encoded == []


async def test_a_source_that_vanished_fails_after_the_last_attempt(studio: Studio) -> None:
    video = await studio.uploaded()
    await studio.store.delete([video.file_key])
    for _ in range(5):
        await studio.work_off()
        studio.world.manual.advance(700)
    failed = studio.video(video.id)
    assert failed.failure is not None
    assert (failed.state, failed.failure.code) == (VideoState.FAILED, "source_vanished")
    assert studio.jobs(video.id)[TRANSCODE][0].state is JobState.DEAD


@pytest.mark.requirement("VID-7")
@pytest.mark.parametrize(
    "key",
    [
        "tenants/t2/video/source/v/original",
        "tenants/t1/../t2/video/source/v/original",
        "tenants/t1//original",
        "tenants/t10/original",
        "/tenants/t1/original",
        "tenants/t1/./original",
        "secrets.env",
        "tenants/t1",
    ],
)
async def test_a_foreign_key_is_not_touched(studio: Studio, key: str) -> None:
    message = {"video_id": "v1", "file_key": key, "tenant_id": "t1"}
    await studio.world.publish(json.dumps(message))
    studio.store.fuse = fuse = Fuse()
    (job, *_) = await studio.work_off(1)
    assert job.failure is not None
    assert (job.state, job.failure.code) == (JobState.FAILED, "foreign_key")
    assert fuse.calls == []


@pytest.mark.requirement("CON-2")
async def test_a_source_under_the_academys_code_is_its_own_unless_the_code_is_anothers_id(
    studio: Studio,
) -> None:
    key = "tenants/hagwon/videos/1.mp4"
    await studio.store.put(key, MP4)
    await studio.world.publish(json.dumps({"video_id": "v1", "file_key": key, "tenant_code": "hagwon"}))
    await studio.work_off()
    assert studio.video("v1").state is VideoState.READY
    studio.world.database.run_sync(lambda tx: tx.tenants.add("hagwon", "h2", "Another academy"))
    await studio.world.publish(json.dumps({"video_id": "v2", "file_key": key, "tenant_id": "t1"}))
    await studio.work_off()
    failed = studio.video("v2")
    assert failed.failure is not None
    assert (failed.state, failed.failure.code) == (VideoState.FAILED, "foreign_key")


@pytest.mark.requirement("JOB-8", "VID-6")
async def test_a_cancelled_transcode_removes_its_partial_output(studio: Studio) -> None:
    video = await studio.uploaded()
    (claimed,) = await studio.take()
    attempt = studio.begin(claimed)

    class Cancels(Fuse):
        def before(self, name: str) -> None:
            if name.startswith("put tenants/t1/video/hls"):
                studio.world.database.run_sync(lambda tx: cancel(tx, studio.world.types, claimed.job.id))
                attempt.stop(Stop.CANCELLED)

    studio.store.fuse = Cancels()
    job = await studio.finish(attempt)
    studio.store.fuse = Fuse()
    assert (job.state, job.end_reason) == (JobState.CANCELLED, EndReason.CANCELLED)
    await studio.work_off()
    failed = studio.video(video.id)
    assert failed.failure is not None
    assert (failed.state, failed.failure.code) == (VideoState.FAILED, "cancelled")
    assert studio.store.stored() == {video.file_key}
    assert not list(studio.scratch.iterdir())


@pytest.mark.requirement("VID-5")
async def test_a_failed_remake_leaves_the_published_revision_as_it_was(studio: Studio) -> None:
    video = await studio.ready()
    newer = {"video_id": video.id, "file_key": video.file_key + "-2", "tenant_id": "t1"}
    await studio.store.put(video.file_key + "-2", MP4 + b"2")
    await studio.world.publish(json.dumps(newer))
    failing(studio, MediaError(video_failure(VideoFailure.DAMAGED_FILE)), "audio")
    await studio.work_off()
    after = studio.video(video.id)
    assert after.failure is not None
    assert (after.state, after.revision, after.failure.code) == (
        VideoState.READY,
        video.revision,
        "damaged_file",
    )
    assert studio.published(after) == NAMES
    assert {key for key in studio.strays(after) if "/source/" not in key} == set()


@pytest.mark.requirement("VID-5")
async def test_a_remake_takes_the_place_of_the_old_revision(studio: Studio) -> None:
    video = await studio.ready()
    await studio.store.put(video.file_key + "-2", MP4 + b"2")
    newer = {"video_id": video.id, "file_key": video.file_key + "-2", "tenant_id": "t1"}
    await studio.world.publish(json.dumps(newer))
    await studio.work_off()
    after = studio.video(video.id)
    assert after.revision != video.revision
    assert studio.published(after) == NAMES
    assert {key for key in studio.strays(after) if "/source/" not in key} == set()


@pytest.mark.requirement("JOB-3", "VID-5")
async def test_two_workers_at_the_same_job_never_mix_their_output(studio: Studio) -> None:
    video = await studio.uploaded()
    (first,) = await studio.take("w1")
    studio.world.manual.advance(LEASE.total_seconds() + 1)
    (second,) = await studio.take("w2")
    assert (first.job.token, second.job.token) == (1, 2)
    zombie, winner = studio.begin(first), studio.begin(second)
    await studio.finish(zombie)
    assert studio.video(video.id).revision == ""
    await studio.finish(winner)
    await studio.work_off()
    made = studio.video(video.id)
    assert made.revision.startswith("r2-")
    assert studio.published(made) == NAMES
    assert studio.strays(made) == set()


async def test_folders_that_nobody_came_back_for_are_removed_and_nothing_else(studio: Studio) -> None:
    old, young, other = (
        studio.scratch / name for name in ("job-0123456789abcdef", "job-fedcba9876543210", "photos")
    )
    for folder in (old, young, other):
        (folder / "1").mkdir(parents=True)
    for folder in (old, other):
        os.utime(folder, (1, 1))
    await studio.ready()
    assert sorted(path.name for path in studio.scratch.iterdir()) == ["job-fedcba9876543210", "photos"]
