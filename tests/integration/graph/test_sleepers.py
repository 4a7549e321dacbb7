"""A worker that slept for longer than its lease leaves nothing behind when it goes on (GRA-2, GRA-8)."""

import asyncio
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.integration.graph.library import TENANT, USER, Library, open_library

from academy.application.errors import Yielded
from academy.application.graph.fencing import Fenced, check_ours
from academy.application.graph.job_types import GENERATE
from academy.application.graph.tools import GraphTools
from academy.application.jobs.attempt import Work
from academy.application.ports.database import Settlement
from academy.application.ports.vector_index import VectorSpace
from academy.contracts.base import Contract
from academy.contracts.graph import GenerateGraph
from academy.domain.job.states import JobState
from academy.domain.tenant.graph_keys import build_prefix, cache_prefix, document_prefix, outcomes_key
from academy.infrastructure.memory.vectors import MemoryVectorIndex

pytestmark = [pytest.mark.requirement("GRA-2"), pytest.mark.requirement("GRA-8")]
SPACE = VectorSpace("lsa-1", 2)


@dataclass
class Bed:
    """An attempt at a job, and what it works with."""

    library: Library
    tools: GraphTools
    work: Work

    @property
    def attempt(self) -> tuple[str, int]:
        return self.work.job.id, self.work.job.token

    async def write(self) -> None:
        """Write as a build, a document under the microscope and inputs that could not be read do, into cache and index too."""
        keys = [
            build_prefix(TENANT, USER, *self.attempt) + "graph_final.json",
            document_prefix(TENANT, USER, "문서/1", *self.attempt) + "microscope.json",
            outcomes_key(TENANT, USER, *self.attempt),
            cache_prefix(TENANT, USER) + "0123.jsonl",
        ]
        for key in keys:
            await self.tools.files.store.put(key, b"{}")
        await self.tools.index.replace(TENANT, USER, SPACE, ["a"], [array("f", [1, 0])])

    async def overtaken(self) -> None:
        """Let another worker claim the job after the lease, and end it."""
        (job,) = await self.claim("another")
        end = Settlement(SimpleNamespace(job_id=job.id, token=job.token), JobState.FAILED)  # type: ignore[arg-type]
        self.library.backends.database.run_sync(lambda tx: tx.jobs.settle([end]))

    async def claim(self, worker: str) -> list[Any]:
        database, job_id = self.library.backends.database, self.work.job.id
        async with asyncio.timeout(5):
            while True:
                claimed = database.run_sync(lambda tx: tx.jobs.claim([job_id], worker, timedelta(seconds=60)))
                if claimed:
                    return list(claimed.values())
                await asyncio.sleep(0.05)

    def hold(self, job_id: str, *, published: bool) -> None:
        """Let a job change the user's graph, and let there be one or not."""

        def work(tx: Any) -> None:
            graph = tx.graphs.reserve(TENANT, USER, job_id)
            if published:
                tx.graphs.publish(replace(graph, build="b", prefix="p/", recipe="r"))
                tx.graphs.release(TENANT, USER, job_id)

        self.library.backends.database.run_sync(work)


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with open_library(tmp_path) as library:
        database = library.backends.database
        files = SimpleNamespace(store=library.backends.ai_objects)
        tools = GraphTools(database, files, SimpleNamespace(), MemoryVectorIndex(), library.backends.clock)  # type: ignore[arg-type]
        payload = GenerateGraph(user_id=USER, keys=(f"tenants/{TENANT}/a.md",))
        job_id = library.order(GENERATE, payload)
        (job,) = database.run_sync(lambda tx: tx.jobs.claim([job_id], "w", timedelta(seconds=0.2))).values()
        yield Bed(library, tools, Work(job, payload, lambda _step, _part: None))


class Doing:
    """A handler that does something."""

    def __init__(self, *steps: Callable[[], Awaitable[None]]) -> None:
        self._steps = steps

    async def run(self, _work: Work) -> Contract | None:
        for step in self._steps:
            await step()
        return None


async def test_what_an_attempt_that_has_its_lease_wrote_stays(bed: Bed) -> None:
    await Fenced(Doing(bed.write), bed.tools).run(bed.work)
    assert len(await bed.library.keys()) == 4
    assert await bed.tools.index.space(TENANT, USER) == (SPACE, 1)
    await check_ours(bed.tools, bed.work)


@pytest.mark.parametrize("late", [True, False], ids=["written afterwards", "written before"])
async def test_what_a_sleeper_wrote_goes_and_nothing_else(bed: Bed, late: bool) -> None:
    """Its job has ended and what nobody names has been removed: nobody would look for it again."""
    (another,) = [build_prefix(TENANT, USER, bed.work.job.id, bed.work.job.token + 1) + "graph_final.json"]
    await bed.tools.files.store.put(another, b"{}")
    steps = (bed.overtaken, bed.write) if late else (bed.write, bed.overtaken)
    await Fenced(Doing(*steps), bed.tools).run(bed.work)
    assert await bed.library.keys() == [another]
    assert await bed.tools.index.space(TENANT, USER) is None, "as after an erasure"
    with pytest.raises(Yielded):
        await check_ours(bed.tools, bed.work)


async def test_a_sleeper_that_is_stopped_leaves_nothing_either(bed: Bed) -> None:
    handler = Fenced(Doing(bed.overtaken, bed.write, asyncio.Event().wait), bed.tools)  # type: ignore[arg-type]
    running = asyncio.create_task(handler.run(bed.work))
    async with asyncio.timeout(5):
        while len(await bed.library.keys()) < 4:  # noqa: ASYNC110 - the store has no event
            await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await bed.library.keys() == []


@pytest.mark.parametrize("published", [True, False], ids=["a graph", "a graph that is being made"])
async def test_vectors_of_a_graph_that_is_there_stay(bed: Bed, published: bool) -> None:
    bed.hold("other-job", published=published)
    await Fenced(Doing(bed.overtaken, bed.write), bed.tools).run(bed.work)
    assert await bed.library.keys() == [cache_prefix(TENANT, USER) + "0123.jsonl"]
    assert await bed.tools.index.space(TENANT, USER) == (SPACE, 1)
    graph = bed.library.backends.database.read_sync(lambda tx: tx.graphs.get(TENANT, USER))
    assert (graph is not None and graph.holder == "") is published
