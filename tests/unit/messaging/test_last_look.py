"""What changes between the order and the sending counts: who opted out, whose channel and template it is, the night (MSG-1, MSG-4)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from tests.unit.messaging.handling import Provider, cancel, given_back, save
from tests.unit.messaging.post import DAY, PRICE, TENANT, Post, open_post

from academy.application.messaging.names import SEND
from academy.application.ports.message_provider import Carried, OutgoingText
from academy.domain.korea import KST
from academy.domain.messaging.message import MessageState, Order, OrderState
from academy.domain.messaging.template import Approval, MessageTemplate

AD = "(광고) 특강 무료수신거부 0801234567"
LATE = datetime(2026, 3, 2, 20, 57, 59, tzinfo=KST)
"""The last second in which advertising may leave."""
S = MessageState


class Slow(Provider):
    """Does something when a group is filled, before it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], object]] = []

    async def add(self, group: str, messages: Sequence[OutgoingText]) -> Mapping[str, Carried]:
        said = await super().add(group, messages)
        while self.meanwhile:
            self.meanwhile.pop()()
        return said


@pytest.fixture
def provider() -> Slow:
    return Slow()


@pytest.fixture
def post(provider: Slow) -> Iterator[Post]:
    with open_post(provider=provider) as opened:
        yield opened


def opt_out(post: Post, number: int) -> None:
    post.plain.run_sync(lambda tx: tx.messaging.opt_out(TENANT, f"0101234{number:04d}"))


@pytest.mark.requirement("MSG-4")
class TestOptedOutMeanwhile:
    async def test_who_opts_out_after_the_order_gets_no_advertising(self, post: Post, provider: Slow) -> None:
        order = post.place(7, AD, advertising=True, send_at=DAY + timedelta(hours=1))
        for number in (1, 3, 4, 5):
            opt_out(post, number)
        post.clock.advance(3600)
        await post.run(order.job_id)
        assert [text.to[-1] for text in provider.sent] == ["0", "2", "6"]
        assert post.states(order) == {S.SENT: 3, S.CANCELLED: 4}
        whys = {each.failure.code for each in post.messages(order) if each.failure}
        assert whys == {"recipient_opted_out"}
        assert (post.balance().reserved, post.balance().spent) == (0, 3 * PRICE)
        assert post.order(order).state is OrderState.DONE

    async def test_an_order_that_nobody_wants_any_more_ends(self, post: Post, provider: Slow) -> None:
        order = post.place(4, AD, advertising=True)
        for number in range(4):
            opt_out(post, number)
        await post.run(order.job_id)
        assert provider.sent == []
        assert (post.states(order), post.order(order).state) == ({S.CANCELLED: 4}, OrderState.DONE)
        given_back(post)

    async def test_who_opts_out_while_the_group_is_filled_gets_none_either(
        self, post: Post, provider: Slow
    ) -> None:
        order = post.place(3, AD, advertising=True)
        provider.meanwhile.append(lambda: opt_out(post, 1))
        await post.run(order.job_id)
        assert [text.to[-1] for text in provider.sent] == ["0", "2"]
        assert post.states(order) == {S.SENT: 2, S.CANCELLED: 1}
        assert (post.balance().reserved, post.balance().spent) == (0, 2 * PRICE)

    async def test_what_is_no_advertising_reaches_them_all_the_same(self, post: Post, provider: Slow) -> None:
        order = post.place(2)
        opt_out(post, 1)
        await post.run(order.job_id)
        assert len(provider.sent) == 2


def template(post: Post, approval: Approval = Approval.APPROVED, kakao: str = "TP1") -> None:
    made = MessageTemplate("tpl", TENANT, "결석", "결석", kakao, approval, DAY, DAY)
    post.plain.run_sync(lambda tx: tx.messaging.save_template(made))


def by_alimtalk(post: Post) -> Order:
    save(post, kakao_channel="PF1", alimtalk_first=True)
    template(post)
    return post.place(4, "", template_id="tpl")


@pytest.mark.requirement("MSG-1")
class TestAlimTalkMeanwhile:
    async def test_as_it_was_ordered_it_goes_out(self, post: Post, provider: Slow) -> None:
        order = by_alimtalk(post)
        await post.run(order.job_id)
        assert {(text.kakao_channel, text.kakao_template_id) for text in provider.sent} == {("PF1", "TP1")}

    @pytest.mark.parametrize("channel", ["", "PF2"])
    async def test_a_channel_that_is_no_longer_the_academys_sends_nothing(
        self, post: Post, provider: Slow, channel: str
    ) -> None:
        order = by_alimtalk(post)
        save(post, kakao_channel=channel, alimtalk_first=True)
        await failed(post, provider, order, "kakao_channel_changed")

    @pytest.mark.parametrize("approval", [Approval.REJECTED, Approval.PENDING])
    async def test_a_template_that_is_no_longer_approved_sends_nothing(
        self, post: Post, provider: Slow, approval: Approval
    ) -> None:
        order = by_alimtalk(post)
        template(post, approval)
        await failed(post, provider, order, "template_not_approved")

    async def test_a_template_that_was_removed_sends_nothing(self, post: Post, provider: Slow) -> None:
        order = by_alimtalk(post)
        post.plain.run_sync(lambda tx: tx.messaging.remove_template(TENANT, "tpl"))
        await failed(post, provider, order, "template_not_approved")

    async def test_a_template_of_another_approved_one_is_none(self, post: Post, provider: Slow) -> None:
        order = by_alimtalk(post)
        template(post, kakao="TP2")
        await failed(post, provider, order, "template_not_approved")

    async def test_texts_go_out_whatever_becomes_of_the_channel(self, post: Post, provider: Slow) -> None:
        save(post, kakao_channel="PF1", alimtalk_first=True)
        order = post.place(2)
        save(post, kakao_channel="PF2", alimtalk_first=True)
        await post.run(order.job_id)
        assert len(provider.sent) == 2

    async def test_what_changes_while_the_group_is_filled_counts(self, post: Post, provider: Slow) -> None:
        order = by_alimtalk(post)
        provider.meanwhile.append(lambda: template(post, Approval.REJECTED))
        await failed(post, provider, order, "template_not_approved")


async def failed(post: Post, provider: Slow, order: Order, code: str) -> None:
    await post.run(order.job_id)
    assert provider.sent == []
    assert {each.failure.code for each in post.messages(order) if each.failure} == {code}
    assert (post.states(order), post.order(order).state) == ({S.FAILED: 4}, OrderState.DONE)
    given_back(post)


@pytest.mark.requirement("MSG-4")
class TestTheNightMeanwhile:
    @pytest.mark.parametrize(("wait", "sent"), [(0, 2), (1, 0), (120, 0), (600, 0)])
    async def test_a_provider_that_takes_long_does_not_send_into_the_night(
        self, post: Post, provider: Slow, wait: int, sent: int
    ) -> None:
        post.clock.advance(LATE - DAY)
        order = post.place(2, AD, advertising=True)
        provider.meanwhile.append(lambda: post.clock.advance(timedelta(seconds=wait)))
        await post.run(order.job_id)
        assert len(provider.sent) == sent
        assert post.states(order) == ({S.SENT: 2} if sent else {S.QUEUED: 2})
        if not sent:
            (again,) = [job for job in post.jobs(SEND) if job.id != order.job_id]
            post.clock.advance(timedelta(hours=12))
            await post.run(again.id)
            assert post.states(order) == {S.SENT: 2}
            assert post.balance().spent == 2 * PRICE

    async def test_what_is_no_advertising_goes_out_at_night(self, post: Post, provider: Slow) -> None:
        post.clock.advance(LATE - DAY)
        order = post.place(2)
        provider.meanwhile.append(lambda: post.clock.advance(timedelta(hours=1)))
        await post.run(order.job_id)
        assert len(provider.sent) == 2


@pytest.mark.requirement("MSG-4")
async def test_an_order_that_is_called_off_while_the_group_is_filled_is_called_back(
    post: Post, provider: Slow
) -> None:
    order = post.place(5)
    provider.meanwhile.append(lambda: cancel(post, order))
    await post.run(order.job_id)
    assert provider.sent == []
    assert (post.states(order), post.order(order).state) == ({S.CANCELLED: 5}, OrderState.CANCELLED)
    given_back(post)
