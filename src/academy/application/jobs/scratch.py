"""A folder for each attempt: files on this machine that nobody needs when it has ended."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from academy.application.jobs.attempt import Work

__all__ = ["Scratch"]


class Scratch:
    """Makes folders of attempts under one that is for what is under way."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made when first needed."""
        self._folder = folder

    @asynccontextmanager
    async def folder(self, work: Work) -> AsyncIterator[Path]:
        """Make a folder for one attempt; it is gone afterwards, however the attempt ends."""
        made = await asyncio.to_thread(self._make, work.job.id[:60])
        try:
            yield made
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, made, ignore_errors=True))

    def _make(self, name: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._folder))
