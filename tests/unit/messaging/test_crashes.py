"""A worker that is killed, frozen or cut off at any step of sending: every message goes out once, and is paid once (MSG-2, MSG-3)."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from tests.unit.messaging.post import PRICE, Post, open_post

from academy.application.errors import WorkFailed
from academy.application.messaging.names import SEND, SETTLE
from academy.application.ports.message_provider import ProviderUnavailable
from academy.domain.messaging.message import MessageState, Order, OrderState
from academy.infrastructure.memory.message_provider import MemoryMessageProvider

pytestmark = [pytest.mark.requirement("MSG-2"), pytest.mark.requirement("MSG-3")]
PEOPLE = 7
STEPS = 40
"""More than sending takes; a step that never comes leaves the run whole, which is seen as well."""


class Killed(BaseException):
    """The process is gone."""


class Steps:
    """Counts the calls to database and provider, and does something at one of them, before or after its effect."""

    def __init__(self, at: int, when: str, act: Callable[[], Awaitable[None]]) -> None:
        self.at, self.when, self.act = at, when, act
        self.taken = 0

    async def through(self, call: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> Any:
        self.taken += 1
        mine = self.taken == self.at
        if mine and self.when == "before":
            await self.act()
        answer = await call(*given, **named)
        if mine and self.when == "after":
            await self.act()
        return answer


class Stepped:
    """A port whose asynchronous calls are steps."""

    def __init__(self, inner: Any, steps: Steps, names: frozenset[str]) -> None:
        self._inner, self._steps, self._names = inner, steps, names

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._names:
            return found
        return lambda *given, **named: self._steps.through(found, *given, **named)


PROVIDER = frozenset({"open", "add", "send", "withdraw", "outcomes"})
DATABASE = frozenset({"run", "read"})


def stepped(
    post: Post, at: int, when: str, act: Callable[[], Awaitable[None]], *, provider_only: bool
) -> Steps:
    steps = Steps(at, when, act)
    post.provider = Stepped(post.provider, steps, PROVIDER)
    if not provider_only:
        post.database = Stepped(post.plain, steps, DATABASE)
    return steps


async def work_off(post: Post, provider: MemoryMessageProvider) -> None:
    """Let a healthy worker do what is left, as often as there is something."""
    post.provider, post.database = provider, post.plain
    for _ in range(3):
        for kind in (SETTLE, SEND):
            for job in post.jobs(kind):
                await post.run(job.id)


def once_each(post: Post, provider: MemoryMessageProvider, order: Order) -> None:
    assert Counter(text.to for text in provider.sent) == Counter(f"0101234{n:04d}" for n in range(PEOPLE))
    assert post.states(order) == {MessageState.SENT: PEOPLE}
    assert all(message.provider_id for message in post.messages(order))
    assert post.order(order).state is OrderState.DONE
    balance = post.balance()
    assert (balance.reserved, balance.spent) == (0, PEOPLE * PRICE)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, STEPS))
async def test_a_kill_at_any_step_sends_nothing_twice_and_loses_nothing(at: int, when: str) -> None:
    async def die() -> None:
        raise Killed

    provider = MemoryMessageProvider()
    with open_post(provider=provider) as post:
        order = post.place(PEOPLE)
        stepped(post, at, when, die, provider_only=False)
        try:
            await post.run(order.job_id)
        except Killed:
            post.balance()
        await work_off(post, provider)
        once_each(post, provider, order)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, STEPS))
async def test_a_worker_that_freezes_at_any_step_and_comes_back_sends_nothing_twice(
    at: int, when: str
) -> None:
    frozen, thaw = asyncio.Event(), asyncio.Event()

    async def freeze() -> None:
        frozen.set()
        await thaw.wait()

    provider = MemoryMessageProvider()
    with open_post(provider=provider) as post:
        order = post.place(PEOPLE)
        stepped(post, at, when, freeze, provider_only=False)
        zombie = asyncio.create_task(post.run(order.job_id))
        waiting = asyncio.create_task(frozen.wait())
        await asyncio.wait({zombie, waiting}, return_when=asyncio.FIRST_COMPLETED)
        await work_off(post, provider)
        once_each(post, provider, order)
        thaw.set()
        waiting.cancel()
        await asyncio.gather(zombie, return_exceptions=True)
        await work_off(post, provider)
        once_each(post, provider, order)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, STEPS // 2))
async def test_an_answer_of_the_provider_that_is_lost_is_asked_for_and_not_guessed(
    at: int, when: str
) -> None:
    async def lose() -> None:
        raise ProviderUnavailable("no answer")

    provider = MemoryMessageProvider()
    with open_post(provider=provider) as post:
        order = post.place(PEOPLE)
        stepped(post, at, when, lose, provider_only=True)
        with suppress(WorkFailed):
            await post.run(order.job_id)
        balance = post.balance()
        open_ones = sum(
            post.states(order).get(state, 0)
            for state in (MessageState.QUEUED, MessageState.SENDING, MessageState.AMBIGUOUS)
        )
        assert balance.reserved == open_ones * PRICE
        await work_off(post, provider)
        once_each(post, provider, order)


class Away(MemoryMessageProvider):
    """Sends, loses the answer, and then cannot be asked."""

    async def send(self, group: str) -> None:
        await super().send(group)
        raise ProviderUnavailable("reply lost")

    async def withdraw(self, group: str) -> bool:
        raise ProviderUnavailable("away")


async def test_messages_are_ambiguous_while_nobody_can_say_and_never_sent_again_meanwhile() -> None:
    provider = Away()
    with open_post(provider=provider, batch=10) as post:
        order = post.place(PEOPLE)
        for _ in range(3):
            with pytest.raises(WorkFailed) as failed:
                await post.run(order.job_id)
            assert failed.value.failure.costs_attempt is False
        assert post.states(order) == {MessageState.AMBIGUOUS: PEOPLE}
        assert (post.balance().reserved, len(provider.sent)) == (PEOPLE * PRICE, PEOPLE)
        (settling,) = post.jobs(SETTLE)
        with pytest.raises(WorkFailed):
            await post.run(settling.id)
        healthy = MemoryMessageProvider()
        healthy.sent, healthy._groups = provider.sent, provider._groups
        await work_off(post, healthy)
        once_each(post, healthy, order)
