"""What a message with two ways costs in the end: that of the way it went, as the provider says (MSG-1, MSG-2)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from tests.unit.messaging.handling import save
from tests.unit.messaging.post import TENANT, Post, open_post, recipient
from tests.unit.messaging.test_orders import template
from tests.unit.messaging.test_reports import UNREACHED

from academy.application.messaging.log import report
from academy.application.messaging.names import REPORTS
from academy.application.ports.message_provider import Carried, CarriedState
from academy.domain.messaging.channel import Channel, Prices
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import Message, MessageState, Order
from academy.infrastructure.memory.message_provider import MemoryMessageProvider

pytestmark = pytest.mark.requirement("MSG-1", "MSG-2")
SMS, LMS, ALIMTALK = 20, 40, 15
DELIVERED, UNDELIVERED = CarriedState.DELIVERED, CarriedState.UNDELIVERED


class Carrier(MemoryMessageProvider):
    """Reports every message as it is told to, and by which way it went."""

    def __init__(self) -> None:
        super().__init__()
        self.said: tuple[CarriedState, Channel | None] = (CarriedState.TAKEN, None)

    async def outcomes(self, group: str) -> Mapping[str, Carried]:
        state, way = self.said
        failure = UNREACHED if state is UNDELIVERED else None
        found = await super().outcomes(group)
        return {key: replace(one, state=state, channel=way, failure=failure) for key, one in found.items()}


@pytest.fixture
def carrier() -> Carrier:
    return Carrier()


@pytest.fixture
def post(carrier: Carrier) -> Iterator[Post]:
    with open_post(provider=carrier) as opened:
        prices = Prices(SMS, LMS, ALIMTALK)
        save(opened, kakao_channel="pf-1", alimtalk_first=True, prices=prices)
        yield opened


async def reported(post: Post, carrier: Carrier, state: CarriedState, way: Channel | None) -> Order:
    """Order an AlimTalk with an SMS as second try, send it, and take the carrier's report twice."""
    order = post.place([recipient(1, 이름="민수")], "", template_id=template(post))
    await post.run(order.job_id)
    assert post.balance().spent == max(SMS, ALIMTALK)
    (asking,) = post.jobs(REPORTS)
    carrier.said = (state, way)
    for _ in range(2):
        await post.run(asking.id)
    return order


def only(post: Post, order: Order) -> Message:
    (message,) = post.messages(order)
    return message


def refunds(post: Post) -> list[int]:
    page = post.plain.read_sync(lambda tx: tx.credits.statement(TENANT, "", 100))
    return [each.amount for each in page.items if each.kind is TransferKind.REFUND]


async def test_each_way_is_remembered_with_its_price_when_it_is_ordered(post: Post) -> None:
    order = post.place([recipient(1, 이름="민수")], "", template_id=template(post))
    save(post, prices=Prices(500, 600, 700))
    message = only(post, order)
    assert (message.channel, message.channel_price) == (Channel.ALIMTALK, ALIMTALK)
    assert (message.fallback, message.fallback_price) == (Channel.SMS, SMS)
    assert (message.price, message.cost, message.went_by) == (SMS, SMS, None)
    plain = only(post, post.place(1))
    assert (plain.channel_price, plain.fallback_price, plain.price) == (500, None, 500)


async def test_alimtalk_that_arrived_costs_what_alimtalk_costs(post: Post, carrier: Carrier) -> None:
    order = await reported(post, carrier, DELIVERED, Channel.ALIMTALK)
    message = only(post, order)
    assert (message.state, message.went_by) == (MessageState.DELIVERED, Channel.ALIMTALK)
    assert (message.price, message.cost) == (SMS, ALIMTALK)
    assert post.balance().spent == ALIMTALK
    assert refunds(post) == [SMS - ALIMTALK]
    told = post.plain.read_sync(lambda tx: report(tx, TENANT, order.id))
    assert (told.cost, told.reserved, told.spent) == (SMS, 0, ALIMTALK)


async def test_alimtalk_that_went_as_an_sms_costs_what_an_sms_costs(post: Post, carrier: Carrier) -> None:
    message = only(post, await reported(post, carrier, DELIVERED, Channel.SMS))
    assert (message.went_by, message.cost) == (Channel.SMS, SMS)
    assert (post.balance().spent, refunds(post)) == (SMS, [])


async def test_where_alimtalk_is_dearer_the_sms_in_its_place_is_the_cheaper_way(
    post: Post, carrier: Carrier
) -> None:
    save(post, kakao_channel="pf-1", alimtalk_first=True, prices=Prices(7, LMS, SMS))
    message = only(post, await reported(post, carrier, DELIVERED, Channel.SMS))
    assert (message.price, message.cost) == (SMS, 7)
    assert (post.balance().spent, refunds(post)) == (7, [SMS - 7])


@pytest.mark.parametrize("way", [None, Channel.LMS])
async def test_a_way_that_is_not_known_or_was_not_ordered_is_no_reason_to_guess(
    post: Post, carrier: Carrier, way: Channel | None
) -> None:
    message = only(post, await reported(post, carrier, DELIVERED, way))
    assert (message.state, message.went_by, message.cost) == (MessageState.DELIVERED, way, SMS)
    assert (post.balance().spent, refunds(post)) == (SMS, [])


@pytest.mark.parametrize("way", [None, Channel.ALIMTALK, Channel.SMS])
async def test_what_did_not_arrive_is_given_back_whole_by_whatever_way(
    post: Post, carrier: Carrier, way: Channel | None
) -> None:
    message = only(post, await reported(post, carrier, UNDELIVERED, way))
    assert (message.state, message.went_by, message.cost) == (MessageState.UNDELIVERED, way, 0)
    assert (post.balance().spent, refunds(post)) == (0, [SMS])


async def test_where_both_ways_cost_the_same_nothing_moves(post: Post, carrier: Carrier) -> None:
    save(post, kakao_channel="pf-1", alimtalk_first=True, prices=Prices(SMS, LMS, SMS))
    await reported(post, carrier, DELIVERED, Channel.ALIMTALK)
    assert (post.balance().spent, refunds(post)) == (SMS, [])


async def test_ways_are_told_apart_within_one_batch(post: Post, carrier: Carrier) -> None:
    people = [recipient(n, 이름=f"학생 {n}") for n in range(3)]
    order = post.place(people, "", template_id=template(post))
    await post.run(order.job_id)
    carrier.said = (DELIVERED, Channel.ALIMTALK)
    for asking in post.jobs(REPORTS):
        await post.run(asking.id)
    assert sorted(refunds(post)) == [SMS - ALIMTALK] * 3
    assert post.balance().spent == 3 * ALIMTALK
