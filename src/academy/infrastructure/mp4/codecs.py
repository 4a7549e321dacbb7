"""Codec names for playlists: RFC 6381 strings from the sample description."""

import struct

from academy.infrastructure.mp4.boxes import Box, Data, Mp4Error, child

__all__ = ["codec_string", "sample_entry"]

# Bytes of fields before the child boxes (ISO/IEC 14496-12, 8.5.2 and 12.1.3, 12.2.3).
_DESCRIPTION_FIELDS = 8
_VISUAL_FIELDS = 78
_AUDIO_FIELDS = 28

# Descriptor tags of ISO/IEC 14496-1, 7.2.2.1, and the object type of MPEG-4 audio (7.2.6.6, table 5).
_ES_TAG = 0x03
_DECODER_CONFIG_TAG = 0x04
_DECODER_SPECIFIC_TAG = 0x05
_MPEG4_AUDIO = 0x40
_ESCAPED_OBJECT_TYPE = 31


def sample_entry(data: Data, trak: Box) -> Box:
    """Return the first sample entry of a track. Raises Mp4Error."""
    description = child(data, trak, "mdia/minf/stbl/stsd")
    entry = description.body + _DESCRIPTION_FIELDS
    if entry + 8 > description.end:
        raise Mp4Error("empty sample description")
    size, kind = struct.unpack_from(">I4s", data, entry)
    if size < 8 or entry + size > description.end:
        raise Mp4Error("sample entry does not fit")
    return Box(kind.decode("latin-1"), entry, entry + 8, entry + size)


def codec_string(data: Data, entry: Box) -> str:
    """Return the RFC 6381 name of a sample entry: "avc1.640028", "mp4a.40.2".

    H.264: profile, constraint flags and level from avcC (ISO/IEC 14496-15, 5.3.3.1; RFC 6381, 3.3).
    AAC: audio object type from the esds box. Raises Mp4Error for any other codec.
    """
    if entry.kind in {"avc1", "avc3"}:
        configuration = child(data, entry, "avcC", skip=_VISUAL_FIELDS)
        return f"{entry.kind}.{bytes(data[configuration.body + 1 : configuration.body + 4]).hex()}"
    if entry.kind == "mp4a":
        descriptor = child(data, entry, "esds", skip=_AUDIO_FIELDS)
        return (
            f"mp4a.{_MPEG4_AUDIO:x}.{_audio_object_type(bytes(data[descriptor.body + 4 : descriptor.end]))}"
        )
    raise Mp4Error(f"no codec name for {entry.kind}")


def _audio_object_type(descriptors: bytes) -> int:
    stream = _descriptor(descriptors, _ES_TAG)
    # ES_ID (2 bytes) and flags: our muxer sets none of the optional fields.
    configuration = _descriptor(stream[3:], _DECODER_CONFIG_TAG)
    if configuration[0] != _MPEG4_AUDIO:
        raise Mp4Error(f"object type {configuration[0]:#x} is not MPEG-4 audio")
    specific = _descriptor(configuration[13:], _DECODER_SPECIFIC_TAG)
    kind = specific[0] >> 3
    if kind == _ESCAPED_OBJECT_TYPE:
        kind = 32 + ((specific[0] & 7) << 3 | specific[1] >> 5)
    return kind


def _descriptor(data: bytes, tag: int) -> bytes:
    """Return the body of the descriptor at the start of `data` (ISO/IEC 14496-1, 8.3.3: sizes of 7 bits a byte)."""
    if not data or data[0] != tag:
        raise Mp4Error(f"descriptor {tag} expected")
    size, position = 0, 1
    while position < len(data):
        size = size << 7 | data[position] & 0x7F
        position += 1
        if not data[position - 1] & 0x80:
            break
    if size == 0 or position + size > len(data):
        raise Mp4Error(f"descriptor {tag} does not fit")
    return data[position : position + size]
