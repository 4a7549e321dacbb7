"""The video job types and what they write beside the job row."""

import hashlib
from dataclasses import replace
from datetime import timedelta

from academy.application.errors import Conflict
from academy.application.jobs.job_type import JobType, JobTypes, NoEffects
from academy.application.jobs.submit import cancel, revive, submit
from academy.application.ports.database import JobFilter, Settlement, Transaction
from academy.application.video.unknown import unknown_video
from academy.contracts.base import Contract, validate
from academy.contracts.video import PurgeVideo, SweepVideo, TranscodeResult, TranscodeVideo
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.progress import StepPlan
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import TERMINAL, JobState
from academy.domain.tenant.tenant import source_key
from academy.domain.video import refusals
from academy.domain.video.video import (
    UPLOAD_URL_LIFETIME,
    RungSummary,
    Video,
    VideoState,
    check_move,
)

__all__ = [
    "PURGE",
    "SWEEP",
    "TRANSCODE",
    "cancel_transcodes",
    "submit_purge",
    "submit_transcode",
    "transcodes_under_way",
    "video_job_types",
    "video_subject",
]

TRANSCODE = "video.transcode"
PURGE = "video.purge"
SWEEP = "video.sweep"

_MOST_TRANSCODES = 100
_AFTER_EXPIRY = timedelta(minutes=30)
"""A PUT that began before its address expired may go on for a while."""
_CANCELLED = Failure("cancelled", "The processing was cancelled.", "처리가 취소되었습니다.")

# A purge that fails is tried for about a day and then shown to an operator; it is never forgotten (VID-8).
_KEEP_TRYING = RetryPolicy(max_attempts=200, base=timedelta(seconds=2), ceiling=timedelta(minutes=10))


def video_subject(video_id: str) -> str:
    """Return how lists of jobs name a video."""
    return f"video:{video_id}"


def submit_transcode(
    tx: Transaction, types: JobTypes, video: Video, job_id: str, key: str, *, etag: str, trace: str = ""
) -> Job:
    """Record the job that makes a video's stream of the source that has this ETag ("" for any)."""
    payload = TranscodeVideo(video_id=video.id, file_key=video.file_key, etag=etag)
    return submit(
        tx,
        types,
        job_id=job_id,
        tenant_id=video.tenant_id,
        type_name=TRANSCODE,
        payload=payload,
        idempotency_key=key,
        subject=video_subject(video.id),
        trace=trace,
    ).job


def submit_purge(tx: Transaction, types: JobTypes, video: Video, job_id: str, trace: str = "") -> Job:
    """Record the job that removes a video; a second one is the first, with a new life when that one failed."""
    payload = PurgeVideo(video_id=video.id, file_key=video.file_key)
    job = submit(
        tx,
        types,
        job_id=job_id,
        tenant_id=video.tenant_id,
        type_name=PURGE,
        payload=payload,
        idempotency_key=f"video-purge:{video.id}:{_born(video)}",
        subject=video_subject(video.id),
        trace=trace,
    ).job
    if job.state in {JobState.FAILED, JobState.DEAD, JobState.CANCELLED}:
        return revive(tx, types, job.id) or job
    return job


def _born(video: Video) -> int:
    # Older producers may use an id again after its video was removed: the row's age tells the two apart.
    return int(video.created_at.timestamp() * 1000)


def transcodes_under_way(tx: Transaction, tenant_id: str, video_id: str) -> list[Job]:
    """Return the transcode jobs of a video that have not ended; an older producer's messages can make several."""
    where = JobFilter(tenant_id=tenant_id, type=TRANSCODE, subject=video_subject(video_id))
    return [job for job in tx.jobs.list(where, "", _MOST_TRANSCODES).items if not job.finished]


def cancel_transcodes(tx: Transaction, types: JobTypes, tenant_id: str, video_id: str, but: str = "") -> None:
    """Ask every transcode of a video to stop, except the job `but`."""
    for job in transcodes_under_way(tx, tenant_id, video_id):
        if job.id != but:
            cancel(tx, types, job.id)


class TranscodeEffects:
    """Keep the video row in step with its transcode job."""

    def __init__(self, types: JobTypes | None = None) -> None:
        """Effects submit follow-up jobs, so they need the registry; `video_job_types` binds it."""
        self.types = types

    def created(self, tx: Transaction, job: Job) -> None:
        """Make the row of a video that only a message knows, and point it to the job."""
        assert self.types is not None
        payload = validate(TranscodeVideo, job.payload)
        video = tx.videos.get(job.tenant_id, payload.video_id, lock=True)
        if video is None:
            tx.videos.add(unknown_video(tx, job, payload))
        elif video.state is not VideoState.DELETING:
            if video.state is not VideoState.UPLOADED:
                check_move(video.state, VideoState.UPLOADED)
            tx.videos.save(replace(video, state=VideoState.UPLOADED, job_id=job.id, failure=None))
            # The latest source is the one that counts.
            cancel_transcodes(tx, self.types, job.tenant_id, video.id, but=job.id)

    def check_revival(self, tx: Transaction, job: Job) -> None:
        """Raise Conflict for the job of a video that was deleted, or that a newer job has taken over."""
        video = tx.videos.get(job.tenant_id, str(job.payload.get("video_id", "")), lock=True)
        if video is None or video.state is VideoState.DELETING:
            raise Conflict(refusals.VIDEO_DELETED)
        if video.job_id != job.id:
            raise Conflict(refusals.JOB_SUPERSEDED)

    def started(self, tx: Transaction, job: Job) -> None:
        """Show the video as being processed."""
        self._move(tx, job, VideoState.PROCESSING)

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Publish, fail, or wait for the next attempt; a video that is being deleted stays so."""
        video = self._current(tx, job)
        if video is None:
            self._settled_late(tx, job, end)
            return
        if end.state is JobState.SUCCEEDED:
            self._publish(tx, job, video, end)
        elif end.state in {JobState.RETRY_WAIT, JobState.PENDING}:
            tx.videos.save(replace(video, state=VideoState.UPLOADED, failure=end.failure))
        else:
            # A failed remake leaves the published revision as it was.
            state = VideoState.READY if video.revision else VideoState.FAILED
            tx.videos.save(replace(video, state=state, failure=end.failure or _CANCELLED))
            self._sweep(tx, job, video.revision)

    def _publish(self, tx: Transaction, job: Job, video: Video, end: Settlement) -> None:
        result = validate(TranscodeResult, end.result or {})
        rungs = tuple(RungSummary(**rung.model_dump()) for rung in result.rungs)
        published = replace(
            video,
            state=VideoState.READY,
            revision=result.revision,
            encrypted=result.encrypted,
            duration=result.duration,
            rungs=rungs,
            failure=None,
        )
        tx.videos.save(published)
        self._sweep(tx, job, result.revision)

    def _settled_late(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Clean up after a job that a newer one took over from; what belongs to a deleted video its purge removes."""
        video = tx.videos.get(job.tenant_id, str(job.payload["video_id"]))
        if video is not None and video.state is not VideoState.DELETING and end.state in TERMINAL:
            self._sweep(tx, job, video.revision)

    def _sweep(self, tx: Transaction, job: Job, keep_revision: str) -> None:
        """Have everything removed that this job made and nobody will see."""
        assert self.types is not None
        video_id = str(job.payload["video_id"])
        # Ids of other producers' jobs may be as long as an id can be.
        name = hashlib.sha256(job.id.encode()).hexdigest()[:32]
        submit(
            tx,
            self.types,
            job_id=f"sweep-{name}-{job.token}",
            tenant_id=job.tenant_id,
            type_name=SWEEP,
            payload=SweepVideo(video_id=video_id, keep_revision=keep_revision),
            idempotency_key=f"video-sweep:{name}:{job.token}",
            subject=video_subject(video_id),
            trace=job.trace,
        )

    def _move(self, tx: Transaction, job: Job, state: VideoState) -> None:
        video = self._current(tx, job)
        if video is not None:
            check_move(video.state, state)
            tx.videos.save(replace(video, state=state))

    def _current(self, tx: Transaction, job: Job) -> Video | None:
        """Return the video if this job is still its latest and it is not being deleted."""
        video = tx.videos.get(job.tenant_id, str(job.payload.get("video_id", "")), lock=True)
        if video is None or video.state is VideoState.DELETING or video.job_id != job.id:
            return None
        return video


class PurgeEffects(NoEffects):
    """Take a video out of every list as soon as its purge is known, and its row once its objects are gone."""

    def __init__(self, types: JobTypes | None = None) -> None:
        """See TranscodeEffects."""
        self.types = types

    def created(self, tx: Transaction, job: Job) -> None:
        """Mark the video as being deleted and stop its transcodes."""
        assert self.types is not None
        video_id = str(job.payload["video_id"])
        video = tx.videos.get(job.tenant_id, video_id, lock=True)
        if video is not None:
            tx.videos.save(replace(video, state=VideoState.DELETING))
        cancel_transcodes(tx, self.types, job.tenant_id, video_id)

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Remove the row when the purge succeeded, and see to what may still arrive."""
        if end.state is not JobState.SUCCEEDED:
            return
        video = tx.videos.get(job.tenant_id, str(job.payload["video_id"]), lock=True)
        if video is not None:
            self._purge_again(tx, job, video)
            tx.videos.remove(video.tenant_id, video.id)

    def _purge_again(self, tx: Transaction, job: Job, video: Video) -> None:
        """Purge once more when the address of a single PUT, which a cloud store cannot call back, has expired."""
        assert self.types is not None
        expired = video.created_at + UPLOAD_URL_LIFETIME + _AFTER_EXPIRY
        ours = video.file_key == source_key(video.tenant_id, video.id)
        if not ours or video.upload_id or expired <= tx.now():
            return
        submit(
            tx,
            self.types,
            job_id=f"purge-again-{hashlib.sha256(job.id.encode()).hexdigest()[:32]}",
            tenant_id=video.tenant_id,
            type_name=PURGE,
            payload=PurgeVideo(video_id=video.id, file_key=video.file_key),
            idempotency_key=f"video-purge-again:{video.id}:{_born(video)}",
            subject=video_subject(video.id),
            trace=job.trace,
            run_at=expired,
        )


def _subject(payload: Contract) -> str:
    assert isinstance(payload, TranscodeVideo | PurgeVideo | SweepVideo)
    return video_subject(payload.video_id)


def video_job_types(queue_names: dict[str, str]) -> JobTypes:
    """Return the registry of the video job types, bound to the broker's queue names."""
    steps = ("download", "probe", "transcode", "package", "thumbnails", "upload")
    transcoding, purging = TranscodeEffects(), PurgeEffects()
    transcode = JobType(
        TRANSCODE,
        "video",
        TranscodeVideo,
        TranscodeResult,
        StepPlan(steps, (3, 1, 80, 4, 2, 10)),
        transcoding,
        time_limit=timedelta(hours=12),
        # The examination of a large file reads it several times, 15 minutes each at most, and reports nothing meanwhile.
        stall_limit=timedelta(minutes=20),
        subject=_subject,
    )
    once = StepPlan(("delete",), (1,))
    purge = JobType(PURGE, "video", PurgeVideo, None, once, purging, _KEEP_TRYING, subject=_subject)
    sweep = JobType(
        SWEEP, "video", SweepVideo, None, once, NoEffects(), _KEEP_TRYING, follow_up=True, subject=_subject
    )
    types = JobTypes((transcode, purge, sweep), queue_names)
    transcoding.types = purging.types = types
    return types
