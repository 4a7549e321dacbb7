"""Read a fragmented MP4 of one track: its header, and where each fragment and its first sample lie."""

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from academy.infrastructure.mp4.boxes import (
    Box,
    Data,
    Mp4Error,
    child,
    children,
    fields_within,
    version_and_flags,
)
from academy.infrastructure.mp4.codecs import codec_string, sample_entry
from academy.infrastructure.mp4.edits import Edit, read_edit

__all__ = [
    "FragmentInfo",
    "Samples",
    "TrackHeader",
    "mapped",
    "read_fragments",
    "read_header",
    "read_samples",
]

# Flags of tfhd and trun (ISO/IEC 14496-12, 8.8.7 and 8.8.8): which optional fields are there.
_HAS_BASE_OFFSET = 0x000001
_HAS_DESCRIPTION = 0x000002
_HAS_DEFAULT_DURATION = 0x000008
_HAS_DEFAULT_SIZE = 0x000010
_HAS_DATA_OFFSET = 0x000001
_HAS_FIRST_FLAGS = 0x000004
_HAS_DURATION = 0x000100
_HAS_SIZE = 0x000200
_HAS_FLAGS = 0x000400
_HAS_COMPOSITION = 0x000800


@dataclass(frozen=True, slots=True)
class TrackHeader:
    """What the file says before its first fragment.

    Attributes:
        init: the initialisation segment: ftyp and moov.
        description: the sample entry's bytes; files join only where these are equal.
        timescale: ticks per second.
        codecs: RFC 6381 name.
        edit: how the track's clock lies on the presentation's.
        default_duration, default_size: of a sample (trex, 8.8.3), where the fragment names none.
    """

    init: bytes
    description: bytes
    timescale: int
    codecs: str
    edit: Edit
    default_duration: int
    default_size: int


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one fragment, in decoding order.

    Attributes:
        sizes: bytes.
        durations: ticks.
        first_composition: composition offset of the first sample, ticks; may be negative.
        data_offset: of the first sample's bytes, counted from the start of the moof box.
    """

    sizes: tuple[int, ...]
    durations: tuple[int, ...]
    first_composition: int
    data_offset: int


@dataclass(frozen=True, slots=True)
class FragmentInfo:
    """One moof box with its mdat; holds no list of samples, so that hours of video fit in little memory.

    Attributes:
        offset: of the moof box in the file.
        size: bytes of moof and mdat (and anything between them).
        moof_size: bytes of the moof box.
        decode_time: of the first sample, ticks (tfdt, 8.8.12).
        start: when the first sample is shown on the track's own clock, ticks: `decode_time` and its composition offset.
        duration: ticks of all samples.
        count: number of samples.
        key_size: bytes from `offset` to the end of the first sample.
    """

    offset: int
    size: int
    moof_size: int
    decode_time: int
    start: int
    duration: int
    count: int
    key_size: int


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """Open `path` memory-mapped for reading. Raises Mp4Error for an empty file and OSError."""
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            raise Mp4Error("empty file")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def read_header(data: Data) -> TrackHeader:
    """Read ftyp and moov of a file with exactly one track. Raises Mp4Error."""
    with fields_within():
        return _header(data)


def read_fragments(data: Data, header: TrackHeader) -> Iterator[FragmentInfo]:
    """Yield the fragments in file order; touches only their headers. Raises Mp4Error."""
    moof: Box | None = None
    for box in children(data, len(header.init), len(data)):
        if box.kind == "moof":
            moof = box
        elif box.kind == "mdat" and moof is not None:
            with fields_within():
                fragment = _fragment(data, header, moof, box)
            yield fragment
            moof = None
    if moof is not None:
        raise Mp4Error("the last fragment has no data")


def _header(data: Data) -> TrackHeader:
    moov: Box | None = None
    for box in children(data, 0, len(data)):
        if box.kind == "moov":
            moov = box
            break
        if box.kind == "moof":
            break
    if moov is None:
        raise Mp4Error("no moov box before the first fragment")
    tracks = [box for box in children(data, moov.body, moov.end) if box.kind == "trak"]
    if len(tracks) != 1:
        raise Mp4Error(f"{len(tracks)} tracks where one was expected")
    entry = sample_entry(data, tracks[0])
    defaults = child(data, moov, "mvex/trex")
    duration, size = struct.unpack_from(">II", data, defaults.body + 12)
    timescale = _timescale(data, tracks[0])
    return TrackHeader(
        init=bytes(data[: moov.end]),
        description=bytes(data[entry.start : entry.end]),
        timescale=timescale,
        codecs=codec_string(data, entry),
        edit=read_edit(data, moov, tracks[0], timescale),
        default_duration=duration,
        default_size=size,
    )


def _timescale(data: Data, trak: Box) -> int:
    box = child(data, trak, "mdia/mdhd")
    version, _ = version_and_flags(data, box)
    # Two times of 8 bytes in version 1, of 4 in version 0, stand before it (8.4.2).
    (timescale,) = struct.unpack_from(">I", data, box.body + (20 if version else 12))
    if timescale == 0:
        raise Mp4Error("timescale 0")
    return int(timescale)


def read_samples(data: Data, header: TrackHeader, fragment: FragmentInfo) -> Samples:
    """Return the samples of one fragment. Raises Mp4Error."""
    moof = Box("moof", fragment.offset, fragment.offset + 8, fragment.offset + fragment.moof_size)
    with fields_within():
        return _traf_samples(data, header, child(data, moof, "traf"))


def _fragment(data: Data, header: TrackHeader, moof: Box, mdat: Box) -> FragmentInfo:
    traf = child(data, moof, "traf")
    time_box = child(data, traf, "tfdt")
    version, _ = version_and_flags(data, time_box)
    (decode_time,) = struct.unpack_from(">Q" if version else ">I", data, time_box.body + 4)
    samples = _traf_samples(data, header, traf)
    if not samples.sizes or moof.start + samples.data_offset + sum(samples.sizes) > mdat.end:
        raise Mp4Error("samples lie outside their fragment")
    return FragmentInfo(
        offset=moof.start,
        size=mdat.end - moof.start,
        moof_size=moof.size,
        decode_time=int(decode_time),
        start=int(decode_time) + samples.first_composition,
        duration=sum(samples.durations),
        count=len(samples.sizes),
        key_size=samples.data_offset + samples.sizes[0],
    )


def _traf_samples(data: Data, header: TrackHeader, traf: Box) -> Samples:
    duration, size = _defaults(data, header, child(data, traf, "tfhd"))
    runs = [box for box in children(data, traf.body, traf.end) if box.kind == "trun"]
    if not runs:
        raise Mp4Error("a fragment without samples")
    samples = [_samples(data, run, duration, size) for run in runs]
    return Samples(
        tuple(size for run in samples for size in run.sizes),
        tuple(duration for run in samples for duration in run.durations),
        samples[0].first_composition,
        samples[0].data_offset,
    )


def _defaults(data: Data, header: TrackHeader, box: Box) -> tuple[int, int]:
    _, flags = version_and_flags(data, box)
    if flags & _HAS_BASE_OFFSET:
        raise Mp4Error("offsets that do not count from the moof box cannot be moved")
    position = box.body + 8 + (4 if flags & _HAS_DESCRIPTION else 0)
    duration, size = header.default_duration, header.default_size
    if flags & _HAS_DEFAULT_DURATION:
        (duration,) = struct.unpack_from(">I", data, position)
        position += 4
    if flags & _HAS_DEFAULT_SIZE:
        (size,) = struct.unpack_from(">I", data, position)
    return duration, size


def _samples(data: Data, run: Box, duration: int, size: int) -> Samples:
    version, flags = version_and_flags(data, run)
    (count,) = struct.unpack_from(">I", data, run.body + 4)
    position = run.body + 8
    data_offset = 0
    if flags & _HAS_DATA_OFFSET:
        (data_offset,) = struct.unpack_from(">i", data, position)
        position += 4
    if flags & _HAS_FIRST_FLAGS:
        position += 4
    fields = [flag for flag in (_HAS_DURATION, _HAS_SIZE, _HAS_FLAGS, _HAS_COMPOSITION) if flags & flag]
    width = len(fields)
    if position + 4 * count * width > run.end or count > len(data):
        raise Mp4Error("trun does not fit")
    words = struct.unpack_from(f">{count * width}I", data, position)
    composition = 0
    if _HAS_COMPOSITION in fields and count:
        composition = words[fields.index(_HAS_COMPOSITION)]
        if version and composition >= 1 << 31:
            composition -= 1 << 32
    return Samples(
        words[fields.index(_HAS_SIZE) :: width] if _HAS_SIZE in fields else (size,) * count,
        words[fields.index(_HAS_DURATION) :: width] if _HAS_DURATION in fields else (duration,) * count,
        composition,
        data_offset,
    )
