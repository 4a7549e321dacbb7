"""Cut finished tracks into segments, encrypt them, measure them, write every playlist."""

import asyncio
import math
from bisect import bisect_left
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias, TypeVar

from academy.application.ports.media import EncryptionKey, MediaError, Report
from academy.domain.video import hls
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.plan import AudioPlan, Rung, StreamPlan
from academy.domain.video.stream import Fragment, Rendition, Segment
from academy.infrastructure.ffmpeg.encode import timescale
from academy.infrastructure.ffmpeg.running import write_error
from academy.infrastructure.mp4.boxes import Mp4Error
from academy.infrastructure.mp4.encryption import encrypted_segment
from academy.infrastructure.mp4.sound import cut_audio, read_audio_header
from academy.infrastructure.mp4.track import JoinedTrack, common_cuts, join

__all__ = ["package_streams"]

STAGE = "package"
_INIT = "init.mp4"
_AUDIO = "audio"
# Seconds, where no picture says where to cut.
_SOUND_SEGMENT = 6
_T = TypeVar("_T")
_Job: TypeAlias = Generator[float | Rendition, None, None]


@dataclass(frozen=True, slots=True)
class _Track:
    rung: Rung
    joined: JoinedTrack
    starts: tuple[int, ...]


async def package_streams(
    plan: StreamPlan,
    rungs: dict[str, tuple[Path, ...]],
    audio: Path | None,
    key: EncryptionKey | None,
    folder: Path,
    report: Report,
) -> tuple[Rendition, ...]:
    """See `MediaEngine.package`. Raises MediaError."""
    try:
        tracks = [await _unbroken(partial(_track, plan, rung, rungs[rung.name])) for rung in plan.rungs]
        cuts = _cuts(plan, tracks)
        jobs = [_video(plan, track, cuts, key, folder / track.rung.name) for track in tracks]
        if audio is not None and plan.audio is not None:
            jobs.append(_sound(plan.audio, audio, _audio_cuts(plan, cuts), key, folder / _AUDIO))
        renditions = [
            await _finished(job, partial(_part_done, report, position, len(jobs)))
            for position, job in enumerate(jobs)
        ]
        await _unbroken(partial(_write_playlists, renditions, key, folder))
    except Mp4Error as error:
        raise MediaError(
            video_failure(VideoFailure.OUTPUT_INVALID, stage=STAGE, detail=str(error))
        ) from error
    except OSError as error:
        raise write_error(error, STAGE, VideoFailure.PACKAGE_FAILED) from error
    return tuple(renditions)


def _track(plan: StreamPlan, rung: Rung, paths: tuple[Path, ...]) -> _Track:
    """Join the files of a rung: the copy on its own clock, encoded chunks where the plan puts them."""
    if rung.copy:
        joined = join(paths, [0] * len(paths), [None] * len(paths))
    else:
        scale = timescale(plan.frame_rate) / plan.frame_rate
        chunks = [chunk for chunk in plan.chunks if chunk.frames]
        if len(chunks) != len(paths):
            raise Mp4Error(f"{len(paths)} files of {rung.name} for {len(chunks)} chunks")
        shifts = [int(chunk.first_frame * scale) for chunk in chunks]
        joined = join(paths, shifts, [int(chunk.frames * scale) for chunk in chunks])
    starts = [_grid_frame(plan, joined, fragment.start) for fragment in joined.fragments]
    return _Track(rung, joined, (0, *starts[1:]))


def _grid_frame(plan: StreamPlan, joined: JoinedTrack, ticks: int) -> int:
    return round(Fraction(ticks, joined.header.timescale) * plan.frame_rate)


def _cuts(plan: StreamPlan, tracks: list[_Track]) -> list[int]:
    if not tracks:
        return []
    lasts = [(track.joined, track.joined.fragments[-1]) for track in tracks]
    end = max(_grid_frame(plan, joined, last.start + last.duration) for joined, last in lasts)
    return common_cuts([track.starts for track in tracks], end, plan.segment_gops * plan.gop_frames)


def _audio_cuts(plan: StreamPlan, cuts: list[int]) -> list[Fraction]:
    """Return the seconds at which audio segments start: with the video's, or evenly spaced."""
    if cuts:
        return [cut / plan.frame_rate for cut in cuts[1:-1]]
    count = math.ceil(plan.duration / _SOUND_SEGMENT)
    return [Fraction(_SOUND_SEGMENT * number) for number in range(1, count)]


def _video(plan: StreamPlan, track: _Track, cuts: list[int], key: EncryptionKey | None, folder: Path) -> _Job:
    """Write the segments of one rung; yields the fraction done, then the rendition."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _INIT).write_bytes(track.joined.header.init)
    scale = track.joined.header.timescale
    segments: list[Segment] = []
    bounds = [bisect_left(track.starts, cut) for cut in cuts[:-1]] + [len(track.starts)]
    for first, last in pairwise(bounds):
        data = bytearray()
        fragments: list[Fragment] = []
        ticks = 0
        for piece in track.joined.read(first, last):
            seconds = piece.duration / scale
            fragments.append(Fragment(seconds, len(data), len(piece.data), piece.key_size))
            data += piece.data
            ticks += piece.duration
        uri, size = _write_segment(bytes(data), track.rung.name, len(segments), key, folder)
        segments.append(Segment(uri, ticks / scale, size, tuple(fragments)))
        yield last / len(track.starts)
    rung = track.rung
    codecs = track.joined.header.codecs
    yield Rendition(rung.name, codecs, rung.width, rung.height, plan.frame_rate, _INIT, tuple(segments))


def _sound(
    audio: AudioPlan, path: Path, cuts: list[Fraction], key: EncryptionKey | None, folder: Path
) -> _Job:
    """Write the audio segments; yields the fraction done, then the rendition."""
    folder.mkdir(parents=True, exist_ok=True)
    header = read_audio_header(path)
    (folder / _INIT).write_bytes(header.init)
    segments: list[Segment] = []
    for piece in cut_audio(path, cuts):
        uri, size = _write_segment(piece.data, _AUDIO, len(segments), key, folder)
        segments.append(Segment(uri, piece.duration / header.timescale, size))
        yield len(segments) / (len(cuts) + 1)
    yield Rendition(_AUDIO, header.codecs, 0, 0, Fraction(0), _INIT, tuple(segments), channels=audio.channels)


def _write_segment(
    plain: bytes, rendition: str, index: int, key: EncryptionKey | None, folder: Path
) -> tuple[str, int]:
    """Write a segment, encrypted when there is a key; return its name and size."""
    number = hls.FIRST_SEGMENT + index
    name = f"{number:05d}.m4s"
    iv = hls.segment_iv(rendition, number)
    data = plain if key is None else encrypted_segment(plain, key.key, iv)
    (folder / name).write_bytes(data)
    return name, len(data)


def _write_playlists(renditions: list[Rendition], key: EncryptionKey | None, folder: Path) -> None:
    """Write the playlists; the master last."""
    uri = key.uri if key else None
    target = hls.target_duration(renditions)
    for rendition in renditions:
        own = folder / rendition.name
        (own / "index.m3u8").write_text(hls.media_playlist(rendition, target, uri), encoding="ascii")
        if rendition.width:
            (own / "iframes.m3u8").write_text(hls.iframe_playlist(rendition, uri), encoding="ascii")
    video = [rendition for rendition in renditions if rendition.width]
    audio = next((rendition for rendition in renditions if not rendition.width), None)
    (folder / "master.m3u8").write_text(hls.master_playlist(video, audio), encoding="ascii")


def _part_done(report: Report, position: int, count: int, part: float) -> None:
    report((position + part) / count)


async def _finished(job: _Job, report: Report) -> Rendition:
    """Run a job to its end, one segment at a time off the event loop."""
    with closing(job):
        while not isinstance(done := await _unbroken(partial(next, job)), Rendition):
            report(done)
    return done


async def _unbroken(work: Callable[[], _T]) -> _T:
    """Run `work` in a thread; when cancelled, wait for it before passing the cancellation on."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
