"""Write fragments anew: move one on the timeline, join the samples of several into one."""

import struct

from academy.infrastructure.mp4.boxes import Box, Data, child, make_box, make_full_box, version_and_flags
from academy.infrastructure.mp4.fragments import FragmentInfo

__all__ = ["joined_audio", "moved_fragment"]

_TRACK = 1
_BASE_IS_MOOF = 0x020000
_DEFAULT_FLAGS = 0x000020
_DATA_OFFSET = 0x000001
_DURATIONS = 0x000100
_SIZES = 0x000200
# 8.8.3.1: depends on no other sample, is a sync sample: true of every AAC frame.
_INDEPENDENT_SYNC_SAMPLE = 0x02000000


def moved_fragment(data: Data, fragment: FragmentInfo, sequence: int, decode_time: int) -> bytes:
    """Return the fragment's bytes with another sequence number (8.8.5) and decode time (8.8.12); nothing else changes.

    So chunks that separate processes encoded from time 0 become one continuous track.
    """
    copy = bytearray(data[fragment.offset : fragment.offset + fragment.size])
    moof = Box("moof", 0, 8, fragment.moof_size)
    struct.pack_into(">I", copy, child(copy, moof, "mfhd").body + 4, sequence)
    time_box = child(copy, moof, "traf/tfdt")
    version, _ = version_and_flags(copy, time_box)
    struct.pack_into(">Q" if version else ">I", copy, time_box.body + 4, decode_time)
    return bytes(copy)


def joined_audio(
    sequence: int, decode_time: int, sizes: tuple[int, ...], durations: tuple[int, ...], payload: bytes
) -> bytes:
    """Return one fragment of track 1 that holds the given audio frames.

    Args:
        sequence: fragment number, from 1.
        decode_time: ticks of the first frame.
        sizes, durations: bytes and ticks of each frame.
        payload: the frames one after another.
    """
    rows = struct.pack(
        f">{2 * len(sizes)}I", *(word for row in zip(durations, sizes, strict=True) for word in row)
    )

    def moof(data_offset: int) -> bytes:
        header = make_full_box(
            "tfhd",
            0,
            _BASE_IS_MOOF | _DEFAULT_FLAGS,
            struct.pack(">II", _TRACK, _INDEPENDENT_SYNC_SAMPLE),
        )
        time = make_full_box("tfdt", 1, 0, struct.pack(">Q", decode_time))
        run = make_full_box(
            "trun", 0, _DATA_OFFSET | _DURATIONS | _SIZES, struct.pack(">II", len(sizes), data_offset), rows
        )
        number = make_full_box("mfhd", 0, 0, struct.pack(">I", sequence))
        return make_box("moof", number, make_box("traf", header, time, run))

    # The offset counts from the moof box to the first byte after the mdat header.
    return moof(len(moof(0)) + 8) + make_box("mdat", payload)
