"""Why a request about messages cannot be carried out as things stand."""

from academy.domain.failures import Failure

__all__ = [
    "ADVERTISING_AT_NIGHT",
    "APPROVAL_GONE",
    "KAKAO_CHANNEL_CHANGED",
    "NOBODY_TO_SEND_TO",
    "OPTED_OUT",
    "ORDER_ALREADY_CANCELLED",
    "ORDER_NOT_WAITING",
    "PARENTS_MISSING",
    "PROVIDER_UNDECIDED",
    "SENDER_CHANGED",
    "SENDING_OFF",
    "SEND_AT_PAST",
    "SETTINGS_MISSING",
    "STUDENT_LEFT",
    "TEMPLATE_NOT_APPROVED",
    "TEMPLATE_REJECTED",
    "credit_exhausted",
    "malformed_variable",
    "missing_variables",
    "recipients_invalid",
]

SETTINGS_MISSING = Failure(
    "messaging_not_set_up",
    "The academy has no settings for messages; enter its sender number first.",
    "문자 발송 설정이 없습니다. 먼저 발신번호를 등록해 주세요.",
)
SENDING_OFF = Failure(
    "messaging_off",
    "Messages of this academy are switched off; switch them on in its settings.",
    "이 학원의 문자 발송이 꺼져 있습니다. 설정에서 켜 주세요.",
)
SENDER_CHANGED = Failure(
    "sender_changed",
    "The number that this was ordered under is no longer the academy's; order it again.",
    "발송을 요청할 때의 발신번호가 더 이상 학원의 번호가 아닙니다. 다시 보내 주세요.",
)
KAKAO_CHANNEL_CHANGED = Failure(
    "kakao_channel_changed",
    "The KakaoTalk channel that this was ordered by is no longer the academy's; order it again.",
    "발송을 요청할 때의 카카오톡 채널이 더 이상 학원의 채널이 아닙니다. 다시 보내 주세요.",
)
APPROVAL_GONE = Failure(
    "template_not_approved",
    "The AlimTalk template that this was ordered by is no longer approved, or was removed; order it again by one that is, or as SMS "
    "or LMS.",
    "발송을 요청할 때의 알림톡 템플릿이 삭제되었거나 더 이상 승인된 상태가 아닙니다. 승인된 템플릿이나 문자로 다시 보내 주세요.",
)
OPTED_OUT = Failure(
    "recipient_opted_out",
    "The recipient has refused advertising since this was ordered, so it was not sent.",
    "발송을 요청한 뒤에 광고 수신을 거부한 번호라 보내지 않았습니다.",
)
SEND_AT_PAST = Failure(
    "send_at_past",
    "The time to send at has passed; choose a later one, or none to send at once.",
    "예약 시각이 이미 지났습니다. 이후 시각을 고르거나 비워서 바로 보내 주세요.",
)
ADVERTISING_AT_NIGHT = Failure(
    "advertising_at_night",
    "Advertising may not be sent between 21:00 and 08:00 in Korea; choose a time by day.",
    "광고 문자는 21시부터 다음 날 8시까지 보낼 수 없습니다. 낮 시간으로 예약해 주세요.",
)
TEMPLATE_NOT_APPROVED = Failure(
    "template_not_approved",
    "KakaoTalk has not decided on this template yet; wait for it, or give the text in `text` and leave `template_id` out "
    "to send it as SMS or LMS.",
    "아직 심사 중인 알림톡 템플릿입니다. 승인을 기다리거나, template_id를 비우고 text에 내용을 넣어 문자로 보내 주세요.",
)
TEMPLATE_REJECTED = Failure(
    "template_rejected",
    "KakaoTalk has rejected this template; change its text and have it approved anew, or give the text in `text` and leave "
    "`template_id` out to send it as SMS or LMS.",
    "카카오톡에서 반려한 알림톡 템플릿입니다. 내용을 고쳐 다시 승인받거나, template_id를 비우고 text에 내용을 넣어 문자로 보내 주세요.",
)
STUDENT_LEFT = Failure(
    "student_left",
    "The student has left the academy; leave them out, or give the number in `to`.",
    "퇴원한 학생입니다. 목록에서 빼거나, 보내야 한다면 to에 번호를 직접 넣어 주세요.",
)
PARENTS_MISSING = Failure(
    "parents_missing",
    "The student has no parents here; add one, or leave the student out.",
    "등록된 학부모가 없습니다. 학부모를 등록하거나 목록에서 빼 주세요.",
)
NOBODY_TO_SEND_TO = Failure(
    "no_recipients",
    "Nobody is left to send to.",
    "보낼 사람이 없습니다.",
)
ORDER_NOT_WAITING = Failure(
    "order_not_waiting",
    "Nothing of it can be called off any more: every message is sent, failed or cancelled.",
    "이미 모두 처리되어 취소할 수 있는 메시지가 없습니다.",
)
ORDER_ALREADY_CANCELLED = Failure(
    "order_already_cancelled",
    "The order is cancelled already; nothing more is to be done.",
    "이미 취소된 발송 요청입니다.",
)
PROVIDER_UNDECIDED = Failure(
    "provider_undecided",
    "The provider has not said yet what became of the messages; it is asked again.",
    "발송사에서 결과를 확인하지 못했습니다. 다시 확인합니다.",
    retryable=True,
    costs_attempt=False,
)


def credit_exhausted(needed: int, available: int) -> Failure:
    """Return the failure of messages that cost more than the academy's credit, both in won."""
    return Failure(
        "credit_exhausted",
        f"This costs {needed:,} won, and {available:,} won of the academy's credit are left; top it up first.",
        f"충전 금액이 부족합니다. {needed:,}원이 필요하지만 {available:,}원 남았습니다. 충전한 뒤 다시 보내 주세요.",
    )


def missing_variables(names: tuple[str, ...]) -> Failure:
    """Return the failure of a text whose variables have no value for a recipient."""
    listed = ", ".join(f"#{{{name}}}" for name in names)
    return Failure(
        "variables_missing",
        f"There is no value for {listed}; give it in `variables`, once for all, or with each recipient of `to`.",
        f"{listed}에 넣을 값이 없습니다. variables에 한 번 넣으면 모두에게 쓰이고, to의 수신자마다 따로 넣을 수도 있습니다.",
    )


def malformed_variable(spot: str) -> Failure:
    """Return the failure of a text in which a variable is not written as one; `spot` is how it begins."""
    return Failure(
        "variable_malformed",
        f"A variable is not complete at “{spot}”; write it like #{{학생이름}}: #{{, a name of 1 to 40 characters, }}.",
        f"‘{spot}’에서 변수가 완성되지 않았습니다. #{{학생이름}}처럼 #{{ 다음에 1~40자의 이름을 쓰고 }}로 닫아 주세요.",
    )


def recipients_invalid(count: int) -> Failure:
    """Return the failure of an order of which `count` recipients cannot be sent to."""
    return Failure(
        "recipients_invalid",
        f"Recipients that cannot be sent to: {count:,}; `errors` names the first. Mend them, or leave them out with "
        "`skip_invalid: true`.",
        f"보낼 수 없는 수신자가 {count:,}명 있습니다(errors에 앞부분 표시). 고치거나, skip_invalid를 true로 하여 제외하고 보내 주세요.",
    )
