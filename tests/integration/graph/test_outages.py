"""What a graph job stands on goes away in the middle: it is tried again without being charged, and there is one result (JOB-2, GRA-2)."""

import asyncio
import shutil
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.integration.graph.apart import LEASE_SECONDS, environment, graph_worker, relaying
from tests.integration.graph.library import NOTES, TENANT, USER, Library, open_library

from academy.application.ports.database import JobFilter
from academy.bootstrap.graph_worker import open_vectors
from academy.domain.job.job import Job
from academy.domain.job.states import JobState

pytestmark = [pytest.mark.timeout(180), pytest.mark.slow]
PREFIX = f"tenants/{TENANT}/notes/"


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with open_library(tmp_path, lease_seconds=LEASE_SECONDS) as opened:
        await opened.put(NOTES)
        yield opened


def job_of(library: Library, kind: str = "graph.generate") -> Job | None:
    """Return the row of the task."""
    found = library.backends.database.read_sync(lambda tx: tx.jobs.list(JobFilter(), "", 50)).items
    return next((job for job in found if job.type == kind), None)


async def seen(library: Library, what: Callable[[Job], bool], kind: str = "graph.generate") -> Job:
    """Wait for the row of the task to be so."""
    async with asyncio.timeout(60):
        while (job := job_of(library, kind)) is None or not what(job):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    return job


def put_off(job: Job) -> bool:
    return job.state is JobState.RETRY_WAIT


async def one_result(library: Library) -> None:
    """Check that the task ends well, with one result and the one attempt that was its own."""
    told = (await library.told("task-1", 90))["payload"]
    assert told["status"] == "COMPLETED", told
    assert told["nodes"] == len(NOTES)
    await library.read()
    assert len({result["resultId"] for result in library.results}) == 1
    job = job_of(library)
    assert job is not None
    assert job.attempt == 1, "an outage costs no attempt"


@pytest.mark.requirement("GRA-2")
@pytest.mark.requirement("JOB-5")
async def test_the_folder_of_vectors_is_taken_away_and_comes_back(library: Library) -> None:
    vectors = library.backends.settings.vectors_dir
    async with relaying(library):
        with graph_worker(library) as worker:
            await asyncio.to_thread(worker.wait_for, "worker_started")
            vectors.rename(vectors.with_name("elsewhere"))
            await library.ask("GRAPH_GENERATION", "task-1", s3Prefix=PREFIX)
            job = await seen(library, put_off)
            assert job.failure is not None
            assert (job.failure.code, job.failure.retryable) == ("vector_index_unavailable", True)
            vectors.with_name("elsewhere").rename(vectors)
            await one_result(library)


@pytest.mark.requirement("GRA-2")
@pytest.mark.requirement("GRA-5")
async def test_the_collections_are_deleted_under_a_running_worker_and_the_next_build_makes_them_again(
    library: Library,
) -> None:
    """An addition is not taken for the whole graph: it says what to do, and comes in once that is done."""
    async with relaying(library):
        with graph_worker(library):
            await library.done("GRAPH_GENERATION", "task-1", s3Prefix=PREFIX)
            shutil.rmtree(library.backends.settings.vectors_dir / "data")
            await library.put({"new.md": "# 세마포어\n\n세마포어는 스레드를 동기화한다."})
            await library.ask("ADD_NODE", "add", s3Key=f"{PREFIX}new.md")
            job = await seen(library, put_off, "graph.add_node")
            assert job.failure is not None
            assert (job.failure.code, job.failure.retryable) == ("vectors_lost", True)
            assert "GRAPH_GENERATION_REQUEST" in job.failure.message
            await library.done("GRAPH_GENERATION", "task-2", s3Keys=[PREFIX + name for name in NOTES])
            told = (await library.told("add", 120))["payload"]
            assert (told["status"], told["nodes"]) == ("COMPLETED", len(NOTES) + 1), told
    async with open_vectors(library.backends.settings) as index:
        space = await index.space(TENANT, USER)
        assert space is not None
        assert space[1] == len(NOTES) + 1


@pytest.mark.requirement("GRA-2")
async def test_a_second_worker_does_not_begin_while_another_has_the_folder_of_vectors(
    library: Library,
) -> None:
    await library.ask("GRAPH_GENERATION", "task-1", s3Prefix=PREFIX)
    async with relaying(library):
        async with open_vectors(library.backends.settings) as index:
            await index.ping()
            for argument, code in (((), 75), (("--check",), 1)):
                second = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "academy.interfaces.workers.graph", *argument),
                    env={"PATH": "/usr/bin", "PYTHONPATH": "src", **environment(library.folder)},
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                )
                said, _ = await second.communicate()
                assert second.returncode == code, said
                assert b"in use by process" in said
                assert b"ACADEMY_VECTORS_BACKEND=pgvector" in said, "the remedy"
                assert b"Traceback" not in said
        assert job_of(library) is None
        with graph_worker(library):
            await one_result(library)


@pytest.mark.requirement("GRA-2")
@pytest.mark.requirement("JOB-5")
async def test_the_object_store_is_away_and_comes_back(library: Library) -> None:
    folder = library.backends.settings.objects_dir / library.backends.settings.bucket_ai
    async with relaying(library):
        with graph_worker(library) as worker:
            await asyncio.to_thread(worker.wait_for, "worker_started")
            folder.rename(folder.with_name("elsewhere"))
            await library.ask("GRAPH_GENERATION", "task-1", s3Prefix=PREFIX)
            job = await seen(library, put_off)
            assert job.failure is not None
            assert (job.failure.code, job.failure.retryable) == ("service_unavailable", True)
            told = await asyncio.to_thread(worker.wait_for, "job_hit_outage", job_id=job.id)
            assert str(folder) in told["error"], "the log says what is away"
            folder.with_name("elsewhere").rename(folder)
            await one_result(library)


@pytest.mark.requirement("GRA-2")
@pytest.mark.requirement("JOB-2")
async def test_the_database_is_away_in_the_middle(library: Library) -> None:
    file = library.folder / "data" / "academy.sqlite3"

    def hold(seconds: float) -> None:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=10)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            threading.Event().wait(seconds)
            connection.execute("ROLLBACK")

    async with relaying(library):
        with graph_worker(library):
            await library.ask("GRAPH_GENERATION", "task-1", s3Prefix=PREFIX)
            await seen(library, lambda job: job.state is JobState.RUNNING)
            await asyncio.to_thread(hold, 2.0 * LEASE_SECONDS)
            await one_result(library)
