"""Cut an AAC track into segments at the audio frames nearest to given times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from academy.infrastructure.mp4.boxes import Mp4Error
from academy.infrastructure.mp4.edits import Edit
from academy.infrastructure.mp4.fragments import (
    TrackHeader,
    mapped,
    read_fragments,
    read_header,
    read_samples,
)
from academy.infrastructure.mp4.rewrite import joined_audio

__all__ = ["AudioSegment", "cut_audio", "read_audio_header"]


@dataclass(frozen=True, slots=True)
class AudioSegment:
    """One segment: its bytes and its length in ticks."""

    data: bytes
    duration: int


@dataclass(slots=True)
class _Pending:
    """Frames gathered for the next segment."""

    start: int
    sizes: list[int] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)
    payload: bytearray = field(default_factory=bytearray)

    def add(self, size: int, duration: int, frame: bytes) -> None:
        self.sizes.append(size)
        self.durations.append(duration)
        self.payload += frame

    def segment(self, number: int) -> AudioSegment:
        rows = tuple(self.sizes), tuple(self.durations)
        return AudioSegment(joined_audio(number, self.start, *rows, bytes(self.payload)), sum(self.durations))


def read_audio_header(path: Path) -> TrackHeader:
    """Return the header of an audio file. Raises Mp4Error."""
    with mapped(path) as data:
        return read_header(data)


def cut_audio(path: Path, cuts: Sequence[Fraction]) -> Iterator[AudioSegment]:
    """Yield the segments of a fragmented AAC file.

    Args:
        path: the file; its first frame stands at time 0.
        cuts: seconds at which a new segment shall start, ascending, without 0; each is moved to the nearest audio frame.

    Raises Mp4Error.
    """
    with mapped(path) as data:
        header = read_header(data)
        if header.edit != Edit(0, 0):
            raise Mp4Error("the sound does not start at time 0")
        ahead = [round(cut * header.timescale) for cut in reversed(cuts)]
        number, now, pending = 1, 0, _Pending(0)
        for fragment in read_fragments(data, header):
            samples = read_samples(data, header, fragment)
            if fragment.decode_time != now:
                raise Mp4Error(f"a gap in the sound: {fragment.decode_time} where {now} was expected")
            position = fragment.offset + samples.data_offset
            for size, duration in zip(samples.sizes, samples.durations, strict=True):
                if pending.sizes and ahead and now + duration // 2 >= ahead[-1]:
                    yield pending.segment(number)
                    number, pending = number + 1, _Pending(now)
                    ahead.pop()
                pending.add(size, duration, data[position : position + size])
                position, now = position + size, now + duration
        if not pending.sizes:
            raise Mp4Error("no sound")
        yield pending.segment(number)
