"""The time of day in Korea, which has had no daylight saving time since 1988."""

from datetime import date, datetime, timedelta, timezone

__all__ = ["KST", "korean_day"]

KST = timezone(timedelta(hours=9), "KST")


def korean_day(moment: datetime) -> date:
    """Return the day that people in Korea write for an aware time."""
    return moment.astimezone(KST).date()
