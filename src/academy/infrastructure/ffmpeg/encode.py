"""Encode one chunk: one process decodes once and makes every rung and the preview pictures."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from academy.application.ports.media import ChunkFiles, MediaError, Report
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.plan import Chunk, Rung, StreamPlan
from academy.domain.video.source import SourceInfo, VideoTrack
from academy.infrastructure.ffmpeg.picture import chunk_graph, has_preview, steady_graph
from academy.infrastructure.ffmpeg.running import FfmpegRunner
from academy.infrastructure.ffmpeg.sources import Opening, openings, output_pattern, timed_input
from academy.infrastructure.ffmpeg.tools import MediaTools
from academy.infrastructure.mp4.boxes import Mp4Error
from academy.infrastructure.mp4.fragments import mapped, read_fragments, read_header

__all__ = ["FRAGMENTS", "STAGE", "ChunkEncoder", "timescale"]

STAGE = "transcode"
# One fragment per group of pictures. The header waits for the first packets (delay_moov), so that it is complete. Frames are
# shown from time 0 on by an edit list of one entry; with negative composition offsets in its place, players built on ffmpeg
# show the picture two frames late.
FRAGMENTS = ("-movflags", "+frag_keyframe+delay_moov+default_base_moof+skip_trailer")
_PRESET = "faster"
_JPEG_QUALITY = "5"
_FILE_SLACK = 64 << 20
_PERHAPS_TOO_LATE = {VideoFailure.ENCODE_FAILED, VideoFailure.DAMAGED_FILE}


class ChunkEncoder:
    """Encodes chunks with libx264.

    Args:
        runner: runs ffmpeg.
        tools: where it is.
        threads: for the decoder, the filters and the encoder of the highest rung.
    """

    def __init__(self, runner: FfmpegRunner, tools: MediaTools, threads: int) -> None:
        self._runner = runner
        self._tools = tools
        self._threads = threads

    async def encode(
        self, source: Path, info: SourceInfo, plan: StreamPlan, chunk: Chunk, folder: Path, report: Report
    ) -> ChunkFiles:
        """See `MediaEngine.encode_chunk`. Raises MediaError."""
        track = info.video
        rungs = tuple(rung for rung in plan.rungs if not rung.copy)
        if track is None or not rungs or chunk.frames == 0:
            return ChunkFiles({}, ())
        files = {rung.name: folder / f"{rung.name}.mp4" for rung in rungs}
        for opening in openings(info, track, chunk.start, plan.frame_rate):
            arguments = self._arguments(source, info, track, plan, chunk, folder, opening)
            try:
                await self._run(rungs, plan, chunk, arguments, report)
            except MediaError as error:
                # Read from too late on, there may be no frame at all, which ffmpeg takes for a failure.
                if opening is None or error.failure.code not in _PERHAPS_TOO_LATE:
                    raise
            if _complete(files.values(), chunk.frames):
                return ChunkFiles(files, _previews(folder))
        detail = f"chunk {chunk.index}: {chunk.frames} frames were expected"
        raise MediaError(video_failure(VideoFailure.OUTPUT_INVALID, stage=STAGE, detail=detail))

    async def _run(
        self,
        rungs: tuple[Rung, ...],
        plan: StreamPlan,
        chunk: Chunk,
        arguments: list[str],
        report: Report,
    ) -> None:
        await self._runner.run(
            self._tools.ffmpeg,
            arguments,
            stage=STAGE,
            seconds=float(chunk.frames / plan.frame_rate),
            file_bytes=_largest_file(rungs, chunk, plan.frame_rate),
            report=report,
        )

    def _arguments(
        self,
        source: Path,
        info: SourceInfo,
        track: VideoTrack,
        plan: StreamPlan,
        chunk: Chunk,
        folder: Path,
        opening: Opening,
    ) -> list[str]:
        rungs = tuple(rung for rung in plan.rungs if not rung.copy)
        thumbnails = plan.thumbnails if has_preview(plan, chunk) else None
        graph = chunk_graph(track, rungs, thumbnails, plan.frame_rate, chunk, from_start=opening is None)
        threads = str(self._threads)
        arguments = [
            "-threads",
            threads,
            *steady_graph(track),
            *timed_input(source, info, track.start, opening),
        ]
        arguments += ["-filter_complex_threads", threads, "-filter_complex", graph]
        keys = _key_frames(track, plan, chunk)
        for position, rung in enumerate(rungs):
            arguments += ["-map", f"[v{position}]", *self._encoder(rung, position), *keys]
            arguments += ["-video_track_timescale", str(timescale(plan.frame_rate)), *FRAGMENTS]
            arguments += ["-f", "mp4", f"file:{folder / rung.name}.mp4"]
        if thumbnails is not None:
            arguments += ["-map", "[previews]", "-fps_mode", "passthrough", "-c:v", "mjpeg"]
            arguments += ["-q:v", _JPEG_QUALITY, "-f", "image2", output_pattern(folder, "preview-%05d.jpg")]
        return arguments

    def _encoder(self, rung: Rung, position: int) -> list[str]:
        # Each rung has about half the work of the one before it; threads beyond that cost CPU and memory and gain no time.
        threads = str(max(1, self._threads >> position))
        return [
            *("-c:v", "libx264", "-preset", _PRESET, "-profile:v", "high", "-threads", threads),
            *("-crf", f"{rung.crf:g}", "-maxrate", str(rung.max_bitrate), "-bufsize", str(rung.buffer_size)),
            *("-sc_threshold", "0", "-flags", "+cgop", "-map_metadata", "-1"),
        ]


def timescale(frame_rate: Fraction) -> int:
    """Return ticks per second such that a frame lasts a whole number of them."""
    return frame_rate.numerator * (1000 if frame_rate.denominator == 1 else 1)


def _key_frames(track: VideoTrack, plan: StreamPlan, chunk: Chunk) -> list[str]:
    """Return where key frames go: every `gop_frames`, or where the copied rung has them, so that rungs switch there."""
    gop = plan.gop_frames
    if not any(rung.copy for rung in plan.rungs):
        return ["-g", str(gop), "-keyint_min", str(gop)]
    last = chunk.first_frame + chunk.frames
    here = [key - chunk.first_frame for key in _spaced_keys(track, plan) if chunk.first_frame <= key < last]
    times = ",".join(f"{float(frame / plan.frame_rate):.6f}" for frame in here)
    return ["-g", str(2 * gop), *(["-force_key_frames", times] if times else [])]


def _spaced_keys(track: VideoTrack, plan: StreamPlan) -> list[int]:
    """Return those of the source's key frames, on the grid, that lie as far apart as `gop_frames` allows."""
    keys = sorted({round(Fraction(time) * plan.frame_rate) for time in track.keyframe_times} - {0})
    # The first key frame is the grid's own; one frame more than the plan allows comes from rounding to the grid.
    chosen = [0]
    for key, following in pairwise(keys):
        if following - chosen[-1] > plan.gop_frames + 1:
            chosen.append(key)
    return [*chosen, *keys[-1:]]


def _complete(files: Iterable[Path], frames: int) -> bool:
    """Whether every file holds `frames` frames from time 0 on; fewer when reading began too late."""
    return all(_frame_count(path) == frames for path in files)


def _previews(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob("preview-*.jpg")))


def _frame_count(path: Path) -> int:
    try:
        with mapped(path) as data:
            return sum(part.count for part in read_fragments(data, read_header(data)))
    except (Mp4Error, OSError):
        return 0


def _largest_file(rungs: Sequence[Rung], chunk: Chunk, frame_rate: Fraction) -> int:
    seconds = float(chunk.frames / frame_rate)
    return _FILE_SLACK + int(max(rung.max_bitrate for rung in rungs) * seconds / 4)
