"""What a viewer has seen and may see next (VID-7)."""

from dataclasses import dataclass

from academy.domain.video.video import AccessMode

__all__ = [
    "COMPLETION_SHARE",
    "FASTEST_RATE",
    "HEARTBEAT_SECONDS",
    "SEEK_TOLERANCE_SECONDS",
    "Beat",
    "Verdict",
    "Watched",
    "judge",
]

COMPLETION_SHARE = 0.9
HEARTBEAT_SECONDS = 10.0
"""How often a player is to report."""
SEEK_TOLERANCE_SECONDS = 5.0
"""Players report positions up to half a heartbeat late and start at segment edges. Granted per heartbeat, a part of it to an
earlier one: many beats in a moment earn nothing."""
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

    def add(self, start: float, end: float, gap: float = 0.0) -> "Watched":
        """Return this with [start, end) merged in; spans up to `gap` seconds apart become one and what lies between is seen."""
        merged: list[tuple[float, float]] = []
        for low, high in sorted((*self.spans, (start, end))):
            if merged and low <= merged[-1][1] + gap:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        return Watched(tuple(merged), max(self.furthest, end))


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

    Time that did not pass is not credited: a beat may claim at most `elapsed` x `rate` seconds plus the tolerance.
    A proctored viewer may not go past what was watched nor play faster than 1. Numbers are finite.
    """
    if mode is AccessMode.BLOCKED:
        return Verdict("blocked", watched, watched.furthest)
    elapsed = max(beat.elapsed, 0.0)
    tolerance = SEEK_TOLERANCE_SECONDS * min(1.0, elapsed / HEARTBEAT_SECONDS)
    position = min(max(beat.position, 0.0), duration)
    start = min(max(beat.played_from, 0.0), position)
    if mode is AccessMode.PROCTORED:
        if beat.rate > 1.0:
            return Verdict("rate_not_allowed", watched, watched.furthest)
        if position > watched.furthest + elapsed + tolerance:
            return Verdict("seek_not_allowed", watched, watched.furthest)
    # What closes a gap on either side counts as seen, so it is a part of the tolerance.
    gap = min(_MERGE_SECONDS, tolerance / 4)
    most = elapsed * min(max(beat.rate, 0.0), FASTEST_RATE) + tolerance - 2 * gap
    credited = min(position - start, most)
    after = watched.add(position - credited, position, gap) if credited >= _LEAST_SECONDS else watched
    return Verdict("ok", after, duration if mode is AccessMode.FREE_REVIEW else after.furthest)
