"""The gate: decide from a file's own bytes which single demuxer may open it, or refuse it.

ffmpeg guesses the format of a file, and some formats are lists of other files (HLS, DASH, concat): a playlist named
`lecture.mp4` would make it open another tenant's video or a network address. So nothing is guessed here: the first bytes
choose one demuxer, ffmpeg is told to use it and no other, and only for local files.
https://ffmpeg.org/ffmpeg-formats.html#Format-Options (format_whitelist), https://ffmpeg.org/ffmpeg-protocols.html
"""

import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from academy.application.ports.media import MediaError
from academy.domain.video.failures import VideoFailure, video_failure

__all__ = ["FORMATS", "Container", "Layout", "guarded_input", "movie_layout", "sniff"]

FORMATS = (
    *("mov", "matroska", "avi", "mpegts", "mpeg", "flv", "asf", "ogg"),
    *("mp3", "aac", "flac", "wav", "aiff", "caf", "amr"),
)
_HEAD = 4096
_MAX_BOXES = 20_000
# A picture may start minutes after the sound; until it comes, ffmpeg keeps the packets it has read in memory. A file
# whose tracks are all known is not read that far.
_FIRST_LOOK = ("-probesize", str(64 << 20), "-analyzeduration", str(600 * 1_000_000))
_MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof", b"sidx"}
_STILL_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif"}
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (8, b"AVI ", "avi"),
    (8, b"WAVE", "wav"),
    (0, b"FLV\x01", "flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"OggS", "ogg"),
    (0, b"\x00\x00\x01\xba", "mpeg"),
    (0, b"fLaC", "flac"),
    (8, b"AIFF", "aiff"),
    (8, b"AIFC", "aiff"),
    (0, b"caff", "caf"),
    (0, b"#!AMR", "amr"),
)
_STILLS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n",
    b"GIF8",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"8BPS",
    b"\x00\x00\x01\x00",
)
_OTHER_MEDIA = (b".RMF", b"\x06\x0e\x2b\x34", b"FWS", b"CWS", b"\xb7\xd8\x00\x20")
_LIST_STARTS = (
    *(b"#extm3u", b"ffconcat", b"<?xml", b"<mpd", b"<smil", b"<asx", b"<playlist", b"<smoothstreamingmedia"),
    *(
        b"[playlist]",
        b"[reference]",
        b"v=0",
        b"file ",
        b"rtsptext",
        b"smiltext",
        b"http://",
        b"https://",
        b"rtsp://",
    ),
)
_LIST_WORDS = (b"#ext-x-", b"#extinf", b"ffconcat version", b"<mpd", b"<smil", b"urn:mpeg:dash")
_TS_PACKETS = ((0, 188), (4, 192), (0, 204))


@dataclass(frozen=True, slots=True)
class Container:
    """What the first bytes say.

    Attributes:
        demuxer: the one of FORMATS that may open the file.
        size: bytes of the file.
    """

    demuxer: str
    size: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The top level of an ISO base media file (ISO/IEC 14496-12).

    Attributes:
        has_index: whether a whole moov box is there; without one no sample can be found.
        truncated: whether the last box is longer than the file.
    """

    has_index: bool
    truncated: bool


def guarded_input(source: Path, container: str) -> list[str]:
    """Return the arguments with which ffmpeg and ffprobe may open `source`: this file, this demuxer, nothing else.

    `container` is a demuxer's name, or the list of its names as in `SourceInfo.container`.
    """
    demuxer = container.partition(",")[0]
    references = ["-enable_drefs", "0", "-use_absolute_path", "0"] if demuxer == "mov" else []
    guard = ["-protocol_whitelist", "file", "-format_whitelist", ",".join(FORMATS), "-f", demuxer]
    return [*guard, *_FIRST_LOOK, *references, "-i", f"file:{source}"]


def sniff(source: Path) -> Container:
    """Choose the demuxer. Raises MediaError for what is no recording; FileNotFoundError when the file is gone."""
    status = source.stat()
    if not stat.S_ISREG(status.st_mode):
        raise _refusal(VideoFailure.NOT_A_VIDEO)
    size = status.st_size
    with source.open("rb") as file:
        head = file.read(_HEAD)
        if head[:3] == b"ID3":
            head = _after_id3(file, head)
    if not head.strip(b"\x00"):
        raise _refusal(VideoFailure.EMPTY_FILE if size == 0 else VideoFailure.NOT_A_VIDEO)
    demuxer = _demuxer(head)
    if demuxer is None:
        raise _refusal(_what_else(head))
    return Container(demuxer, size)


def movie_layout(source: Path) -> Layout:
    """Walk the top-level boxes without reading their contents."""
    size = source.stat().st_size
    boxes: list[tuple[bytes, int]] = []
    with source.open("rb") as file:
        boxes.extend(_boxes(file, size))
    return Layout(
        any(kind == b"moov" and end <= size for kind, end in boxes), bool(boxes) and boxes[-1][1] > size
    )


def _refusal(code: VideoFailure) -> MediaError:
    return MediaError(video_failure(code, stage="probe"))


def _after_id3(file: BinaryIO, head: bytes) -> bytes:
    """Return the first bytes behind an ID3v2 tag (its size is four times seven bits)."""
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    file.seek(10 + length)
    behind = file.read(_HEAD)
    return behind if _demuxer(behind) in {"mp3", "aac", "flac"} else b"\xff\xfb"


def _demuxer(head: bytes) -> str | None:
    if head[4:8] in _MOV_BOXES:
        return None if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS else "mov"
    for offset, magic, demuxer in _MAGIC:
        if head.startswith(magic, offset) and (offset == 0 or head[:4] in {b"RIFF", b"RF64", b"FORM"}):
            return demuxer
    for first, step in _TS_PACKETS:
        if len(head) > first + 3 * step and all(head[first + n * step] == 0x47 for n in range(4)):
            return "mpegts"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and not head.startswith(b"\xff\xfe"):
        return "aac" if head[1] & 0xF6 == 0xF0 else "mp3"
    return None


def _what_else(head: bytes) -> VideoFailure:
    """Name what a file without a known container is."""
    if (
        head.startswith(_STILLS)
        or head[8:12] == b"WEBP"
        or (head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS)
    ):
        return VideoFailure.IMAGE_NOT_VIDEO
    if head.startswith(_OTHER_MEDIA):
        return VideoFailure.UNSUPPORTED_CONTAINER
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if text.startswith(_LIST_STARTS) or any(word in text for word in _LIST_WORDS):
        return VideoFailure.PLAYLIST_REFUSED
    return VideoFailure.NOT_A_VIDEO


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Yield type and end offset of each top-level box; stop at the end or at nonsense."""
    start = 0
    for _ in range(_MAX_BOXES):
        file.seek(start)
        header = file.read(16)
        if len(header) < 8:
            return
        length, kind = struct.unpack(">I4s", header[:8])
        if length == 1 and len(header) == 16:
            length = struct.unpack(">Q", header[8:])[0]
        elif length == 0:
            length = size - start
        if length < 8:
            return
        start += length
        yield kind, start
        if start >= size:
            return
