"""Small fragmented MP4 files built field by field after ISO/IEC 14496-12."""

import struct

from academy.infrastructure.mp4.boxes import make_box, make_full_box

__all__ = ["AVCC", "ESDS", "Frame", "fragment", "header"]

AVCC = bytes.fromhex("0164001fffe1000467640000")
# ES descriptor > decoder configuration (MPEG-4 audio) > decoder specific information (AAC LC, 48 kHz, stereo); sizes in
# four bytes as ffmpeg writes them.
ESDS = bytes.fromhex("038080802200010004808080144015" + "00" * 11 + "05808080021190" + "068080800102")

Frame = tuple[int, int, int]
"""Size in bytes, duration and composition offset in ticks."""


def header(
    *,
    timescale: int = 25_000,
    codec: str = "avc1",
    edits: list[tuple[int, int]] | None = None,
    configuration: bytes | None = None,
    tracks: int = 1,
    default_duration: int = 1000,
) -> bytes:
    """Return ftyp and moov; `edits` are (duration in movie ticks of 1/1000 s, media time)."""
    if codec == "avc1":
        entry = make_box("avc1", bytes(78), make_box("avcC", configuration or AVCC))
    else:
        entry = make_box(codec, bytes(28), make_full_box("esds", 0, 0, configuration or ESDS))
    description = make_full_box("stsd", 0, 0, struct.pack(">I", 1), entry)
    times = make_full_box("mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, timescale, 0, 0, 0))
    media = make_box("mdia", times, make_box("minf", make_box("stbl", description)))
    edit = b""
    if edits is not None:
        rows = b"".join(struct.pack(">IiI", duration, time, 1 << 16) for duration, time in edits)
        edit = make_box("edts", make_full_box("elst", 0, 0, struct.pack(">I", len(edits)), rows))
    trak = make_box("trak", make_full_box("tkhd", 0, 3, bytes(80)), edit, media)
    movie = make_full_box("mvhd", 0, 0, struct.pack(">III", 0, 0, 1000), bytes(84))
    extends = make_box(
        "mvex", make_full_box("trex", 0, 0, struct.pack(">IIIII", 1, 1, default_duration, 0, 0))
    )
    return make_box("ftyp", b"isom", bytes(4)) + make_box("moov", movie, *[trak] * tracks, extends)


def fragment(
    sequence: int, decode_time: int, frames: list[Frame], *, version: int = 1, fill: int = 0
) -> bytes:
    """Return moof and mdat; the bytes of frame n are all `fill` + n."""
    rows = b"".join(struct.pack(">IIi", duration, size, offset) for size, duration, offset in frames)

    def moof(data_offset: int) -> bytes:
        run = make_full_box("trun", 1, 0x000B01, struct.pack(">Ii", len(frames), data_offset), rows)
        time = struct.pack(">Q" if version else ">I", decode_time)
        track = make_full_box("tfhd", 0, 0x020000, struct.pack(">I", 1))
        traf = make_box("traf", track, make_full_box("tfdt", version, 0, time), run)
        return make_box("moof", make_full_box("mfhd", 0, 0, struct.pack(">I", sequence)), traf)

    payload = b"".join(bytes([fill + index]) * size for index, (size, _, _) in enumerate(frames))
    return moof(len(moof(0)) + 8) + make_box("mdat", payload)
