"""The objects of a graph job: inputs brought to this machine, each with an outcome; what was made, taken to the store (GRA-2)."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from academy.application.errors import WorkFailed
from academy.application.graph.refusals import FOREIGN_BUCKET, NO_INPUT, NOTHING_NAMED, TOO_MANY_INPUTS
from academy.application.jobs.attempt import Work
from academy.application.jobs.scratch import Scratch
from academy.application.owned import FOREIGN_KEY, check_owned
from academy.application.ports.database import Database
from academy.application.ports.object_store import ObjectHead, ObjectMissing, ObjectStore
from academy.contracts.graph import InputOutcome, Ordered
from academy.domain.tenant.graph_keys import cache_prefix, tenant_graphs

__all__ = ["Fetched", "GraphFiles", "write_lines"]

MOST_INPUTS = 20_000
LARGEST_INPUT = 1 << 30
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Fetched:
    """How many inputs lie in the folder, and what became of those that do not."""

    count: int
    outcomes: tuple[InputOutcome, ...]


class GraphFiles:
    """Moves files between the object store and a folder of the job's own."""

    def __init__(self, database: Database, store: ObjectStore, scratch: Scratch, bucket: str) -> None:
        """Take ports, where folders are made and the name of the store's bucket."""
        self._database = database
        self.store = store
        self._scratch = scratch
        self._bucket = bucket

    def folder(self, work: Work) -> AbstractAsyncContextManager[Path]:
        """Make a folder for one attempt; it is gone afterwards, however the attempt ends."""
        return self._scratch.folder(work)

    async def check(self, work: Work, *keys: str) -> None:
        """Raise WorkFailed unless the request names our bucket or none, and keys of its academy, none that we made for some user."""
        ordered = work.payload
        assert isinstance(ordered, Ordered)
        if ordered.bucket not in {"", self._bucket}:
            raise WorkFailed(FOREIGN_BUCKET)
        await check_owned(self._database, work.job.tenant_id, *keys)
        if any(key.startswith(tenant_graphs(work.job.tenant_id)) for key in keys):
            raise WorkFailed(FOREIGN_KEY)

    async def fetch(
        self, work: Work, keys: Sequence[str], prefixes: Sequence[str], folder: Path, step: str = "fetch"
    ) -> Fetched:
        """Bring inputs into the folder with `inputs.jsonl`. Raises WorkFailed, ObjectStoreUnavailable."""
        if not keys and not prefixes:
            raise WorkFailed(NOTHING_NAMED)
        await self.check(work, *keys, *prefixes)
        sizes = await self._sizes(work.job.tenant_id, keys, prefixes)
        outcomes: list[InputOutcome] = []
        lines: list[Mapping[str, Any]] = []
        (folder / "in").mkdir()
        some = asyncio.Semaphore(AT_ONCE)
        done = 0

        async def bring(at: int, key: str, size: int | None) -> InputOutcome | None:
            nonlocal done
            async with some:
                refused = await self._download(key, size, folder / "in" / f"{at:05}")
            done += 1
            work.report(step, done / len(sizes))
            return refused

        async with asyncio.TaskGroup() as group:
            tasks = [
                (key, at, group.create_task(bring(at, key, size)))
                for at, (key, size) in enumerate(sorted(sizes.items()))
            ]
        for key, at, task in tasks:
            refused = task.result()
            if refused is None:
                lines.append({"key": key, "file": f"in/{at:05}"})
            else:
                outcomes.append(refused)
        if not lines and all(outcome.code == "object_missing" for outcome in outcomes):
            raise WorkFailed(NO_INPUT)
        await asyncio.to_thread(write_lines, folder / "inputs.jsonl", lines)
        return Fetched(len(lines), tuple(outcomes))

    async def bring(self, key: str, target: Path) -> bool:
        """Bring one object; return False where there is none."""
        try:
            await self.store.download(key, target)
        except ObjectMissing:
            return False
        return True

    async def bring_cache(self, tenant_id: str, user_id: str, folder: Path) -> Path:
        """Bring what earlier builds of a user kept; return where it lies."""
        cache = folder / "cache"
        cache.mkdir()
        prefix = cache_prefix(tenant_id, user_id)
        names = [head.key.removeprefix(prefix) async for head in self.store.list(prefix)]
        for name in names:
            if "/" not in name:
                await self.bring(prefix + name, cache / name)
        return cache

    async def keep_cache(self, tenant_id: str, user_id: str, cache: Path, names: Iterable[str]) -> None:
        """Keep new files of the cache for the next build, or for this one on another machine."""
        await self.put(cache_prefix(tenant_id, user_id), cache, dict.fromkeys(names, "application/x-ndjson"))

    async def trim_cache(self, tenant_id: str, user_id: str, used: Iterable[str]) -> None:
        """Remove from the cache what a build was not made of: a text that was taken out of a graph is kept nowhere (GRA-8)."""
        prefix, names = cache_prefix(tenant_id, user_id), set(used)
        kept = [head.key async for head in self.store.list(prefix)]
        stale = [key for key in kept if key.removeprefix(prefix) not in names]
        if stale:
            await self.store.delete(stale)

    async def put(self, prefix: str, folder: Path, names: Mapping[str, str]) -> None:
        """Store files of a folder under a prefix; `names`: content type by name."""
        some = asyncio.Semaphore(AT_ONCE)

        async def store(name: str, content_type: str) -> None:
            async with some:
                await self.store.put(prefix + name, folder / name, content_type=content_type)

        async with asyncio.TaskGroup() as group:
            for name, content_type in names.items():
                group.create_task(store(name, content_type))

    async def _sizes(
        self, tenant_id: str, keys: Sequence[str], prefixes: Sequence[str]
    ) -> dict[str, int | None]:
        """Return every input by key, with its size where a listing tells it."""
        sizes: dict[str, int | None] = dict.fromkeys(keys)
        ours = tenant_graphs(tenant_id)
        for prefix in prefixes:
            async for head in self.store.list(prefix if prefix.endswith("/") else prefix + "/"):
                if not head.key.startswith(ours) and not head.key.endswith("/"):
                    sizes[head.key] = head.size
                if len(sizes) > MOST_INPUTS:
                    raise WorkFailed(TOO_MANY_INPUTS)
        if not sizes:
            raise WorkFailed(NO_INPUT)
        return sizes

    async def _download(self, key: str, size: int | None, target: Path) -> InputOutcome | None:
        try:
            if size is None:
                head: ObjectHead = await self.store.head(key)
                size = head.size
            if size > LARGEST_INPUT:
                return _failed(key, "input_too_large", "It has more than 1 GiB; split it into several files.")
            await self.store.download(key, target)
        except ObjectMissing:
            return _failed(key, "object_missing", "No object has this key; upload it first.")
        return None


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write JSON objects into a file, one a line."""
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _failed(key: str, code: str, message: str) -> InputOutcome:
    return InputOutcome(key=key, status="failed", code=code, message=message)
