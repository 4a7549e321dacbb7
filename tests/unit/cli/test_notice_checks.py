"""The demonstration calls its messages right only when every single one is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest

from academy.contracts.rest.credits import BalanceView, EntryView, TransferView
from academy.contracts.rest.messages import LogEntryView, OrderReportView, OrderView, PreviewView
from academy.domain.phone import masked, mobile
from academy.interfaces.cli.notice_checks import PEOPLE, Noticed, Pupil, faults, roll, text_for

pytestmark = pytest.mark.requirement("MSG-6")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PUPILS = roll(123_456)
PRICE = 20
COST = PEOPLE * PRICE


def report(order_id: str, state: str, counts: dict[str, int], spent: int) -> OrderReportView:
    order = OrderView(
        id=order_id,
        title="결석 알림",
        state=state,
        total=PEOPLE,
        sender="0200000000",
        advertising=False,
        send_at=None,
        job_id="j",
        created_by="",
        created_at=NOW,
        updated_at=NOW,
    )
    return OrderReportView(order=order, counts=counts, cost=COST, reserved=0, spent=spent)


def entry(order_id: str, n: int, pupil: Pupil, state: str) -> LogEntryView:
    return LogEntryView(
        id=f"{order_id}-{n}",
        order_id=order_id,
        name=pupil.parent,
        to=masked(pupil.phone),
        channel="sms",
        fallback=None,
        went_by=None,
        text=text_for(pupil),
        kakao_template_id="",
        price=PRICE,
        cost=0 if state == "CANCELLED" else PRICE,
        state=state,
        provider_id="" if state == "CANCELLED" else f"p-{n}",
        failure=None,
        created_at=NOW,
        updated_at=NOW,
    )


def transfers() -> list[TransferView]:
    numbers = count(1)
    ways = {
        "reserve": ("available", "reserved"),
        "capture": ("reserved", "spent"),
        "release": ("reserved", "available"),
    }
    return [
        TransferView(
            id=next(numbers),
            kind=kind,
            amount=PRICE,
            entries=[
                EntryView(account=ways[kind][0], amount=-PRICE),
                EntryView(account=ways[kind][1], amount=PRICE),
            ],
            message_id=f"{order_id}-{n}",
            note="",
            by="",
            created_at=NOW,
        )
        for order_id, kinds in (("o1", ("reserve", "capture")), ("o2", ("reserve", "release")))
        for n in range(PEOPLE)
        for kind in kinds
    ]


@pytest.fixture
def seen() -> Noticed:
    """A demonstration in which everything is right."""
    return Noticed(
        price=PRICE,
        preview=PreviewView(
            items=[],
            ready=PEOPLE,
            problems=0,
            duplicates=0,
            opted_out=0,
            cost=COST,
            available=9000,
            covered=True,
        ),
        printed=[f"[sms] {masked(pupil.phone)} {text_for(pupil)}" for pupil in PUPILS],
        sent=report("o1", "DONE", {"SENT": PEOPLE - 1, "DELIVERED": 1}, COST),
        sent_log=[entry("o1", n, pupil, "SENT") for n, pupil in enumerate(PUPILS)],
        cancelled=report("o2", "CANCELLED", {"CANCELLED": PEOPLE}, 0),
        cancelled_log=[entry("o2", n, pupil, "CANCELLED") for n, pupil in enumerate(PUPILS)],
        before=BalanceView(funding=-9000, available=9000, reserved=0, spent=0),
        after=BalanceView(funding=-9000, available=9000 - COST, reserved=0, spent=COST),
        transfers=transfers(),
    )


def test_nothing_is_wrong_when_everybody_got_one_message(seen: Noticed) -> None:
    assert faults(seen, PUPILS) == []


def test_a_class_has_forty_names_and_forty_mobile_numbers() -> None:
    assert len({pupil.name for pupil in PUPILS}) == PEOPLE
    assert len({mobile(pupil.phone) for pupil in PUPILS}) == PEOPLE
    others = {pupil.phone for pupil in roll(123_457)}
    assert others.isdisjoint(pupil.phone for pupil in PUPILS)


def _twice(seen: Noticed) -> Noticed:
    return replace(seen, printed=[*seen.printed, seen.printed[0]])


def _other_text(seen: Noticed) -> Noticed:
    return replace(seen, printed=[*seen.printed[1:], seen.printed[0].replace("결석", "출석")])


def _lost(seen: Noticed) -> Noticed:
    return replace(seen, printed=seen.printed[1:])


def _logged_twice(seen: Noticed) -> Noticed:
    return replace(seen, sent_log=[*seen.sent_log[1:], seen.sent_log[1]])


def _unmasked(seen: Noticed) -> Noticed:
    whole = seen.sent_log[0].model_copy(update={"to": PUPILS[0].phone})
    return replace(seen, sent_log=[whole, *seen.sent_log[1:]])


def _not_taken(seen: Noticed) -> Noticed:
    first = seen.sent_log[0].model_copy(update={"provider_id": ""})
    return replace(seen, sent_log=[first, *seen.sent_log[1:]])


def _ambiguous(seen: Noticed) -> Noticed:
    return replace(seen, sent=report("o1", "DONE", {"SENT": PEOPLE - 1, "AMBIGUOUS": 1}, COST))


def _went_out(seen: Noticed) -> Noticed:
    return replace(seen, cancelled_log=[entry("o2", 0, PUPILS[0], "SENT"), *seen.cancelled_log[1:]])


def _partly_called_off(seen: Noticed) -> Noticed:
    return replace(seen, cancelled=report("o2", "DONE", {"CANCELLED": PEOPLE - 1, "SENT": 1}, PRICE))


def _paid_twice(seen: Noticed) -> Noticed:
    after = seen.after.model_copy(update={"available": 9000 - 2 * COST, "spent": 2 * COST})
    return replace(seen, after=after)


def _unbalanced(seen: Noticed) -> Noticed:
    return replace(seen, after=seen.after.model_copy(update={"funding": -8000}))


def _lame_transfer(seen: Noticed) -> Noticed:
    first = seen.transfers[0]
    lame = first.model_copy(update={"entries": first.entries[:1]})
    return replace(seen, transfers=[lame, *seen.transfers[1:]])


def _not_released(seen: Noticed) -> Noticed:
    return replace(seen, transfers=seen.transfers[:-1])


def _dear_preview(seen: Noticed) -> Noticed:
    return replace(seen, preview=seen.preview.model_copy(update={"cost": COST + 1}))


WRONG = (
    (_twice, "1 messages too many"),
    (_other_text, "1 messages did not reach"),
    (_lost, "1 messages did not reach"),
    (_logged_twice, "one message for each parent"),
    (_unmasked, "one message for each parent"),
    (_not_taken, "39 numbers of the provider"),
    (_ambiguous, "39 of 40 messages sent"),
    (_went_out, "called off went out"),
    (_partly_called_off, "not CANCELLED"),
    (_paid_twice, "moved by"),
    (_unbalanced, "do not sum to zero"),
    (_lame_transfer, "does not sum to zero"),
    (_not_released, "the statement says"),
    (_dear_preview, "the preview promised"),
)


@pytest.mark.parametrize(("spoil", "said"), WRONG)
def test_each_thing_that_goes_wrong_is_said(
    seen: Noticed, spoil: Callable[[Noticed], Noticed], said: str
) -> None:
    assert said in "; ".join(faults(spoil(seen), PUPILS))
