"""Moments as people here read them, and as programs do: the one place that writes a time for the command line."""

from datetime import UTC, datetime
from typing import Literal, Self

from academy.domain.korea import KST

__all__ = ["Moment", "for_programs", "korean_time"]


def korean_time(moment: datetime, to: Literal["minutes", "seconds"] = "minutes") -> str:
    """Return an aware time as people in Korea read it: "2026-03-02 09:00 KST"."""
    there = moment.astimezone(KST).replace(tzinfo=None)
    return f"{there.isoformat(' ', to)} KST"


class Moment(str):
    """A Korean time to the minute, as tables show it, that remembers the moment it stands for."""

    __slots__ = ("moment",)
    moment: datetime

    def __new__(cls, moment: datetime) -> Self:
        """Take an aware time."""
        text = super().__new__(cls, korean_time(moment))
        text.moment = moment
        return text

    @property
    def exact(self) -> str:
        """Return it to the second, for whoever compares it with a log."""
        return korean_time(self.moment, "seconds")


def for_programs(value: object) -> object:
    """Return JSON-like data with every moment in it as ISO 8601 in UTC: "2026-03-02T00:00:00.000Z"."""
    match value:
        case Moment():
            return for_programs(value.moment)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case dict():
            return {name: for_programs(each) for name, each in value.items()}
        case list() | tuple():
            return [for_programs(each) for each in value]
        case _:
            return value
