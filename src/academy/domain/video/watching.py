"""What a viewer has seen and may see next (VID-7)."""

from dataclasses import dataclass

from academy.domain.video.video import AccessMode

__all__ = ["COMPLETION_SHARE", "SEEK_TOLERANCE_SECONDS", "Beat", "Verdict", "Watched", "judge"]

COMPLETION_SHARE = 0.9
SEEK_TOLERANCE_SECONDS = 5.0
"""Players report positions up to one heartbeat late and start at segment edges."""


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
        """Return this with [start, end) merged in."""
        merged: list[tuple[float, float]] = []
        for low, high in sorted((*self.spans, (start, end))):
            if merged and low <= merged[-1][1] + 0.5:
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
    A proctored viewer may not go past what was watched nor play faster than 1.
    """
    limit = watched.furthest + SEEK_TOLERANCE_SECONDS
    if mode is AccessMode.BLOCKED:
        return Verdict("blocked", watched, watched.furthest)
    position = min(max(beat.position, 0.0), duration)
    start = min(max(beat.played_from, 0.0), position)
    if mode is AccessMode.PROCTORED:
        if beat.rate > 1.0:
            return Verdict("rate_not_allowed", watched, watched.furthest)
        if start > limit or position > limit + beat.elapsed:
            return Verdict("seek_not_allowed", watched, watched.furthest)
    credited = min(position - start, beat.elapsed * max(beat.rate, 0.0) + SEEK_TOLERANCE_SECONDS)
    after = watched.add(position - credited, position) if credited > 0 else watched
    return Verdict("ok", after, duration if mode is AccessMode.FREE_REVIEW else after.furthest)
