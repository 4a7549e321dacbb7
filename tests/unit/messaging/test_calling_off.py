"""Reservations, and calling off: before, in the middle, twice (MSG-2, MSG-4)."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.unit.messaging.handling import cancel, given_back
from tests.unit.messaging.post import DAY, PRICE, TENANT, Post, open_post
from tests.unit.messaging.test_crashes import STEPS, stepped

from academy.application.errors import Conflict, NotFound, WorkFailed
from academy.application.jobs.relay import OutboxRelay
from academy.application.ports.job_queue import QueueSettings
from academy.application.ports.message_provider import ProviderUnavailable
from academy.application.ports.telemetry import NoTelemetry
from academy.domain.job.states import JobState
from academy.domain.korea import KST
from academy.domain.messaging.message import MessageState, OrderState
from academy.infrastructure.memory.message_provider import MemoryMessageProvider
from academy.infrastructure.memory.queue import MemoryJobQueue

QUEUE = "academy-messaging-jobs"
AD = "(광고) 특강 무료수신거부 0801234567"
NIGHT = datetime(2026, 3, 2, 21, 0, tzinfo=KST)


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post() as opened:
        yield opened


@pytest.mark.requirement("MSG-4")
class TestReservations:
    @pytest.mark.parametrize(
        "ahead", [timedelta(0), timedelta(seconds=1), timedelta(minutes=15), timedelta(days=366)]
    )
    async def test_any_time_from_now_on_and_no_sooner(self, post: Post, ahead: timedelta) -> None:
        queue = MemoryJobQueue(post.clock)
        await queue.create([QueueSettings(QUEUE)])

        async def arrived() -> int:
            await OutboxRelay(post.plain, queue, NoTelemetry()).relay_once()
            return (await queue.depth(QUEUE)).visible

        order = post.place(1, send_at=DAY + ahead)
        assert order.send_at == DAY + ahead
        assert post.balance().reserved == PRICE
        if ahead:
            assert await arrived() == 0
            post.clock.advance(ahead - timedelta(milliseconds=1))
            assert await arrived() == 0
            post.clock.advance(timedelta(milliseconds=1))
        assert await arrived() == 1
        await post.run(order.job_id)
        assert post.states(order) == {MessageState.SENT: 1}

    def test_a_reservation_called_off_is_never_sent(self, post: Post) -> None:
        order = post.place(3, send_at=DAY + timedelta(days=1))
        assert cancel(post, order).state is OrderState.CANCELLED
        assert post.job(order.job_id).state is JobState.CANCELLED
        post.clock.advance(timedelta(days=2))
        asyncio.run(post.run(order.job_id))
        assert sent(post) == []
        assert post.states(order) == {MessageState.CANCELLED: 3}
        given_back(post)

    def test_advertising_can_be_ordered_at_night_for_the_day(self, post: Post) -> None:
        post.clock.advance(NIGHT - DAY)
        morning = datetime(2026, 3, 3, 8, 0, tzinfo=KST)
        assert post.place(1, AD, advertising=True, send_at=morning).send_at == morning


def sent(post: Post) -> list[str]:
    assert isinstance(post.provider, MemoryMessageProvider)
    return [text.to for text in post.provider.sent]


@pytest.mark.requirement("MSG-2", "MSG-4")
class TestCallingOff:
    def test_before_sending_every_won_comes_back(self, post: Post) -> None:
        order = post.place(2500)
        assert post.balance().reserved == 2500 * PRICE
        after = cancel(post, order)
        assert after.state is OrderState.CANCELLED
        assert post.states(order) == {MessageState.CANCELLED: 2500}
        balance = post.balance()
        assert (balance.available, balance.reserved, balance.spent) == (100_000, 0, 0)
        assert post.job(order.job_id).state is JobState.CANCELLED

    def test_twice_is_refused_and_gives_nothing_back_twice(self, post: Post) -> None:
        order = post.place(2)
        cancel(post, order)
        with pytest.raises(Conflict, match="order_already_cancelled") as refused:
            cancel(post, order)
        assert "이미 취소된" in refused.value.failure.message_ko
        assert post.balance().available == 100_000

    async def test_what_is_sent_cannot_be_called_off(self, post: Post) -> None:
        order = post.place(2)
        await post.run(order.job_id)
        with pytest.raises(Conflict, match="order_not_waiting"):
            cancel(post, order)
        assert (post.order(order).state, post.balance().spent) == (OrderState.DONE, 2 * PRICE)

    def test_another_academys_order_is_not_there(self, post: Post) -> None:
        order = post.place(2)
        for tenant, name in (("t2", order.id), (TENANT, "none")):
            with pytest.raises(NotFound):
                post.plain.run_sync(lambda tx, t=tenant, n=name: post.orders.cancel(tx, t, n))  # type: ignore[misc]
        assert post.states(order) == {MessageState.QUEUED: 2}

    @pytest.mark.parametrize(("step", "gone"), [("open", 2), ("add", 2), ("send", 4)])
    async def test_in_the_middle_what_is_sent_is_paid_and_the_rest_is_given_back(
        self, step: str, gone: int
    ) -> None:
        """What the provider only holds is called back; what it was told to send goes out."""
        provider = Waiting(step, batch=2)
        with open_post(provider=provider, batch=2) as post:
            order = post.place(7)
            sending = asyncio.create_task(post.run(order.job_id))
            await provider.reached.wait()
            after = cancel(post, order)
            assert after.state is OrderState.CANCELLED
            assert post.states(order) == {
                MessageState.SENT: 2,
                MessageState.SENDING: 2,
                MessageState.CANCELLED: 3,
            }
            assert (post.balance().spent, post.balance().reserved) == (2 * PRICE, 2 * PRICE)
            provider.go_on.set()
            await sending
            assert len(provider.sent) == gone
            assert post.states(order) == {MessageState.SENT: gone, MessageState.CANCELLED: 7 - gone}
            balance = post.balance()
            assert (balance.spent, balance.reserved) == (gone * PRICE, 0)
            assert balance.available == 100_000 - gone * PRICE
            await post.run(order.job_id)
            assert len(provider.sent) == gone
            assert post.order(order).state is OrderState.CANCELLED

    @pytest.mark.parametrize("step", ["open", "add", "send"])
    async def test_what_comes_back_from_the_provider_after_it_was_called_off_is_not_sent_later(
        self, step: str
    ) -> None:
        provider = Waiting(step, batch=2, fails=True)
        with open_post(provider=provider, batch=2) as post:
            order = post.place(7)
            sending = asyncio.create_task(post.run(order.job_id))
            await provider.reached.wait()
            cancel(post, order)
            provider.go_on.set()
            with pytest.raises(WorkFailed, match="provider_unavailable"):
                await sending
            await post.run(order.job_id)
            assert len(provider.sent) == 2
            assert post.states(order) == {MessageState.SENT: 2, MessageState.CANCELLED: 5}
            assert (post.balance().spent, post.balance().reserved) == (2 * PRICE, 0)

    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize("at", range(1, STEPS))
    async def test_at_any_step_every_message_is_sent_and_paid_or_neither(self, at: int, when: str) -> None:
        """Called off between any two calls to database and provider."""
        done: list[bool] = []

        async def call_off() -> None:
            try:
                cancel(post, order)
            except Conflict:
                done.append(False)
            else:
                done.append(True)

        with open_post(batch=2) as post:
            order = post.place(7)
            stepped(post, at, when, call_off, provider_only=False)
            provider = post.provider
            await post.run(order.job_id)
            gone = [text.to for text in provider.sent]  # type: ignore[attr-defined]
            assert len(set(gone)) == len(gone)
            states = post.states(order)
            assert states.get(MessageState.SENT, 0) == len(gone)
            assert states.get(MessageState.CANCELLED, 0) == 7 - len(gone)
            assert (post.balance().spent, post.balance().reserved) == (len(gone) * PRICE, 0)
            assert (len(gone) < 7) == (True in done)
            assert post.order(order).state is (OrderState.CANCELLED if True in done else OrderState.DONE)


class Waiting(MemoryMessageProvider):
    """Waits, in the second group, before a step; `fails` loses the step then."""

    def __init__(self, step: str, batch: int, *, fails: bool = False) -> None:
        super().__init__()
        self.step, self.batch, self.fails = step, batch, fails
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def _wait(self, step: str) -> None:
        if step == self.step and len(self.sent) == self.batch and not self.go_on.is_set():
            self.reached.set()
            await self.go_on.wait()
            if self.fails:
                raise ProviderUnavailable("cut off")

    async def open(self, reference: str) -> str:
        await self._wait("open")
        return await super().open(reference)

    async def add(self, group: str, messages: Any) -> Any:
        await self._wait("add")
        return await super().add(group, messages)

    async def send(self, group: str) -> None:
        await self._wait("send")
        await super().send(group)
