"""When and to whom a message may go (정보통신망법 제50조)."""

import re
import unicodedata
from datetime import datetime, time, timedelta

from academy.domain.failures import Failure
from academy.domain.korea import KST

__all__ = ["ADVERTISING_MARK", "NIGHT_MARGIN", "advertising_problem", "earliest", "is_night"]

NIGHT_BEGINS, NIGHT_ENDS = time(21), time(8)
NIGHT_MARGIN = timedelta(minutes=2)
"""Longer than the slowest calls between the last look at a message and its sending."""
ADVERTISING_MARK = "(광고)"
_REFUSE = re.compile(r"(무료|수신)\s*거부")
_FREE_NUMBER = re.compile(r"(?<!\d)080[-.\s]?\d{3,4}[-.\s]?\d{4}(?!\d)")
"""A number that costs the caller nothing."""


def is_night(at: datetime) -> bool:
    """Return whether an aware time lies between 21:00 and 08:00 in Korea, when advertising may not be sent."""
    local = at.astimezone(KST).time()
    return local >= NIGHT_BEGINS or local < NIGHT_ENDS


def _morning_after(at: datetime) -> datetime:
    """Return 08:00 after a moment of the night."""
    local = at.astimezone(KST)
    day = local.date() + timedelta(days=1 if local.time() >= NIGHT_BEGINS else 0)
    return datetime.combine(day, NIGHT_ENDS, KST)


def earliest(send_at: datetime | None, now: datetime, *, advertising: bool) -> datetime:
    """Return the first moment from now on at which what was ordered for `send_at` (None: at once) may go out.

    For advertising the night begins NIGHT_MARGIN sooner: who may begin now is to be done by 21:00.
    """
    ready = max(now, send_at or now)
    done_by = ready if is_night(ready) else ready + NIGHT_MARGIN
    return _morning_after(done_by) if advertising and is_night(done_by) else ready


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
