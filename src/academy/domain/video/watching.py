"""What a viewer has seen and may see next (VID-7)."""

from dataclasses import dataclass

from academy.domain.video.video import AccessMode

__all__ = [
    "COMPLETION_SHARE",
    "FASTEST_RATE",
    "HEARTBEAT_SECONDS",
    "LONGEST_SECONDS",
    "SEEK_TOLERANCE_SECONDS",
    "Beat",
    "Verdict",
    "Watched",
    "judge",
]

COMPLETION_SHARE = 0.9
HEARTBEAT_SECONDS = 10.0
"""How often a player is to report."""
LONGEST_SECONDS = 3 * HEARTBEAT_SECONDS
"""Most of the time between two beats that counts: a longer pause earns no longer way ahead."""
SEEK_TOLERANCE_SECONDS = 5.0
"""How far a player may be ahead of what it was credited with, in all: beats are under way for different times. What a player is
ahead is not credited until the time for it has passed, so that it adds up to nothing however many beats there are."""
_MERGE_SECONDS = 0.5
_LEAST_SECONDS = 0.001
FASTEST_RATE = 4.0
"""Players offer at most this speed; a beat that claims more is credited with this."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Merged, ascending, disjoint intervals of seconds seen.

    Attributes:
        spans: (start, end) pairs.
        furthest: the furthest second reached without a forbidden jump.
    """

    spans: tuple[tuple[float, float], ...] = ()
    furthest: float = 0.0

    def seconds(self) -> float:
        """Return how many distinct seconds were seen."""
        return sum(end - start for start, end in self.spans)

    def completed(self, duration: float) -> bool:
        """Return whether at least COMPLETION_SHARE of `duration` seconds was seen."""
        return duration > 0 and self.seconds() >= COMPLETION_SHARE * duration

    def add(self, start: float, end: float) -> "Watched":
        """Return this with [start, end) merged in; spans that touch become one."""
        merged: list[tuple[float, float]] = []
        for low, high in sorted((*self.spans, (start, end))):
            if merged and low <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        return Watched(tuple(merged), max(self.furthest, end))

    def end_before(self, second: float, within: float) -> float | None:
        """Return where the last span ends that ends at most `within` seconds before `second`, or None."""
        ends = [end for _, end in self.spans if second - within <= end <= second]
        return max(ends, default=None)

    def begin_after(self, second: float, within: float) -> float | None:
        """Return where the first span begins that begins at most `within` seconds after `second`, or None."""
        return min((start for start, _ in self.spans if second <= start <= second + within), default=None)


@dataclass(frozen=True, slots=True)
class Beat:
    """One heartbeat of a player.

    Attributes:
        position: seconds into the video now.
        played_from: position at the previous beat, or where playback began since.
        rate: playback speed.
        elapsed: seconds since the previous beat by the server's clock.
    """

    position: float
    played_from: float
    rate: float
    elapsed: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the server says to a beat: `code` is "ok", "blocked", "seek_not_allowed" or "rate_not_allowed"."""

    code: str
    watched: Watched
    allowed_position: float


def judge(mode: AccessMode, watched: Watched, beat: Beat, duration: float) -> Verdict:
    """Decide on a heartbeat and return what counts as watched after it.

    Time that did not pass is not credited: all beats together add at most the sum of `elapsed` (LONGEST_SECONDS each at most) x `rate`.
    A proctored viewer may not go past what was watched, but for the time that passed and a tolerance, nor play faster than 1.
    Numbers are finite.
    """
    if mode is AccessMode.BLOCKED:
        return Verdict("blocked", watched, watched.furthest)
    elapsed = min(max(beat.elapsed, 0.0), LONGEST_SECONDS)
    position = min(max(beat.position, 0.0), duration)
    start = min(max(beat.played_from, 0.0), position)
    if mode is AccessMode.PROCTORED:
        if beat.rate > 1.0:
            return Verdict("rate_not_allowed", watched, watched.furthest)
        if position > watched.furthest + elapsed + SEEK_TOLERANCE_SECONDS:
            return Verdict("seek_not_allowed", watched, watched.furthest)
    most = elapsed * min(max(beat.rate, 0.0), FASTEST_RATE)
    if mode is AccessMode.PROCTORED:
        after = _credit(watched, start, min(position, watched.furthest + elapsed), most)
        return Verdict("ok", after, max(after.furthest, position))
    return Verdict("ok", _credit(watched, start, position, most), duration)


def _credit(watched: Watched, start: float, position: float, most: float) -> Watched:
    """Return `watched` with at most `most` seconds of [start, position) in it, after what an earlier beat was ahead."""
    before = watched.end_before(start, SEEK_TOLERANCE_SECONDS)
    low = start if before is None else before
    high = min(position, low + most)
    if high - low < _LEAST_SECONDS:
        return watched
    # Players report positions to a fraction of a second; a small hole before the next span is closed with time left over.
    after = watched.begin_after(high, min(_MERGE_SECONDS, low + most - high))
    return watched.add(low, high if after is None else after)
