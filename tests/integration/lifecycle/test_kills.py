"""The worker's process is killed at each line of the order of work; another worker brings the job to its one end."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.integration.lifecycle.dying_worker import DYING_RETRY, POINTS, RELAY_POINTS
from tests.integration.lifecycle.grounds import (
    ADAPTERS,
    happened,
    of_queue,
    prepare,
    queue_called,
    settings_on,
    submit_on,
)
from tests.support.standin.types import Numbered, standin_handlers, standin_types

from academy.application.jobs.rotation import PolledQueue
from academy.bootstrap.backends import Backends, open_backends
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.settings import Role, load_settings
from academy.bootstrap.worker import worker_setup
from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, JobState
from academy.interfaces.workers.runtime.role import worker_of

PATIENCE_SECONDS = 40
HEALTHY_LEASE_SECONDS = 6
SECONDS = {"renewed-not-extended": 3.0}
"""How long a job takes that has to live to its worker's first heartbeat; any other takes a moment."""
ALL_POINTS = (*POINTS, *RELAY_POINTS)


@dataclass(frozen=True, slots=True)
class Life:
    """What became of one job: how its first worker ended, the row, its effects in order, the ids in its dead-letter queue."""

    reached: bool
    code: int
    job: Job
    effects: list[str]
    letters: list[str]


async def _dying(settings: dict[str, object], marks: Path) -> dict[str, int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.lifecycle.dying_worker", json.dumps(settings), str(marks), *ALL_POINTS),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "src:."},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()[-3000:]
    ends: dict[str, int] = json.loads(out)
    return ends


async def _heal(backends: Backends, settings: dict[str, object]) -> None:
    """Run a healthy worker and a relay until no message is left, or patience is: each test then says what it misses."""
    names = [queue_called(settings, point) for point in ALL_POINTS]
    setup = worker_setup(
        backends,
        "healthy",
        queues=[PolledQueue(name) for name in names],
        slots=10,
        types=standin_types(backends.settings),
        handlers=standin_handlers(),
    )
    worker, stop = worker_of(setup), asyncio.Event()
    until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        group.create_task(outbox_relay(backends).run(stop))
        while not await _empty(backends, names) and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110 - the broker has no event
            await asyncio.sleep(0.1)
        worker.drain()
        stop.set()


async def _empty(backends: Backends, names: list[str]) -> bool:
    jobs = await backends.database.read(lambda tx: tx.jobs.get_many(ALL_POINTS))
    if not all(job.finished for job in jobs.values()):
        return False
    depths = [await backends.queue.depth(name) for name in names]
    return not any(depth.visible + depth.in_flight + depth.delayed for depth in depths)


async def _live_all(settings: dict[str, object], folder: Path) -> dict[str, Life]:
    # The healthy worker never dies: with a longer lease a busy machine does not make it lose one.
    healthy = load_settings(Role.RECONCILER, **(settings | {"lease_seconds": HEALTHY_LEASE_SECONDS}))
    async with open_backends(healthy) as backends:
        await prepare(backends, [queue_called(settings, point) for point in ALL_POINTS])
        for point in POINTS:
            dies = point.startswith("dead")
            payload = Numbered(n=0, seconds=SECONDS.get(point, 0.1), failing=1 if dies else 0)
            await submit_on(
                backends, of_queue(settings, point), point, payload, DYING_RETRY if dies else None
            )
            await outbox_relay(backends).relay_once()
        ends = await _dying(settings, folder)
        await _heal(backends, settings)
        lives = await asyncio.gather(
            *(_life(backends, settings, point, ends, folder) for point in ALL_POINTS)
        )
        return dict(zip(ALL_POINTS, lives, strict=True))


async def _life(
    backends: Backends, settings: dict[str, object], point: str, ends: dict[str, int], folder: Path
) -> Life:
    job = await backends.database.read(lambda tx: tx.jobs.get(point))
    assert job is not None
    effects = await backends.database.read(lambda tx: happened(tx, point))
    letters = await backends.queue.dead_letters(queue_called(settings, point), 10)
    reached = (folder / point).exists()
    return Life(reached, ends[point], job, effects, [json.loads(letter.body)["id"] for letter in letters])


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(f"lives on {name}")) for name in ADAPTERS],
)
def lives(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Life]]:
    """One job for each point, all of them killed and healed at the same time."""
    folder = tmp_path_factory.mktemp("lives")
    with settings_on(request.param, request, folder) as settings:
        yield asyncio.run(_live_all(settings, folder))


def _was_killed(life: Life) -> None:
    assert life.reached, "the worker never came to this point"
    assert life.code == -signal.SIGKILL


@pytest.mark.requirement("JOB-2", "JOB-3")
@pytest.mark.parametrize(
    ("point", "interruptions"),
    [
        ("received-not-claimed", 0),
        ("claimed-not-started", 1),
        ("started", 1),
        ("renewed-not-extended", 1),
        ("handler-done-not-committed", 1),
        ("committed-not-acked", 0),
        ("acked-not-released", 0),
    ],
)
def test_a_job_whose_worker_is_killed_takes_effect_once(
    lives: dict[str, Life], point: str, interruptions: int
) -> None:
    life = lives[point]
    _was_killed(life)
    # An interruption costs no attempt, whatever was under way.
    assert (life.job.state, life.job.attempt, life.job.interruptions) == (
        JobState.SUCCEEDED,
        1,
        interruptions,
    )
    assert life.effects == ["started"] * (1 + interruptions) + ["done"]
    assert life.letters == []


@pytest.mark.requirement("JOB-6", "JOB-3")
@pytest.mark.parametrize("point", RELAY_POINTS)
def test_a_job_whose_relay_is_killed_takes_effect_once(lives: dict[str, Life], point: str) -> None:
    life = lives[point]
    _was_killed(life)
    assert (life.job.state, life.job.attempt, life.job.interruptions) == (JobState.SUCCEEDED, 1, 0)
    assert life.effects == ["started", "done"]
    assert life.letters == []


@pytest.mark.requirement("JOB-2", "JOB-5", "JOB-12")
def test_a_job_that_is_given_back_by_a_worker_killed_then_takes_effect_once(lives: dict[str, Life]) -> None:
    life = lives["given-back-not-acked"]
    _was_killed(life)
    assert (life.job.state, life.job.attempt, life.job.interruptions) == (JobState.SUCCEEDED, 1, 1)
    assert life.effects == ["started", "pending", "started", "done"]
    assert life.letters == []


@pytest.mark.requirement("JOB-2", "JOB-5", "QUE-5")
@pytest.mark.parametrize("point", ["dead-not-dead-lettered", "dead-lettered-not-acked"])
def test_the_message_of_a_dead_job_is_never_lost(lives: dict[str, Life], point: str) -> None:
    life = lives[point]
    _was_killed(life)
    assert (life.job.state, life.job.end_reason) == (JobState.DEAD, EndReason.RETRIES_EXHAUSTED)
    assert life.effects == ["started", "dead"]
    # A kill between a dead letter and its ack may leave two of them, never none.
    assert set(life.letters) == {point}
