"""A graph worker that is killed at any stage: another one ends what it began, once, and from what was read already (GRA-2, JOB-2)."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.graph.apart import LEASE_SECONDS, environment, graph_worker, relaying
from tests.integration.graph.dying_worker import POINTS
from tests.integration.graph.library import NOTES, TENANT, USER, Library, open_library

from academy.application.ports.database import JobFilter
from academy.bootstrap.graph_worker import open_vectors
from academy.domain.job.job import Job
from academy.domain.job.states import JobState

pytestmark = pytest.mark.timeout(180)
PREFIX = f"tenants/{TENANT}/notes/"
LARGE = "os/large.md"
READ_ALREADY = POINTS[POINTS.index("analysing") :]
"""Points at which the inputs have been read and what is worth it is in the cache."""


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    """Notes, of which one is so large that reading it is worth a place in the cache."""
    async with open_library(tmp_path, lease_seconds=LEASE_SECONDS) as opened:
        large = "# 운영체제 강의록\n\n" + NOTES["os/process.md"] * 400
        await opened.put({**NOTES, LARGE: large})
        yield opened


async def killed_at(library: Library, point: str) -> int:
    """Run a worker that dies at the point; return how it ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.graph.dying_worker", point),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "src:.", **environment(library.folder)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(90):
        return await process.wait()


@pytest.mark.slow
@pytest.mark.requirement("GRA-1")
@pytest.mark.requirement("GRA-2")
@pytest.mark.requirement("GRA-3")
@pytest.mark.requirement("JOB-2")
@pytest.mark.parametrize("point", POINTS)
async def test_another_worker_ends_what_a_killed_one_began(library: Library, point: str) -> None:
    await library.ask("GRAPH_GENERATION", "task-1", s3Prefix=PREFIX)
    async with relaying(library):
        assert await killed_at(library, point) == -signal.SIGKILL
        assert library.results == [] or point == "settled-not-acked"
        with graph_worker(library):
            told = (await library.told("task-1"))["payload"]
            await at_rest(library)
            await library.read()
    assert told["status"] == "COMPLETED", told
    assert {result["resultId"] for result in library.results} == {library.results[0]["resultId"]}
    graph = await library.json(told["resultS3Key"])
    assert {node["id"] for node in graph["nodes"]} == {PREFIX + name for name in (*NOTES, LARGE)}
    (job,) = (each for each in jobs(library) if each.type == "graph.generate")
    settled = point == "settled-not-acked"
    assert (job.token == 1) == settled, "by another attempt, unless the first had settled"
    read = next(each for each in told["stages"] if each["stage"] == "read")
    assert read["cached"] == int(point in READ_ALREADY and not settled)
    await nothing_left(library, told["resultS3Key"])


@pytest.mark.slow
@pytest.mark.requirement("GRA-5")
@pytest.mark.requirement("JOB-2")
@pytest.mark.parametrize("point", ["analysing", "uploading", "indexed-not-settled", "settled-not-acked"])
async def test_what_joined_under_a_killed_worker_is_there_once(library: Library, point: str) -> None:
    texts = {name: f"# {name}\n\n스레드와 프로세스는 {name}에서 만난다." for name in ("a.md", "b.md", "c.md")}
    await library.put(texts, f"tenants/{TENANT}/more/")
    async with library.working():
        await library.done("GRAPH_GENERATION", "task-1", s3Prefix=PREFIX)
        await library.done("ADD_NODE", "a.md", s3Key=f"tenants/{TENANT}/more/a.md")
    await library.ask("ADD_NODE", "b.md", s3Key=f"tenants/{TENANT}/more/b.md")
    async with relaying(library):
        assert await killed_at(library, point) == -signal.SIGKILL
        with graph_worker(library):
            assert (await library.told("b.md"))["payload"]["status"] == "COMPLETED"
            told = await library.done("ADD_NODE", "c.md", s3Key=f"tenants/{TENANT}/more/c.md")
            await at_rest(library)
    graph = await library.json(told["resultS3Key"])
    names = [PREFIX + name for name in (*NOTES, LARGE)] + [f"tenants/{TENANT}/more/{name}" for name in texts]
    assert [node["id"] for node in graph["nodes"]] == sorted(names)
    build = told["resultS3Key"].rpartition("/")[0] + "/"
    noted = await library.json(build + "build.json")
    named = {*noted["documents"], noted["features"]}
    lying = {key for key in await library.keys() if "/builds/" in key and not key.startswith(build)}
    assert lying == {key for key in named if not key.startswith(build)}, (
        "of older builds what the last one needs"
    )


def jobs(library: Library) -> list[Job]:
    return list(library.backends.database.read_sync(lambda tx: tx.jobs.list(JobFilter(), "", 50)).items)


async def at_rest(library: Library) -> None:
    """Wait until every job has ended, the tending too."""
    async with asyncio.timeout(60):
        while not (found := jobs(library)) or not all(job.finished for job in found):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


async def nothing_left(library: Library, result_key: str) -> None:
    """No object of a dead attempt, no vector too many, no reservation, no folder of an attempt."""
    build = result_key.rpartition("/")[0] + "/"
    lying = [key for key in await library.keys() if "/cache/" not in key]
    assert lying
    assert all(key.startswith(build) for key in lying)
    async with open_vectors(library.backends.settings) as index:
        space = await index.space(TENANT, USER)
    assert space is not None
    assert space[1] == len(NOTES) + 1
    graph = library.backends.database.read_sync(lambda tx: tx.graphs.get(TENANT, USER))
    assert graph is not None
    assert graph.holder == ""
    assert [str(left) for left in (library.folder / "scratch").glob("academy-graph/*")] == []
    assert all(job.state is JobState.SUCCEEDED for job in jobs(library))
