"""Times and days as they are written: RFC 3339 and nothing else, so that digits are never taken for seconds since 1970."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, WrapValidator

__all__ = ["FormWrong", "WrittenDay", "WrittenTime", "is_rfc_3339"]

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class FormWrong(ValueError):
    """A time or a day that is not written as it should be; `code` is Pydantic's name for that kind of error."""

    def __init__(self, code: str, wanted: str) -> None:
        super().__init__(f"Input should be {wanted}")
        self.code = code


def is_rfc_3339(text: str) -> bool:
    """Return whether a text has the form of a time in RFC 3339, its offset included; the day may be one that there is not."""
    return _RFC_3339.fullmatch(text) is not None


def _written_time(value: object, read: Callable[[object], datetime]) -> datetime:
    if not isinstance(value, str | datetime):
        raise _no_time("datetime_type")
    if isinstance(value, str) and not _DAY.match(value):
        raise _no_time("datetime_parsing")
    # Where an offset is missing or the day is none, this says so.
    moment = read(value)
    if isinstance(value, str) and not is_rfc_3339(value):
        raise _no_time("datetime_parsing")
    return moment


def _no_time(code: str) -> FormWrong:
    return FormWrong(code, "a time as RFC 3339 writes it, with an offset")


def _written_day(value: object, read: Callable[[object], date]) -> date:
    if not isinstance(value, str | date) or isinstance(value, datetime):
        raise _no_day("date_type")
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise _no_day("date_parsing")
    return read(value)


def _no_day(code: str) -> FormWrong:
    return FormWrong(code, "a day, written year-month-day")


WrittenTime = Annotated[AwareDatetime, Field(strict=False), WrapValidator(_written_time)]
"""A time with its offset: `2026-11-20T09:00:00+09:00`."""
WrittenDay = Annotated[date, Field(strict=False), WrapValidator(_written_day)]
"""A day: `2026-11-20`."""
