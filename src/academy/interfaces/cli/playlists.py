"""Playlists of HTTP Live Streaming as a player reads them (RFC 8216): only what the streams of this system use, strictly."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

__all__ = ["Cue", "Master", "MediaPlaylist", "PlaylistInvalid", "SegmentRef", "Variant", "parse_cues"]

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')


class PlaylistInvalid(Exception):
    """A playlist or track does not say what it must."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One `EXT-X-STREAM-INF` or `EXT-X-I-FRAME-STREAM-INF`; rates in bits per second."""

    url: str
    peak: int
    average: int
    codecs: str
    width: int
    height: int
    frame_rate: float


@dataclass(frozen=True, slots=True)
class Master:
    """A master playlist; `audio` is the address of the shared audio rendition, "" when there is none."""

    variants: tuple[Variant, ...]
    iframes: tuple[Variant, ...]
    audio: str

    @classmethod
    def parse(cls, text: str, url: str) -> "Master":
        """Read a master playlist that came from `url`. Raises PlaylistInvalid."""
        lines = _lines(text)
        variants, iframes, audio = [], [], ""
        for index, line in enumerate(lines):
            tag, _, rest = line.partition(":")
            if tag == "#EXT-X-STREAM-INF":
                variants.append(_variant(rest, urljoin(url, lines[index + 1])))
            elif tag == "#EXT-X-I-FRAME-STREAM-INF":
                iframes.append(_variant(rest, urljoin(url, _attributes(rest)["URI"])))
            elif tag == "#EXT-X-MEDIA" and _attributes(rest).get("TYPE") == "AUDIO":
                audio = urljoin(url, _attributes(rest)["URI"])
        if not variants:
            raise PlaylistInvalid("the master playlist lists no variant")
        return cls(tuple(variants), tuple(iframes), audio)


@dataclass(frozen=True, slots=True)
class SegmentRef:
    """One segment, or with `length` a byte range of one; `key_url` and `iv` when it is encrypted."""

    url: str
    seconds: float
    offset: int
    length: int | None
    key_url: str
    iv: bytes


@dataclass(frozen=True, slots=True)
class MediaPlaylist:
    """A media playlist or a playlist of key frames."""

    url: str
    target: int
    init_url: str
    segments: tuple[SegmentRef, ...]

    @property
    def seconds(self) -> float:
        """Return the length of the whole."""
        return sum(segment.seconds for segment in self.segments)

    @classmethod
    def parse(cls, text: str, url: str) -> "MediaPlaylist":
        """Read a playlist that came from `url`. Raises PlaylistInvalid."""
        lines = _lines(text)
        tags = dict(line.partition(":")[::2] for line in lines)
        if "#EXT-X-ENDLIST" not in tags:
            raise PlaylistInvalid(f"{url} has no end")
        segments = tuple(_segments(lines, url))
        if not segments:
            raise PlaylistInvalid(f"{url} lists no segment")
        init = _attributes(tags["#EXT-X-MAP"])["URI"]
        return cls(url, int(tags["#EXT-X-TARGETDURATION"]), urljoin(url, init), segments)


def _segments(lines: list[str], url: str) -> Iterator[SegmentRef]:
    key_url, iv, seconds, offset = "", b"", 0.0, 0
    length: int | None = None
    for line in lines:
        tag, _, rest = line.partition(":")
        if tag == "#EXT-X-KEY":
            given = _attributes(rest)
            if given["METHOD"] != "AES-128":
                raise PlaylistInvalid(f"unknown encryption {given['METHOD']}")
            key_url, iv = urljoin(url, given["URI"]), bytes.fromhex(given["IV"][2:])
        elif tag == "#EXTINF":
            seconds = float(rest.rstrip(","))
        elif tag == "#EXT-X-BYTERANGE":
            size, _, start = rest.partition("@")
            length, offset = int(size), int(start)
        elif not line.startswith("#"):
            yield SegmentRef(urljoin(url, line), seconds, offset, length, key_url, iv)


def _lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != "#EXTM3U":
        raise PlaylistInvalid("a playlist must begin with #EXTM3U")
    return lines


def _attributes(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(text)}


def _variant(text: str, url: str) -> Variant:
    given = _attributes(text)
    width, _, height = given.get("RESOLUTION", "0x0").partition("x")
    peak, average = int(given["BANDWIDTH"]), int(given["AVERAGE-BANDWIDTH"])
    rate = float(given.get("FRAME-RATE", "0"))
    return Variant(url, peak, average, given["CODECS"], int(width), int(height), rate)


@dataclass(frozen=True, slots=True)
class Cue:
    """One preview picture: shown from `start` to `end` seconds, a rectangle of the image at `url`."""

    start: float
    end: float
    url: str
    x: int
    y: int
    width: int
    height: int


_CUE = re.compile(
    r"([\d:.]+) --> ([\d:.]+)\s+(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)",
)


def parse_cues(text: str, url: str) -> list[Cue]:
    """Read a WebVTT track of preview pictures. Raises PlaylistInvalid."""
    if not text.startswith("WEBVTT"):
        raise PlaylistInvalid("a WebVTT track must begin with WEBVTT")
    cues = [
        Cue(_seconds(m[1]), _seconds(m[2]), urljoin(url, m[3]), int(m[4]), int(m[5]), int(m[6]), int(m[7]))
        for m in _CUE.finditer(text)
    ]
    if not cues or len(cues) != text.count("-->"):
        raise PlaylistInvalid("a cue of the preview track names no rectangle")
    return cues


def _seconds(text: str) -> float:
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total
