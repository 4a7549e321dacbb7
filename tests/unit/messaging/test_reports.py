"""What carriers report, and what is paid for it (MSG-2, MSG-5)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.messaging.post import PRICE, TENANT, Post, open_post, recipient

from academy.application.errors import WorkFailed
from academy.application.messaging.names import REPORTS
from academy.application.ports.message_provider import Carried, CarriedState, ProviderUnavailable
from academy.domain.failures import Failure
from academy.domain.messaging.message import MessageState, OrderState
from academy.infrastructure.memory.message_provider import MemoryMessageProvider

pytestmark = [pytest.mark.requirement("MSG-1"), pytest.mark.requirement("MSG-5")]
UNREACHED = Failure("recipient_unreached", "The phone was not reached.", "수신자에게 전달되지 않았습니다.")


class Carrier(MemoryMessageProvider):
    """Reports what it is told to: by number."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: dict[str, CarriedState] = {}
        self.away = False

    async def outcomes(self, group: str) -> Mapping[str, Carried]:
        if self.away:
            raise ProviderUnavailable("away")
        said = dict(await super().outcomes(group))
        for text in self._groups[group].texts.values():
            state = self.reports.get(text.to)
            if state is not None and text.id in said:
                failure = UNREACHED if state is CarriedState.UNDELIVERED else None
                said[text.id] = replace(said[text.id], state=state, failure=failure)
        return said


@pytest.fixture
def carrier() -> Carrier:
    return Carrier()


@pytest.fixture
def post(carrier: Carrier) -> Iterator[Post]:
    with open_post(provider=carrier, batch=10) as opened:
        yield opened


def number(n: int) -> str:
    return f"0101234{n:04d}"


async def test_what_was_delivered_is_paid_and_what_was_not_is_given_back(
    post: Post, carrier: Carrier
) -> None:
    order = post.place(3)
    await post.run(order.job_id)
    (asking,) = post.jobs(REPORTS)
    carrier.reports = {number(0): CarriedState.DELIVERED, number(1): CarriedState.UNDELIVERED}
    with pytest.raises(WorkFailed):
        await post.run(asking.id)
    assert post.states(order) == {
        MessageState.DELIVERED: 1,
        MessageState.UNDELIVERED: 1,
        MessageState.SENT: 1,
    }
    assert (post.balance().spent, post.balance().reserved) == (2 * PRICE, 0)
    failed = next(each for each in post.messages(order) if each.state is MessageState.UNDELIVERED)
    assert failed.failure == UNREACHED
    carrier.reports[number(2)] = CarriedState.DELIVERED
    await post.run(asking.id)
    await post.run(asking.id)
    assert post.states(order)[MessageState.DELIVERED] == 2
    assert post.balance().spent == 2 * PRICE


async def test_reports_of_a_provider_that_is_away_are_asked_for_again(post: Post, carrier: Carrier) -> None:
    order = post.place(1)
    await post.run(order.job_id)
    (asking,) = post.jobs(REPORTS)
    carrier.away = True
    with pytest.raises(WorkFailed) as failed:
        await post.run(asking.id)
    assert failed.value.failure.retryable
    assert post.states(order) == {MessageState.SENT: 1}


async def test_a_phone_that_is_off_for_days_is_asked_about_no_longer(post: Post, carrier: Carrier) -> None:
    order = post.place(1)
    await post.run(order.job_id)
    (asking,) = post.jobs(REPORTS)
    post.clock.advance(timedelta(days=4, seconds=1).total_seconds())
    await post.run(asking.id)
    assert post.states(order) == {MessageState.SENT: 1}
    assert post.balance().spent == PRICE


async def test_one_number_that_is_refused_holds_nobody_up_and_costs_nothing(
    post: Post, carrier: Carrier
) -> None:
    carrier.refuse[number(1)] = Failure("recipient_refused", "The number does not exist.")
    order = post.place([recipient(0), recipient(1), recipient(2)])
    await post.run(order.job_id)
    assert post.states(order) == {MessageState.SENT: 2, MessageState.FAILED: 1}
    assert (post.balance().spent, post.order(order).state) == (2 * PRICE, OrderState.DONE)
    refused = next(each for each in post.messages(order) if each.state is MessageState.FAILED)
    assert refused.failure is not None
    assert refused.failure.code == "recipient_refused"
    assert post.plain.read_sync(lambda tx: tx.messages.open_batches(TENANT, order.id)) == []
