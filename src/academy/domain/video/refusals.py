"""Why a request about a video cannot be carried out as things stand."""

from academy.domain.failures import Failure

__all__ = [
    "JOB_SUPERSEDED",
    "NOT_FAILED",
    "NOT_PROCESSING",
    "NOT_READY",
    "PLAYBACK_BLOCKED",
    "VIDEO_DELETED",
]

NOT_FAILED = Failure(
    "video_not_failed",
    "Only a video whose processing failed can be processed again.",
    "처리에 실패한 동영상만 다시 처리할 수 있습니다.",
)
NOT_PROCESSING = Failure(
    "video_not_processing",
    "The video is not being processed, so there is nothing to cancel.",
    "처리 중인 동영상이 아니어서 취소할 수 없습니다.",
)
NOT_READY = Failure(
    "video_not_ready",
    "The video cannot be watched yet; wait until its processing is done.",
    "아직 재생할 수 없는 동영상입니다. 처리가 끝날 때까지 기다려 주세요.",
)
PLAYBACK_BLOCKED = Failure(
    "playback_blocked",
    "The academy does not allow this video to be watched now.",
    "현재 재생이 허용되지 않은 동영상입니다.",
)
VIDEO_DELETED = Failure(
    "video_deleted",
    "The video was deleted, so it is not processed.",
    "삭제된 동영상이므로 처리하지 않습니다.",
)
JOB_SUPERSEDED = Failure(
    "job_superseded",
    "A newer job works on this video; retry that one.",
    "이 동영상에는 더 새로운 작업이 있습니다. 그 작업을 다시 시도해 주세요.",
)
