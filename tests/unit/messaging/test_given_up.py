"""A job that is given up lets go of what it has not sent, and asks of what it may have (MSG-2, MSG-3)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.unit.messaging.handling import Provider, attempt, claim, given_back
from tests.unit.messaging.post import PRICE, Post, open_post
from tests.unit.messaging.test_crashes import Killed, stepped

from academy.application.jobs.settle import settle
from academy.application.messaging.names import SEND, SETTLE
from academy.application.ports.database import Lease, Settlement
from academy.application.ports.message_provider import ProviderRefused, ProviderUnavailable
from academy.domain.failures import Failure
from academy.domain.job.states import EndReason, JobState
from academy.domain.messaging.message import MessageState, OrderState
from academy.infrastructure.memory.message_provider import MemoryMessageProvider

pytestmark = pytest.mark.requirement("MSG-2", "MSG-3")
NO_BALANCE = Failure("provider_balance", "Top up.", "충전하세요.", retryable=True)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def post(provider: Provider) -> Iterator[Post]:
    with open_post(provider=provider) as opened:
        yield opened


def give_up(post: Post, job_id: str, state: JobState, failure: Failure | None = None) -> None:
    """End a job for good that an attempt has begun."""
    job = claim(post, job_id)
    reason = EndReason.CANCELLED if state is JobState.CANCELLED else EndReason.RETRIES_EXHAUSTED
    end = Settlement(Lease(job.id, job.token), state, reason=reason, failure=failure)
    post.plain.run_sync(lambda tx: settle(tx, post.types, [(job, end)]))


@pytest.mark.parametrize("state", [JobState.DEAD, JobState.FAILED])
async def test_what_a_job_that_is_given_up_has_not_sent_fails_and_is_given_back(
    post: Post, provider: Provider, state: JobState
) -> None:
    provider.errors["send"] = [ProviderRefused(NO_BALANCE)]
    order = post.place(5)
    await attempt(post, order.job_id)
    post.clock.advance(timedelta(minutes=10))
    give_up(post, order.job_id, state, NO_BALANCE)
    assert post.states(order) == {MessageState.FAILED: 5}
    assert {each.failure for each in post.messages(order)} == {NO_BALANCE}
    assert post.order(order).state is OrderState.DONE
    given_back(post)


async def test_the_last_attempt_of_a_job_ends_its_order(post: Post, provider: Provider) -> None:
    """As an account with the provider that nobody tops up for a night."""
    attempts = post.types[SEND].retry.max_attempts
    provider.errors["open"] = [ProviderRefused(NO_BALANCE)] * attempts
    order = post.place(3)
    for _ in range(attempts):
        job = await attempt(post, order.job_id)
        post.clock.advance(timedelta(minutes=10))
    assert (job.state, job.attempt) == (JobState.DEAD, attempts)
    assert post.states(order) == {MessageState.FAILED: 3}
    assert provider.sent == []
    given_back(post)


async def test_a_job_that_was_never_run_and_is_called_off_gives_all_back(post: Post) -> None:
    order = post.place(3)
    give_up(post, order.job_id, JobState.CANCELLED)
    assert post.states(order) == {MessageState.CANCELLED: 3}
    assert post.order(order).state is OrderState.CANCELLED
    given_back(post)


@pytest.mark.parametrize("went", [True, False])
async def test_what_is_on_its_way_when_a_job_is_given_up_is_settled_by_asking(went: bool) -> None:
    provider = Provider(withdraw=[ProviderUnavailable("away")] * 2)
    with open_post(provider=provider) as post:
        order = post.place(5)
        provider.errors["send"] = [ProviderUnavailable("reply lost")]
        assert (await attempt(post, order.job_id)).state is JobState.RETRY_WAIT
        assert post.states(order) == {MessageState.AMBIGUOUS: 3, MessageState.QUEUED: 2}
        if went:
            (group,) = provider._groups
            await MemoryMessageProvider.send(provider, group)
        post.clock.advance(timedelta(minutes=10))
        give_up(post, order.job_id, JobState.DEAD, NO_BALANCE)
        assert post.states(order) == {MessageState.AMBIGUOUS: 3, MessageState.FAILED: 2}
        assert post.balance().reserved == 3 * PRICE
        (asking,) = post.jobs(SETTLE)
        assert (await attempt(post, asking.id)).state is JobState.RETRY_WAIT
        assert post.balance().reserved == 3 * PRICE
        post.clock.advance(timedelta(minutes=10))
        assert (await attempt(post, asking.id)).state is JobState.SUCCEEDED
        sent = 3 if went else 0
        assert len(provider.sent) == sent
        assert post.states(order).get(MessageState.SENT, 0) == sent
        assert post.states(order)[MessageState.FAILED] == 5 - sent
        assert (post.balance().spent, post.balance().reserved) == (sent * PRICE, 0)
        assert post.order(order).state is OrderState.DONE


@pytest.mark.parametrize("state", [JobState.DEAD, JobState.CANCELLED])
@pytest.mark.parametrize(("when", "sent"), [("before", 0), ("after", 3)])
async def test_a_worker_that_vanished_for_good_leaves_nobody_uncertain(
    when: str, sent: int, state: JobState
) -> None:
    """Nobody runs the job again, so what was on its way with it is asked for by a job of its own."""

    async def die() -> None:
        raise Killed

    provider = Provider()
    with open_post(provider=provider) as post:
        order = post.place(5)
        stepped(post, 3, when, die, provider_only=True)
        with pytest.raises(Killed):
            await post.run(order.job_id)
        post.provider = provider
        give_up(post, order.job_id, state)
        left = MessageState.CANCELLED if state is JobState.CANCELLED else MessageState.FAILED
        assert post.states(order) == {MessageState.SENDING: 3, left: 2}
        assert post.balance().reserved == 3 * PRICE
        (asking,) = post.jobs(SETTLE)
        post.clock.advance(timedelta(minutes=1))
        assert (await attempt(post, asking.id)).state is JobState.SUCCEEDED
        assert len(provider.sent) == sent
        expected = {MessageState.SENT: sent, left: 5 - sent}
        assert post.states(order) == {each: count for each, count in expected.items() if count}
        assert (post.balance().spent, post.balance().reserved) == (sent * PRICE, 0)
        assert [job.state for job in post.jobs(SEND)] == [state]
