"""Choose the tracks to show and to hear, and refuse what is beyond the limits."""

from dataclasses import dataclass

from academy.application.ports.media import MediaError
from academy.domain.video.failures import VideoFailure, video_failure
from academy.infrastructure.ffmpeg.header import Header, Stream

__all__ = ["Choice", "ProbeLimits", "choose"]


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """What a source may be.

    Attributes:
        max_dimension, max_pixels: of a picture as stored and as shown (8K).
        min_dimension: pixels; the encoder takes no smaller picture.
        max_duration, min_duration: seconds, measured.
        max_streams: in the container.
        max_frame_rate: frames per second.
        wall_seconds, memory_bytes: for each run of a tool.
    """

    max_dimension: int = 8192
    max_pixels: int = 8192 * 4352
    min_dimension: int = 16
    max_duration: float = 12 * 3600.0
    min_duration: float = 0.05
    max_streams: int = 64
    max_frame_rate: int = 480
    wall_seconds: float = 900.0
    memory_bytes: int = 2 << 30


@dataclass(frozen=True, slots=True)
class Choice:
    """The tracks to look at.

    Attributes:
        video, audio: None where there is no such track.
        warnings: codes of what was left aside.
    """

    video: Stream | None
    audio: Stream | None
    warnings: tuple[str, ...]


def choose(header: Header, limits: ProbeLimits) -> Choice:
    """Take the default picture and sound track, else the largest; refuse what is beyond the limits."""
    streams = header.streams
    if len(streams) > limits.max_streams:
        raise _refusal(VideoFailure.TOO_MANY_STREAMS, f"{len(streams)} streams")
    pictures = [stream for stream in streams if stream.kind == "video" and not stream.still]
    sounds = [stream for stream in streams if stream.kind == "audio"]
    if any(stream.encrypted for stream in (*pictures, *sounds)):
        raise _refusal(VideoFailure.ENCRYPTED_SOURCE)
    for picture in pictures:
        _check_size(picture, limits)
    video = max(
        (stream for stream in pictures if stream.codec and stream.width and stream.height),
        # A picture format that ffprobe cannot tell may still be one that ffmpeg can decode.
        key=lambda stream: (
            bool(stream.pixel_format),
            stream.default,
            stream.width * stream.height,
            -stream.index,
        ),
        default=None,
    )
    audio = max(
        (stream for stream in sounds if stream.codec and stream.channels and stream.sample_rate),
        key=lambda stream: (stream.default, stream.channels, -stream.index),
        default=None,
    )
    if video is None and (pictures or audio is None):
        known = all(stream.codec for stream in (*pictures, *sounds))
        raise _refusal(VideoFailure.NO_DECODABLE_STREAM if known else VideoFailure.UNSUPPORTED_CODEC)
    return Choice(video, audio, _left_aside(header, pictures, sounds, video, audio))


def _check_size(picture: Stream, limits: ProbeLimits) -> None:
    sizes = ((picture.width, picture.height), picture.displayed)
    detail = f"{picture.width}x{picture.height}"
    if any(max(size) > limits.max_dimension or size[0] * size[1] > limits.max_pixels for size in sizes):
        raise _refusal(VideoFailure.TOO_LARGE_DIMENSIONS, detail)
    if picture.width and picture.height and any(min(size) < limits.min_dimension for size in sizes):
        raise _refusal(VideoFailure.TOO_SMALL_DIMENSIONS, detail)


def _left_aside(
    header: Header, pictures: list[Stream], sounds: list[Stream], video: Stream | None, audio: Stream | None
) -> tuple[str, ...]:
    facts = {
        "cover_art_ignored": any(stream.still for stream in header.streams),
        "extra_video_ignored": len(pictures) > 1,
        "extra_audio_ignored": len(sounds) > 1,
        "audio_unreadable": bool(sounds) and audio is None,
        "rotation_ignored": video is not None and video.rotation is None,
    }
    return tuple(code for code, holds in facts.items() if holds)


def _refusal(code: VideoFailure, detail: str = "") -> MediaError:
    return MediaError(video_failure(code, stage="probe", detail=detail))
