"""What is finished with goes: objects of older builds (`graph.tend`), and everything of a user (`graph.erase`, GRA-8)."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from academy.application.errors import Yielded
from academy.application.graph.redrawing import redraw, undrawn
from academy.application.graph.tools import BUILD_FILE, GraphTools, build_of, vectors_away
from academy.application.jobs.attempt import Work
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import cancel
from academy.application.ports.database import JobFilter, Transaction
from academy.application.ports.page import every
from academy.application.ports.vector_index import VectorIndexUnavailable
from academy.contracts.graph import EraseGraph, TendGraph
from academy.domain.graph.graph import UserGraph
from academy.domain.job.job import Job
from academy.domain.tenant.graph_keys import OUTCOMES_FOLDER, cache_prefix, user_prefix

__all__ = ["EraseHandler", "TendHandler"]

log = logging.getLogger(__name__)

_BATCH = 500
_ASK_AGAIN = timedelta(seconds=2)
_LATEST = timedelta(minutes=1)


class TendHandler:
    """Removes what no row names and no job that still works may name: earlier builds, attempts that came to nothing.

    What a job made stays for a while after its end, whatever came next: its producer was told the keys and has yet to read them.
    Draws the graph where documents joined it, when nothing more joins.
    """

    def __init__(self, tools: GraphTools) -> None:
        """Take what every handler works with."""
        self._tools = tools

    async def run(self, work: Work) -> None:
        """See JobHandler. Raises Yielded when the graph changes meanwhile, ObjectStoreUnavailable, DatabaseUnavailable."""
        payload = work.payload
        assert isinstance(payload, TendGraph)
        tenant_id, user_id = work.job.tenant_id, payload.user_id
        await self._wait_for_rest(work, user_id)
        prefix, cache = user_prefix(tenant_id, user_id), cache_prefix(tenant_id, user_id)
        # Listed first, asked afterwards: what the rows name by then is newer than everything in the list.
        keys = [head.key async for head in self._tools.files.store.list(prefix)]
        keys = [key for key in keys if not key.startswith(cache)]
        makers = {key: _maker(key.removeprefix(prefix)) for key in keys}
        # Who still works is asked first: a job that settles between the two has its objects named by the second.
        (busy, fresh, known), named, graph, now = await self._tools.database.read(
            lambda tx: (
                _makers(tx, set(makers.values()), self._tools.keep),
                *_named(tx, tenant_id, user_id),
                tx.now(),
            )
        )

        def kept_for(path: str) -> set[str]:
            """Return the jobs for whose sake an object stays: outcomes as long as their job is told of, all else while it works."""
            return known if path.startswith(OUTCOMES_FOLDER) else busy | fresh

        texts = await self._texts(graph)
        if texts is None:
            return
        stale = [
            key
            for key in keys
            if makers[key] not in kept_for(key.removeprefix(prefix))
            and key not in texts
            and not key.startswith(tuple(named) or ("\0",))
        ]
        for first in range(0, len(stale), _BATCH):
            await self._tools.files.store.delete(stale[first : first + _BATCH])
            work.report("remove", min(1.0, (first + _BATCH) / len(stale)))
        waits = [self._tools.keep] if fresh & set(makers.values()) - {graph.build if graph else ""} else []
        if graph is not None and undrawn(graph, keys):
            waits.append(await redraw(self._tools, work, graph, now))
        if any(waits):
            raise Yielded(min(wait for wait in waits if wait))

    async def _wait_for_rest(self, work: Work, user_id: str) -> None:
        """Raise Yielded while the graph changes again and again, for a minute at most: once at the end is enough."""
        graph, now = await self._tools.database.read(
            lambda tx: (tx.graphs.get(work.job.tenant_id, user_id), tx.now())
        )
        if graph is None or now - work.job.created_at >= _LATEST:
            return
        rested = now - graph.updated_at
        if rested < self._tools.rest:
            raise Yielded(self._tools.rest - rested)

    async def _texts(self, graph: UserGraph | None) -> set[str] | None:
        """Return the keys of what a graph's notes name of older builds, texts and features; None where its notes are lost.

        Raises Yielded when another build has taken its place meanwhile, whose tending may have removed them.
        """
        if graph is None:
            return set()
        noted = await build_of(self._tools.files, graph)
        if "documents" in noted:
            return {*noted["documents"], noted.get("features", "")}
        now = await self._tools.database.read(lambda tx: tx.graphs.get(graph.tenant_id, graph.user_id))
        if now != graph:
            raise Yielded(_ASK_AGAIN)
        log.error("build_notes_missing", extra={"key": graph.file(BUILD_FILE)})
        return None


class EraseHandler:
    """Removes every object, vector and row of a user; whatever of theirs is under way is stopped first.

    Processes of this worker that are kept for the academy are ended; those of other workers end when they have waited their time.
    """

    def __init__(self, tools: GraphTools, types: JobTypes) -> None:
        """Take what every handler works with, and the types of what may have to be stopped."""
        self._tools = tools
        self._types = types

    async def run(self, work: Work) -> None:
        """See JobHandler. Raises Yielded while something is still under way, WorkFailed, ObjectStoreUnavailable."""
        payload = work.payload
        assert isinstance(payload, EraseGraph)
        tenant_id, user_id = work.job.tenant_id, payload.user_id
        if await self._tools.database.run(lambda tx: _stop_others(tx, self._types, work.job)):
            raise Yielded(_ASK_AGAIN)
        await self._tools.reserve(work, user_id)
        work.report("remove", 0.1)
        try:
            await self._tools.index.erase(tenant_id, user_id)
        except VectorIndexUnavailable as error:
            raise vectors_away(error) from None
        keys = [head.key async for head in self._tools.files.store.list(user_prefix(tenant_id, user_id))]
        for first in range(0, len(keys), _BATCH):
            await self._tools.files.store.delete(keys[first : first + _BATCH])
            work.report("remove", min(1.0, (first + _BATCH) / len(keys)))
        # Last: nothing that is read again now can be the user's.
        await self._tools.children.forget(work)

        def forget(tx: Transaction) -> None:
            tx.lens.remove(tenant_id, user_id)
            tx.graphs.remove(tenant_id, user_id, work.job.id)

        await self._tools.database.run(forget)


def _maker(path: str) -> str:
    """Return the id of the job that wrote an object, from its place.

    That is `builds/JOB-TOKEN/…`, `outcomes/JOB-TOKEN.jsonl` or `microscope/DOCUMENT/JOB-TOKEN/…`.
    """
    parts = path.split("/")
    if parts[0] in {"builds", "outcomes"}:
        folder = parts[1].removesuffix(".jsonl")
    else:
        folder = parts[2] if len(parts) > 2 else ""
    return folder.rpartition("-")[0]


def _named(tx: Transaction, tenant_id: str, user_id: str) -> tuple[set[str], UserGraph | None]:
    """Return the keys and prefixes that rows name, and the graph that they are of."""
    graph = tx.graphs.get(tenant_id, user_id)
    named = {graph.prefix, graph.summary_key} - {""} if graph else set()
    documents = every(lambda cursor, limit: tx.lens.list(tenant_id, user_id, cursor, limit))
    return named | {document.key for document in documents}, graph


def _makers(tx: Transaction, job_ids: Iterable[str], keep: timedelta) -> tuple[set[str], set[str], set[str]]:
    """Return which of these jobs have not ended, which ended less than `keep` ago, and which have a row at all."""
    found, since = tx.jobs.get_many(sorted(job_ids)).values(), tx.now() - keep
    return (
        {job.id for job in found if not job.finished},
        {job.id for job in found if job.finished_at is not None and job.finished_at > since},
        {job.id for job in found},
    )


def _stop_others(tx: Transaction, types: JobTypes, own: Job) -> bool:
    """Ask every other job of the same user to stop; return whether one has not ended yet."""
    where = JobFilter(tenant_id=own.tenant_id, subject=own.subject)
    others = [
        job
        for job in every(lambda cursor, limit: tx.jobs.list(where, cursor, limit))
        if job.id != own.id and not job.finished
    ]
    waiting = False
    for job in others:
        after = cancel(tx, types, job.id)
        waiting = waiting or (after is not None and not after.finished)
    return waiting
