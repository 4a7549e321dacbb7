"""Ids as long as they may be, and a job of a later time that runs before it (MSG-4)."""

from datetime import timedelta

import pytest
from tests.unit.messaging.direct import direct, logged
from tests.unit.messaging.handling import Provider, attempt
from tests.unit.messaging.post import DAY, TENANT, open_post

from academy.application.messaging.names import SEND, SETTLE, bounded
from academy.application.ports.message_provider import ProviderUnavailable
from academy.domain.job.states import JobState
from academy.domain.messaging.message import MessageState, OrderState

LONGEST = "d" * 200
HOURS = timedelta(hours=5)


@pytest.mark.requirement("MSG-4")
async def test_a_direct_message_of_the_longest_id_that_nobody_knows_of_is_settled_and_sent() -> None:
    lost = ProviderUnavailable("lost")
    provider = Provider(send=[lost], withdraw=[lost, lost])
    with open_post(provider=provider) as post:
        job_id = direct(post, LONGEST)
        job = await attempt(post, job_id)
        assert job.state is JobState.RETRY_WAIT
        (message,) = logged(post)
        assert (message.state, len(message.order_id)) == (MessageState.AMBIGUOUS, 200)
        (asking,) = post.jobs(SETTLE)
        provider.errors.clear()
        await post.run(asking.id)
        (resend,) = post.jobs(SEND)
        await post.run(resend.id)
        (message,) = logged(post)
        assert (message.state, len(provider.sent)) == (MessageState.SENT, 1)


@pytest.mark.requirement("MSG-5")
async def test_a_refusal_of_the_longest_id_is_logged() -> None:
    with open_post() as post:
        await attempt(post, direct(post, LONGEST, to="none"))
        (message,) = logged(post)
        assert (message.state, len(message.order_id)) == (MessageState.FAILED, 200)


def test_ids_that_are_too_long_stay_apart_and_others_stay_as_they_are() -> None:
    ids = [f"direct-{'d' * 199}{last}" for last in "ab"]
    assert len({bounded(each) for each in ids}) == 2
    assert all(len(bounded(each)) == 200 for each in ids)
    assert [bounded(each) for each in ids] == [bounded(each) for each in ids]
    assert bounded("d" * 200) == "d" * 200


@pytest.mark.requirement("MSG-4")
async def test_a_postponed_job_that_runs_early_itself_comes_again_in_time() -> None:
    with open_post() as post:
        order = post.place(2, send_at=DAY + HOURS)
        todo, seen = [order.job_id], {order.job_id}
        for _ in range(3):
            for job_id in todo:
                assert (await attempt(post, job_id)).state is JobState.SUCCEEDED
            todo = [job.id for job in post.jobs(SEND) if job.id not in seen]
            assert len(todo) == 1
            seen |= set(todo)
        assert post.states(order) == {MessageState.QUEUED: 2}
        post.clock.advance(HOURS)
        await attempt(post, todo[0])
        assert (post.states(order), post.order(order).state) == ({MessageState.SENT: 2}, OrderState.DONE)


@pytest.mark.requirement("MSG-4")
async def test_an_order_of_the_longest_id_can_be_postponed() -> None:
    with open_post() as post:
        request = post.request(1, send_at=DAY + HOURS)
        order = post.plain.run_sync(lambda tx: post.orders.place(tx, request, order_id=LONGEST))
        await attempt(post, order.job_id)
        (later,) = [job for job in post.jobs(SEND) if job.id != order.job_id]
        assert len(later.id) <= 200
        assert later.tenant_id == TENANT
