"""The objects of a graph job: inputs brought to this machine, each with an outcome; what was made, taken to the store (GRA-2)."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from academy.application.errors import WorkFailed
from academy.application.graph.fetching import Fetched, Fetching
from academy.application.graph.refusals import (
    FOREIGN_BUCKET,
    MADE_HERE,
    NO_INPUT,
    NOTHING_NAMED,
    TOO_MANY_INPUTS,
)
from academy.application.graph.scratch_room import room_needed
from academy.application.jobs.attempt import Work
from academy.application.jobs.scratch import Scratch
from academy.application.owned import check_owned
from academy.application.ports.database import Database
from academy.application.ports.object_store import ObjectMissing, ObjectStore
from academy.contracts.graph import Ordered
from academy.domain.tenant.graph_keys import cache_prefix, tenant_graphs

__all__ = ["GraphFiles", "write_lines"]

MOST_INPUTS = 20_000
AT_ONCE = 16


class GraphFiles:
    """Moves files between the object store and a folder of the job's own."""

    def __init__(self, database: Database, store: ObjectStore, scratch: Scratch, bucket: str) -> None:
        """Take ports, where folders are made and the name of the store's bucket."""
        self._database = database
        self.store = store
        self._scratch = scratch
        self._bucket = bucket

    @asynccontextmanager
    async def folder(self, work: Work) -> AsyncIterator[Path]:
        """Make a folder for one attempt; it is gone afterwards, however the attempt ends. A full disk raises WorkFailed."""
        with room_needed():
            async with self._scratch.folder(work) as made:
                yield made

    async def check(self, work: Work, *keys: str) -> None:
        """Raise WorkFailed unless the request names our bucket or none, and keys of its academy, none that we made for some user."""
        ordered = work.payload
        assert isinstance(ordered, Ordered)
        if ordered.bucket not in {"", self._bucket}:
            raise WorkFailed(FOREIGN_BUCKET)
        await check_owned(self._database, work.job.tenant_id, *keys)
        if any(key.startswith(tenant_graphs(work.job.tenant_id)) for key in keys):
            raise WorkFailed(MADE_HERE)

    async def fetch(
        self, work: Work, keys: Sequence[str], prefixes: Sequence[str], folder: Path, step: str = "fetch"
    ) -> Fetched:
        """Bring inputs into the folder with `inputs.jsonl`. Raises WorkFailed, ObjectStoreUnavailable."""
        if not keys and not prefixes:
            raise WorkFailed(NOTHING_NAMED)
        await self.check(work, *keys, *prefixes)
        sizes = await self._sizes(work.job.tenant_id, keys, prefixes)
        fetched = await Fetching(self.store, folder, sizes, lambda done: work.report(step, done)).run()
        if not fetched.lines and all(each.code == "object_missing" for each in fetched.outcomes):
            raise WorkFailed(NO_INPUT)
        await asyncio.to_thread(write_lines, folder / "inputs.jsonl", fetched.lines)
        return fetched

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

    async def put(self, prefix: str, folder: Path, names: Mapping[str, str], *, spare: bool = False) -> None:
        """Store files of a folder under a prefix; `names`: content type by name. `spare`: nobody needs them here any more."""
        some = asyncio.Semaphore(AT_ONCE)

        async def store(name: str, content_type: str) -> None:
            async with some:
                await self.store.put(prefix + name, folder / name, content_type=content_type, spare=spare)

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


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write JSON objects into a file, one a line."""
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
