"""A producer that names a result queue is told how its job ended, well or not, always under one id (JOB-13)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.support.jobs import LEASE, QUEUE, WORK, World

from academy.application.jobs.admission import Admission
from academy.application.jobs.settle import settle
from academy.application.jobs.submit import cancel, revive
from academy.application.ports.database import Lease, Settlement
from academy.application.ports.job_queue import OutgoingMessage, QueueSettings
from academy.contracts.envelope import Envelope
from academy.contracts.job_result import JobResult
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, JobState

REPLIES = "replies"
FAILURE = Failure("broken", "It broke. Mend it.", "고장났습니다.", stage="second", detail="a secret path")


@pytest.fixture
async def asked(world: World) -> Job:
    """A running job whose message asked for its result."""
    await world.queue.create([QueueSettings(REPLIES)])
    (claimed,) = (await admit(world)).claimed
    return claimed.job


async def admit(world: World) -> Admission:
    message = {
        "v": 1,
        "id": "job-a",
        "type": WORK,
        "tenant_id": "t1",
        "payload": {"name": "a"},
        "created_at": "2026-03-02T09:00:00Z",
        "idempotency_key": "key-a",
        "trace": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "reply_to": REPLIES,
    }
    await world.queue.publish(QUEUE, [OutgoingMessage(json.dumps(message), "t1")])
    return await world.intake(reply_queues=frozenset({REPLIES})).admit(await world.receive())


def end(world: World, job: Job, state: JobState, **fields: Any) -> None:
    settlement = Settlement(Lease(job.id, job.token), state, **fields)
    world.database.run_sync(lambda tx: settle(tx, world.types, [(job, settlement)]))


async def replies(world: World) -> list[tuple[Envelope, JobResult]]:
    while await world.relay().relay_once():
        continue
    found = []
    while batch := await world.queue.receive(REPLIES, 10, 0, 60):
        found += [Envelope.model_validate_json(delivery.body) for delivery in batch]
    return [(one, JobResult.model_validate_json(json.dumps(one.payload))) for one in found]


@pytest.mark.requirement("JOB-13")
async def test_a_success_is_told_with_its_result(world: World, asked: Job) -> None:
    end(world, asked, JobState.SUCCEEDED, result={"text": "한글"})
    ((envelope, told),) = await replies(world)
    assert (told.job_id, told.status, told.result, told.error) == (
        "job-a",
        "SUCCEEDED",
        {"text": "한글"},
        None,
    )
    assert (envelope.type, envelope.tenant_id, envelope.trace) == ("job.result", "t1", asked.trace)


@pytest.mark.requirement("JOB-13")
@pytest.mark.parametrize("state", [JobState.FAILED, JobState.DEAD])
async def test_a_failure_is_told_in_the_same_form_without_inside_details(
    world: World, asked: Job, state: JobState
) -> None:
    end(world, asked, state, reason=EndReason.PERMANENT_ERROR, failure=FAILURE)
    ((envelope, told),) = await replies(world)
    assert (told.status, told.reason, told.result) == (state.value, "permanent_error", None)
    assert told.error is not None
    assert (told.error.code, told.error.message_ko, told.error.stage) == ("broken", "고장났습니다.", "second")
    assert "secret" not in envelope.to_json()


@pytest.mark.requirement("JOB-13")
async def test_a_job_that_comes_back_tells_nothing_yet(world: World, asked: Job) -> None:
    end(world, asked, JobState.RETRY_WAIT, failure=FAILURE, delay=timedelta(0))
    assert await replies(world) == []


@pytest.mark.requirement("JOB-13", "JOB-3")
async def test_an_end_that_is_fenced_off_tells_nothing(world: World, asked: Job) -> None:
    world.manual.advance(LEASE + timedelta(seconds=1))
    world.database.run_sync(lambda tx: tx.jobs.claim([asked.id], "w2", LEASE))
    end(world, asked, JobState.SUCCEEDED, result={})
    assert await replies(world) == []


@pytest.mark.requirement("JOB-13")
async def test_who_asks_again_gets_the_same_result_under_the_same_id(world: World, asked: Job) -> None:
    end(world, asked, JobState.SUCCEEDED, result={"text": "x"})
    ((first, _),) = await replies(world)
    world.manual.advance(timedelta(hours=1))
    assert (await admit(world)).finished
    assert {envelope.to_json() for envelope, _ in await replies(world)} == {first.to_json()}


@pytest.mark.requirement("JOB-13", "JOB-8")
async def test_a_job_cancelled_while_it_waits_is_told_of_and_its_new_life_has_another_id(
    world: World, asked: Job
) -> None:
    end(world, asked, JobState.RETRY_WAIT, failure=FAILURE, delay=timedelta(hours=1))
    world.database.run_sync(lambda tx: cancel(tx, world.types, asked.id))
    ((first, told),) = await replies(world)
    assert (told.status, told.reason) == ("CANCELLED", "cancelled")
    world.manual.advance(5)
    world.database.run_sync(lambda tx: revive(tx, world.types, asked.id))
    world.database.run_sync(lambda tx: cancel(tx, world.types, asked.id))
    ((second, _),) = await replies(world)
    assert second.id != first.id


@pytest.mark.requirement("JOB-13", "QUE-5")
async def test_a_reply_to_that_is_no_result_queue_is_refused(world: World) -> None:
    body = {
        "v": 1,
        "id": "job-b",
        "type": WORK,
        "tenant_id": "t1",
        "payload": {"name": "b"},
        "created_at": "2026-03-02T09:00:00Z",
        "idempotency_key": "key-b",
        "reply_to": "academy-video-jobs",
    }
    await world.publish(json.dumps(body))
    admission = await world.intake(reply_queues=frozenset({REPLIES})).admit(await world.receive())
    ((_, error),) = admission.invalid
    assert "ACADEMY_RESULT_QUEUES" in error.reason
    assert world.database.read_sync(lambda tx: tx.jobs.get("job-b")) is None
