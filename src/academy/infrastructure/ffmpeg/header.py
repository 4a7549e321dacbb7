"""What ffprobe tells from a file's header: container and streams, read with distrust."""

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from academy.domain.video.source import Transfer
from academy.infrastructure.ffmpeg.timing import read_rate

__all__ = ["HEADER_ENTRIES", "Header", "Stream", "read_header"]

HEADER_ENTRIES = (
    "format=format_name,start_time,duration"
    ":stream=index,codec_type,codec_name,codec_tag_string,profile,level,pix_fmt,width,height,sample_aspect_ratio,"
    "r_frame_rate,avg_frame_rate,field_order,color_transfer,color_space,channels,sample_rate"
    ":stream_disposition=default,attached_pic,timed_thumbnails"
    ":stream_side_data=rotation"
)
_TRANSFERS = {"smpte2084": Transfer.PQ, "arib-std-b67": Transfer.HLG}
_ENCRYPTED_TAGS = frozenset({"encv", "enca", "drms", "drmi"})
_UNKNOWN = frozenset({"", "unknown", "none", "N/A", "reserved"})
_WIDEST_SAMPLE = 8


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream as the header has it; 0 and "" where it says nothing.

    Attributes:
        rotation: clockwise quarter turns in degrees; None when the matrix is no quarter turn.
        sample_aspect: 1 when absent or absurd.
        rates: the header's claims on frames per second.
    """

    index: int
    kind: str
    codec: str
    profile: str
    level: int
    pixel_format: str
    width: int
    height: int
    sample_aspect: Fraction
    rotation: int | None
    rates: tuple[Fraction | None, ...]
    field_order: str
    transfer: Transfer
    matrix: str
    channels: int
    sample_rate: int
    default: bool
    still: bool
    encrypted: bool

    @property
    def displayed(self) -> tuple[int, int]:
        """Width and height as seen, even, never more than the source has to show."""
        width = int(self.width * self.sample_aspect)
        size = (width, self.height) if self.rotation in {None, 0, 180} else (self.height, width)
        return size[0] - size[0] % 2, size[1] - size[1] % 2


@dataclass(frozen=True, slots=True)
class Header:
    """The container.

    Attributes:
        container: ffmpeg's name of the demuxer.
        start: seconds on the file's own clock that ffmpeg calls zero.
        claimed_duration: seconds, 0 if the header says nothing.
    """

    container: str
    start: float
    claimed_duration: float
    streams: tuple[Stream, ...]


def read_header(text: bytes) -> Header | None:
    """Read ffprobe's JSON; None when it found no format at all."""
    answer = json.loads(text or b"{}")
    container = answer.get("format", {})
    if not container.get("format_name"):
        return None
    return Header(
        container=container["format_name"],
        start=_number(container.get("start_time")),
        claimed_duration=_number(container.get("duration")),
        streams=tuple(_stream(entry) for entry in answer.get("streams", ())),
    )


def _stream(entry: dict[str, Any]) -> Stream:
    disposition = entry.get("disposition", {})
    return Stream(
        index=entry["index"],
        kind=entry.get("codec_type", ""),
        codec=_known(entry.get("codec_name")),
        profile=_known(entry.get("profile")),
        level=max(0, int(_number(entry.get("level")))),
        pixel_format=_known(entry.get("pix_fmt")),
        width=int(_number(entry.get("width"))),
        height=int(_number(entry.get("height"))),
        sample_aspect=_aspect(entry.get("sample_aspect_ratio", "")),
        rotation=_rotation(entry.get("side_data_list", ())),
        rates=(read_rate(entry.get("avg_frame_rate", "")), read_rate(entry.get("r_frame_rate", ""))),
        field_order=_known(entry.get("field_order")),
        transfer=_TRANSFERS.get(entry.get("color_transfer", ""), Transfer.SDR),
        matrix=_known(entry.get("color_space")),
        channels=int(_number(entry.get("channels"))),
        sample_rate=int(_number(entry.get("sample_rate"))),
        default=disposition.get("default") == 1,
        still=disposition.get("attached_pic") == 1 or disposition.get("timed_thumbnails") == 1,
        encrypted=entry.get("codec_tag_string") in _ENCRYPTED_TAGS,
    )


def _known(value: object) -> str:
    return value if isinstance(value, str) and value not in _UNKNOWN else ""


def _number(value: object) -> float:
    try:
        return float(value) if isinstance(value, str | int | float) else 0.0
    except ValueError:
        return 0.0


def _aspect(text: str) -> Fraction:
    ratio = read_rate(text.replace(":", "/"))
    if ratio is None or not Fraction(1, _WIDEST_SAMPLE) <= ratio <= _WIDEST_SAMPLE:
        return Fraction(1)
    return ratio


def _rotation(side_data: list[dict[str, Any]] | tuple[()]) -> int | None:
    """Return the clockwise turn; ffprobe counts counterclockwise."""
    for entry in side_data:
        if "rotation" in entry:
            turn = round(-_number(entry["rotation"])) % 360
            return turn if turn % 90 == 0 else None
    return 0
