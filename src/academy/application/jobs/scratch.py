"""A folder for each attempt: files on this machine that nobody needs when it has ended, however that was."""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from academy.application.jobs.attempt import Work

__all__ = ["Scratch"]

_NEW = ".new-"
"""Begins the name of a folder that is not locked yet."""
_TRIES = 10


class Scratch:
    """Makes folders of attempts under one that is for what is under way.

    Each is locked by its process as long as that lives, so what a killed one left can be told from the work of a living one.
    """

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made when first needed."""
        self._folder = folder
        self._swept = False

    @asynccontextmanager
    async def folder(self, work: Work) -> AsyncIterator[Path]:
        """Make a folder for one attempt; it is gone afterwards, or when this process was killed, with the first of the next one."""
        if not self._swept:
            self._swept = True
            await self.sweep()
        made, lock = await asyncio.to_thread(self._make, work.job.id)
        try:
            yield made
        finally:
            await asyncio.shield(asyncio.to_thread(_clear, made, lock))

    async def sweep(self) -> int:
        """Remove what processes that are gone have left here; return how many folders."""
        return await asyncio.to_thread(self._sweep)

    def _make(self, job_id: str) -> tuple[Path, int]:
        """Return a new folder and its lock. Under its own name it is never seen without the lock, before that it may be swept."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = "".join(letter if letter.isalnum() else "-" for letter in job_id[:60])
        for left in reversed(range(_TRIES)):
            new = Path(tempfile.mkdtemp(prefix=f"{_NEW}{name}-", dir=self._folder))
            lock = -1
            try:
                lock = os.open(new, os.O_RDONLY | os.O_DIRECTORY)
                fcntl.flock(lock, fcntl.LOCK_EX)
                return new.rename(self._folder / new.name.removeprefix(_NEW)), lock
            except FileNotFoundError:
                if lock >= 0:
                    os.close(lock)
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _sweep(self) -> int:
        found = [each for each in self._folder.iterdir() if each.is_dir()] if self._folder.is_dir() else []
        return sum(_remove_left(each) for each in found)


def _clear(folder: Path, lock: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)


def _remove_left(folder: Path) -> bool:
    """Remove a folder that no living process has; return whether it was one."""
    # It may be gone by now, or belong to another user.
    with suppress(OSError):
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)
        return not folder.exists()
    return False
