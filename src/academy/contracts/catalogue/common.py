"""Messages that every worker knows."""

from academy.contracts.catalogue.message import RESULT_QUEUE, VIDEO_QUEUE, PublishedMessage, envelope
from academy.contracts.claim_check import ClaimCheckMessage
from academy.contracts.envelope import Envelope
from academy.contracts.job_result import JobResult

__all__ = ["COMMON_MESSAGES"]

_SOURCE = "tenants/0196a0c0-0000-7000-8000-00000000aca1/video/source/lecture-2026-03-02/original"

COMMON_MESSAGES = (
    PublishedMessage(
        "claim-check",
        "Message that lies in the object store",
        "Stands for a message too large for the queue; the object holds the message.",
        ClaimCheckMessage,
        channel=VIDEO_QUEUE,
        examples=(
            {
                "claim_check": {
                    "v": 1,
                    "key": "tenants/daechi/claim-checks/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                }
            },
        ),
    ),
    PublishedMessage(
        "envelope",
        "Envelope",
        "What every message of ours has around its payload.",
        Envelope,
        examples=(
            envelope("video.transcode", "k-1", {"video_id": "lecture-2026-03-02", "file_key": _SOURCE}),
        ),
    ),
    PublishedMessage(
        "job.result",
        "Result of a job",
        "Goes to the queue that the request named in `reply_to`, once or more often, with the same `id` as long as it is the same end.",
        JobResult,
        enveloped=True,
        channel=RESULT_QUEUE,
        examples=(
            envelope(
                "job.result",
                "5f0c3c57-36f5-5d6c-9f5e-0d9a1f1b7c11",
                {
                    "job_id": "0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01",
                    "job_type": "video.transcode",
                    "request_key": "video:lecture-2026-03-02:1",
                    "subject": "video:lecture-2026-03-02",
                    "status": "FAILED",
                    "reason": "permanent_error",
                    "result": None,
                    "error": {
                        "code": "not_a_video",
                        "message": "This file is not a video we can read; upload an MP4, MOV, MKV, WebM, AVI or TS recording.",
                        "message_ko": "읽을 수 있는 동영상 파일이 아닙니다.",
                        "retryable": False,
                        "stage": "probe",
                    },
                    "attempts": 1,
                    "finished_at": "2026-03-02T00:07:41.120Z",
                },
            )
            | {"id": "5f0c3c57-36f5-5d6c-9f5e-0d9a1f1b7c11"},
        ),
        notes={
            "id": "Id of this result, not of the job: the same however often it is sent. Keep it to notice repetitions.",
            "created_at": "When the job ended: RFC 3339 with an offset.",
            "idempotency_key": "The same as `id`.",
            "trace": "W3C traceparent of the request.",
            "reply_to": "Always empty.",
        },
    ),
)
