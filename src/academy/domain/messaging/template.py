"""Texts with variables: `#{이름}` stands for what differs from one recipient to the next."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from academy.domain.failures import Failure
from academy.domain.messaging import refusals
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.messaging.text import TextRefused, says_nothing

__all__ = [
    "Approval",
    "MessageTemplate",
    "MissingVariables",
    "approval_problem",
    "check_variables",
    "fill",
    "variables_of",
]

_VARIABLE = re.compile(r"#\{([^{}\n]{1,40})\}")
_MALFORMED = re.compile(r"#\{(?!(?=[^{}\n]*[^{}\s])[^{}\n]{1,40}\})[^\n]{0,8}")
"""A `#{` that begins no variable, with a little of what follows: enough to find it, too little for a phone number."""


class Approval(StrEnum):
    """What KakaoTalk said of an AlimTalk template; plain texts need no approval."""

    NOT_NEEDED = "not_needed"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """A text that an academy sends again and again.

    Attributes:
        kakao_template_id: the provider's id of the AlimTalk template; "" for one that goes out as SMS or LMS only.
        approval: NOT_NEEDED exactly when there is no `kakao_template_id`.
    """

    id: str
    tenant_id: str
    name: str
    text: str
    kakao_template_id: str
    approval: Approval
    created_at: datetime
    updated_at: datetime


class MissingVariables(ValueError):
    """A text has variables for which there is no value; `names` lists them in order."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def approval_problem(template: MessageTemplate, settings: MessagingSettings) -> Failure | None:
    """Return why an academy cannot send by a template as things stand, None where nothing stands in the way.

    KakaoTalk has to approve what goes by AlimTalk; where the academy does not send by AlimTalk, the template's text goes out as SMS
    or LMS, whatever KakaoTalk says of it.
    """
    if not settings.by_alimtalk:
        return None
    return {
        Approval.PENDING: refusals.TEMPLATE_NOT_APPROVED,
        Approval.REJECTED: refusals.TEMPLATE_REJECTED,
    }.get(template.approval)


def check_variables(text: str) -> None:
    """Raise TextRefused for a `#{` that no name and `}` follow: parents would read it as it stands.

    `{이름}` and `#이름` are plain text: nobody can tell them from what is meant so.
    """
    found = _MALFORMED.search(text)
    if found:
        raise TextRefused(refusals.malformed_variable(found[0]))


def variables_of(text: str) -> tuple[str, ...]:
    """Return the names of the variables in a text, each once, in order."""
    return tuple(dict.fromkeys(match.strip() for match in _VARIABLE.findall(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with every variable replaced; what a value holds is never taken for a variable.

    Raises MissingVariables, and TextRefused for a variable that is not written as one. A value of which nothing is seen counts as missing: "님이 결석했습니다" is worse than no message.
    """
    check_variables(text)
    missing = tuple(name for name in variables_of(text) if says_nothing(values.get(name, "")))
    if missing:
        raise MissingVariables(missing)
    return _VARIABLE.sub(lambda match: values[match[1].strip()], text)
