"""Run ffmpeg: progress from its reports, a watch on headway, its errors as ours."""

import errno
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from academy.application.ports.media import MediaError, Report
from academy.application.ports.processes import ChildFailed, ChildLimits, ChildProcesses, ChildReport
from academy.domain.video.failures import VideoFailure, video_failure

__all__ = ["FfmpegRunner", "media_error", "write_error"]

_REPORT_SECONDS = 0.5
# ffmpeg goes on reporting while it hangs: what counts is that the numbers in its reports grow.
_REPORTS_WITHOUT_HEADWAY = 240
_SILENT_SECONDS = 60.0
_START_SECONDS = 120.0
_SLOWEST = 60.0
_MEMORY = 4 << 30

_REASONS = {
    "timeout": VideoFailure.ENCODE_TIMEOUT,
    "stalled": VideoFailure.ENCODE_STALLED,
    "memory": VideoFailure.TOO_MUCH_MEMORY,
    "killed": VideoFailure.TOO_MUCH_MEMORY,
    "signal": VideoFailure.ENCODE_CRASHED,
    "not_found": VideoFailure.TOOL_MISSING,
}
_LAST_WORDS = (
    (re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE), VideoFailure.DISK_FULL),
    (re.compile(r"cannot allocate memory|out of memory", re.IGNORECASE), VideoFailure.TOO_MUCH_MEMORY),
    (re.compile(r"opening input.*no such file", re.IGNORECASE), VideoFailure.SOURCE_VANISHED),
    (re.compile(r"invalid data found|error rate .* exceeds", re.IGNORECASE), VideoFailure.DAMAGED_FILE),
)


class _StalledError(Exception):
    """Reports came, headway did not."""


class FfmpegRunner:
    """Starts ffmpeg with the limits and reports every use needs.

    Args:
        processes: runs the program.
        slowest: seconds of work allowed for one second of media.
    """

    def __init__(self, processes: ChildProcesses, *, slowest: float = _SLOWEST) -> None:
        self._processes = processes
        self._slowest = slowest

    async def run(
        self,
        program: Path,
        arguments: Sequence[str],
        *,
        stage: str,
        seconds: float,
        file_bytes: int,
        report: Report,
        log_level: str = "error",
    ) -> ChildReport:
        """Run `program` with `arguments` after the common ones.

        Args:
            program: an ffmpeg.
            arguments: inputs, graph and outputs.
            stage: step named in a failure.
            seconds: media seconds it works on: the measure of progress and of the time limit.
            file_bytes: largest file it may write.
            report: gets the fraction done.
            log_level: ffmpeg's; "info" where its summary is wanted.

        Raises MediaError.
        """
        common = ["-nostdin", "-hide_banner", "-y", "-loglevel", log_level, "-nostats"]
        reporting = ["-progress", "pipe:1", "-stats_period", str(_REPORT_SECONDS)]
        limits = ChildLimits(
            wall_seconds=_START_SECONDS + self._slowest * seconds,
            stall_seconds=_SILENT_SECONDS,
            memory_bytes=_MEMORY,
            file_bytes=file_bytes,
        )
        try:
            done = await self._processes.run(
                [str(program), *common, *reporting, *arguments],
                limits=limits,
                on_line=_headway(seconds, report),
            )
        except _StalledError as stalled:
            raise MediaError(video_failure(VideoFailure.ENCODE_STALLED, stage=stage)) from stalled
        except ChildFailed as failed:
            raise media_error(failed, stage) from failed
        report(1.0)
        return done


def media_error(failed: ChildFailed, stage: str) -> MediaError:
    """Say what a failed ffmpeg means."""
    code = _REASONS.get(failed.reason)
    if code is None:
        words = failed.stderr_tail
        code = next(
            (code for pattern, code in _LAST_WORDS if pattern.search(words)), VideoFailure.ENCODE_FAILED
        )
    return MediaError(video_failure(code, stage=stage, detail=failed.stderr_tail))


def write_error(error: OSError, stage: str, otherwise: VideoFailure) -> MediaError:
    """Say what a failed write of our own means."""
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    code = VideoFailure.DISK_FULL if full else otherwise
    return MediaError(video_failure(code, stage=stage, detail=error.strerror or type(error).__name__))


def _headway(seconds: float, report: Report) -> Callable[[str], None]:
    """Return the reader of `-progress` lines. It raises _StalledError when many reports in a row say the same."""
    numbers: dict[str, str] = {}
    before: dict[str, str] = {}
    idle = 0
    furthest = 0.0

    def read(line: str) -> None:
        nonlocal before, idle, furthest
        name, _, value = line.strip().partition("=")
        if name in {"frame", "out_time_us", "total_size"}:
            numbers[name] = value
        elif name == "progress":
            idle = idle + 1 if numbers == before else 0
            before = dict(numbers)
            if idle >= _REPORTS_WITHOUT_HEADWAY:
                raise _StalledError
            time = numbers.get("out_time_us", "")
            if seconds > 0 and time.isdigit():
                # Of several outputs, ffmpeg names the time of a different one each time.
                furthest = min(1.0, max(furthest, int(time) / 1e6 / seconds))
                report(furthest)

    return read
