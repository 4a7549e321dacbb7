"""Examine an uploaded file fully: the first step of every video job, and the only one that meets hostile bytes first."""

import asyncio
import hashlib
import re
import threading
from array import array
from dataclasses import replace
from pathlib import Path

from academy.application.ports.media import MediaError
from academy.application.ports.processes import ChildProcesses
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.ladder import could_be_copied
from academy.domain.video.source import AudioTrack, SourceInfo, VideoTrack
from academy.infrastructure.ffmpeg.examine import Examiner, FrameSample
from academy.infrastructure.ffmpeg.gate import movie_layout, sniff
from academy.infrastructure.ffmpeg.header import Header, Stream
from academy.infrastructure.ffmpeg.packets import PacketScan
from academy.infrastructure.ffmpeg.timing import FrameTiming, frame_timing
from academy.infrastructure.ffmpeg.tools import MediaTools
from academy.infrastructure.ffmpeg.tracks import Choice, ProbeLimits, choose

__all__ = ["ProbeLimits", "probe"]

_READ_SIZE = 1 << 20
_STILL_CODECS = frozenset({"bmp", "gif", "mjpeg", "png", "tiff", "webp"})
_CUT_OFF = re.compile(r"partial file|ended prematurely|truncat", re.IGNORECASE)
_NO_DECODER = re.compile(
    r"decoder not found|no decoder|hardware accelerated|not currently supported", re.IGNORECASE
)
_SAME_TIME = 0.002


async def probe(
    source: Path, *, tools: MediaTools, processes: ChildProcesses, limits: ProbeLimits | None = None
) -> SourceInfo:
    """Examine `source`; see `MediaEngine.probe`.

    Times of tracks and key frames count from the container's start. `closed_gop` is examined only where nothing else
    speaks against a copy. Raises MediaError; reads no other file and opens no connection.
    """
    limits = limits or ProbeLimits()
    try:
        container = await asyncio.to_thread(sniff, source)
        cut = container.demuxer == "mov" and await asyncio.to_thread(_is_cut, source)
    except OSError as error:
        raise _failure(VideoFailure.SOURCE_VANISHED, str(error)) from error
    examiner = Examiner(
        *(tools, processes, source, container.demuxer),
        wall_seconds=limits.wall_seconds,
        memory_bytes=limits.memory_bytes,
    )
    header = await examiner.header()
    choice = choose(header, limits)
    stop = threading.Event()
    digest = asyncio.ensure_future(asyncio.to_thread(_fingerprint, source, stop))
    try:
        info = await _measure(examiner, header, choice, limits, cut=cut)
        build = await tools.build(processes)
        fingerprint, size = await digest
    except OSError as error:
        raise _failure(VideoFailure.SOURCE_VANISHED, str(error)) from error
    finally:
        stop.set()
        await asyncio.gather(digest, return_exceptions=True)
    if size != container.size:
        raise _failure(VideoFailure.SOURCE_CHANGED, f"{container.size} bytes became {size}")
    return replace(info, size=size, fingerprint=fingerprint, build=build)


def _failure(code: VideoFailure, detail: str = "") -> MediaError:
    return MediaError(video_failure(code, stage="probe", detail=detail))


def _is_cut(source: Path) -> bool:
    """Return whether an ISO base media file ends early; refuse one without its index."""
    layout = movie_layout(source)
    if not layout.has_index:
        raise _failure(VideoFailure.TRUNCATED_NO_INDEX)
    return layout.truncated


def _fingerprint(source: Path, stop: threading.Event) -> tuple[str, int]:
    """Return SHA-256 (hex) and number of bytes."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as file:
        while not stop.is_set() and (data := file.read(_READ_SIZE)):
            digest.update(data)
            size += len(data)
    return digest.hexdigest(), size


async def _measure(
    examiner: Examiner, header: Header, choice: Choice, limits: ProbeLimits, *, cut: bool
) -> SourceInfo:
    scan, complaints = await _scan(examiner, choice, limits)
    warnings = list(choice.warnings)
    video = await _video(examiner, header, choice, scan, limits)
    if choice.video is not None and video is None:
        warnings.append("cover_art_ignored")
    audio = await _audio(examiner, header, choice, scan)
    if choice.audio is not None and audio is None:
        warnings.append("audio_unreadable")
    if video is None and audio is None:
        raise _failure(VideoFailure.NO_DECODABLE_STREAM, complaints)
    duration = max(track.start + track.duration for track in (video, audio) if track is not None)
    if duration < limits.min_duration:
        raise _failure(VideoFailure.DURATION_TOO_SHORT)
    if cut or scan.video.corrupt or scan.audio.corrupt or _CUT_OFF.search(complaints):
        warnings.append("truncated")
    if header.claimed_duration > 1.05 * duration + 1:
        warnings.append("duration_corrected")
    return SourceInfo(header.container, 0, duration, video, audio, "", tuple(dict.fromkeys(warnings)))


async def _scan(examiner: Examiner, choice: Choice, limits: ProbeLimits) -> tuple[PacketScan, str]:
    video, audio = (stream.index if stream else None for stream in (choice.video, choice.audio))
    scan = PacketScan(video, audio, limits.max_duration)
    try:
        complaints = await examiner.packets(scan.line)
    except OverflowError as error:
        raise _failure(VideoFailure.DURATION_TOO_LONG, f"more than {limits.max_duration:.0f} s") from error
    if scan.video.restarted or scan.audio.restarted:
        raise _failure(VideoFailure.CLOCK_RESTARTS)
    return scan, complaints


async def _video(
    examiner: Examiner, header: Header, choice: Choice, scan: PacketScan, limits: ProbeLimits
) -> VideoTrack | None:
    """Build the picture track; None when it is a single still beside a sound track."""
    stream, packets = choice.video, scan.video
    if stream is None:
        return None
    if packets.packets <= 1 and stream.codec in _STILL_CODECS:
        if choice.audio is None:
            raise _failure(VideoFailure.IMAGE_NOT_VIDEO)
        return None
    sample = await examiner.frames(stream.index)
    if not packets.packets or not sample.frames:
        unknown = _NO_DECODER.search(sample.complaint) is not None
        code = VideoFailure.UNSUPPORTED_CODEC if unknown else VideoFailure.NO_DECODABLE_STREAM
        raise _failure(code, f"{stream.codec}\n{sample.complaint}")
    times = await asyncio.to_thread(sorted, packets.times)
    timing = await asyncio.to_thread(frame_timing, array("d", times), stream.rates)
    if timing.native > limits.max_frame_rate:
        raise _failure(VideoFailure.FRAME_RATE_TOO_HIGH, f"{float(timing.native):.2f}")
    video = _track(stream, scan, timing, sample, header.start)
    return await _with_groups(examiner, video, scan, timing, header.start)


def _track(
    stream: Stream, scan: PacketScan, timing: FrameTiming, sample: FrameSample, origin: float
) -> VideoTrack:
    packets = scan.video
    end = packets.end
    if packets.packets > 1 or end == packets.start:  # the last packet of some containers claims no duration
        end = max(end, max(packets.times) + float(1 / timing.native))
    duration = end - packets.start
    width, height = stream.displayed
    return VideoTrack(
        index=stream.index,
        codec=stream.codec,
        profile=stream.profile,
        level=stream.level,
        pixel_format=stream.pixel_format,
        coded_width=stream.width,
        coded_height=stream.height,
        display_width=width,
        display_height=height,
        rotation=stream.rotation or 0,
        sample_aspect=stream.sample_aspect,
        frame_rate=timing.grid,
        variable_rate=timing.variable,
        start=packets.start - origin,
        duration=duration,
        bitrate=round(packets.size * 8 / duration),
        transfer=stream.transfer,
        field_order=sample.field_order,
        keyframe_times=tuple(sorted(round(time - origin, 6) for time in packets.keys)),
        matrix=stream.matrix,
    )


async def _with_groups(
    examiner: Examiner, video: VideoTrack, scan: PacketScan, timing: FrameTiming, origin: float
) -> VideoTrack:
    """Find out whether the groups of pictures are closed, if a copy hangs on it."""
    if not could_be_copied(video) or timing.native != timing.grid or scan.video.leading or scan.video.corrupt:
        return video
    idr = sorted(time - origin for time in await examiner.idr_times(video.index))
    closed = _all_among(video.keyframe_times, idr)
    return replace(video, closed_gop=closed)


def _all_among(times: tuple[float, ...], others: list[float]) -> bool:
    """Return whether each of `times` has its equal in the ascending `others`."""
    place = 0
    for time in times:
        while place < len(others) and others[place] < time - _SAME_TIME:
            place += 1
        if place == len(others) or others[place] > time + _SAME_TIME:
            return False
    return bool(times)


async def _audio(examiner: Examiner, header: Header, choice: Choice, scan: PacketScan) -> AudioTrack | None:
    """Build the sound track; None when not a second of it can be decoded beside a picture."""
    stream, packets = choice.audio, scan.audio
    if stream is None or not packets.packets:
        return None
    start = max(0.0, packets.start - header.start)  # what lies before is the decoder's run-up, not heard
    duration = packets.end - header.start - start
    try:
        silent = await examiner.is_silent(stream.index, duration)
    except MediaError as error:
        readable = error.failure.code not in {VideoFailure.NO_DECODABLE_STREAM, VideoFailure.DAMAGED_FILE}
        if readable or choice.video is None:
            raise
        return None
    return AudioTrack(
        index=stream.index,
        codec=stream.codec,
        channels=stream.channels,
        sample_rate=stream.sample_rate,
        start=start,
        duration=duration,
        silent=silent,
    )
