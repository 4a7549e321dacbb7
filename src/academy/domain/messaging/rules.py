"""When and to whom a message may go (정보통신망법 제50조)."""

import re
import unicodedata
from datetime import datetime, time, timedelta

from academy.domain.failures import Failure
from academy.domain.korea import KST

__all__ = ["ADVERTISING_MARK", "advertising_problem", "earliest", "is_night", "morning_after"]

NIGHT_BEGINS, NIGHT_ENDS = time(21), time(8)
ADVERTISING_MARK = "(광고)"
_REFUSE = re.compile(r"(무료|수신)\s*거부")
_FREE_NUMBER = re.compile(r"(?<!\d)080[-.\s]?\d{3,4}[-.\s]?\d{4}(?!\d)")
"""A number that costs the caller nothing."""


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


def earliest(send_at: datetime | None, now: datetime, *, advertising: bool) -> datetime:
    """Return the first moment from now on at which what was ordered for `send_at` (None: at once) may go out."""
    ready = max(now, send_at or now)
    return morning_after(ready) if advertising else ready


def advertising_problem(text: str) -> Failure | None:
    """Return what an advertising text lacks: it begins with "(광고)" and says how to opt out without cost.

    That is 무료수신거부, 무료거부 or 수신거부, with or without blanks, and somewhere a number that begins with 080.
    """
    if not text.startswith(ADVERTISING_MARK):
        return Failure(
            "advertising_unmarked",
            f"Advertising begins with {ADVERTISING_MARK}; put it before the text.",
            f"광고 문자는 {ADVERTISING_MARK}로 시작해야 합니다. 맨 앞에 넣어 주세요.",
        )
    plain = unicodedata.normalize("NFKC", text)
    if not (_REFUSE.search(plain) and _FREE_NUMBER.search(plain)):
        return Failure(
            "advertising_no_opt_out",
            "Advertising says how to refuse more of it without cost; end it with your number for that, for example: "
            "무료수신거부 080-123-4567",
            "광고 문자에는 무료 수신거부 방법이 있어야 합니다. 끝에 학원의 080 번호를 이렇게 넣어 주세요. 예: 무료수신거부 080-123-4567",
        )
    return None
