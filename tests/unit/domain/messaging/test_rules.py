"""When and how advertising may go out (MSG-4): 정보통신망법 제50조."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.korea import KST
from academy.domain.messaging.rules import NIGHT_MARGIN, advertising_problem, earliest, is_night

pytestmark = pytest.mark.requirement("MSG-4")
ZONES = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
HONOLULU, DELHI = timezone(timedelta(hours=-10)), timezone(timedelta(hours=5, minutes=30))


def kst(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-02T{text}+09:00")


@pytest.mark.parametrize("zone", [KST, UTC, HONOLULU, DELHI])
@pytest.mark.parametrize(
    ("clock", "night"),
    [
        ("20:59:59", False),
        ("20:59:59.999999", False),
        ("21:00:00", True),
        ("23:59:59", True),
        ("00:00:00", True),
        ("07:59:59", True),
        ("07:59:59.999999", True),
        ("08:00:00", False),
        ("12:00:00", False),
    ],
)
def test_the_night_is_koreas_in_whatever_zone_a_time_is_told(zone: timezone, clock: str, night: bool) -> None:
    assert is_night(kst(clock).astimezone(zone)) is night


@pytest.mark.parametrize("zone", [KST, UTC, HONOLULU, DELHI])
@pytest.mark.parametrize(
    ("clock", "morning"),
    [
        ("21:00:00", "2026-03-03T08:00:00+09:00"),
        ("23:59:59", "2026-03-03T08:00:00+09:00"),
        ("00:00:00", "2026-03-02T08:00:00+09:00"),
        ("07:59:59", "2026-03-02T08:00:00+09:00"),
        ("08:00:00", "2026-03-02T08:00:00+09:00"),
        ("20:57:59", "2026-03-02T20:57:59+09:00"),
        ("20:58:00", "2026-03-03T08:00:00+09:00"),
        ("20:59:59", "2026-03-03T08:00:00+09:00"),
    ],
)
def test_advertising_of_the_night_and_of_its_last_minutes_before_goes_out_in_the_morning(
    zone: timezone, clock: str, morning: str
) -> None:
    at = kst(clock).astimezone(zone)
    assert earliest(None, at, advertising=True) == datetime.fromisoformat(morning)
    assert earliest(at, at - timedelta(days=1), advertising=True) == datetime.fromisoformat(morning)
    assert earliest(at - timedelta(days=1), at, advertising=False) == at


@given(st.integers(0, 100 * 366 * 86400 * 1000), ZONES)
def test_the_morning_is_never_at_night_never_before_and_never_half_a_day_off(
    milliseconds: int, zone: timezone
) -> None:
    at = datetime(1990, 1, 1, tzinfo=zone) + timedelta(milliseconds=milliseconds)
    morning = earliest(None, at, advertising=True)
    assert not is_night(morning)
    assert not is_night(morning + NIGHT_MARGIN)
    assert timedelta(0) <= morning - at <= timedelta(hours=11) + NIGHT_MARGIN
    assert is_night(at + NIGHT_MARGIN) or is_night(at) or morning == at


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("여름 특강 안내 무료수신거부 0801234567", "advertising_unmarked"),
        ("안내 (광고) 무료수신거부 080", "advertising_unmarked"),
        (" (광고) 특강 무료수신거부 080", "advertising_unmarked"),
        ("[광고] 특강 무료수신거부 080", "advertising_unmarked"),
        ("(광고) 여름 특강", "advertising_no_opt_out"),
        ("(광고)", "advertising_no_opt_out"),
        ("(광고) 여름 특강 무료수신거부", "advertising_no_opt_out"),
        ("(광고) 여름 특강 수신거부 02-123-4567", "advertising_no_opt_out"),
        ("(광고) 여름 특강 문의 080-123-4567", "advertising_no_opt_out"),
        ("", "advertising_unmarked"),
    ],
)
def test_what_advertising_lacks(text: str, code: str) -> None:
    problem = advertising_problem(text)
    assert problem is not None
    assert problem.code == code
    assert problem.message
    assert problem.message_ko
    if code == "advertising_no_opt_out":
        assert "무료수신거부 080-123-4567" in problem.message
        assert "무료수신거부 080-123-4567" in problem.message_ko


@pytest.mark.parametrize(
    "footer",
    [
        "무료수신거부 080-123-4567",
        "무료거부 0801234567",
        "무료거부0808881234",
        "수신거부 080.1234.5678",
        "무료 수신 거부: 080 123 4567",
        "[무료수신거부]\n080-123-4567",
        "무료거부 ０８０１２３４５６７",
    ],
)
def test_advertising_that_is_marked_and_says_how_to_refuse_it_is_fine(footer: str) -> None:
    assert advertising_problem(f"(광고) 여름 특강 {footer}") is None
