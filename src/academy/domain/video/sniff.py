"""Tell by its first bytes whether a file can be a film or a recording (SEC-2); the full probe comes later, isolated."""

__all__ = ["SNIFF_BYTES", "sniff"]

SNIFF_BYTES = 4096

_TEXT_STARTS = (b"#EXTM3U", b"ffconcat", b"<?xml", b"<MPD", b"<smil", b"v=0", b"[playlist]")


def sniff(head: bytes) -> str:
    """Return the kind of container that `head` begins ("mp4", "matroska", …), "" for anything else.

    Sources: ISO/IEC 14496-12 (ftyp), RFC 9559 (EBML), RIFF, ISO/IEC 13818-1 (sync byte every 188), ID3v2, RFC 3533 (Ogg).
    """
    if head.lstrip().startswith(_TEXT_STARTS):
        return ""
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return "mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] in {b"AVI ", b"WAVE"}:
        return "avi" if head[8:12] == b"AVI " else "wav"
    starts = {b"OggS": "ogg", b"FLV\x01": "flv", b"ID3": "mp3", b"fLaC": "flac", b"\x30\x26\xb2\x75": "asf"}
    for magic, kind in starts.items():
        if head.startswith(magic):
            return kind
    return _by_sync(head)


def _by_sync(head: bytes) -> str:
    for start, step in ((0, 188), (4, 192)):
        if len(head) > start + 2 * step and all(head[start + n * step] == 0x47 for n in range(3)):
            return "mpegts"
    if head.startswith(b"\x00\x00\x01\xba"):
        return "mpegps"
    if len(head) < 2 or head[0] != 0xFF:
        return ""
    if head[1] & 0xF6 == 0xF0:  # ADTS: twelve bits of sync, layer 0
        return "aac"
    return "mp3" if head[1] & 0xE6 == 0xE2 else ""  # eleven bits of sync, layer III
