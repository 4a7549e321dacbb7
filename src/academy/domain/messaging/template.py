"""Texts with variables: `#{이름}` stands for what differs from one recipient to the next."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Approval", "MessageTemplate", "MissingVariables", "fill", "variables_of"]

_VARIABLE = re.compile(r"#\{([^{}\n]{1,40})\}")


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


def variables_of(text: str) -> tuple[str, ...]:
    """Return the names of the variables in a text, each once, in order."""
    return tuple(dict.fromkeys(match.strip() for match in _VARIABLE.findall(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with every variable replaced; what a value holds is never taken for a variable. Raises MissingVariables.

    A value that is empty or blank counts as missing: "님이 결석했습니다" is worse than no message.
    """
    missing = tuple(name for name in variables_of(text) if not values.get(name, "").strip())
    if missing:
        raise MissingVariables(missing)
    return _VARIABLE.sub(lambda match: values[match[1].strip()], text)
