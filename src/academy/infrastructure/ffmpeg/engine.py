"""`MediaEngine` with ffmpeg, ffprobe and our own packager."""

import asyncio
from pathlib import Path

from academy.application.ports.media import ChunkFiles, EncryptionKey, Report, ThumbnailFiles
from academy.application.ports.processes import ChildProcesses
from academy.domain.video.plan import Chunk, StreamPlan
from academy.domain.video.source import SourceInfo
from academy.domain.video.stream import Rendition
from academy.infrastructure.ffmpeg.audio import AudioEncoder
from academy.infrastructure.ffmpeg.copy import copy_stream
from academy.infrastructure.ffmpeg.encode import ChunkEncoder
from academy.infrastructure.ffmpeg.package import package_streams
from academy.infrastructure.ffmpeg.probe import ProbeLimits, probe
from academy.infrastructure.ffmpeg.running import FfmpegRunner
from academy.infrastructure.ffmpeg.thumbnails import ThumbnailMaker
from academy.infrastructure.ffmpeg.tools import MediaTools

__all__ = ["FfmpegMediaEngine"]


class FfmpegMediaEngine:
    """See the port. Folders are made when missing.

    Args:
        processes: runs the tools.
        tools: where they are.
        threads: for the decoder, the filters and the encoder of the highest rung of a chunk.
        limits: what a source may be.
    """

    def __init__(
        self,
        processes: ChildProcesses,
        tools: MediaTools,
        *,
        threads: int = 2,
        limits: ProbeLimits | None = None,
    ) -> None:
        runner = FfmpegRunner(processes)
        self._processes = processes
        self._limits = limits
        self._runner = runner
        self._tools = tools
        self._chunks = ChunkEncoder(runner, tools, threads)
        self._audio = AudioEncoder(runner, tools)
        self._thumbnails = ThumbnailMaker(runner, tools)

    async def probe(self, source: Path) -> SourceInfo:
        """See the port."""
        return await probe(source, tools=self._tools, processes=self._processes, limits=self._limits)

    async def encode_chunk(
        self, source: Path, info: SourceInfo, plan: StreamPlan, chunk: Chunk, folder: Path, report: Report
    ) -> ChunkFiles:
        """See the port."""
        await _made(folder)
        return await self._chunks.encode(source, info, plan, chunk, folder, report)

    async def copy_video(
        self, source: Path, info: SourceInfo, plan: StreamPlan, folder: Path, report: Report
    ) -> Path:
        """See the port."""
        await _made(folder)
        rung = next(rung for rung in plan.rungs if rung.copy)
        output = folder / f"{rung.name}.mp4"
        return await copy_stream(self._runner, self._tools, source, info, output, report)

    async def encode_audio(
        self, source: Path, info: SourceInfo, plan: StreamPlan, folder: Path, report: Report
    ) -> Path:
        """See the port."""
        await _made(folder)
        return await self._audio.encode(source, info, plan, folder / "audio.mp4", report)

    async def package(
        self,
        plan: StreamPlan,
        rungs: dict[str, tuple[Path, ...]],
        audio: Path | None,
        key: EncryptionKey | None,
        folder: Path,
        report: Report,
    ) -> tuple[Rendition, ...]:
        """See the port."""
        await _made(folder)
        return await package_streams(plan, rungs, audio, key, folder, report)

    async def thumbnails(
        self,
        plan: StreamPlan,
        previews: tuple[Path, ...],
        source: Path,
        info: SourceInfo,
        folder: Path,
        report: Report,
    ) -> ThumbnailFiles:
        """See the port."""
        await _made(folder)
        return await self._thumbnails.make(plan, previews, source, info, folder, report)


async def _made(folder: Path) -> None:
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
