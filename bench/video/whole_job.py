"""One video job from probe to thumbnails, as the worker does it, in a process of its own so that all of it is counted.

python bench/video/whole_job.py MODE SOURCE FOLDER CHUNK_SECONDS, MODE one of: job, start, copied, encoded.
`copied` and `encoded` make only the highest rung; `start` only imports and finds the tools.
"""

import asyncio
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from academy.domain.video.ladder import LadderSettings, plan_stream
from academy.domain.video.plan import StreamPlan
from academy.domain.video.source import SourceInfo
from academy.infrastructure.ffmpeg.engine import FfmpegMediaEngine
from academy.infrastructure.ffmpeg.tools import MediaTools
from academy.infrastructure.process.local import LocalChildProcesses

_THREADS = 2


def _ignore(_part: float) -> None:
    """The benchmark shows no progress."""


async def _video(
    engine: FfmpegMediaEngine, source: Path, info: SourceInfo, plan: StreamPlan, folder: Path
) -> tuple[dict[str, tuple[Path, ...]], tuple[Path, ...]]:
    files: dict[str, tuple[Path, ...]] = {rung.name: () for rung in plan.rungs}
    previews: tuple[Path, ...] = ()
    for chunk in plan.chunks:
        done = await engine.encode_chunk(source, info, plan, chunk, folder / f"chunk-{chunk.index}", _ignore)
        for name, path in done.rungs.items():
            files[name] += (path,)
        previews += done.previews
    for rung in plan.rungs:
        if rung.copy:
            files[rung.name] = (await engine.copy_video(source, info, plan, folder / "copy", _ignore),)
    return files, previews


async def _run(mode: str, source: Path, folder: Path, chunk_seconds: float) -> None:
    engine = FfmpegMediaEngine(LocalChildProcesses(), MediaTools.find(), threads=_THREADS)
    if mode == "start":
        return
    info = await engine.probe(source)
    plan = plan_stream(info, LadderSettings(chunk_seconds=chunk_seconds, copy=mode == "copied"))
    if mode != "job":
        plan = replace(plan, rungs=plan.rungs[:1], audio=None, thumbnails=None)
    files, previews = await _video(engine, source, info, plan, folder)
    audio = await engine.encode_audio(source, info, plan, folder / "audio", _ignore) if plan.audio else None
    await engine.package(plan, files, audio, None, folder / "hls", _ignore)
    if plan.thumbnails:
        await engine.thumbnails(plan, previews, source, info, folder / "thumbnails", _ignore)


if __name__ == "__main__":
    if find_spec("academy.interfaces.workers.video") is not None:
        import academy.interfaces.workers.video  # noqa: F401 - what a worker has in memory counts, too
    asyncio.run(_run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4])))
