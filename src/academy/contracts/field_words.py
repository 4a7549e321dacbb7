"""What is wrong with a field or a body, in English and Korean: one sentence for each kind of error that a contract can find."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from academy.contracts.times import FormWrong

__all__ = ["BODIES", "TASK_ID_FORM", "TEXTS", "plain_words", "sentences"]

TASK_ID_FORM = "task_id_form"
_NUMBER = ("A whole number is wanted.", "정수여야 합니다.")
_REAL = ("A number is wanted.", "숫자여야 합니다.")
_FLAG = ("true or false is wanted.", "true 또는 false여야 합니다.")
_OBJECT = ("A JSON object is wanted.", "JSON 객체여야 합니다.")
_DAY = (
    "A day is wanted, for example 2026-11-20.",
    "날짜여야 합니다. 2026-11-20처럼 입력해 주세요.",
)
_TIME = (
    "A time with its offset is wanted, for example 2026-11-20T09:00:00+09:00 (in an address, %2B stands for the +).",
    "시각이어야 합니다. 2026-11-20T09:00:00+09:00처럼 시간대와 함께 입력해 주세요(주소에서는 +를 %2B로 씁니다).",
)
_OFFSET = (
    "Add the offset to the time, for example +09:00: 2026-11-20T09:00:00+09:00 (in an address, %2B stands for the +).",
    "시각에 시간대를 붙여 주세요. 예: +09:00을 붙인 2026-11-20T09:00:00+09:00(주소에서는 +를 %2B로 씁니다).",
)
TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "missing": ("This field is required.", "필수 항목입니다."),
        "extra_forbidden": (
            "There is no such field; correct its name or leave it out.",
            "알 수 없는 항목입니다. 이름을 고치거나 빼 주세요.",
        ),
        "json_invalid": (
            "The body is not valid JSON{place}.",
            "올바른 JSON이 아닙니다{place}.",
        ),
        "model_type": _OBJECT,
        "model_attributes_type": _OBJECT,
        "dict_type": _OBJECT,
        "tuple_type": ("A list is wanted.", "목록이어야 합니다."),
        TASK_ID_FORM: (
            "A text of at most 200 characters without line breaks, or a whole number, is wanted.",
            "200자 이하의 줄바꿈 없는 문자열이나 정수여야 합니다.",
        ),
        "list_type": ("A list is wanted.", "목록이어야 합니다."),
        "string_type": ("A text is wanted.", "문자열이어야 합니다."),
        "string_unicode": ("The text holds what is no character.", "문자열에 올바르지 않은 문자가 있습니다."),
        "string_too_short": (
            "Give at least {min_length:,} character(s).",
            "{min_length:,}자 이상 입력해 주세요.",
        ),
        "string_too_long": (
            "Give at most {max_length:,} characters.",
            "{max_length:,}자 이하로 입력해 주세요.",
        ),
        "string_pattern_mismatch": ("{allowed_en}", "{allowed_ko}"),
        "int_type": _NUMBER,
        "int_parsing": _NUMBER,
        "int_from_float": _NUMBER,
        "int_parsing_size": ("The number has too many digits.", "숫자가 너무 깁니다."),
        "float_type": _REAL,
        "float_parsing": _REAL,
        "finite_number": ("A finite number is wanted.", "유한한 숫자여야 합니다."),
        "greater_than": ("Give more than {gt:,}.", "{gt:,}보다 커야 합니다."),
        "greater_than_equal": ("Give {ge:,} or more.", "{ge:,} 이상이어야 합니다."),
        "less_than": ("Give less than {lt:,}.", "{lt:,}보다 작아야 합니다."),
        "less_than_equal": ("Give {le:,} or less.", "{le:,} 이하여야 합니다."),
        "bool_type": _FLAG,
        "bool_parsing": _FLAG,
        "literal_error": (
            "Allowed values: {expected}.",
            "허용된 값: {expected}.",
        ),
        "too_short": ("Give at least {min_length:,} item(s).", "{min_length:,}개 이상 넣어 주세요."),
        "too_long": ("Give at most {max_length:,} items.", "{max_length:,}개까지 넣을 수 있습니다."),
        "date_type": _DAY,
        "date_parsing": _DAY,
        "date_from_datetime_parsing": _DAY,
        "date_from_datetime_inexact": _DAY,
        "datetime_type": _TIME,
        "datetime_parsing": _TIME,
        "datetime_object_invalid": _TIME,
        "datetime_from_date_parsing": _TIME,
        "timezone_aware": _OFFSET,
        "year_out_of_range": (
            "The year must be {first} to {last}.",
            "연도는 {first}년부터 {last}년까지여야 합니다.",
        ),
    }
)
"""By Pydantic's name for the kind, in English and Korean, with what the error tells of itself."""
BODIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "json_name_twice": (
            "A name stands twice in one JSON object; give each once.",
            "한 JSON 객체 안에 같은 이름이 두 번 있습니다. 한 번만 적어 주세요.",
        ),
        "json_number": (
            "A number is NaN, infinite or does not fit into 64 bits.",
            "숫자가 NaN이거나 무한하거나 64비트를 넘습니다.",
        ),
        "json_too_deep": ("The body is nested too deeply.", "본문이 너무 깊이 중첩되어 있습니다."),
        "json_too_many_values": ("The body has too many values.", "본문에 값이 너무 많습니다."),
        "json_character": (
            "A text holds NUL or half of a character.",
            "문자열에 NUL이나 반쪽짜리 문자가 있습니다.",
        ),
        "json_not_utf8": ("The body is not UTF-8.", "본문이 UTF-8이 아닙니다."),
        "json_invalid": ("The body is not valid JSON.", "올바른 JSON이 아닙니다."),
    }
)
"""What is wrong with a body of which every field is right."""
_OTHER = "값이 올바르지 않습니다."
_PLACE = re.compile(r"line \d+ column \d+")
_ONE_LINE = re.compile(r"^\^\[\^\\x00-\\x1f")
_LINES = re.compile(r"^\^\[\^\\x00-\\x08")


def plain_words(message: str) -> str:
    """Return what a validation error says without Pydantic's name for the kind of error."""
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")


def sentences(
    item: Mapping[str, Any], code: str = "", told: Mapping[str, object] | None = None
) -> tuple[str, str]:
    """Return what an item of `ValidationError.errors()` says, in English and Korean: limits and allowed values, never what was sent.

    `code`, `told`: in the place of the error's own kind and of what it tells of itself.
    """
    words = {name: _shown(value) for name, value in item.get("ctx", {}).items()} if told is None else {**told}
    wrong = words.get("error")
    code = code or (wrong.code if isinstance(wrong, FormWrong) else str(item["type"]))
    if code == "json_invalid":
        place = _PLACE.search(str(words.get("error", "")))
        words["place"] = f" ({place[0]})" if place else ""
    elif code == "literal_error":
        words["expected"] = str(words["expected"]).replace(" or ", ", ").replace("'", "")
    elif code == "string_pattern_mismatch":
        words["allowed_en"], words["allowed_ko"] = _allowed(str(words["pattern"]))
    if code not in TEXTS:
        return plain_words(str(item["msg"])), _OTHER
    try:
        english, korean = (text.format(**words) for text in TEXTS[code])
    except (KeyError, ValueError):  # of a limit that is no number, a day for example
        return plain_words(str(item["msg"])), _OTHER
    return english, korean


def _shown(value: object) -> object:
    """Return a limit as people write it: 5 rather than 5.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _allowed(pattern: str) -> tuple[str, str]:
    if _ONE_LINE.match(pattern):
        return (
            "Leave out line breaks and other control characters.",
            "줄바꿈이나 제어 문자를 빼 주세요.",
        )
    if _LINES.match(pattern):
        return "Leave out control characters; line breaks are fine.", "줄바꿈이 아닌 제어 문자를 빼 주세요."
    return (
        f"It has characters or a form that is not allowed; the rule is {pattern}",
        f"허용되지 않은 글자나 형식입니다. 규칙: {pattern}",
    )
