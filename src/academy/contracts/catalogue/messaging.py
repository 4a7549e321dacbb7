"""Messages about text messages."""

from academy.contracts.catalogue.message import MESSAGING_QUEUE, PublishedMessage, envelope
from academy.contracts.incoming import LegacyMessage
from academy.contracts.messaging import DirectMessage, SendResult

__all__ = ["MESSAGING_MESSAGES"]


MESSAGING_MESSAGES = (
    PublishedMessage(
        "message.direct",
        "Send a text message to one person",
        "An SMS, an LMS or an AlimTalk to one mobile phone, by the academy's settings and at its price.",
        DirectMessage,
        enveloped=True,
        channel=MESSAGING_QUEUE,
        examples=(
            envelope(
                "message.direct",
                "arrival:2026-03-02:20391",
                {
                    "to": "010-1234-5678",
                    "text": "[하늘학원] #{학생이름} 학생이 18:02에 등원했습니다.",
                    "variables": [{"key": "학생이름", "value": "김하늘"}],
                },
            ),
            envelope(
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
