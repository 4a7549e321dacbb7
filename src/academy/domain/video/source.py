"""What a probe found in an uploaded file."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

__all__ = ["AudioTrack", "FieldOrder", "SourceInfo", "Transfer", "VideoTrack"]


class Transfer(StrEnum):
    """How code values become light; anything but SDR is tone-mapped."""

    SDR = "sdr"
    PQ = "pq"
    HLG = "hlg"


class FieldOrder(StrEnum):
    """Whether a frame holds two fields."""

    PROGRESSIVE = "progressive"
    TOP_FIRST = "tt"
    BOTTOM_FIRST = "bb"


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """One moving-picture track; cover art is not one.

    Attributes:
        index: stream index in the container.
        codec: ffmpeg's codec name ("h264", "hevc", …).
        profile: the codec's profile as the probe names it, "" if unknown.
        level: codec level times ten for H.264 (31 = 3.1), 0 if unknown.
        pixel_format: ffmpeg's name ("yuv420p", …).
        coded_width, coded_height: samples as stored, before rotation and aspect.
        display_width, display_height: pixels as seen after rotation and sample aspect ratio, even numbers.
        rotation: clockwise degrees to turn for display: 0, 90, 180 or 270.
        sample_aspect: sample aspect ratio, 1 for square.
        frame_rate: frames per second of the regular output grid, at most 60; average rate for VFR.
        variable_rate: whether frame spacing varies in the source.
        start: presentation time of the first frame in seconds, relative to the container's start.
        duration: seconds, from the packets, not from the header's claim.
        bitrate: bits per second, 0 if unknown.
        transfer: SDR, PQ or HLG.
        field_order: progressive or interlaced with the first field.
        keyframe_times: seconds of each key frame, ascending; empty when not measured.
        closed_gop: whether every key frame is an IDR with no frame shown before it referring past it.
        matrix: colour matrix as the probe names it ("bt709", "smpte170m", "bt2020nc"), "" if untagged.
    """

    index: int
    codec: str
    profile: str
    level: int
    pixel_format: str
    coded_width: int
    coded_height: int
    display_width: int
    display_height: int
    rotation: int
    sample_aspect: Fraction
    frame_rate: Fraction
    variable_rate: bool
    start: float
    duration: float
    bitrate: int
    transfer: Transfer
    field_order: FieldOrder
    keyframe_times: tuple[float, ...] = ()
    closed_gop: bool = False
    matrix: str = ""


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """One sound track.

    Attributes:
        index: stream index in the container.
        codec: ffmpeg's codec name.
        channels: number of channels.
        sample_rate: Hz.
        start: seconds relative to the container's start (late audio has a positive one).
        duration: seconds.
        silent: whether the whole track was measured below -70 LUFS (then loudness is left alone).
    """

    index: int
    codec: str
    channels: int
    sample_rate: int
    start: float
    duration: float
    silent: bool = False


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A probed source: at least one of video and audio is present.

    Attributes:
        container: ffmpeg's demuxer name ("mov,mp4,m4a,3gp,3g2,mj2", …).
        size: bytes.
        duration: seconds of the longest track, measured.
        video: the track to show, None for audio only.
        audio: the track to hear, None for silent sources.
        fingerprint: SHA-256 hex digest of the file's bytes; chunks made from other bytes never mix.
        warnings: codes of what was put right or ignored ("truncated", "cover_art_ignored", …).
        build: digest that tells one build of the encoder from another; chunks made by two of them never mix.
    """

    container: str
    size: int
    duration: float
    video: VideoTrack | None
    audio: AudioTrack | None
    fingerprint: str
    warnings: tuple[str, ...] = ()
    build: str = ""
