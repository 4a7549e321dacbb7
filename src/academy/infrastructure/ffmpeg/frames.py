"""`FrameSource` with ffmpeg."""

import asyncio
from fractions import Fraction
from pathlib import Path

from academy.application.ports.frames import Frame
from academy.application.ports.media import MediaError, Report
from academy.application.ports.processes import ChildProcesses
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.source import VideoTrack
from academy.infrastructure.ffmpeg.picture import steady_graph, still_chain
from academy.infrastructure.ffmpeg.probe import probe
from academy.infrastructure.ffmpeg.running import FfmpegRunner
from academy.infrastructure.ffmpeg.sources import output_pattern, timed_input
from academy.infrastructure.ffmpeg.tools import MediaTools
from academy.infrastructure.ffmpeg.tracks import ProbeLimits

__all__ = ["FRAME_LIMITS", "FfmpegFrameSource"]

FRAME_LIMITS = ProbeLimits(
    max_dimension=4320, max_pixels=4096 * 2304, max_duration=3600.0, max_frame_rate=240
)
"""A phone's film of an hour, up to 4K."""
_STAGE = "frames"
_LONGER_SIDE = 1280
_LARGEST_PICTURE = 8 << 20


class FfmpegFrameSource:
    """See the port."""

    def __init__(
        self, processes: ChildProcesses, tools: MediaTools, limits: ProbeLimits = FRAME_LIMITS
    ) -> None:
        """Run `tools` through `processes`; refuse films beyond `limits`."""
        self._processes = processes
        self._tools = tools
        self._limits = limits
        self._runner = FfmpegRunner(processes)

    async def frames(
        self, film: Path, folder: Path, *, every_seconds: float, most: int, report: Report
    ) -> tuple[Frame, ...]:
        """See the port."""
        info = await probe(film, tools=self._tools, processes=self._processes, limits=self._limits)
        track = info.video
        if track is None:
            raise MediaError(
                video_failure(VideoFailure.NO_DECODABLE_STREAM, stage=_STAGE, detail="only sound")
            )
        step = Fraction(max(every_seconds, track.duration / most)).limit_denominator(1000)
        width, height = _size(track)
        chain = f"{still_chain(track, width, height)},fps={1 / step}:start_time=0:eof_action=pass"
        arguments = ["-threads", "2", *steady_graph(track), *timed_input(film, info, track.start)]
        arguments += ["-filter_complex", f"[0:{track.index}]{chain}[frames]", "-map", "[frames]"]
        arguments += ["-frames:v", str(most), "-fps_mode", "passthrough", "-c:v", "mjpeg", "-q:v", "3"]
        await self._runner.run(
            self._tools.ffmpeg,
            [*arguments, "-f", "image2", output_pattern(folder, "frame-%05d.jpg")],
            stage=_STAGE,
            seconds=track.duration,
            file_bytes=_LARGEST_PICTURE,
            report=report,
        )
        made = await asyncio.to_thread(lambda: sorted(folder.glob("frame-*.jpg")))
        if not made:
            raise MediaError(
                video_failure(VideoFailure.NO_DECODABLE_STREAM, stage=_STAGE, detail="no frame came out")
            )
        return tuple(Frame(path, float(step * number)) for number, path in enumerate(made))


def _size(track: VideoTrack) -> tuple[int, int]:
    """Return width and height of the pictures: as shown, even, and no larger than needed."""
    scale = min(1.0, _LONGER_SIDE / max(track.display_width, track.display_height))
    width, height = (
        max(2, round(side * scale / 2) * 2) for side in (track.display_width, track.display_height)
    )
    return width, height
