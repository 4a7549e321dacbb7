"""When and to whom a message may go (정보통신망법 제50조)."""

from datetime import datetime, time, timedelta

from academy.domain.failures import Failure
from academy.domain.korea import KST

__all__ = ["ADVERTISING_MARK", "advertising_problem", "is_night", "morning_after"]

NIGHT_BEGINS, NIGHT_ENDS = time(21), time(8)
ADVERTISING_MARK = "(광고)"


def is_night(at: datetime) -> bool:
    """Return whether an aware time lies between 21:00 and 08:00 in Korea, when advertising may not be sent."""
    local = at.astimezone(KST).time()
    return local >= NIGHT_BEGINS or local < NIGHT_ENDS


def morning_after(at: datetime) -> datetime:
    """Return the first moment from `at` on at which advertising may be sent: `at` itself by day, else 08:00."""
    if not is_night(at):
        return at
    local = at.astimezone(KST)
    day = local.date() + timedelta(days=1 if local.time() >= NIGHT_BEGINS else 0)
    return datetime.combine(day, NIGHT_ENDS, KST)


def advertising_problem(text: str) -> Failure | None:
    """Return what an advertising text lacks: it begins with "(광고)" and says how to opt out without cost."""
    if not text.startswith(ADVERTISING_MARK):
        return Failure(
            "advertising_unmarked",
            f"Advertising begins with {ADVERTISING_MARK}; put it before the text.",
            f"광고 문자는 {ADVERTISING_MARK}로 시작해야 합니다. 맨 앞에 넣어 주세요.",
        )
    if "수신거부" not in text:
        return Failure(
            "advertising_no_opt_out",
            "Advertising says how to refuse more of it without cost; add 무료수신거부 and the 080 number.",
            "광고 문자에는 무료수신거부 번호가 있어야 합니다. '무료수신거부 080…'을 넣어 주세요.",
        )
    return None
