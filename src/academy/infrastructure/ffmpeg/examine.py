"""The ffprobe and ffmpeg runs of a probe, each with limits, its crashes turned into words a teacher understands."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from academy.application.ports.media import MediaError
from academy.application.ports.processes import ChildFailed, ChildLimits, ChildProcesses, ChildReport
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.source import FieldOrder
from academy.infrastructure.ffmpeg.gate import guarded_input
from academy.infrastructure.ffmpeg.header import HEADER_ENTRIES, Header, read_header
from academy.infrastructure.ffmpeg.packets import PACKET_ENTRIES
from academy.infrastructure.ffmpeg.tools import MediaTools

__all__ = ["Examiner", "FrameSample"]

_STAGE = "probe"
_HEADER_SECONDS = 60.0
_SAMPLED_PACKETS = 40
_LOUDNESS = re.compile(r"\bI:\s+(-?[\d.]+|-inf|nan) LUFS")
_ABSOLUTE_GATE = -70.0  # EBU R 128: what lies below is silence
_BEGINNING = 30.0
_REASONS = {
    "timeout": VideoFailure.PROBE_TIMEOUT,
    "stalled": VideoFailure.PROBE_TIMEOUT,
    "memory": VideoFailure.TOO_MUCH_MEMORY,
    "killed": VideoFailure.TOO_MUCH_MEMORY,
    "signal": VideoFailure.PROBE_CRASHED,
    "output": VideoFailure.PROBE_CRASHED,
    "not_found": VideoFailure.TOOL_MISSING,
}
_CANNOT_START = {126, 127}  # a wrapper script, or a shared library that is not there
_LAST_WORDS = (
    (re.compile(r"no such file or directory", re.IGNORECASE), VideoFailure.SOURCE_VANISHED),
    (re.compile(r"moov atom not found", re.IGNORECASE), VideoFailure.TRUNCATED_NO_INDEX),
)


@dataclass(frozen=True, slots=True)
class FrameSample:
    """The first decoded frames.

    Attributes:
        frames: how many came out.
        field_order: what most of them are.
        complaint: last words of the decoder.
    """

    frames: int
    field_order: FieldOrder
    complaint: str


class Examiner:
    """Runs the tools on one source that the gate let through.

    Args:
        wall_seconds: for each run that reads the whole file.
        memory_bytes: address space of each run.
    """

    def __init__(
        self,
        tools: MediaTools,
        processes: ChildProcesses,
        source: Path,
        demuxer: str,
        *,
        wall_seconds: float,
        memory_bytes: int,
    ) -> None:
        self._tools = tools
        self._processes = processes
        self._input = guarded_input(source, demuxer)
        self._whole = ChildLimits(wall_seconds, memory_bytes=memory_bytes)
        self._brief = ChildLimits(min(_HEADER_SECONDS, wall_seconds), memory_bytes=memory_bytes)

    async def header(self) -> Header:
        """Read container and streams."""
        report = await self._ffprobe(self._brief, "-show_entries", HEADER_ENTRIES, "-of", "json=c=1")
        try:
            header = read_header(report.stdout)
        except ValueError as error:
            raise _failure(VideoFailure.DAMAGED_FILE, str(error)) from error
        if header is None:
            raise _failure(VideoFailure.DAMAGED_FILE, report.stderr_tail)
        return header

    async def packets(self, on_line: Callable[[str], None]) -> str:
        """Walk every packet; return the demuxer's complaints."""
        report = await self._ffprobe(
            self._whole, "-show_entries", PACKET_ENTRIES, "-of", "csv=p=0", on_line=on_line
        )
        return report.stderr_tail

    async def frames(self, stream: int) -> FrameSample:
        """Decode the first frames of a stream."""
        report = await self._ffprobe(
            self._brief,
            *("-threads", "1", "-select_streams", str(stream), "-read_intervals", f"%+#{_SAMPLED_PACKETS}"),
            *("-show_entries", "frame=interlaced_frame,top_field_first:side_data=", "-of", "json=c=1"),
        )
        frames = json.loads(report.stdout or b"{}").get("frames", [])
        if not frames and await self._decodes(stream):
            return FrameSample(1, FieldOrder.PROGRESSIVE, "")
        woven = [frame for frame in frames if frame.get("interlaced_frame") == 1]
        order = FieldOrder.PROGRESSIVE
        if 2 * len(woven) > len(frames):
            top = sum(frame.get("top_field_first") == 1 for frame in woven)
            order = FieldOrder.TOP_FIRST if 2 * top >= len(woven) else FieldOrder.BOTTOM_FIRST
        return FrameSample(len(frames), order, report.stderr_tail)

    async def _decodes(self, stream: int) -> bool:
        """Return whether ffmpeg gets a frame: its build may know more codecs (AV1), none of them interlaced."""
        one = ["-map", f"0:{stream}", "-frames:v", "1", "-f", "framecrc", "-"]
        try:
            report = await self._ffmpeg(self._brief, "error", "-threads", "1", *self._input, *one)
        except MediaError as error:
            if error.failure.code in {VideoFailure.DAMAGED_FILE, VideoFailure.PROBE_TIMEOUT}:
                return False
            raise
        return any(not line.startswith(b"#") for line in report.stdout.splitlines())

    async def idr_times(self, stream: int) -> list[float]:
        """Return the times of the H.264 IDR pictures (NAL unit type 5, ITU-T H.264 table 7-1) on the file's own clock."""
        only_idr = ["-map", f"0:{stream}", "-c", "copy", "-bsf:v", "filter_units=pass_types=5"]
        report = await self._ffmpeg(
            self._whole, "error", "-copyts", *self._input, *only_idr, "-f", "framecrc", "-"
        )
        tick, times = 0.0, []
        for line in report.stdout.decode().splitlines():
            if line.startswith("#tb 0:"):
                numerator, _, denominator = line.split()[2].partition("/")
                tick = int(numerator) / int(denominator)
            elif not line.startswith("#"):
                times.append(int(line.split(",")[2]) * tick)
        return times

    async def is_silent(self, stream: int, seconds: float) -> bool:
        """Measure a track's loudness (EBU R 128), the beginning first: nearly every recording has sound there."""
        if not await self._is_silent(stream, min(seconds, _BEGINNING)):
            return False
        return seconds <= _BEGINNING or await self._is_silent(stream, seconds)

    async def _is_silent(self, stream: int, seconds: float) -> bool:
        measure = [
            "-map",
            f"0:{stream}",
            "-t",
            str(seconds),
            "-af",
            "ebur128=framelog=quiet",
            "-f",
            "null",
            "-",
        ]
        report = await self._ffmpeg(self._whole, "info", *self._input, *measure)
        found = _LOUDNESS.search(report.stderr_tail)
        if found is None:
            raise _failure(VideoFailure.NO_DECODABLE_STREAM, report.stderr_tail)
        return found[1] in {"-inf", "nan"} or float(found[1]) <= _ABSOLUTE_GATE

    async def _ffprobe(
        self, limits: ChildLimits, *arguments: str, on_line: Callable[[str], None] | None = None
    ) -> ChildReport:
        command = [str(self._tools.ffprobe), "-v", "error", *self._input, *arguments]
        return await self._run(command, limits, on_line)

    async def _ffmpeg(self, limits: ChildLimits, level: str, *arguments: str) -> ChildReport:
        command = [str(self._tools.ffmpeg), "-nostdin", "-hide_banner", "-nostats", "-v", level, *arguments]
        return await self._run(command, limits, None)

    async def _run(
        self, command: list[str], limits: ChildLimits, on_line: Callable[[str], None] | None
    ) -> ChildReport:
        try:
            return await self._processes.run(command, limits=limits, on_line=on_line)
        except ChildFailed as failed:
            raise _failure(_meaning(failed), failed.stderr_tail) from failed


def _meaning(failed: ChildFailed) -> VideoFailure:
    """Return what a run that failed says about the file, or about the tool."""
    if failed.returncode in _CANNOT_START:
        return VideoFailure.TOOL_MISSING
    said = (code for pattern, code in _LAST_WORDS if pattern.search(failed.stderr_tail))
    return _REASONS.get(failed.reason) or next(said, VideoFailure.DAMAGED_FILE)


def _failure(code: VideoFailure, detail: str) -> MediaError:
    return MediaError(video_failure(code, stage=_STAGE, detail=detail))
