"""Sending: the last look before messages leave, and what the provider refuses (MSG-1, MSG-2, MSG-4, MSG-5)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.unit.messaging.handling import Provider, attempt, cancel, due, given_back, save
from tests.unit.messaging.leaping import leaping
from tests.unit.messaging.post import DAY, PRICE, SENDER, Post, open_post

from academy.application.errors import WorkFailed
from academy.application.jobs.submit import submit
from academy.application.messaging.names import SEND
from academy.application.ports.message_provider import (
    ProviderBusy,
    ProviderRefused,
    ProviderUnavailable,
)
from academy.contracts.messaging import SendOrder
from academy.domain.failures import Failure
from academy.domain.job.states import JobState
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import MessageState, Order, OrderState
from academy.domain.messaging.rules import KST

AD = "(광고) 특강 무료수신거부 0801234567"
NIGHT = datetime(2026, 3, 2, 21, 0, tzinfo=KST)
MORNING = datetime(2026, 3, 3, 8, 0, tzinfo=KST)
NO_BALANCE = Failure("provider_balance", "Top up.", "충전하세요.", retryable=True)
NO_TEMPLATE = Failure("template_unknown", "No such template.", "템플릿이 없습니다.")
BARRED = Failure("number_barred", "The number takes no messages.", "수신이 차단된 번호입니다.")


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def post(provider: Provider) -> Iterator[Post]:
    with open_post(provider=provider) as opened:
        yield opened


def reasons(post: Post, order: Order) -> set[str]:
    return {each.failure.code for each in post.messages(order) if each.failure is not None}


@pytest.mark.requirement("MSG-4", "MSG-5")
class TestTheLastLook:
    async def test_what_was_switched_off_since_it_was_ordered_is_not_sent(
        self, post: Post, provider: Provider
    ) -> None:
        order = post.place(5)
        save(post, enabled=False)
        assert (await attempt(post, order.job_id)).state is JobState.SUCCEEDED
        assert (provider.sent, provider.batches) == ([], [])
        assert post.states(order) == {MessageState.FAILED: 5}
        assert reasons(post, order) == {"messaging_off"}
        assert post.order(order).state is OrderState.DONE
        given_back(post)

    async def test_a_number_that_was_taken_from_the_academy_since_is_not_used(
        self, post: Post, provider: Provider
    ) -> None:
        order = post.place(5)
        save(post, sender="0299999999")
        await post.run(order.job_id)
        assert provider.sent == []
        assert post.states(order) == {MessageState.FAILED: 5}
        assert reasons(post, order) == {"sender_changed"}
        given_back(post)

    async def test_switching_off_says_more_than_the_number_that_changed_as_well(self, post: Post) -> None:
        order = post.place(1)
        save(post, sender="0299999999", enabled=False)
        await post.run(order.job_id)
        assert reasons(post, order) == {"messaging_off"}

    async def test_switching_off_in_the_middle_stops_what_has_not_left(
        self, post: Post, provider: Provider
    ) -> None:
        order = post.place(7)
        provider.errors["send"] = [None, ProviderUnavailable("away")]
        with pytest.raises(WorkFailed):
            await post.run(order.job_id)
        save(post, enabled=False)
        await post.run(order.job_id)
        assert len(provider.sent) == 3
        assert post.states(order) == {MessageState.SENT: 3, MessageState.FAILED: 4}
        assert (post.balance().spent, post.balance().reserved) == (3 * PRICE, 0)

    async def test_advertising_caught_by_the_night_goes_out_in_the_morning(
        self, post: Post, provider: Provider
    ) -> None:
        post.clock.advance(NIGHT - timedelta(minutes=1) - DAY)
        order = post.place(4, AD, advertising=True)
        post.clock.advance(timedelta(minutes=1))
        assert (await attempt(post, order.job_id)).state is JobState.SUCCEEDED
        assert provider.sent == []
        assert post.states(order) == {MessageState.QUEUED: 4}
        assert post.balance().reserved == 4 * PRICE
        (later,) = [job for job in post.jobs(SEND) if job.id != order.job_id]
        assert due(post) == 1
        post.clock.advance(MORNING - NIGHT - timedelta(milliseconds=1))
        assert due(post) == 1
        post.clock.advance(timedelta(milliseconds=1))
        assert due(post) == 2
        assert (await attempt(post, later.id)).state is JobState.SUCCEEDED
        assert len(provider.sent) == 4
        assert post.order(order).state is OrderState.DONE
        assert (post.balance().spent, post.balance().reserved) == (4 * PRICE, 0)

    async def test_what_waits_for_the_morning_can_be_called_off(self, post: Post, provider: Provider) -> None:
        post.clock.advance(NIGHT - timedelta(minutes=1) - DAY)
        order = post.place(4, AD, advertising=True)
        post.clock.advance(timedelta(minutes=1))
        await attempt(post, order.job_id)
        cancel(post, order)
        given_back(post)
        post.clock.advance(MORNING - NIGHT)
        (later,) = [job for job in post.jobs(SEND) if job.id != order.job_id]
        await attempt(post, later.id)
        assert provider.sent == []
        given_back(post)

    async def test_a_notice_that_is_no_advertising_goes_out_at_night(
        self, post: Post, provider: Provider
    ) -> None:
        post.clock.advance(NIGHT - DAY)
        await post.run(post.place(2).job_id)
        assert len(provider.sent) == 2

    async def test_another_academys_order_never_goes_out_by_this_ones_job(
        self, post: Post, provider: Provider
    ) -> None:
        order = post.place(3)
        second_academy(post)
        post.plain.run_sync(
            lambda tx: submit(
                tx,
                post.types,
                job_id="foreign",
                tenant_id="t2",
                type_name=SEND,
                payload=SendOrder(order_id=order.id),
                idempotency_key="foreign",
            )
        )
        job = await attempt(post, "foreign")
        assert (job.state, job.failure and job.failure.code) == (JobState.FAILED, "order_gone")
        assert provider.sent == []
        assert post.states(order) == {MessageState.QUEUED: 3}
        assert post.balance().reserved == 3 * PRICE

    async def test_two_academies_send_under_their_own_numbers_and_pay_for_their_own(
        self, post: Post, provider: Provider
    ) -> None:
        second_academy(post)
        mine = post.place(2)
        asked = replace(post.request(3), tenant_id="t2")
        theirs = post.plain.run_sync(lambda tx: post.orders.place(tx, asked))
        await post.run(theirs.job_id)
        await post.run(mine.job_id)
        assert Counter(text.sender for text in provider.sent) == {SENDER: 2, "0311112222": 3}
        assert post.balance().spent == 2 * PRICE
        assert post.plain.read_sync(lambda tx: tx.credits.balance("t2")).spent == 3 * PRICE


def second_academy(post: Post) -> None:
    settings = replace(post.settings(sender="0311112222"), tenant_id="t2")
    post.plain.run_sync(lambda tx: tx.tenants.add("t2", "t2", "다른학원"))
    post.plain.run_sync(lambda tx: tx.messaging.save(settings))
    post.plain.run_sync(lambda tx: tx.credits.transfer("t2", TransferKind.TOP_UP, {"": 1000}))


@pytest.mark.requirement("MSG-1", "MSG-2")
class TestRefusedByTheProvider:
    async def test_a_refused_number_fails_with_its_reason_and_costs_nothing(
        self, post: Post, provider: Provider
    ) -> None:
        provider.refuse = {"01012340001": BARRED, "01012340004": BARRED}
        order = post.place(6)
        assert (await attempt(post, order.job_id)).state is JobState.SUCCEEDED
        assert post.states(order) == {MessageState.SENT: 4, MessageState.FAILED: 2}
        failed = {each.to: each.failure for each in post.messages(order) if each.state is MessageState.FAILED}
        assert failed == {"01012340001": BARRED, "01012340004": BARRED}
        assert (post.balance().spent, post.balance().reserved) == (4 * PRICE, 0)
        assert post.order(order).state is OrderState.DONE

    async def test_where_all_are_refused_nothing_is_sent(self, post: Post, provider: Provider) -> None:
        provider.refuse = {f"0101234{n:04d}": BARRED for n in range(3)}
        order = post.place(3)
        await post.run(order.job_id)
        assert provider.sent == []
        assert post.states(order) == {MessageState.FAILED: 3}
        given_back(post)

    @pytest.mark.parametrize("step", ["open", "add", "send"])
    async def test_out_of_balance_is_tried_again_and_nothing_is_lost_or_paid_meanwhile(
        self, post: Post, provider: Provider, step: str
    ) -> None:
        provider.errors[step] = [ProviderRefused(NO_BALANCE)]
        order = post.place(5)
        job = await attempt(post, order.job_id)
        assert (job.state, job.failure and job.failure.code) == (JobState.RETRY_WAIT, "provider_balance")
        assert provider.sent == []
        assert post.states(order) == {MessageState.QUEUED: 5}
        assert (post.balance().reserved, post.balance().spent) == (5 * PRICE, 0)
        post.clock.advance(timedelta(minutes=10))
        assert (await attempt(post, order.job_id)).state is JobState.SUCCEEDED
        assert Counter(text.to for text in provider.sent) == {f"0101234{n:04d}": 1 for n in range(5)}
        assert (post.balance().reserved, post.balance().spent) == (0, 5 * PRICE)

    @pytest.mark.parametrize("step", ["open", "add", "send"])
    async def test_a_lasting_refusal_fails_that_batch_alone(
        self, post: Post, provider: Provider, step: str
    ) -> None:
        provider.errors[step] = [ProviderRefused(NO_TEMPLATE)]
        order = post.place(5)
        assert (await attempt(post, order.job_id)).state is JobState.SUCCEEDED
        assert post.states(order) == {MessageState.SENT: 2, MessageState.FAILED: 3}
        assert reasons(post, order) == {"template_unknown"}
        assert (post.balance().reserved, post.balance().spent) == (0, 2 * PRICE)

    @pytest.mark.parametrize("step", ["open", "add", "send"])
    def test_a_busy_provider_is_waited_for_as_long_as_it_says(
        self, post: Post, provider: Provider, step: str
    ) -> None:
        provider.errors[step] = [ProviderBusy("429", timedelta(seconds=30))] * 2
        order = post.place(5)
        leaping(post.clock, lambda: post.run(order.job_id))
        assert timedelta(seconds=60) <= post.clock.now() - DAY < timedelta(seconds=61)
        assert Counter(text.to for text in provider.sent) == {f"0101234{n:04d}": 1 for n in range(5)}
        assert post.order(order).state is OrderState.DONE
        assert (post.balance().reserved, post.balance().spent) == (0, 5 * PRICE)
