"""Messages about videos."""

from academy.contracts.catalogue.message import VIDEO_QUEUE, Json, PublishedMessage, envelope
from academy.contracts.incoming import LegacyVideoDelete, LegacyVideoJob
from academy.contracts.video import PurgeVideo, SweepVideo, TranscodeResult, TranscodeVideo

__all__ = ["VIDEO_MESSAGES"]

_SOURCE = "tenants/0196a0c0-0000-7000-8000-00000000aca1/video/source/lecture-2026-03-02/original"
_RUNG: Json = {
    "name": "720p",
    "width": 1280,
    "height": 720,
    "codecs": "avc1.64001f,mp4a.40.2",
    "peak_bitrate": 2_310_400,
    "average_bitrate": 1_684_200,
    "copied": False,
}
_RESULT: Json = {
    "video_id": "lecture-2026-03-02",
    "revision": "r1-fdc95fe54773",
    "duration": 3012.48,
    "encrypted": True,
    "rungs": [_RUNG],
    "warnings": ["rotated"],
}

VIDEO_MESSAGES = (
    PublishedMessage(
        "video.transcode",
        "Make a video's stream",
        "An uploaded file becomes an adaptive stream. The video's row is made when there is none.",
        TranscodeVideo,
        enveloped=True,
        channel=VIDEO_QUEUE,
        examples=(
            envelope(
                "video.transcode",
                "video:lecture-2026-03-02:1",
                {"video_id": "lecture-2026-03-02", "file_key": _SOURCE},
            ),
        ),
    ),
    PublishedMessage(
        "video.purge",
        "Remove a video",
        "Every object of the video is removed, then its row.",
        PurgeVideo,
        enveloped=True,
        channel=VIDEO_QUEUE,
        examples=(
            envelope("video.purge", "video-purge:lecture-2026-03-02", {"video_id": "lecture-2026-03-02"}),
        ),
    ),
    PublishedMessage(
        "video.sweep",
        "Tidy up after a video",
        "Every revision but the published one is removed. The system sends this to itself.",
        SweepVideo,
        enveloped=True,
        channel=VIDEO_QUEUE,
        examples=(
            envelope(
                "video.sweep",
                "video-sweep:fdc95fe54773d0a8b1f6cf4b0e2a7c35:1",
                {"video_id": "lecture-2026-03-02", "keep_revision": "r1-fdc95fe54773"},
            ),
        ),
    ),
    PublishedMessage(
        "legacy.video-job",
        "Make a video's stream (older format)",
        "As the producers that exist today send it. New producers send `video.transcode`.",
        LegacyVideoJob,
        channel=VIDEO_QUEUE,
        examples=(
            {
                "video_id": 1042,
                "file_key": "tenants/daechi/uploads/1042.mp4",
                "tenant_code": "daechi",
                "created_at": "2026-03-02T09:00:00",
                "attempt": 1,
            },
        ),
    ),
    PublishedMessage(
        "legacy.video-delete",
        "Remove a video (older format)",
        "As the producers that exist today send it. New producers send `video.purge`.",
        LegacyVideoDelete,
        channel=VIDEO_QUEUE,
        examples=(
            {
                "action": "delete_r2",
                "tenant_id": 3,
                "video_id": 1042,
                "file_key": "tenants/3/uploads/1042.mp4",
                "hls_prefix": "tenants/3/hls/1042/",
                "created_at": "2026-03-02T09:00:00",
            },
        ),
    ),
    PublishedMessage(
        "video.transcode.result",
        "Result of making a stream",
        "Stands in the job's row and in the API's answer.",
        TranscodeResult,
        examples=(_RESULT,),
    ),
)
