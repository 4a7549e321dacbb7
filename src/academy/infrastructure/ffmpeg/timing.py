"""Read the frame rate off the presentation times of the packets, whatever the header claims."""

import bisect
import math
import statistics
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

__all__ = ["FrameTiming", "frame_timing", "read_rate"]

_MAX_RATE = 60
_STANDARD = tuple(
    sorted(
        [
            Fraction(n)
            for n in (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120, 240)
        ]
        + [Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120, 240)]
    )
)
_LOOKS_LIKE = 0.005  # how far a candidate may be from the average rate
_JITTER = 0.25  # of a frame: what still counts as regular
_CLOCK = 0.0011  # Matroska and FLV count in whole milliseconds
_FEW_LOST = 1.1


@dataclass(frozen=True, slots=True)
class FrameTiming:
    """Spacing of the frames.

    Attributes:
        native: frames per second of the source, the average if it varies.
        grid: frames per second of the output, 1 to 60.
        variable: whether the spacing varies.
    """

    native: Fraction
    grid: Fraction
    variable: bool


def read_rate(text: str) -> Fraction | None:
    """Read ffprobe's "30000/1001"; None for "0/0" and nonsense."""
    numerator, _, denominator = text.partition("/")
    if not (numerator.isdigit() and denominator.isdigit() and int(denominator)):
        return None
    return Fraction(int(numerator), int(denominator)) or None


def frame_timing(times: "array[float]", claimed: Iterable[Fraction | None]) -> FrameTiming:
    """Judge ascending presentation times (seconds); `claimed` are the header's rates, believed only if they fit."""
    if len(times) < 2 or times[-1] <= times[0]:
        return FrameTiming(Fraction(1), Fraction(1), variable=False)
    average = (len(times) - 1) / (times[-1] - times[0])
    measured = Fraction(average).limit_denominator(1001)
    candidates = [*_STANDARD, *(rate for rate in claimed if rate is not None), measured]
    near = {rate for rate in candidates if rate > 0 and abs(float(rate) / average - 1) < _LOOKS_LIKE}
    fits = [(_worst_miss(times, rate), rate) for rate in near]
    regular = [(miss, rate) for miss, rate in fits if miss <= _JITTER / float(rate) + _CLOCK]
    if not regular:
        return FrameTiming(measured, _varying(times, average), variable=True)
    best = min(miss for miss, _ in regular) + _CLOCK / 2
    native = min(
        (rate for miss, rate in regular if miss <= best), key=lambda rate: (rate not in _STANDARD, rate)
    )
    return FrameTiming(native, _regular(native), variable=False)


def _worst_miss(times: "array[float]", rate: Fraction) -> float:
    """Return the largest distance (seconds) between a frame and its place on a grid of `rate`."""
    step, first = float(1 / rate), times[0]
    return max(abs(time - first - n * step) for n, time in enumerate(times))


def _regular(rate: Fraction) -> Fraction:
    """Bring a constant rate into 1 to 60 by dropping or repeating frames evenly."""
    if rate > _MAX_RATE:
        return rate / math.ceil(rate / _MAX_RATE)
    return rate if rate >= 1 else rate * math.ceil(1 / rate)


def _varying(times: "array[float]", average: float) -> Fraction:
    """Return the beat of a regular recording that lost a few frames, else the next standard rate above the average."""
    gaps = [after - before for before, after in pairwise(times)]
    usual = statistics.median(gaps)
    beats = sum(round(gap / usual) for gap in gaps) if usual > 0 else 0
    if len(gaps) <= beats <= _FEW_LOST * len(gaps):
        average = beats / (times[-1] - times[0])
        nearest = min(_STANDARD, key=lambda rate: abs(float(rate) / average - 1))
        if abs(float(nearest) / average - 1) < _LOOKS_LIKE:
            return _regular(nearest)
    usable = [rate for rate in _STANDARD if rate <= _MAX_RATE]
    place = bisect.bisect_left(usable, average * (1 - _LOOKS_LIKE))
    return usable[min(place, len(usable) - 1)]
