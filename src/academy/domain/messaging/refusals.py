"""Why a request about messages cannot be carried out as things stand."""

from academy.domain.failures import Failure

__all__ = [
    "ADVERTISING_AT_NIGHT",
    "CREDIT_EXHAUSTED",
    "NOBODY_TO_SEND_TO",
    "ORDER_NOT_WAITING",
    "PROVIDER_UNDECIDED",
    "RECIPIENTS_INVALID",
    "SENDING_OFF",
    "SEND_AT_PAST",
    "SETTINGS_MISSING",
    "TEMPLATE_NOT_APPROVED",
    "missing_variables",
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
    "KakaoTalk has not approved this template; wait for it, or send the text as an SMS.",
    "아직 승인되지 않은 알림톡 템플릿입니다. 승인을 기다리거나 문자로 보내 주세요.",
)
CREDIT_EXHAUSTED = Failure(
    "credit_exhausted",
    "The academy's credit does not cover these messages; top it up first.",
    "충전 금액이 부족합니다. 충전한 뒤 다시 보내 주세요.",
)
RECIPIENTS_INVALID = Failure(
    "recipients_invalid",
    "Some recipients cannot be sent to; the preview names them. Mend them, or ask to leave them out.",
    "보낼 수 없는 수신자가 있습니다. 미리보기에서 확인해 고치거나 제외하고 보내 주세요.",
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
PROVIDER_UNDECIDED = Failure(
    "provider_undecided",
    "The provider has not said yet what became of the messages; it is asked again.",
    "발송사에서 결과를 확인하지 못했습니다. 다시 확인합니다.",
    retryable=True,
    costs_attempt=False,
)


def missing_variables(names: tuple[str, ...]) -> Failure:
    """Return the failure of a text whose variables have no value for a recipient."""
    listed = ", ".join(f"#{{{name}}}" for name in names)
    return Failure(
        "variables_missing",
        f"There is no value for {listed}; give one for every recipient.",
        f"{listed}에 넣을 값이 없습니다. 수신자마다 값을 입력해 주세요.",
    )
