"""What was made: measured renditions and segments, from which playlists are written."""

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Fragment", "Rendition", "Segment"]


@dataclass(frozen=True, slots=True)
class Fragment:
    """One group of pictures inside a segment: where its key frame lies, for I-frame playlists.

    Attributes:
        duration: seconds.
        offset: byte offset of the fragment's moof box within the (plain) segment.
        size: bytes of the whole fragment.
        key_size: bytes from `offset` to the end of the first (key) sample.
    """

    duration: float
    offset: int
    size: int
    key_size: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One media segment.

    Attributes:
        uri: name relative to its playlist.
        duration: seconds.
        size: bytes as delivered (after encryption).
        fragments: empty for audio.
    """

    uri: str
    duration: float
    size: int
    fragments: tuple[Fragment, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendition:
    """One finished rendition: a video rung or the audio track.

    Attributes:
        name: "720p" or "audio".
        codecs: RFC 6381 string ("avc1.64001f", "mp4a.40.2").
        width, height: pixels, 0 for audio.
        frame_rate: frames per second, 0 for audio.
        init_uri: initialisation segment relative to the playlist.
        segments: in order.
        channels: number of audio channels, 0 for video.
    """

    name: str
    codecs: str
    width: int
    height: int
    frame_rate: Fraction
    init_uri: str
    segments: tuple[Segment, ...]
    channels: int = 0
