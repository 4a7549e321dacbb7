"""One continuous track out of files that separate processes made, and where to cut it."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from academy.infrastructure.mp4.boxes import Mp4Error
from academy.infrastructure.mp4.edits import with_single_edit
from academy.infrastructure.mp4.fragments import (
    FragmentInfo,
    TrackHeader,
    mapped,
    read_fragments,
    read_header,
)
from academy.infrastructure.mp4.rewrite import moved_fragment

__all__ = ["CutFragment", "JoinedTrack", "PlacedFragment", "common_cuts", "join"]


@dataclass(frozen=True, slots=True)
class PlacedFragment:
    """A fragment on the joined timeline.

    Attributes:
        path: its file.
        info: where it lies there.
        start: presentation time, ticks.
        duration: ticks until the next fragment is shown.
        shift: ticks added to the file's own decode times.
    """

    path: Path
    info: FragmentInfo
    start: int
    duration: int
    shift: int


@dataclass(frozen=True, slots=True)
class CutFragment:
    """A fragment ready for its segment: new bytes, and what an I-frame playlist says of it."""

    data: bytes
    duration: int
    key_size: int


@dataclass(frozen=True, slots=True)
class JoinedTrack:
    """The header of the first file and the fragments of all."""

    header: TrackHeader
    fragments: tuple[PlacedFragment, ...]

    def read(self, first: int, last: int) -> Iterator[CutFragment]:
        """Yield the fragments from index `first` up to `last`, numbered and placed for the joined track."""
        by_file: dict[Path, list[int]] = {}
        for position in range(first, last):
            by_file.setdefault(self.fragments[position].path, []).append(position)
        for path, positions in by_file.items():
            with mapped(path) as data:
                for position in positions:
                    placed = self.fragments[position]
                    time = placed.info.decode_time + placed.shift
                    moved = moved_fragment(data, placed.info, position + 1, time)
                    yield CutFragment(moved, placed.duration, placed.info.key_size)


def join(paths: Sequence[Path], shifts: Sequence[int], durations: Sequence[int | None]) -> JoinedTrack:
    """Lay files one after another.

    Args:
        paths: fragmented MP4 files of one track with the same coding parameters.
        shifts: ticks to add to the times of each.
        durations: ticks each must last; None where it may last as long as it does.

    Raises Mp4Error when the files do not make one continuous track.
    """
    header: TrackHeader | None = None
    placed: list[tuple[Path, FragmentInfo, int]] = []
    for path, shift, duration in zip(paths, shifts, durations, strict=True):
        with mapped(path) as data:
            own = read_header(data)
            header = header or own
            infos = list(read_fragments(data, own))
        if (own.description, own.timescale) != (header.description, header.timescale):
            raise Mp4Error(f"{path.name} was coded with other parameters than the file before it")
        lasts = sum(info.duration for info in infos)
        if not infos or (duration is not None and lasts != duration):
            raise Mp4Error(f"{path.name} lasts {lasts} ticks where {duration} were expected")
        # One header serves all files, so what a file's own edit list says beyond it goes into its times.
        moved = shift + own.edit.delay + header.edit.skip - own.edit.skip
        placed += [(path, info, moved) for info in infos]
    if header is None:
        raise Mp4Error("no file to join")
    if header.edit.delay:
        header = replace(header, init=with_single_edit(header.init, header.edit.skip))
    return JoinedTrack(header, _placed(placed, header.edit.skip))


def _placed(fragments: Sequence[tuple[Path, FragmentInfo, int]], skip: int) -> tuple[PlacedFragment, ...]:
    starts = [info.start + shift - skip for _, info, shift in fragments]
    ends = [*starts[1:], starts[-1] + fragments[-1][1].duration]
    if any(end <= start for start, end in zip(starts, ends, strict=True)):
        raise Mp4Error("fragments overlap")
    return tuple(
        PlacedFragment(path, info, start, end - start, shift)
        for (path, info, shift), start, end in zip(fragments, starts, ends, strict=True)
    )


def common_cuts(starts: Sequence[Sequence[int]], end: int, longest: int) -> list[int]:
    """Return where all tracks can be cut at once, so that segment n covers the same time in each.

    Args:
        starts: for each track the grid frames at which its fragments start, ascending from 0.
        end: grid frame just past the last.
        longest: frames in a segment at most, where the key frames allow.

    Returns: the first frame of each segment, and `end`.
    """
    shared = sorted(set.intersection(*(set(each) for each in starts)))
    cuts = [0]
    while True:
        limit = cuts[-1] + longest
        if limit >= end:
            return [*cuts, end]
        following = bisect_right(shared, cuts[-1])
        if following == len(shared):
            return [*cuts, end]
        cuts.append(shared[max(following, bisect_right(shared, limit) - 1)])
