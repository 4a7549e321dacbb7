"""Isolated handlers under the real worker: every way a process can end costs one attempt of one job (JOB-11)."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from tests.support.jobs import Result, Run, World, job_types, open_world, running_clock, until
from tests.support.running import left, working

from academy.application.jobs.attempt import Work
from academy.application.jobs.isolated import IsolatedHandler
from academy.application.jobs.submit import cancel
from academy.application.ports.processes import ChildLimits, ChildProcesses
from academy.contracts.base import Contract
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import EndReason, JobState
from academy.infrastructure.process import LocalChildProcesses, WarmChildProcesses

pytestmark = [pytest.mark.requirement("JOB-11")]

LIMITS = ChildLimits(wall_seconds=40, memory_bytes=256 << 20)
HASTY = replace(LIMITS, wall_seconds=1.0)
LIGHT = replace(LIMITS, resident_bytes=150 << 20)
ONCE = RetryPolicy(max_attempts=1)


@pytest.fixture(autouse=True)
def nobody_left() -> Iterator[None]:
    """Every test ends with no more processes of its own than it began with; one that was just told to end may take a moment."""
    before = family()
    yield
    deadline = time.monotonic() + 5
    while (rest := family(before)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not rest


def family(before: Collection[int] = ()) -> set[int]:
    """Return the processes that stem from this one, without those that were there before and theirs.

    The servers of a whole run are children of this process, too, and come and go with the tests of others.
    """
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    mine, front = set[int](), {os.getpid()}
    while front:
        front = {pid for pid, parent in parents.items() if parent in front}.difference(before)
        mine |= front
    return mine


@pytest.fixture
async def once(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose jobs have one attempt: the first failure shows."""
    async with open_world(tmp_path, running_clock(), job_types(retry=ONCE)) as opened:
        yield opened


@pytest.fixture(params=["fresh", "warm"], autouse=True)
async def processes(request: pytest.FixtureRequest, nobody_left: None) -> AsyncIterator[ChildProcesses]:
    """Every test runs over both; what is kept goes before the look for those who stayed."""
    if request.param == "fresh":
        yield LocalChildProcesses()
        return
    warm = WarmChildProcesses()
    yield warm
    await warm.close()


Handler = Callable[[ChildProcesses], IsolatedHandler]


def handler(
    entry: str,
    limits: ChildLimits = LIMITS,
    result: type[Contract] | None = Result,
    start_seconds: float = 40,
) -> Handler:
    name = entry if ":" in entry else f"tests.integration.isolated.entries:{entry}"
    return partial(IsolatedHandler, entry=name, limits=limits, result=result, start_seconds=start_seconds)


def by_name(processes: ChildProcesses, **handlers: Handler) -> Run:
    """Return a handler that does with each job what the job's key says."""
    made = {name: make(processes) for name, make in handlers.items()}

    async def run(work: Work) -> Contract | None:
        return await made[work.job.idempotency_key.removeprefix("key-")].run(work)

    return run


async def finished(world: World, *jobs: str) -> None:
    await until(lambda: all(world.job(f"job-{name}").finished for name in jobs), 60)


async def done(world: World, processes: ChildProcesses, one: Handler) -> None:
    """Run a job `bad` with a handler and then a job `good`; the good one succeeds in the same worker."""
    world.submit("bad")
    await world.relay().relay_once()
    worker = world.worker(by_name(processes, bad=one, good=handler("answer")), slots=1)
    async with working(worker):
        await finished(world, "bad")
        world.submit("good")
        await world.relay().relay_once()
        await finished(world, "good")
    assert world.job("job-good").state is JobState.SUCCEEDED
    assert (await left(world))[1] == 0


async def test_the_answer_is_the_result_and_progress_is_seen(once: World, processes: ChildProcesses) -> None:
    once.submit("good")
    await once.relay().relay_once()
    worker = once.worker(by_name(processes, good=handler("answer")))
    async with working(worker):
        await finished(once, "good")
    job = once.job("job-good")
    assert (job.state, job.result) == (JobState.SUCCEEDED, {"text": "good 답", "number": 1.5})


BAD_ENDS = {
    "raises": (handler("raises"), "internal_error"),
    "sys.exit": (handler("leaves"), "internal_error"),
    "no such function": (handler("missing"), "internal_error"),
    "no such module": (handler("tests.nowhere:f"), "internal_error"),
    "hangs, deaf to signals": (handler("hangs", HASTY), "time_limit"),
    "stalls": (handler("hangs", replace(LIMITS, stall_seconds=0.7)), "stalled"),
    "burns its CPU time": (handler("spins", replace(LIMITS, cpu_seconds=1, nice=0)), "time_limit"),
    "segfault": (handler("segfaults"), "crashed"),
    "killed from outside": (handler("is_killed"), "killed"),
    "bad status": (handler("ends_badly"), "crashed"),
    "crash after the result": (handler("result_then_crash"), "crashed"),
    "hangs with a family": (handler("hangs_with_family", HASTY), "time_limit"),
    "floods for ever": (handler("floods_without_end", HASTY), "time_limit"),
    "no result": (handler("ends_early"), "no_result"),
    "garbage": (handler("garbage"), "result_unreadable"),
    "an endless line": (handler("endless_line"), "result_unreadable"),
    "endless reports": (handler("endless_reports"), "result_unreadable"),
    "unknown step": (handler("unknown_step"), "result_unreadable"),
    "two results": (handler("two_results"), "result_unreadable"),
    "result of another form": (handler("wrong_result"), "result_unreadable"),
    "no object": (handler("no_object"), "result_unreadable"),
    "no JSON": (handler("no_json"), "result_unreadable"),
    "NaN": (handler("not_a_number"), "result_unreadable"),
    "closed descriptors": (handler("closes_everything"), "crashed"),
    "never begins": (handler("tests.integration.isolated.deadlocked:f", start_seconds=0.7), "not_started"),
}


TOO_MUCH = {
    "asks for 10 GB": handler("asks_too_much"),
    "leaks": handler("leaks"),
    "leaks slowly": handler("leaks", replace(LIGHT, memory_bytes=2 << 30)),
    "heavy together": handler("leaks_apart", LIGHT),
}


@pytest.mark.parametrize("how", TOO_MUCH)
async def test_work_that_does_not_fit_is_not_tried_again_and_says_what_to_do(
    once: World, processes: ChildProcesses, how: str
) -> None:
    await done(once, processes, TOO_MUCH[how])
    job = once.job("job-bad")
    assert job.failure is not None
    assert (job.state, job.failure.code, job.failure.retryable) == (JobState.FAILED, "memory_limit", False)
    assert "split" in job.failure.message
    assert "나누" in job.failure.message_ko


@pytest.mark.parametrize("how", BAD_ENDS)
async def test_a_bad_end_costs_one_attempt_of_one_job(
    once: World, processes: ChildProcesses, how: str
) -> None:
    one, code = BAD_ENDS[how]
    await done(once, processes, one)
    job = once.job("job-bad")
    assert job.failure is not None
    assert (job.failure.code, job.failure.retryable) == (code, True)
    assert (job.state, job.attempt, job.interruptions) == (JobState.DEAD, 1, 0)


@pytest.mark.parametrize(("entry", "code"), [("huge", "result_too_large"), ("refuses", "page_unreadable")])
async def test_what_no_other_attempt_can_mend_ends_the_job(
    once: World, processes: ChildProcesses, entry: str, code: str
) -> None:
    await done(once, processes, handler(entry))
    job = once.job("job-bad")
    assert job.failure is not None
    assert (job.state, job.end_reason, job.failure.code) == (JobState.FAILED, EndReason.PERMANENT_ERROR, code)
    assert job.result is None


async def test_a_family_that_stays_behind_is_no_failure_and_is_gone(
    once: World, processes: ChildProcesses
) -> None:
    await done(once, processes, handler("leaves_family"))
    assert once.job("job-bad").state is JobState.SUCCEEDED


async def test_a_flood_of_words_neither_blocks_nor_is_kept(once: World, processes: ChildProcesses) -> None:
    await done(once, processes, handler("floods"))
    assert once.job("job-bad").result == {"text": "32 MB", "number": 0.0}


@pytest.mark.requirement("SEC-3")
async def test_the_last_words_are_kept_without_numbers_and_secrets(
    once: World, processes: ChildProcesses
) -> None:
    await done(once, processes, handler("raises"))
    failure = once.job("job-bad").failure
    assert failure is not None
    assert "the last words" in failure.detail
    assert "LookupError" in failure.detail
    assert "entries.py" in failure.detail
    for private in ("1234", "abc", "secret text"):
        assert private not in failure.detail


async def test_a_bad_end_is_tried_again_and_then_succeeds(tmp_path: Path, processes: ChildProcesses) -> None:
    bad, good = handler("segfaults")(processes), handler("answer")(processes)

    async def run(work: Work) -> Contract | None:
        return await (bad if work.job.attempt == 1 else good).run(work)

    types = job_types(retry=RetryPolicy(max_attempts=2, base=timedelta(milliseconds=10)))
    async with open_world(tmp_path, running_clock(), types) as world:
        world.submit("a")
        worker = world.worker(run)
        async with working(worker):
            while not world.job("job-a").finished:
                await world.relay().relay_once()
                await asyncio.sleep(0.02)
        job = world.job("job-a")
        assert (job.state, job.attempt, job.interruptions) == (JobState.SUCCEEDED, 2, 0)


@pytest.mark.requirement("JOB-8")
@pytest.mark.parametrize("entry", ["hangs", "hangs_with_family"])
async def test_a_cancelled_job_takes_its_processes_along(
    once: World, processes: ChildProcesses, entry: str
) -> None:
    before = family()
    once.submit("bad")
    await once.relay().relay_once()
    worker = once.worker(by_name(processes, bad=handler(entry)))
    async with working(worker):
        await until(
            lambda: bool(worker.holdings.attempts) and worker.holdings.attempts[0].progress is not None
        )
        assert len(family(before)) >= 2
        once.database.run_sync(lambda tx: cancel(tx, once.types, "job-bad"))
        await finished(once, "bad")
        assert not family(before)
    assert once.job("job-bad").state is JobState.CANCELLED


@pytest.mark.requirement("JOB-3")
async def test_a_lost_lease_takes_the_processes_along(once: World, processes: ChildProcesses) -> None:
    before = family()
    once.submit("bad")
    await once.relay().relay_once()
    worker = once.worker(by_name(processes, bad=handler("hangs_with_family")), lease=timedelta(seconds=1))
    async with working(worker):
        await until(
            lambda: bool(worker.holdings.attempts) and worker.holdings.attempts[0].progress is not None
        )
        once.database.run_sync(lambda tx: tx.jobs.postpone(["job-bad"], timedelta(minutes=10)))
        await until(lambda: not worker.holdings.attempts)
        assert not family(before)
    job = once.job("job-bad")
    assert (job.state, job.attempt, job.interruptions) == (JobState.PENDING, 0, 1)


async def test_nothing_of_the_worker_comes_along(
    once: World, processes: ChildProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "s3cret")
    once.submit("a")
    once.submit("b")
    await once.relay().relay_once()
    worker = once.worker(by_name(processes, a=handler("modules"), b=handler("environment")))
    async with working(worker):
        await finished(once, "a", "b")
    assert once.job("job-a").result == {"text": "", "number": 0.0}
    assert once.job("job-b").result == {"text": "True '' [] False", "number": 0.0}


@pytest.mark.requirement("SEC-1")
async def test_what_a_job_leaves_in_memory_meets_no_other_academy(
    once: World, processes: ChildProcesses
) -> None:
    found = []
    one = handler("remembers")
    worker = once.worker(by_name(processes, a=one, b=one, c=one), slots=1)
    async with working(worker):
        for name, tenant in (("a", "t1"), ("b", "t2"), ("c", "t1")):
            once.submit(name, tenant=tenant)
            await once.relay().relay_once()
            await finished(once, name)
            found.append((once.job(f"job-{name}").result or {})["text"])
    assert found == ["", "", "a" if isinstance(processes, WarmChildProcesses) else ""]


async def test_a_payload_larger_than_a_pipe_arrives(once: World, processes: ChildProcesses) -> None:
    once.submit("a", data="x" * (1 << 20))
    (delivery,) = await _published(once)
    assert delivery == "job-a"
    worker = once.worker(by_name(processes, a=handler("echo_size")))
    async with working(worker):
        await finished(once, "a")
    assert once.job("job-a").result == {"text": str(1 << 20), "number": 0.0}


async def _published(world: World) -> list[str]:
    """Put a message on the queue whose payload stands in the row alone: it is too large to travel."""
    job = world.job("job-a")
    small = {
        "v": 1,
        "id": job.id,
        "type": job.type,
        "tenant_id": "t1",
        "payload": {"name": "a"},
        "created_at": "2026-03-02T09:00:00Z",
        "idempotency_key": job.idempotency_key,
    }
    await world.publish(json.dumps(small))
    return [job.id]


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


WORKER = """
import asyncio, sys
from academy.application.ports.processes import ChildLimits
from academy.infrastructure.process import LocalChildProcesses

sys.path.append(sys.argv[1])
asyncio.run(LocalChildProcesses().call(
    "tests.integration.isolated.entries:names_family", b"{}", limits=ChildLimits(600),
    on_report=lambda line: line.isdecimal() and print(line, flush=True)))
"""


async def test_a_killed_worker_takes_its_processes_along() -> None:
    root = Path(__file__).parents[3]
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WORKER, str(root)),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(root / "src")},
    )
    assert worker.stdout is not None
    pids = [int(await worker.stdout.readline()) for _ in range(3)]
    assert all(lives(pid) for pid in pids)
    worker.kill()
    await worker.wait()
    await until(lambda: not any(lives(pid) for pid in pids))
