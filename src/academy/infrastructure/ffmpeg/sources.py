"""How a source is opened for work: guarded as for the probe, on one timeline whichever track is read."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from academy.domain.video.source import SourceInfo, VideoTrack
from academy.infrastructure.ffmpeg.gate import guarded_input

__all__ = ["Opening", "openings", "output_pattern", "timed_input"]

# These have no index: a seek lands near a time, not on a key frame.
_UNINDEXED = {"mpegts", "mpeg"}
_UNINDEXED_MARGIN = 1.0
# Longer than the groups of pictures of nearly every encoder.
_BLIND_MARGIN = 12.0

Opening = float | None
"""Seconds on the source's timeline to seek to; None: read from the start."""


def timed_input(source: Path, info: SourceInfo, track_start: float, opening: Opening = None) -> list[str]:
    """Return the arguments that open `source` with second 0 at the container's start.

    Args:
        source: the file.
        info: its probe.
        track_start: start of the only track that will be read. For containers whose clock may jump, ffmpeg moves second 0 to
            the first track in use; this moves it back.
        opening: where to begin.
    """
    seek = [] if opening is None else ["-noaccurate_seek", "-ss", f"{opening:.6f}"]
    offset = ["-itsoffset", f"{track_start:.6f}"] if info.container in _UNINDEXED else []
    return ["-copyts", "-start_at_zero", *offset, *seek, *guarded_input(source, info.container)]


def openings(info: SourceInfo, track: VideoTrack, start: float, frame_rate: Fraction) -> Iterator[Opening]:
    """Yield where to begin reading so that the picture shown at `start` gets decoded: the cheapest first, None last.

    Only the decoded frames show whether an opening was early enough; a caller that misses the first frame takes the next.
    """
    frame = float(1 / frame_rate)
    needed = min(start, track.start + track.duration - frame)
    # A frame less than half a frame late is shown at `start` all the same.
    key = max((time for time in track.keyframe_times if time < needed + frame / 2), default=None)
    if info.container not in _UNINDEXED:
        # Just past a key frame, so that rounding cannot make the one before it the nearest.
        opening = needed - frame if key is None else key + frame / 4
        if opening > track.start + frame:
            yield opening
    earlier = needed - _BLIND_MARGIN if key is None else key - _UNINDEXED_MARGIN
    if earlier > track.start:
        yield earlier
    yield None


def output_pattern(folder: Path, name: str) -> str:
    """Return the name pattern of an image sequence in `folder`; a percent sign in the folder's own name is no pattern."""
    return f"file:{str(folder).replace('%', '%%')}/{name}"
