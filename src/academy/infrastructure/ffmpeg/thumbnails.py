"""Poster, preview sprites and the WebVTT file that maps times to them (https://www.w3.org/TR/webvtt1/)."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from academy.application.ports.media import MediaError, Report, ThumbnailFiles
from academy.domain.video.failures import VideoFailure, video_failure
from academy.domain.video.plan import StreamPlan, ThumbnailPlan
from academy.domain.video.source import SourceInfo, VideoTrack
from academy.infrastructure.ffmpeg.picture import preview_step, steady_graph, still_chain
from academy.infrastructure.ffmpeg.running import FfmpegRunner, write_error
from academy.infrastructure.ffmpeg.sources import openings, output_pattern, timed_input
from academy.infrastructure.ffmpeg.tools import MediaTools

__all__ = ["ThumbnailMaker"]

STAGE = "thumbnails"
_POSTER_SHORT_SIDE = 720
_QUALITY = ("-c:v", "mjpeg", "-q:v", "4")
_LARGEST_PICTURE = 64 << 20
_POSTER_SHARE = 0.2
_POSTER_EARLIER = 3.0
_ROUNDING = 0.001


@dataclass(frozen=True, slots=True)
class _Grid:
    """How the previews are laid out: `count` pictures, `step` seconds apart, on sheets of columns by rows."""

    count: int
    step: Fraction
    columns: int
    rows: int

    @property
    def sheets(self) -> int:
        return math.ceil(self.count / (self.columns * self.rows))


class ThumbnailMaker:
    """Makes pictures with ffmpeg."""

    def __init__(self, runner: FfmpegRunner, tools: MediaTools) -> None:
        self._runner = runner
        self._tools = tools

    async def make(
        self,
        plan: StreamPlan,
        previews: tuple[Path, ...],
        source: Path,
        info: SourceInfo,
        folder: Path,
        report: Report,
    ) -> ThumbnailFiles:
        """See `MediaEngine.thumbnails`. Raises MediaError."""
        track, thumbnails = info.video, plan.thumbnails
        if track is None or thumbnails is None or not plan.rungs:
            raise MediaError(
                video_failure(VideoFailure.THUMBNAILS_FAILED, stage=STAGE, detail="no picture in the plan")
            )
        poster = await self._poster(plan, thumbnails, source, info, track, folder)
        report(_POSTER_SHARE)
        grid = _grid(plan, thumbnails, len(previews))
        pattern = ["-f", "image2", output_pattern(folder, "sprite-%03d.jpg")]

        def partly(part: float) -> None:
            report(_POSTER_SHARE + (1 - _POSTER_SHARE) * part)

        if previews:
            await self._tile(previews, grid, pattern, folder, partly)
        else:
            await self._tile_key_frames(thumbnails, source, info, track, grid, pattern, partly)
        sprites = tuple(folder / f"sprite-{number:03d}.jpg" for number in range(1, grid.sheets + 1))
        vtt = folder / "thumbnails.vtt"
        await asyncio.to_thread(_write, vtt, _cues(grid, thumbnails, sprites))
        return ThumbnailFiles(poster, sprites, vtt)

    async def _poster(
        self,
        plan: StreamPlan,
        thumbnails: ThumbnailPlan,
        source: Path,
        info: SourceInfo,
        track: VideoTrack,
        folder: Path,
    ) -> Path:
        """Take the picture shown at the poster's time, the first one when nothing can be decoded there.

        A key frame shortly before costs a fraction, and is the sharper picture.
        """
        rung = next(
            (each for each in plan.rungs if min(each.width, each.height) <= _POSTER_SHORT_SIDE),
            plan.rungs[-1],
        )
        poster = folder / "poster.jpg"
        await asyncio.to_thread(poster.unlink, missing_ok=True)
        wanted = max(track.start, min(thumbnails.poster_time, track.start + track.duration - 1))
        near = (time for time in track.keyframe_times if wanted - _POSTER_EARLIER < time <= wanted)
        moment = max(near, default=wanted)
        for opening in openings(info, track, moment, plan.frame_rate):
            chain = f"[0:{track.index}]trim=start={moment - _ROUNDING:.6f},{still_chain(track, rung.width, rung.height)}[poster]"
            arguments = [
                "-threads",
                "1",
                *steady_graph(track),
                *timed_input(source, info, track.start, opening),
            ]
            arguments += ["-filter_complex", chain, "-map", "[poster]", "-frames:v", "1", *_QUALITY]
            await self._run([*arguments, "-f", "image2", "-update", "1", f"file:{poster}"], 0, _ignore)
            if await asyncio.to_thread(poster.exists):
                return poster
        raise MediaError(
            video_failure(VideoFailure.THUMBNAILS_FAILED, stage=STAGE, detail="no poster came out")
        )

    async def _tile(
        self, previews: Sequence[Path], grid: _Grid, pattern: list[str], folder: Path, report: Report
    ) -> None:
        """Lay the chunks' preview pictures out on sheets: one file of JPEGs in a row is a stream ffmpeg reads."""
        stream = folder / "previews.mjpeg"
        try:
            await asyncio.to_thread(_concatenate, previews, stream)
            arguments = ["-f", "mjpeg", "-i", f"file:{stream}", "-vf", f"tile={grid.columns}x{grid.rows}"]
            arguments += ["-fps_mode", "passthrough", *_QUALITY, *pattern]
            await self._run(arguments, 0, report)
        finally:
            stream.unlink(missing_ok=True)

    async def _tile_key_frames(
        self,
        thumbnails: ThumbnailPlan,
        source: Path,
        info: SourceInfo,
        track: VideoTrack,
        grid: _Grid,
        pattern: list[str],
        report: Report,
    ) -> None:
        """Make sheets from the source's key frames alone, each shown until the next."""
        chain = [
            still_chain(track, thumbnails.width, thumbnails.height),
            f"fps={1 / grid.step}:start_time=0:eof_action=pass",
            f"tpad=stop_mode=clone:stop=-1,trim=end_pts={grid.count}",
            f"tile={grid.columns}x{grid.rows}",
        ]
        graph = f"[0:{track.index}]{','.join(chain)}[sheets]"
        arguments = ["-threads", "1", "-skip_frame", "nokey", *steady_graph(track)]
        arguments += timed_input(source, info, track.start)
        arguments += [
            "-filter_complex",
            graph,
            "-map",
            "[sheets]",
            "-fps_mode",
            "passthrough",
            *_QUALITY,
            *pattern,
        ]
        await self._run(arguments, track.duration, report)

    async def _run(self, arguments: list[str], seconds: float, report: Report) -> None:
        await self._runner.run(
            self._tools.ffmpeg,
            arguments,
            stage=STAGE,
            seconds=seconds,
            file_bytes=_LARGEST_PICTURE,
            report=report,
        )


def _grid(plan: StreamPlan, thumbnails: ThumbnailPlan, made: int) -> _Grid:
    step = preview_step(thumbnails, plan.frame_rate) / plan.frame_rate
    count = made or max(1, math.ceil(Fraction(plan.duration) / step))
    columns = min(thumbnails.columns, count)
    return _Grid(count, step, columns, min(thumbnails.rows, math.ceil(count / columns)))


def _cues(grid: _Grid, thumbnails: ThumbnailPlan, sprites: Sequence[Path]) -> str:
    """Return WebVTT cues that name a rectangle of a sprite (Media Fragments URI 1.0, 4.2.2: xywh)."""
    lines = ["WEBVTT", ""]
    for number in range(grid.count):
        sheet, place = divmod(number, grid.columns * grid.rows)
        row, column = divmod(place, grid.columns)
        box = f"{column * thumbnails.width},{row * thumbnails.height},{thumbnails.width},{thumbnails.height}"
        lines.append(f"{_clock(number * grid.step)} --> {_clock((number + 1) * grid.step)}")
        lines += [f"{sprites[sheet].name}#xywh={box}", ""]
    return "\n".join(lines)


def _clock(seconds: Fraction) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _concatenate(pictures: Sequence[Path], stream: Path) -> None:
    try:
        with stream.open("wb") as file:
            for picture in pictures:
                file.write(picture.read_bytes())
    except OSError as error:
        raise write_error(error, STAGE, VideoFailure.THUMBNAILS_FAILED) from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise write_error(error, STAGE, VideoFailure.THUMBNAILS_FAILED) from error


def _ignore(_part: float) -> None:
    """One picture has no progress worth telling."""
