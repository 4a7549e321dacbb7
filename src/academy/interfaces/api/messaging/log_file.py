"""The log of messages as CSV."""

from collections.abc import Iterable

from academy.domain.messaging.channel import Channel
from academy.domain.messaging.message import Message, MessageState
from academy.domain.phone import masked
from academy.interfaces.api.language import Language
from academy.interfaces.api.messaging.csv_file import csv_file, korean_time, safe

__all__ = ["log_file"]

_HEADINGS = {
    "en": (
        "Ordered (Korea)",
        "Name",
        "Number",
        "Way",
        "State",
        "Amount (won)",
        "Why not",
        "Text",
        "Last change (Korea)",
        "Order",
        "Message",
        "Provider's number",
    ),
    "ko": (
        "주문 시각(한국)",
        "이름",
        "번호",
        "방법",
        "상태",
        "금액(원)",
        "실패 사유",
        "내용",
        "최종 변경(한국)",
        "발송 요청",
        "메시지",
        "발송사 번호",
    ),
}
_WAYS = {Channel.SMS: "문자(SMS)", Channel.LMS: "문자(LMS)", Channel.ALIMTALK: "알림톡"}
_STATES = {
    MessageState.QUEUED: "발송 대기",
    MessageState.SENDING: "발송 중",
    MessageState.SENT: "발송됨",
    MessageState.DELIVERED: "전달됨",
    MessageState.UNDELIVERED: "전달 실패",
    MessageState.FAILED: "발송 실패",
    MessageState.AMBIGUOUS: "결과 미확인",
    MessageState.CANCELLED: "취소됨",
}


def log_file(messages: Iterable[Message], language: Language) -> bytes:
    """Return the file: a line for each message, its number masked."""
    return csv_file(_HEADINGS[language], (_row(each, language) for each in messages))


def _row(message: Message, language: Language) -> list[str | int]:
    korean = language == "ko"
    way = message.went_by or message.channel
    return [
        korean_time(message.created_at),
        safe(message.name),
        masked(message.to),
        _WAYS[way] if korean else way.value,
        _STATES[message.state] if korean else message.state.value,
        message.cost,
        safe(message.failure.text(language)) if message.failure else "",
        safe(message.text),
        korean_time(message.updated_at),
        safe(message.order_id),
        safe(message.id),
        safe(message.provider_id),
    ]
