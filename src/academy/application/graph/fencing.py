"""Attempts whose lease was lost while they slept: what they made is removed again, and nothing is written over what came after (GRA-2, GRA-8).

A process may stand still for longer than its lease (a machine that swaps, a container that is paused). Another attempt has ended by
then, and what nobody names has been removed; what the sleeper writes after that would stay for ever, an erased user's texts too.
"""

import asyncio
import logging
from collections.abc import Mapping

from academy.application.errors import Yielded
from academy.application.graph.tools import GraphTools
from academy.application.jobs.attempt import JobHandler, Work
from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.object_store import ObjectStoreUnavailable
from academy.application.ports.vector_index import VectorIndexUnavailable
from academy.contracts.base import Contract
from academy.domain.job.states import JobState
from academy.domain.tenant.graph_keys import cache_prefix, user_prefix

__all__ = ["Fenced", "check_ours", "fenced"]

log = logging.getLogger(__name__)

_LATE_SECONDS = 1.0
"""A write that was under way when its attempt was stopped may be seen this late."""


async def check_ours(tools: GraphTools, work: Work) -> None:
    """Raise Yielded, which then has no effect, unless the job is still this attempt's: to be asked before what cannot be undone."""
    if await _lost(tools, work):
        raise Yielded


def fenced(handlers: Mapping[str, JobHandler], tools: GraphTools) -> dict[str, JobHandler]:
    """Return handlers that leave nothing when their lease is lost."""
    return {name: Fenced(handler, tools) for name, handler in handlers.items()}


class Fenced:
    """A handler whose attempt leaves nothing when its lease is lost, however it ends."""

    def __init__(self, handler: JobHandler, tools: GraphTools) -> None:
        """Take the handler and what it works with."""
        self._handler = handler
        self._tools = tools

    async def run(self, work: Work) -> Contract | None:
        """See JobHandler."""
        try:
            return await self._handler.run(work)
        finally:
            await self._tidy(work)

    async def _tidy(self, work: Work) -> None:
        """Remove what a lost attempt made. An outage leaves it to the next job of the user, which tends what nobody names."""
        try:
            if await _lost(self._tools, work):
                await self._remove(work)
        except (DatabaseUnavailable, ObjectStoreUnavailable, VectorIndexUnavailable) as error:
            log.warning("lost_attempt_not_tidied", extra={"job_id": work.job.id, "error": str(error)})

    async def _remove(self, work: Work) -> None:
        tenant_id, user_id = work.job.tenant_id, str(work.job.payload.get("user_id", ""))
        prefix, own = user_prefix(tenant_id, user_id), f"{work.job.id}-{work.job.token}"
        store = self._tools.files.store
        for late in (True, False):
            keys = [head.key async for head in store.list(prefix)]
            made = [key for key in keys if {own, f"{own}.jsonl"} & {*key.removeprefix(prefix).split("/")}]
            if made:
                await store.delete(made)
            if late:
                await asyncio.sleep(_LATE_SECONDS)
        await self._forget(tenant_id, user_id, f"lost-{own}"[:100])
        log.info("lost_attempt_tidied", extra={"job_id": work.job.id, "token": work.job.token})

    async def _forget(self, tenant_id: str, user_id: str, name: str) -> None:
        """Remove vectors and cache of a user who has no graph, and whom no job is making one for: they came after an erasure."""
        database = self._tools.database
        held = await database.run(lambda tx: tx.graphs.reserve(tenant_id, user_id, name))
        if held is None:
            return
        try:
            if not held.build:
                await self._tools.index.erase(tenant_id, user_id)
                store = self._tools.files.store
                await store.delete([head.key async for head in store.list(cache_prefix(tenant_id, user_id))])
        finally:
            await database.run(lambda tx: tx.graphs.release(tenant_id, user_id, name))


async def _lost(tools: GraphTools, work: Work) -> bool:
    job = await tools.database.read(lambda tx: tx.jobs.get(work.job.id))
    return job is None or job.token != work.job.token or job.state is not JobState.RUNNING
