"""Every published message with what a stranger needs to know of it, and complete examples."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from academy.contracts.claim_check import ClaimCheckMessage
from academy.contracts.envelope import Envelope
from academy.contracts.incoming import LegacyAiJob, LegacyMessage, LegacyVideoDelete, LegacyVideoJob
from academy.contracts.job_result import JobResult
from academy.contracts.messaging import DirectMessage, SendResult
from academy.contracts.omr import SheetSpecification
from academy.contracts.video import PurgeVideo, SweepVideo, TranscodeResult, TranscodeVideo

__all__ = [
    "AI_BASIC_QUEUE",
    "MESSAGES",
    "MESSAGING_QUEUE",
    "RESULT_QUEUE",
    "VIDEO_QUEUE",
    "Json",
    "PublishedMessage",
]

Json = dict[str, Any]
VIDEO_QUEUE = "academy-video-jobs"
MESSAGING_QUEUE = "academy-messaging-jobs"
AI_BASIC_QUEUE = "academy-ai-jobs-basic"
RESULT_QUEUE = "academy-graph-results"


@dataclass(frozen=True, slots=True)
class PublishedMessage:
    """One message and what a stranger needs to know of it.

    Attributes:
        name: of its schema file, and of the job type for an enveloped one.
        title, summary: for the reader.
        model: of the whole message, or of the payload when `enveloped`.
        enveloped: whether the model is the payload of an envelope.
        channel: the queue it travels on; "" for what never stands on a queue alone.
        examples: complete and valid.
        notes: what fields of the envelope mean here, where it is something else than in a request.
    """

    name: str
    title: str
    summary: str
    model: type[BaseModel]
    enveloped: bool = False
    channel: str = ""
    examples: tuple[Json, ...] = field(default=())
    notes: Mapping[str, str] = field(default_factory=dict)


def _envelope(job_type: str, key: str, payload: Json) -> Json:
    return {
        "v": 1,
        "id": "0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01",
        "type": job_type,
        "tenant_id": "0196a0c0-0000-7000-8000-00000000aca1",
        "payload": payload,
        "created_at": "2026-03-02T09:00:00.000+09:00",
        "idempotency_key": key,
        "trace": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "reply_to": "",
    }


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

_SHEET: Json = {
    "v": 1,
    "id": "vendor-answer-card-20",
    "version": 1,
    "width": 210,
    "height": 297,
    "anchor": "markers",
    "markers": [
        {"kind": "square", "x": 12, "y": 12, "size": 6},
        {"kind": "square", "x": 198, "y": 12, "size": 6},
        {"kind": "square", "x": 12, "y": 285, "size": 6},
    ],
    "code": None,
    "blocks": [
        {
            "name": "questions",
            "purpose": "choice",
            "run": "down",
            "grid": {"x": 40, "y": 60, "field_step": 9.5, "choice_step": 8, "width": 4.4, "height": 3.6},
            "fields": [str(number) for number in range(1, 21)],
            "choices": ["1", "2", "3", "4", "5"],
        },
        {
            "name": "student",
            "purpose": "identifier",
            "run": "across",
            "grid": {
                "x": 120,
                "y": 60,
                "field_step": 6,
                "choice_step": 6,
                "width": 4,
                "height": 4,
                "shape": "box",
            },
            "fields": [f"digit-{number}" for number in range(1, 9)],
            "choices": list("0123456789"),
        },
    ],
}

MESSAGES = (
    PublishedMessage(
        "video.transcode",
        "Make a video's stream",
        "An uploaded file becomes an adaptive stream. The video's row is made when there is none.",
        TranscodeVideo,
        enveloped=True,
        channel=VIDEO_QUEUE,
        examples=(
            _envelope(
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
            _envelope("video.purge", "video-purge:lecture-2026-03-02", {"video_id": "lecture-2026-03-02"}),
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
            _envelope(
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
        "message.direct",
        "Send a text message to one person",
        "An SMS, an LMS or an AlimTalk to one mobile phone, by the academy's settings and at its price.",
        DirectMessage,
        enveloped=True,
        channel=MESSAGING_QUEUE,
        examples=(
            _envelope(
                "message.direct",
                "arrival:2026-03-02:20391",
                {
                    "to": "010-1234-5678",
                    "text": "[하늘학원] #{학생이름} 학생이 18:02에 등원했습니다.",
                    "variables": [{"key": "학생이름", "value": "김하늘"}],
                },
            ),
            _envelope(
                "message.direct",
                "absence:2026-03-02:20391",
                {
                    "to": "01012345678",
                    "text": "#{학생이름} 학생이 오늘 수업에 오지 않았습니다.",
                    "sender": "02-123-4567",
                    "use_alimtalk_first": True,
                    "variables": [{"key": "학생이름", "value": "김하늘"}],
                    "template_id": "0196a0d1-5c1e-7d20-8a11-2f6b1c9e4a02",
                },
            ),
        ),
    ),
    PublishedMessage(
        "legacy.message",
        "Send a text message to one person (older format)",
        "As the producers that exist today send it. New producers send `message.direct`.",
        LegacyMessage,
        channel=MESSAGING_QUEUE,
        examples=(
            {
                "tenant_id": 3,
                "to": "010-1234-5678",
                "text": "[하늘학원] #{학생이름} 학생이 18:02에 등원했습니다.",
                "sender": "02-123-4567",
                "reservation_id": 88041,
                "use_alimtalk_first": False,
                "alimtalk_replacements": [{"key": "#{학생이름}", "value": "김하늘"}],
                "template_id": "",
                "created_at": "2026-03-02T18:02:11",
            },
        ),
    ),
    PublishedMessage(
        "legacy.ai-job",
        "Have the AI worker do something (older format)",
        "As the producers that exist today send it to the queue of its tier: academy-ai-jobs-lite, -basic or -premium.",
        LegacyAiJob,
        channel=AI_BASIC_QUEUE,
        examples=(
            {
                "job_id": "7f1c6e02-52f1-4d6c-9e2d-0d8f4a6b1a55",
                "job_type": "omr_grading",
                "tier": "basic",
                "payload": {"scan_id": "0196a0d1-5c1e-7d20-8a11-2f6b1c9e4a02"},
                "tenant_id": 3,
                "source_domain": "exams",
                "source_id": 88041,
                "created_at": "2026-03-02T18:02:11",
                "attempt": 1,
            },
        ),
    ),
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
            _envelope("video.transcode", "k-1", {"video_id": "lecture-2026-03-02", "file_key": _SOURCE}),
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
            _envelope(
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
    PublishedMessage(
        "video.transcode.result",
        "Result of making a stream",
        "Stands in the job's row and in the API's answer.",
        TranscodeResult,
        examples=(_RESULT,),
    ),
    PublishedMessage(
        "omr.sheet",
        "Specification of an answer sheet",
        "Says where on the page what is marked. Drawing, reading and scoring follow it, for own sheets and for those of other vendors.",
        SheetSpecification,
        examples=(_SHEET,),
    ),
    PublishedMessage(
        "message.send.result",
        "Result of sending text messages",
        "Of `message.direct` and of the orders that the system sends itself. Stands in the job's row and in the API's answer.",
        SendResult,
        examples=(
            {"total": 1, "sent": 1, "failed": 0, "cancelled": 0, "undecided": 0, "failure": None},
            {
                "total": 120,
                "sent": 117,
                "failed": 3,
                "cancelled": 0,
                "undecided": 0,
                "failure": "recipient_refused",
            },
        ),
    ),
)
