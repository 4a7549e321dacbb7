"""What of payloads and bodies of messages may be seen by whoever looks after the system (MSG-5).

A payload of a known type hides what its contract marks. A body on a queue of such types shows the fields that are known to be
harmless and hides every other value, for who sent it may have called things by other names. Anywhere else the marked names are
hidden, too, and whatever reads like a Korean phone number is masked.
"""

import json
from collections.abc import Mapping
from typing import Any

from academy.application.jobs.job_type import JobTypes
from academy.contracts.envelope import Envelope
from academy.contracts.messaging import PERSONAL_IN_OLDER_FORMATS, PLAIN_IN_OLDER_FORMATS
from academy.contracts.personal import Personal, personal_fields
from academy.domain.phone import PhoneInvalid, mask_phones, masked, mobile, phones_in

__all__ = ["Discretion"]

_CLAIM_CHECK = frozenset({"claim_check", "key"})


class Discretion:
    """Hides what is personal; what it returns may be printed and kept."""

    def __init__(self, types: JobTypes) -> None:
        """Learn from the contracts of all job types."""
        self._types = types
        marks = {each.name: personal_fields(each.payload) for each in types}
        self._marks = {name: mark for of_type in marks.values() for name, mark in of_type.items()}
        self._marks |= PERSONAL_IN_OLDER_FORMATS
        self._private = frozenset(types.queue_of(name) for name, of_type in marks.items() if of_type)
        known = {name for each in types for name in each.payload.model_fields}
        harmless = known | Envelope.model_fields.keys() | PLAIN_IN_OLDER_FORMATS | _CLAIM_CHECK
        self._harmless = frozenset(harmless - self._marks.keys())

    def payload(self, job_type: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return a job's payload without what its contract marks; one of an unknown type hides the names that any marks."""
        if job_type not in self._types:
            return {name: self._field(name, value, strict=False) for name, value in payload.items()}
        marks = personal_fields(self._types[job_type].payload)
        return {name: _hidden(marks[name], v) if name in marks else v for name, v in payload.items()}

    def body(self, queue: str, body: str) -> str:
        """Return the text of a message on a queue, understood or not; one that hides nothing comes back as it is."""
        strict = queue in self._private
        try:
            read = json.loads(body)
            seen = self._value(read, strict=strict)
            same = seen == read
        except (ValueError, RecursionError):
            return _spoken(body) if strict else mask_phones(body)
        if same:
            return body
        # Half of a character, which JSON can hold, can be printed nowhere.
        return json.dumps(seen, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()

    def _field(self, name: str, value: Any, *, strict: bool) -> Any:  # noqa: ANN401 - whatever JSON holds
        if name in self._marks:
            return _hidden(self._marks[name], value)
        if strict and name in self._harmless and not isinstance(value, dict | list):
            return value
        return self._value(value, strict=strict)

    def _value(self, value: Any, *, strict: bool) -> Any:  # noqa: ANN401 - as above
        if isinstance(value, dict):
            return {mask_phones(name): self._field(name, each, strict=strict) for name, each in value.items()}
        if isinstance(value, list):
            return [self._value(each, strict=strict) for each in value]
        if value is None or isinstance(value, bool):
            return value
        if strict:
            return _hidden(Personal.PHONE if _is_number(value) else Personal.WORDS, value)
        text = str(value)
        shown = mask_phones(text)
        return value if shown == text else shown


def _hidden(mark: Personal, value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if value is None or value in ("", [], (), {}):
        return value
    if mark is Personal.PHONE:
        return _masked(str(value))
    size, what = (
        (len(value), "value") if isinstance(value, list | tuple | dict) else (len(str(value)), "character")
    )
    return f"(hidden, {size} {what})" if size == 1 else f"(hidden, {size} {what}s)"


def _spoken(body: str) -> str:
    """Return what may be said of a body that is no JSON: how long it is, and the numbers in it."""
    numbers = phones_in(body)
    told = f", with {', '.join(numbers)}" if numbers else ""
    return f"(hidden, {len(body)} characters that are no JSON{told})" if body else ""


def _is_number(value: object) -> bool:
    try:
        return bool(mobile(str(value)))
    except PhoneInvalid:
        return False


def _masked(number: str) -> str:
    try:
        return masked(mobile(number))
    except PhoneInvalid:
        return "***"
