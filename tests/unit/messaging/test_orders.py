"""Ordering: what is refused, and what is reserved for what is not (MSG-2, MSG-4, MSG-6)."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.unit.messaging.handling import cancel, due, save
from tests.unit.messaging.post import DAY, PRICE, SENDER, TENANT, Post, open_post, recipient

from academy.application.errors import Conflict, NotFound, Refused
from academy.application.messaging.names import SEND
from academy.application.messaging.orders import RecipientsRefused
from academy.domain.job.states import JobState
from academy.domain.korea import KST
from academy.domain.messaging.channel import Channel, Prices
from academy.domain.messaging.compose import Recipient
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import MessageState, Order, OrderState
from academy.domain.messaging.template import Approval, MessageTemplate

QUEUE = "academy-messaging-jobs"
AD = "(광고) 특강 무료수신거부 0801234567"
LONG = "가" * 46


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post() as opened:
        yield opened


def template(
    post: Post, approval: Approval = Approval.APPROVED, kakao: str = "tpl-1", tenant: str = TENANT
) -> str:
    made = MessageTemplate("tm1", tenant, "결석", "#{이름} 결석", kakao, approval, DAY, DAY)
    post.plain.run_sync(lambda tx: tx.messaging.save_template(made))
    return made.id


def nothing_written(post: Post, available: int = 100_000) -> None:
    assert not post.plain.read_sync(lambda tx: tx.messages.orders(TENANT, None, "", 10)).items
    assert not post.jobs(SEND)
    assert due(post) == 0
    balance = post.balance()
    assert (balance.available, balance.reserved, balance.spent) == (available, 0, 0)


@dataclass(frozen=True)
class Refusal:
    code: str
    kind: type[Refused] = Refused
    text: str = "결석"
    people: Sequence[Recipient] = (recipient(1),)
    more: tuple[tuple[str, Any], ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()


NIGHT = datetime(2026, 3, 2, 21, 0, tzinfo=KST)
REFUSALS = [
    Refusal("messaging_off", Conflict, settings=(("enabled", False),)),
    Refusal("send_at_past", more=(("send_at", DAY - timedelta(seconds=1)),)),
    Refusal("advertising_at_night", text=AD, more=(("advertising", True), ("send_at", NIGHT))),
    Refusal("recipients_invalid", people=(recipient(1), Recipient("02-123-4567"))),
    Refusal("advertising_unmarked", text="특강", more=(("advertising", True),)),
    Refusal("variables_missing", text="#{이름}"),
    Refusal("variable_malformed", text="#{이름 님"),
    Refusal("text_too_long", text="가" * 1001),
    Refusal("text_not_encodable", text="😀"),
    Refusal("text_empty", text=""),
    Refusal("no_recipients", people=()),
    Refusal("no_recipients", people=(Recipient("x"),), more=(("skip_invalid", True),)),
]


@pytest.mark.requirement("MSG-4", "MSG-6")
class TestRefusals:
    @pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
    def test_what_is_refused_leaves_no_trace(self, post: Post, refusal: Refusal) -> None:
        save(post, **dict(refusal.settings))
        with pytest.raises(Refused) as caught:
            post.place(refusal.people, refusal.text, **dict(refusal.more))
        assert isinstance(caught.value, refusal.kind)
        assert isinstance(caught.value, Conflict) is (refusal.kind is Conflict)
        assert caught.value.failure.code == refusal.code
        assert caught.value.failure.message_ko
        nothing_written(post)

    def test_advertising_now_is_refused_at_night(self, post: Post) -> None:
        post.clock.advance(NIGHT - DAY)
        with pytest.raises(Refused, match="advertising_at_night"):
            post.place(1, AD, advertising=True)
        nothing_written(post)

    def test_an_academy_without_settings_sends_nothing(self, post: Post) -> None:
        post.plain.run_sync(lambda tx: tx.tenants.add("t2", "t2", "다른학원"))
        with pytest.raises(Conflict, match="messaging_not_set_up"):
            post.plain.run_sync(lambda tx: post.orders.place(tx, replace(post.request(), tenant_id="t2")))

    @pytest.mark.parametrize(
        ("approval", "code"),
        [(Approval.PENDING, "template_not_approved"), (Approval.REJECTED, "template_rejected")],
    )
    def test_a_template_that_is_not_approved_is_refused(
        self, post: Post, approval: Approval, code: str
    ) -> None:
        save(post, kakao_channel="pf-1", alimtalk_first=True)
        with pytest.raises(Conflict, match=code) as caught:
            post.place([recipient(1, 이름="민수")], "", template_id=template(post, approval))
        for text in (caught.value.failure.message, caught.value.failure.message_ko):
            assert "template_id" in text
        nothing_written(post)

    @pytest.mark.parametrize("approval", [Approval.PENDING, Approval.REJECTED])
    @pytest.mark.parametrize(
        "settings",
        [{"kakao_channel": "", "alimtalk_first": True}, {"kakao_channel": "pf-1", "alimtalk_first": False}],
    )
    def test_what_does_not_go_by_alimtalk_needs_no_approval(
        self, post: Post, approval: Approval, settings: dict[str, Any]
    ) -> None:
        save(post, **settings)
        order = post.place([recipient(1, 이름="민수")], "", template_id=template(post, approval))
        (message,) = post.messages(order)
        assert (message.channel, message.fallback, message.kakao_template_id) == (Channel.SMS, None, "")

    def test_no_template_and_one_of_another_academy_are_not_there(self, post: Post) -> None:
        foreign = template(post, tenant="t2")
        for name in ("none", foreign):
            with pytest.raises(NotFound):
                post.place(1, "", template_id=name)
        nothing_written(post)

    def test_a_refusal_names_the_places_of_those_who_cannot_be_sent_to(self, post: Post) -> None:
        people = [recipient(1), Recipient("02-123-4567"), recipient(2), Recipient("")]
        with pytest.raises(RecipientsRefused) as caught:
            post.place(people)
        found = [(at, failure.code) for at, failure in caught.value.problems]
        assert found == [(1, "phone_landline"), (3, "phone_missing")]
        for text in (caught.value.failure.message, caught.value.failure.message_ko):
            assert "skip_invalid" in text
            assert "2" in text

    def test_no_refusal_holds_a_number(self, post: Post) -> None:
        with pytest.raises(Refused) as caught:
            post.place([Recipient("010-9876-54")])
        assert "9876" not in f"{caught.value!s}{caught.value!r}{caught.value.failure}"

    def test_preview_says_what_would_be_and_writes_nothing(self, post: Post) -> None:
        asked = post.request([recipient(1), recipient(1), Recipient("x")])
        made = post.plain.run_sync(lambda tx: post.orders.preview(tx, asked))
        assert (len(made.drafts), made.duplicates, [at for at, _ in made.problems]) == (1, [1], [2])
        assert made.cost == PRICE
        nothing_written(post)


@pytest.mark.requirement("MSG-2", "MSG-6")
class TestPlacing:
    def test_an_order_its_messages_its_price_and_its_job_are_one(self, post: Post) -> None:
        order = post.place(3, title="공지", by="u1")
        assert (order.state, order.total, order.sender, order.title) == (
            OrderState.WAITING,
            3,
            SENDER,
            "공지",
        )
        assert post.states(order) == {MessageState.QUEUED: 3}
        assert {(each.channel, each.price) for each in post.messages(order)} == {(Channel.SMS, PRICE)}
        assert (post.balance().available, post.balance().reserved) == (100_000 - 3 * PRICE, 3 * PRICE)
        (job,) = post.jobs(SEND)
        assert (job.id, job.state, job.payload) == (order.job_id, JobState.PENDING, {"order_id": order.id})
        assert due(post) == 1

    def test_the_price_is_that_of_the_moment_of_ordering(self, post: Post) -> None:
        before = post.place(2)
        save(post, prices=Prices(500, 600, 700))
        after = post.place(1)
        assert post.balance().reserved == 2 * PRICE + 500
        asyncio.run(post.run(before.job_id))
        assert (post.balance().spent, post.balance().reserved) == (2 * PRICE, 500)
        asyncio.run(post.run(after.job_id))
        assert (post.balance().spent, post.balance().reserved) == (2 * PRICE + 500, 0)

    def test_credit_to_the_last_won_is_enough_and_one_won_less_is_not(self, post: Post) -> None:
        def leave(won: int) -> None:
            spare = post.balance().available - won
            post.plain.run_sync(lambda tx: tx.credits.transfer(TENANT, TransferKind.WITHDRAW, {"": spare}))

        leave(10 * PRICE)
        with pytest.raises(Conflict, match="credit_exhausted") as refused:
            post.place(1200)
        assert "12,000 won" in refused.value.failure.message
        assert "100 won" in refused.value.failure.message
        assert "12,000원" in refused.value.failure.message_ko
        assert "100원" in refused.value.failure.message_ko
        nothing_written(post, available=10 * PRICE)
        leave(5 * PRICE)
        order = post.place(5)
        assert (post.balance().available, post.balance().reserved) == (0, 5 * PRICE)
        cancel(post, order)
        leave(5 * PRICE - 1)
        with pytest.raises(Conflict, match="credit_exhausted"):
            post.place(5)
        assert (post.balance().available, post.balance().reserved) == (5 * PRICE - 1, 0)
        assert len(post.jobs(SEND)) == 1

    def test_free_messages_need_no_credit(self, post: Post) -> None:
        save(post, prices=Prices(0, 0, 0))
        order = post.place(3)
        asyncio.run(post.run(order.job_id))
        assert post.states(order) == {MessageState.SENT: 3}
        assert (post.balance().spent, post.balance().reserved) == (0, 0)

    def test_ten_thousand_times_the_same_is_one_message(self, post: Post) -> None:
        spellings = ("010-1234-5678", "+82 10 1234 5678", "01012345678", "1012345678")
        order = post.place([Recipient(spellings[n % 4]) for n in range(10_000)])
        assert order.total == 1
        assert [each.to for each in post.messages(order)] == ["01012345678"]
        assert post.balance().reserved == PRICE

    def test_recipients_that_cannot_be_sent_to_are_left_out_when_asked_for(self, post: Post) -> None:
        order = post.place(
            [recipient(1), Recipient("02-123-4567"), Recipient(""), recipient(2)], skip_invalid=True
        )
        assert sorted(each.to for each in post.messages(order)) == ["01012340001", "01012340002"]
        assert post.balance().reserved == 2 * PRICE

    def test_who_refused_advertising_is_left_out_and_not_paid_for(self, post: Post) -> None:
        post.plain.run_sync(lambda tx: tx.messaging.opt_out(TENANT, "01012340001"))
        order = post.place(3, AD, advertising=True)
        assert sorted(each.to for each in post.messages(order)) == ["01012340000", "01012340002"]
        assert post.balance().reserved == 2 * PRICE
        assert post.place(3).total == 3

    def test_alimtalk_reserves_the_price_of_the_dearer_way(self, post: Post) -> None:
        save(post, kakao_channel="pf-1", alimtalk_first=True)
        order = post.place([recipient(1, 이름="민수")], "", template_id=template(post))
        (message,) = post.messages(order)
        assert (message.channel, message.fallback) == (Channel.ALIMTALK, Channel.SMS)
        assert (message.text, message.kakao_template_id) == ("민수 결석", "tpl-1")
        assert (message.price, post.balance().reserved) == (PRICE, PRICE)

    def test_a_long_text_costs_what_an_lms_costs(self, post: Post) -> None:
        post.place(1, LONG)
        assert post.balance().reserved == 30

    def test_one_order_id_is_one_order(self, post: Post) -> None:
        asked = post.request(2)
        first = post.plain.run_sync(lambda tx: post.orders.place(tx, asked, "o-1"))
        again = post.plain.run_sync(lambda tx: post.orders.place(tx, replace(asked, text="다른 말"), "o-1"))
        assert first == again
        assert post.balance().reserved == 2 * PRICE
        assert (len(post.jobs(SEND)), due(post)) == (1, 1)

    def test_one_order_id_asked_for_at_the_same_moment_is_paid_once(self, post: Post) -> None:
        """Both looked before either wrote: what the database says when the second writes decides."""
        asked = post.request(2)
        first = post.plain.run_sync(lambda tx: post.orders.place(tx, asked, "o-1"))
        second = post.plain.run_sync(lambda tx: post.orders.place(Blind(tx), asked, "o-1"))  # type: ignore[arg-type]
        assert first == second
        assert (post.balance().reserved, due(post)) == (2 * PRICE, 1)
        assert post.states(first) == {MessageState.QUEUED: 2}

    def test_another_academys_order_id_is_neither_shown_nor_touched(self, post: Post) -> None:
        asked = post.request(2)
        post.plain.run_sync(lambda tx: post.orders.place(tx, asked, "o-1"))
        post.plain.run_sync(lambda tx: tx.tenants.add("t2", "t2", "다른학원"))
        post.plain.run_sync(lambda tx: tx.messaging.save(replace(post.settings(), tenant_id="t2")))
        post.plain.run_sync(lambda tx: tx.credits.transfer("t2", TransferKind.TOP_UP, {"": 1000}))
        with pytest.raises(ValueError, match="another academy"):
            post.plain.run_sync(lambda tx: post.orders.place(tx, replace(asked, tenant_id="t2"), "o-1"))
        assert post.plain.read_sync(lambda tx: tx.credits.balance("t2")).available == 1000


class Blind:
    """A transaction that, at its first look, does not see the order that another one is about to commit."""

    def __init__(self, tx: Any) -> None:
        self._tx = tx
        self._looks = 0

    def __getattr__(self, name: str) -> Any:
        return self if name == "messages" else getattr(self._tx, name)

    def order(self, *given: Any, **named: Any) -> Order | None:
        self._looks += 1
        found: Order | None = self._tx.messages.order(*given, **named)
        return None if self._looks == 1 else found

    def add(self, *given: Any) -> bool:
        added: bool = self._tx.messages.add(*given)
        return added
