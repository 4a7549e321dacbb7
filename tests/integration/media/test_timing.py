"""Frame rates read off packet times (VID-2)."""

from array import array
from fractions import Fraction

import pytest

from academy.infrastructure.ffmpeg.timing import frame_timing, read_rate

pytestmark = [pytest.mark.requirement("VID-2")]


def times(rate: Fraction, count: int, clock: int = 90_000) -> "array[float]":
    """Frames on a clock of so many ticks per second."""
    return array("d", (round(n / rate * clock) / clock for n in range(count)))


@pytest.mark.parametrize("clock", [1000, 90_000], ids=["milliseconds", "mpeg"])
@pytest.mark.parametrize("count", [60, 108_000])
@pytest.mark.parametrize(
    "rate",
    [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60000, 1001),
     Fraction(60)],
)  # fmt: skip
def test_a_constant_rate_is_found_exactly(rate: Fraction, count: int, clock: int) -> None:
    timing = frame_timing(times(rate, count, clock), (Fraction(90_000), None))
    assert (timing.grid, timing.variable) == (rate, False)


@pytest.mark.parametrize(
    ("native", "grid"),
    [
        (120, 60),
        (240, 60),
        (100, 50),
        (90, 45),
        (Fraction(120_000, 1001), Fraction(60_000, 1001)),
        (Fraction(1, 2), 1),
    ],
)
def test_the_grid_lies_between_one_and_sixty(native: Fraction, grid: Fraction) -> None:
    timing = frame_timing(times(Fraction(native), 500), ())
    assert (timing.native, timing.grid, timing.variable) == (native, grid, False)


def test_an_unusual_constant_rate_is_taken_from_the_header_if_it_fits() -> None:
    rate = Fraction(1875, 100)
    assert frame_timing(times(rate, 900), (rate,)).grid == rate
    assert frame_timing(times(rate, 900), (Fraction(30),)).grid == rate


@pytest.mark.parametrize(
    ("gaps", "grid"),
    [
        ([1 / 30] * 50 + [1 / 15] * 50, 20),
        ([1 / 30] * 500 + [2 / 30], 30),
        ([0.033, 0.033, 0.034] * 99 + [0.1], 30),
        ([1 / 60] * 30 + [5.0] * 30, 1),
    ],
    ids=["slows-down", "one-dropped-frame", "dropped-frames-on-a-coarse-clock", "slides"],
)
def test_a_varying_rate_gets_the_standard_one_that_loses_least(gaps: list[float], grid: int) -> None:
    moments, now = [0.0], 0.0
    for gap in gaps:
        now += gap
        moments.append(now)
    timing = frame_timing(array("d", moments), ())
    assert timing.variable
    assert timing.grid == grid


@pytest.mark.parametrize("moments", [[], [0.0], [1.0, 1.0]])
def test_a_single_picture_has_one_frame_a_second(moments: list[float]) -> None:
    assert frame_timing(array("d", moments), (Fraction(25),)).grid == 1


def test_rates_of_a_header_are_read_with_distrust() -> None:
    assert read_rate("30000/1001") == Fraction(30000, 1001)
    assert [read_rate(text) for text in ("0/0", "0/1", "", "x/y", "1/-1")] == [None] * 5
