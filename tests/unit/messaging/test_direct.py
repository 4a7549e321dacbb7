"""A message of another system's that is refused before there is an order of it stands in the log all the same (CON-2, MSG-5)."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from tests.unit.messaging.direct import direct, logged
from tests.unit.messaging.handling import attempt, save
from tests.unit.messaging.post import PRICE, TENANT, Post, open_post
from tests.unit.messaging.test_crashes import Killed, stepped

from academy.application.errors import WorkFailed
from academy.application.jobs.submit import revive
from academy.domain.job.states import JobState
from academy.domain.messaging.channel import Channel
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import MessageState, OrderState
from academy.infrastructure.memory.message_provider import MemoryMessageProvider

pytestmark = pytest.mark.requirement("CON-2", "MSG-5")
WON = 100_000
LONG = "가" * 50


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post() as opened:
        yield opened


@pytest.mark.parametrize(
    ("asked", "code", "to", "text", "channel"),
    [
        ({"to": "010-12"}, "phone_malformed", "01012", "결석", Channel.SMS),
        ({"to": "02-1234-5678"}, "phone_landline", "0212345678", "결석", Channel.SMS),
        ({"to": "+82 (0)2-1234-5678"}, "phone_landline", "820212345678", "결석", Channel.SMS),
        ({"to": "엄마"}, "phone_malformed", "", "결석", Channel.SMS),
        ({"to": "１２３ ²"}, "phone_malformed", "1232", "결석", Channel.SMS),
        ({"to": "9" * 40}, "phone_malformed", "9" * 15, "결석", Channel.SMS),
        ({"text": ""}, "text_empty", "01012345678", "", Channel.SMS),
        ({"text": "😀"}, "text_not_encodable", "01012345678", "😀", Channel.SMS),
        ({"text": "#{이름} 결석"}, "variables_missing", "01012345678", "#{이름} 결석", Channel.SMS),
        ({"text": "가" * 1001}, "text_too_long", "01012345678", "가" * 1001, Channel.SMS),
        ({"to": "1", "text": LONG}, "phone_malformed", "1", LONG, Channel.LMS),
        ({"sender": "02-9999-9999"}, "sender_foreign", "01012345678", "결석", Channel.SMS),
        (
            {"use_alimtalk_first": True, "template_id": "none"},
            "template_gone",
            "01012345678",
            "결석",
            Channel.SMS,
        ),
        (
            {"to": "1", "text": "#{이름} 결석", "variables": [{"key": "이름", "value": "민수"}]},
            "phone_malformed",
            "1",
            "민수 결석",
            Channel.SMS,
        ),
    ],
)
async def test_what_is_refused_is_logged_with_its_reason_and_touches_no_credit(
    post: Post, asked: dict[str, Any], code: str, to: str, text: str, channel: Channel
) -> None:
    job = await attempt(post, direct(post, **asked))
    assert (job.state, job.failure and job.failure.code) == (JobState.FAILED, code)
    (message,) = logged(post)
    assert (message.state, message.failure) == (MessageState.FAILED, job.failure)
    assert (message.to, message.text, message.channel) == (to, text, channel)
    assert (message.price, message.cost, message.batch_id, message.provider_id) == (0, 0, "", "")
    order = post.plain.read_sync(lambda tx: tx.messages.order(TENANT, message.order_id))
    assert order is not None
    assert (order.state, order.total, order.job_id) == (OrderState.DONE, 1, "d1")
    assert (post.balance().available, post.balance().reserved, post.balance().spent) == (WON, 0, 0)


async def test_what_was_refused_for_credit_switched_off_or_not_set_up_is_logged() -> None:
    for name, code in (
        ("credit", "credit_exhausted"),
        ("off", "messaging_off"),
        ("none", "messaging_not_set_up"),
    ):
        with open_post() as post:
            if name == "credit":
                take = WON - PRICE + 1
                post.plain.run_sync(lambda tx: tx.credits.transfer(TENANT, TransferKind.WITHDRAW, {"": take}))  # noqa: B023
            elif name == "off":
                save(post, enabled=False)
            else:
                post.connections.write(lambda each: each.exec_driver_sql("DELETE FROM messaging_settings"))
            before = post.balance()
            await attempt(post, direct(post))
            (message,) = logged(post)
            assert (message.failure and message.failure.code, message.to) == (code, "01012345678")
            assert post.balance() == before


async def test_a_second_run_after_a_crash_writes_no_second_row(post: Post) -> None:
    job_id = direct(post, to="010-12")
    for _ in range(2):
        with pytest.raises(WorkFailed, match="phone_malformed"):
            await post.run(job_id)
    assert len(logged(post)) == 1


async def test_a_message_that_is_sent_has_one_row(post: Post) -> None:
    await attempt(post, direct(post))
    assert [each.state for each in logged(post)] == [MessageState.SENT]


async def test_what_was_refused_and_is_sent_when_it_is_tried_again_shows_both(post: Post) -> None:
    save(post, enabled=False)
    job_id = direct(post)
    assert (await attempt(post, job_id)).state is JobState.FAILED
    save(post)
    post.plain.run_sync(lambda tx: revive(tx, post.types, job_id))
    post.clock.advance(1)
    assert (await attempt(post, job_id)).state is JobState.SUCCEEDED
    assert [each.state for each in logged(post)] == [MessageState.SENT, MessageState.FAILED]
    assert isinstance(post.provider, MemoryMessageProvider)
    assert len(post.provider.sent) == 1
    assert post.balance().spent == PRICE


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, 16))
@pytest.mark.parametrize("to", ["010-12", "010-1234-5678"])
async def test_a_kill_at_any_step_leaves_one_row_and_at_most_one_price(
    post: Post, to: str, at: int, when: str
) -> None:
    async def die() -> None:
        raise Killed

    provider = post.provider
    assert isinstance(provider, MemoryMessageProvider)
    job_id = direct(post, to=to)
    stepped(post, at, when, die, provider_only=False)
    with suppress(Killed, WorkFailed):
        await post.run(job_id)
    post.provider, post.database = provider, post.plain
    with suppress(WorkFailed):
        await post.run(job_id)
    (message,) = logged(post)
    sent = to != "010-12"
    assert message.state is (MessageState.SENT if sent else MessageState.FAILED)
    assert len(provider.sent) == sent
    assert (post.balance().spent, post.balance().reserved) == (PRICE * sent, 0)
