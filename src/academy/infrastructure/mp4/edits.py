"""Edit lists (ISO/IEC 14496-12, 8.6.6): how a track's own clock lies on the presentation's.

Frames are stored in decoding order, so the first one is shown a few frames after the clock starts; the edit list says by how
much. A list of one entry is understood by every player; an empty edit, which delays a track, is not.
"""

import struct
from dataclasses import dataclass

from academy.infrastructure.mp4.boxes import (
    Box,
    Data,
    Mp4Error,
    child,
    children,
    make_box,
    make_full_box,
    version_and_flags,
)

__all__ = ["Edit", "read_edit", "with_single_edit"]

_EMPTY = -1
# 8.6.6.3: media rate 1.0; a duration of 0 lasts as long as the fragments that follow.
_NORMAL_RATE = 0x00010000


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit list of at most one empty and one normal edit says.

    Attributes:
        delay: ticks of the track before it begins.
        skip: ticks on the track's clock that are shown at its beginning.
    """

    delay: int
    skip: int


def read_edit(data: Data, moov: Box, trak: Box, timescale: int) -> Edit:
    """Return the edit of a track, none at all counting as zero. Raises Mp4Error for a longer list."""
    kinds = {box.kind for box in children(data, trak.body, trak.end)}
    if "edts" not in kinds:
        return Edit(0, 0)
    box = child(data, trak, "edts/elst")
    version, _ = version_and_flags(data, box)
    (count,) = struct.unpack_from(">I", data, box.body + 4)
    layout = struct.Struct(">QqI" if version else ">IiI")
    if box.body + 8 + count * layout.size > box.end:
        raise Mp4Error("elst does not fit")
    entries = [layout.unpack_from(data, box.body + 8 + row * layout.size)[:2] for row in range(count)]
    delay = 0
    if entries and entries[0][1] == _EMPTY:
        delay = round(entries.pop(0)[0] * timescale / _movie_timescale(data, moov))
    if len(entries) > 1 or (entries and entries[0][1] < 0):
        raise Mp4Error(f"an edit list of {count} entries")
    return Edit(delay, entries[0][1] if entries else 0)


def with_single_edit(init: bytes, skip: int) -> bytes:
    """Return an initialisation segment whose one track has just the edit that skips `skip` ticks."""
    edit = make_box("edts", make_full_box("elst", 0, 0, struct.pack(">IIiI", 1, 0, skip, _NORMAL_RATE)))

    def rebuilt(box: Box) -> bytes:
        own = bytes(init[box.start : box.end])
        if box.kind == "moov":
            return make_box("moov", *(rebuilt(inner) for inner in children(init, box.body, box.end)))
        if box.kind == "trak":
            inner = [each for each in children(init, box.body, box.end) if each.kind != "edts"]
            header, *rest = (init[each.start : each.end] for each in inner)
            return make_box("trak", header, edit, *rest)
        return own

    return b"".join(rebuilt(box) for box in children(init, 0, len(init)))


def _movie_timescale(data: Data, moov: Box) -> int:
    box = child(data, moov, "mvhd")
    version, _ = version_and_flags(data, box)
    (timescale,) = struct.unpack_from(">I", data, box.body + (20 if version else 12))
    if timescale == 0:
        raise Mp4Error("timescale 0")
    return int(timescale)
