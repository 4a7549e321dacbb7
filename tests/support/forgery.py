"""Forge media files byte by byte: pure functions from a good file's bytes to a bad one's."""

import struct
import zlib
from pathlib import Path
from typing import Final

__all__ = ["LURES", "claiming_hours", "lure", "noisy", "picture_file", "stretched_to_hours", "with_alias"]

HUNDRED_HOURS: Final = 360_000
LURES: Final = ("hls_playlist", "dash_manifest", "ffconcat", "concat_bare", "smil", "sdp", "asx", "pls")


def claiming_hours(movie: bytes) -> bytes:
    """Every duration of the header says 100 hours; the samples' own times do not."""
    data = bytearray(movie)
    for box in (b"mvhd", b"mdhd"):
        for start in _find_all(data, box):
            scale = _number(data, start + 16)
            struct.pack_into(">I", data, start + 20, min(HUNDRED_HOURS * scale, 0xFFFF_FFFE))
    claim = HUNDRED_HOURS * _number(data, data.index(b"mvhd") + 16)
    for box, offset in ((b"tkhd", 24), (b"elst", 12)):
        for start in _find_all(data, box):
            struct.pack_into(">I", data, start + offset, claim)
    return bytes(data)


def stretched_to_hours(movie: bytes) -> bytes:
    """The samples of the first track themselves say that each lasts two hours."""
    data = bytearray(movie)
    scale = _number(data, data.index(b"mdhd") + 16)
    struct.pack_into(">I", data, data.index(b"stts") + 16, 2 * 3600 * scale)
    for start in _find_all(data, b"elst"):
        data[start : start + 4] = b"free"  # an edit list would cut the track to its true length again
    return bytes(data)


def noisy(movie: bytes) -> bytes:
    """Media bytes overwritten with noise; an index in front stays whole."""
    start = movie.index(b"mdat") + 4
    return movie[:start] + bytes((n * 197 + 89) % 256 for n in range(len(movie) - start))


def with_alias(movie: bytes, target: Path) -> bytes:
    """Say that the samples of the first track lie in `target`: an `alis` data reference instead of `url `.

    Record layout as ffmpeg reads it (libavformat/mov.c, mov_read_dref); the index must stand last in the file.
    """
    path, name = str(target).encode(), target.name.encode()[:63]
    record = bytearray(150)
    record[50 : 51 + len(name)] = bytes([len(name)]) + name
    record[130:134] = struct.pack(">hh", 1, 1)  # levels from the alias and to the target
    absolute = struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2)
    body = bytes(4) + bytes(record) + absolute + struct.pack(">Hh", 0xFFFF, 0)
    alias = struct.pack(">I4s", 8 + len(body), b"alis") + body
    at = movie.index(b"url ") - 4
    data = bytearray(movie[:at] + alias + movie[at + 12 :])
    for parent in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        start = data.rindex(parent, 0, at) - 4
        struct.pack_into(">I", data, start, _number(data, start) + len(alias) - 12)
    return bytes(data)


def picture_file() -> bytes:
    """Return a black PNG of 64x36 (the static ffmpeg has no encoder for it)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 36, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(36 * 65)))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def lure(kind: str, secret: Path, url: str) -> bytes:
    """Return a list that points at `secret` and at `url`; kinds: LURES."""
    return {
        "hls_playlist": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{secret}\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n",
        "dash_manifest": (
            '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
            f'<Representation id="1" bandwidth="1"><BaseURL>{url}</BaseURL></Representation><Representation id="2" '
            f'bandwidth="2"><BaseURL>{secret}</BaseURL></Representation></AdaptationSet></Period></MPD>\n'
        ),
        "ffconcat": f"ffconcat version 1.0\nfile '{secret}'\nfile '{url}'\n",
        "concat_bare": f"file '{secret}'\nfile '{url}'\n",
        "smil": f'<smil><body><video src="{secret}"/><video src="{url}"/></body></smil>\n',
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n",
        "asx": f'<asx version="3.0"><entry><ref href="{url}"/></entry></asx>\n',
        "pls": f"[playlist]\nFile1={url}\nFile2={secret}\nNumberOfEntries=2\n",
    }[kind].encode()


def _number(data: bytes | bytearray, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 4], "big")


def _find_all(data: bytes | bytearray, word: bytes) -> list[int]:
    found, start = [], -1
    while (start := data.find(word, start + 1)) >= 0:
        found.append(start)
    return found
