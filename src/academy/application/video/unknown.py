"""Videos that only a message tells of."""

from academy.application.ports.database import Transaction
from academy.contracts.video import TranscodeVideo
from academy.domain.job.job import Job
from academy.domain.video.video import AccessMode, Video, VideoState

__all__ = ["unknown_video"]


def unknown_video(tx: Transaction, job: Job, payload: TranscodeVideo) -> Video:
    """Return the row to be made for a message of an older producer, which knows little of its video."""
    now = tx.now()
    return Video(
        id=payload.video_id,
        tenant_id=job.tenant_id,
        title=payload.video_id,
        state=VideoState.UPLOADED,
        file_key=payload.file_key,
        file_name="",
        size=0,
        content_type="",
        upload_id="",
        job_id=job.id,
        revision="",
        encrypted=False,
        duration=0.0,
        rungs=(),
        access_mode=AccessMode.FREE_REVIEW,
        failure=None,
        created_at=now,
        updated_at=now,
    )
