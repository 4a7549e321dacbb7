"""Take a source through the whole media engine, as a video job does."""

from dataclasses import dataclass, field
from pathlib import Path

from academy.application.ports.media import EncryptionKey, Report, ThumbnailFiles
from academy.domain.video.ladder import LadderSettings, RungSettings, plan_stream
from academy.domain.video.plan import StreamPlan
from academy.domain.video.source import SourceInfo
from academy.domain.video.stream import Rendition
from academy.infrastructure.ffmpeg.engine import FfmpegMediaEngine
from academy.infrastructure.process.local import LocalChildProcesses
from tests.support.media import tools

__all__ = ["SMALL", "Streams", "make_streams", "new_engine", "no_report"]

SMALL = LadderSettings(
    rungs=(RungSettings(180, 23.0, 600_000), RungSettings(90, 23.0, 300_000)),
    gop_seconds=1.0,
    segment_seconds=2.0,
    chunk_seconds=2.0,
    copy=False,
)
"""A ladder for clips of 320 by 180: two rungs, segments and chunks of 2 s."""


@dataclass(frozen=True, slots=True)
class Streams:
    """What came out; `folder` holds master.m3u8."""

    info: SourceInfo
    plan: StreamPlan
    renditions: tuple[Rendition, ...]
    thumbnails: ThumbnailFiles | None
    folder: Path
    reports: list[float] = field(default_factory=list)

    def playlist(self, rendition: str) -> Path:
        """Return the media playlist of a rendition."""
        return self.folder / rendition / "index.m3u8"


def new_engine() -> FfmpegMediaEngine:
    """Return an engine on the real tools."""
    return FfmpegMediaEngine(LocalChildProcesses(), tools(), threads=1)


def no_report(_part: float) -> None:
    """Where progress does not matter."""


async def make_streams(
    source: Path, folder: Path, settings: LadderSettings = SMALL, key: EncryptionKey | None = None
) -> Streams:
    """Probe, encode chunk by chunk, encode the sound, package, make thumbnails."""
    engine = new_engine()
    info = await engine.probe(source)
    plan = plan_stream(info, settings)
    reports: list[float] = []
    rungs, previews = await _video(engine, source, info, plan, folder, reports.append)
    audio = await engine.encode_audio(source, info, plan, folder / "sound", no_report) if plan.audio else None
    renditions = await engine.package(plan, rungs, audio, key, folder / "hls", no_report)
    if key:
        for rendition in renditions:
            (folder / "hls" / rendition.name / key.uri).write_bytes(key.key)
    thumbnails = None
    if plan.thumbnails:
        thumbnails = await engine.thumbnails(plan, previews, source, info, folder / "thumbs", no_report)
    return Streams(info, plan, renditions, thumbnails, folder / "hls", reports)


async def _video(
    engine: FfmpegMediaEngine, source: Path, info: SourceInfo, plan: StreamPlan, folder: Path, report: Report
) -> tuple[dict[str, tuple[Path, ...]], tuple[Path, ...]]:
    rungs: dict[str, tuple[Path, ...]] = {rung.name: () for rung in plan.rungs}
    previews: tuple[Path, ...] = ()
    for chunk in plan.chunks:
        files = await engine.encode_chunk(source, info, plan, chunk, folder / f"chunk-{chunk.index}", report)
        previews += files.previews
        for name, path in files.rungs.items():
            rungs[name] += (path,)
    for rung in plan.rungs:
        if rung.copy:
            rungs[rung.name] = (await engine.copy_video(source, info, plan, folder / "copy", report),)
    return rungs, previews
