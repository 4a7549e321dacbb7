"""Repackage the source's own video stream: no picture is decoded."""

from pathlib import Path

from academy.application.ports.media import MediaError, Report
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.source import SourceInfo
from academy.infrastructure.ffmpeg.encode import FRAGMENTS, STAGE
from academy.infrastructure.ffmpeg.running import FfmpegRunner
from academy.infrastructure.ffmpeg.sources import timed_input
from academy.infrastructure.ffmpeg.tools import MediaTools

__all__ = ["copy_stream"]

_FILE_SLACK = 64 << 20


async def copy_stream(
    runner: FfmpegRunner, tools: MediaTools, source: Path, info: SourceInfo, output: Path, report: Report
) -> Path:
    """Write the video track of `source` to `output` as a fragmented MP4 on the source's timeline. Raises MediaError."""
    track = info.video
    if track is None:
        raise MediaError(video_failure(VideoFailure.ENCODE_FAILED, stage=STAGE, detail="no video to copy"))
    arguments = [*timed_input(source, info, track.start), "-map", f"0:{track.index}", "-c", "copy"]
    arguments += ["-map_metadata", "-1", "-map_chapters", "-1", *FRAGMENTS, "-f", "mp4", f"file:{output}"]
    await runner.run(
        tools.ffmpeg,
        arguments,
        stage=STAGE,
        seconds=track.duration,
        file_bytes=_FILE_SLACK + 2 * info.size,
        report=report,
    )
    return output
