"""What Solapi's refusals mean to us: its names of errors and its status codes of messages, as failures that a person can read.

Sources: https://developers.solapi.com/references/authentication/api-key (names of errors) and
https://docs.solapi.com/api-reference/message-status-codes (1xxx refused when handed over, 2xxx failed within Solapi, 3xxx failed with the
carrier or KakaoTalk; 2000 and 3000 on their way, 4000 received).
"""

import re
from dataclasses import replace

from academy.domain.failures import Failure

__all__ = ["CREDENTIALS", "refusal", "status_failure"]

CREDENTIALS = Failure(
    "provider_credentials_refused",
    "Solapi refuses our key: check the API key and secret in the settings, their rights, and this machine's clock.",
    "솔라피가 API 키를 거부했습니다. 설정의 API 키와 시크릿, 권한, 서버 시각을 확인해 주세요.",
    retryable=True,
    costs_attempt=False,
)
_BALANCE = Failure(
    "provider_balance_exhausted",
    "The account with Solapi has too little money left: top it up, then send again.",
    "솔라피 잔액이 부족합니다. 충전한 뒤 다시 보내 주세요.",
    retryable=True,
)
_QUOTA = Failure(
    "provider_quota_reached",
    "Solapi's daily limit of messages is reached: wait for tomorrow or ask Solapi for a higher one.",
    "솔라피 일일 발송량을 초과했습니다. 내일 다시 보내거나 솔라피에 한도 상향을 요청해 주세요.",
    retryable=True,
)
_SENDER = Failure(
    "sender_not_registered",
    "The sender's number is not registered with Solapi: register it there, or choose another in the settings.",
    "발신번호가 솔라피에 등록되어 있지 않습니다. 발신번호를 등록하거나 설정에서 다른 번호를 선택해 주세요.",
)
_RECIPIENT = Failure(
    "recipient_refused",
    "The recipient's number is wrong, not in use, blocked, or has opted out: check it with the parent.",
    "수신번호가 잘못되었거나 없는 번호이거나 차단·수신거부된 번호입니다. 번호를 확인해 주세요.",
)
_TEMPLATE = Failure(
    "template_refused",
    "KakaoTalk refuses the AlimTalk template or channel: compare channel, template and text with what was approved.",
    "알림톡 채널이나 템플릿이 거부되었습니다. 채널, 템플릿, 내용이 승인된 것과 같은지 확인해 주세요.",
)
_UNREACHED = Failure(
    "recipient_unreached",
    "The phone could not be reached (off, out of range, full or busy): try again later or call.",
    "전화기가 꺼져 있거나 통화권 밖이거나 수신할 수 없는 상태였습니다. 나중에 다시 보내거나 전화해 주세요.",
)
_NO_KAKAO = Failure(
    "kakao_unreached",
    "The recipient does not use KakaoTalk, or has blocked AlimTalk: send the message as a text.",
    "카카오톡을 쓰지 않거나 알림톡을 차단한 수신자입니다. 문자로 보내 주세요.",
)
_SPAM = Failure(
    "taken_for_spam",
    "The message was stopped as spam: change its text, and ask Solapi when it happens again.",
    "스팸으로 차단되었습니다. 내용을 바꾸어 보내고, 반복되면 솔라피에 문의해 주세요.",
)
_OTHER = Failure(
    "provider_refused",
    "Solapi did not carry the message: the operator finds its code in the details; correct the message or ask Solapi.",
    "솔라피가 메시지를 보내지 않았습니다. 상세 코드를 확인해 내용을 고치거나 솔라피에 문의해 주세요.",
)

_STATUS = {
    **dict.fromkeys(("1020", "2063"), CREDENTIALS),
    **dict.fromkeys(("1030", "2230"), _BALANCE),
    **dict.fromkeys(("1062", "2062", "3013", "3059"), _SENDER),
    **dict.fromkeys(
        ("1026", "1060", "1061", "1064", "2060", "2061", "2064", "3010", "3032", "3047", "3060"), _RECIPIENT
    ),
    **{str(code): _TEMPLATE for code in (*range(1041, 1054), 3101, 3103, 3105, 3106)},
    **{str(code): _UNREACHED for code in (*range(3040, 3047), *range(3050, 3054), 3056, 3057)},
    **dict.fromkeys(("3102", "3104", "3107"), _NO_KAKAO),
    **dict.fromkeys(("2254", "3054", "3055"), _SPAM),
}
_NAMES = {
    **dict.fromkeys(("InvalidAPIKey", "SignatureDoesNotMatch", "RequestTimeTooSkewed"), CREDENTIALS),
    "NotEnoughBalance": _BALANCE,
}
_SHOWABLE = re.compile(r"[A-Za-z]{1,60}|\d{4}")


def status_failure(code: str) -> Failure:
    """Return why a message with this four-digit status did not arrive."""
    return _detailed(_STATUS.get(code, _OTHER), code)


def refusal(status: int, name: str) -> Failure:
    """Return why a request was refused, by its HTTP status (4xx) and Solapi's name of the error ("SignatureDoesNotMatch")."""
    if known := _NAMES.get(name) or _STATUS.get(name):
        return _detailed(known, name)
    # Solapi's pages name no error for a full day; its messages speak of a quota and of a daily limit.
    if "quota" in name.lower() or "daily" in name.lower():
        return _detailed(_QUOTA, name)
    if status == 402:
        return _detailed(_BALANCE, name)
    return _detailed(CREDENTIALS if status in {401, 403} else _OTHER, name)


def _detailed(failure: Failure, code: str) -> Failure:
    # Only what cannot be a number, a name or a key: the code stands in lists and logs.
    return replace(failure, detail=f"Solapi: {code}") if _SHOWABLE.fullmatch(code) else failure
