"""What the local Solapi server takes of a message, and for how much.

Sources: https://docs.solapi.com/api-reference/message-status-codes (the 1xxx codes), and on prices the sample of
https://docs.solapi.com/api-reference/messages/groups/sendgroupmessage.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

__all__ = ["PRICES", "fields_fit", "kind_by_length", "status_of"]

PRICES = {"SMS": 20, "LMS": 50, "ATA": 19}
_LONGEST = {"SMS": 90, "LMS": 2000}
_LONGEST_KAKAO = 1000
_NUMBER = re.compile(r"0\d{8,10}")


def status_of(
    said: Mapping[str, Any], senders: Collection[str], channels: Mapping[str, Collection[str]]
) -> str:
    """Return the status that a message gets when it is handed over: 2000, or why it is refused."""
    if not said.get("to") or not said.get("text") or not said.get("from"):
        return "1010"
    if not isinstance(said["text"], str) or not _NUMBER.fullmatch(str(said["to"])):
        return "1011"
    if said.get("type") not in PRICES:
        return "1025"
    if said.get("subject") and said["type"] == "SMS":
        return "1013"
    if said["from"] not in senders:
        return "1062"
    if not fields_fit(said.get("customFields", {})):
        return "1032"
    return _of_kakao(said, channels) if said["type"] == "ATA" else _of_text(said["type"], said["text"])


def _of_kakao(said: Mapping[str, Any], channels: Mapping[str, Collection[str]]) -> str:
    options = said.get("kakaoOptions") or {}
    if options.get("pfId") not in channels:
        return "1041"
    if options.get("templateId") not in channels[options["pfId"]]:
        return "1042"
    return "2000" if len(said["text"]) <= _LONGEST_KAKAO else "1031"


def _of_text(kind: str, text: str) -> str:
    try:
        length = len(text.encode("cp949"))
    except UnicodeEncodeError:
        return "1029"
    return "2000" if length <= _LONGEST[kind] else "1031"


def kind_by_length(text: str) -> str:
    """Return what a text goes as when AlimTalk cannot carry it."""
    return "SMS" if len(text.encode("cp949", "replace")) <= _LONGEST["SMS"] else "LMS"


def fields_fit(fields: object) -> bool:
    """Return whether customFields are texts with names of 30 and values of 100 characters at most."""
    return isinstance(fields, dict) and all(
        len(name) <= 30 and isinstance(value, str) and len(value) <= 100 for name, value in fields.items()
    )
