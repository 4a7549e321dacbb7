"""Jobs are recorded once, together with the message that announces them."""

from datetime import timedelta

import pytest
from pydantic import JsonValue
from tests.support.jobs import QUEUE, WORK, Payload, World

from academy.application.jobs.job_type import UnknownJobType
from academy.application.jobs.submit import announce, cancel, revive, submit
from academy.application.ports.database import OutboxRow, Transaction
from academy.contracts.base import InvalidMessage
from academy.contracts.incoming import parse_incoming
from academy.domain.job.states import EndReason, IllegalTransition, JobState


def take(world: World) -> list[OutboxRow]:
    return list(world.database.run_sync(lambda tx: tx.outbox.take(100, timedelta(seconds=60))))


@pytest.mark.requirement("JOB-6")
def test_a_job_and_its_message_are_committed_together(world: World) -> None:
    job = world.submit("a")
    assert (job.state, job.attempt, job.token, job.queue) == (JobState.PENDING, 0, 0, QUEUE)
    (row,) = take(world)
    assert (row.queue, row.group) == (QUEUE, "t1")
    assert parse_incoming(row.body).id == job.id


@pytest.mark.requirement("JOB-6")
def test_a_rollback_leaves_neither_job_nor_message(world: World) -> None:
    def work(tx: Transaction) -> None:
        submit(
            tx,
            world.types,
            job_id="job-x",
            tenant_id="t1",
            type_name=WORK,
            payload=Payload(name="x"),
            idempotency_key="x",
        )
        raise RuntimeError("the request failed after all")

    with pytest.raises(RuntimeError):
        world.database.run_sync(work)
    assert world.database.read_sync(lambda tx: tx.jobs.get("job-x")) is None
    assert take(world) == []


@pytest.mark.requirement("JOB-10")
def test_a_second_job_with_the_same_key_is_the_first(world: World) -> None:
    first = world.submit("a", key="same")
    again = world.submit("b", key="same")
    assert again == first
    assert len(take(world)) == 1


@pytest.mark.requirement("JOB-10")
def test_keys_belong_to_a_tenant_and_force_is_a_new_key(world: World) -> None:
    ids = {
        world.submit("a", key="k").id,
        world.submit("b", key="k", tenant="t2").id,
        world.submit("c", key="k#2").id,
    }
    assert ids == {"job-a", "job-b", "job-c"}
    assert len(take(world)) == 3


@pytest.mark.requirement("JOB-6")
def test_a_job_for_later_keeps_its_message_back(world: World) -> None:
    at = world.clock.now() + timedelta(days=3)
    world.database.run_sync(
        lambda tx: submit(
            tx,
            world.types,
            job_id="later",
            tenant_id="t1",
            type_name=WORK,
            payload=Payload(name="later"),
            idempotency_key="later",
            run_at=at,
        )
    )
    assert take(world) == []
    world.manual.advance(timedelta(days=3, seconds=-1))
    assert take(world) == []
    # Nor does anybody take it for lost meanwhile.
    assert world.database.run_sync(lambda tx: tx.jobs.overdue(timedelta(0), 10)) == []
    world.manual.advance(1)
    assert len(take(world)) == 1


def test_a_type_that_does_not_exist_is_refused(world: World) -> None:
    with pytest.raises(UnknownJobType):
        world.database.run_sync(
            lambda tx: submit(
                tx,
                world.types,
                job_id="x",
                tenant_id="t1",
                type_name="no.such",
                payload=Payload(name="x"),
                idempotency_key="x",
            )
        )


@pytest.mark.requirement("JOB-6")
def test_what_is_announced_is_understood(world: World) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    data: JsonValue = {"제목": "1강 😀", "list": [1, 2.5, None, True], "nested": {"a": ["b"]}}
    job = world.database.run_sync(
        lambda tx: (
            submit(
                tx,
                world.types,
                job_id="job-a",
                tenant_id="t1",
                type_name=WORK,
                payload=Payload(name="한글", data=data),
                idempotency_key="key",
                reply_to="results",
                trace=trace,
            ).job
        )
    )
    message = announce(job)
    understood = parse_incoming(message.body)
    assert (understood.id, understood.type, understood.tenant_id) == (job.id, WORK, "t1")
    assert (understood.idempotency_key, understood.reply_to, understood.trace) == ("key", "results", trace)
    assert understood.payload == job.payload
    assert not understood.legacy
    assert message.attributes == {"traceparent": trace}


@pytest.mark.requirement("JOB-6")
@pytest.mark.parametrize("data", ["\0", "\ufffd", "half a pair: \ud800"])
def test_what_no_worker_would_understand_is_refused_when_it_is_submitted(world: World, data: str) -> None:
    with pytest.raises((InvalidMessage, ValueError)):
        world.submit("a", data=data)
    assert world.database.read_sync(lambda tx: tx.jobs.get("job-a")) is None


@pytest.mark.requirement("JOB-8")
def test_a_job_that_nobody_runs_is_cancelled_at_once_with_its_effects(traced: World) -> None:
    job = traced.submit("a")
    after = traced.database.run_sync(lambda tx: cancel(tx, traced.types, job.id))
    assert after is not None
    assert (after.state, after.end_reason) == (JobState.CANCELLED, EndReason.CANCELLED)
    assert traced.did(f"settled:{job.id}:0:CANCELLED")
    # A second request finds nothing to do; the effects would raise if they happened again.
    assert traced.database.run_sync(lambda tx: cancel(tx, traced.types, job.id)) == after
    assert traced.database.run_sync(lambda tx: cancel(tx, traced.types, "nobody")) is None


@pytest.mark.requirement("JOB-8")
def test_a_running_job_is_asked_to_stop_and_ends_later(traced: World) -> None:
    job = traced.submit("a")
    traced.database.run_sync(lambda tx: tx.jobs.claim([job.id], "w1", timedelta(seconds=60)))
    after = traced.database.run_sync(lambda tx: cancel(tx, traced.types, job.id))
    assert after is not None
    assert (after.state, after.cancel_requested) == (JobState.RUNNING, True)
    assert not traced.did(f"settled:{job.id}:1:CANCELLED")


def test_a_new_life_is_announced_and_counts_its_attempts_afresh(traced: World) -> None:
    job = traced.submit("a")
    traced.database.run_sync(lambda tx: cancel(tx, traced.types, job.id))
    take(traced)
    other = traced.submit("b")
    with pytest.raises(IllegalTransition):
        traced.database.run_sync(lambda tx: revive(tx, traced.types, other.id))
    revived = traced.database.run_sync(lambda tx: revive(tx, traced.types, job.id))
    assert revived is not None
    assert (revived.state, revived.attempt, revived.cancel_requested) == (JobState.PENDING, 0, False)
    assert traced.did(f"created:{job.id}")
    assert job.id in {parse_incoming(row.body).id for row in take(traced)}
