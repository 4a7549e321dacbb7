"""Put a finished stream where players find it: everything else first, the master playlist last (VID-5)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from academy.application.ports.object_store import ObjectStore

__all__ = ["CONTENT_TYPES", "publish"]

CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt",
}
PARALLEL = 8
MASTER = "master.m3u8"


async def publish(store: ObjectStore, folder: Path, prefix: str, report: Callable[[float], None]) -> int:
    """Upload every file of `folder` under `prefix`, the master playlist last; return how many."""
    names = await asyncio.to_thread(_files, folder)
    playlists = [name for name in names if name.endswith(".m3u8") and name != MASTER]
    media = [name for name in names if not name.endswith(".m3u8")]
    done = 0
    slots = asyncio.Semaphore(PARALLEL)

    async def send(name: str) -> None:
        nonlocal done
        async with slots:
            path = folder / name
            await store.put(f"{prefix}{name}", path, content_type=CONTENT_TYPES.get(path.suffix, ""))
        done += 1
        report(done / len(names))

    for group in (media, playlists, [MASTER]):
        try:
            async with asyncio.TaskGroup() as uploads:
                for name in group:
                    uploads.create_task(send(name))
        except BaseExceptionGroup as errors:
            # The first one says why; the others were under way at the same moment.
            raise errors.exceptions[0] from None
    return len(names)


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
