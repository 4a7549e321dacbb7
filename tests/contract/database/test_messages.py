"""Orders and their messages, the same on both databases (MSG-3, MSG-5)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.contract.database.conftest import Place

from academy.application.ports.database import Transaction
from academy.application.ports.messaging import MessageFilter, Moved
from academy.domain.failures import Failure
from academy.domain.messaging.channel import Channel
from academy.domain.messaging.message import (
    IllegalMessageMove,
    Message,
    MessageState,
    Order,
    OrderState,
    check_message_move,
)

pytestmark = pytest.mark.requirement("MSG-3")
CREATED = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
QUEUED, SENDING, SENT = MessageState.QUEUED, MessageState.SENDING, MessageState.SENT
NO_SUCH_NUMBER = Failure("number_unknown", "No such number.", "없는 번호입니다.", stage="send")


def order(order_id: str = "o1", tenant: str = "t1", **changes: object) -> Order:
    plain = Order(
        id=order_id,
        tenant_id=tenant,
        job_id="j1",
        title="3월 안내",
        sender="0212345678",
        kakao_channel="",
        advertising=False,
        send_at=None,
        state=OrderState.WAITING,
        total=1,
        created_by="kim",
        created_at=CREATED,
        updated_at=CREATED,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def message(message_id: str, order_id: str = "o1", tenant: str = "t1", **changes: object) -> Message:
    plain = Message(
        id=message_id,
        tenant_id=tenant,
        order_id=order_id,
        to="01012345678",
        name="홍길동",
        channel=Channel.SMS,
        fallback=None,
        text="오늘 수업이 있습니다 \u001b 😀",
        kakao_template_id="",
        price=9,
        state=QUEUED,
        batch_id="",
        provider_id="",
        failure=None,
        created_at=CREATED,
        updated_at=CREATED,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def add(
    place: Place, *messages: Message, order_id: str = "o1", tenant: str = "t1", **changes: object
) -> None:
    made = order(order_id, tenant, total=len(messages), **changes)
    assert place.database.run_sync(lambda tx: tx.messages.add(made, messages))


def test_prices_of_ways_and_the_way_it_went_are_kept(place: Place) -> None:
    both = message(
        "m0",
        channel=Channel.ALIMTALK,
        fallback=Channel.LMS,
        channel_price=0,
        fallback_price=40,
        went_by=Channel.LMS,
    )
    add(place, both, message("m1"), message("m2", channel_price=9))
    assert [get(place, each.id) for each in (both, message("m1"))] == [both, message("m1")]
    found = get(place, "m2")
    assert found is not None
    assert (found.channel_price, found.fallback_price, found.went_by) == (9, None, None)


def test_the_way_it_went_is_noted_with_the_move_and_stays(place: Place) -> None:
    add(place, message("m0", state=SENDING), message("m1", state=SENT))
    (sent,) = move(place, Moved("m0", SENT, "p0", went_by=Channel.ALIMTALK))
    (delivered,) = move(place, Moved("m0", MessageState.DELIVERED))
    assert (sent.went_by, delivered.went_by) == (Channel.ALIMTALK, Channel.ALIMTALK)
    (unknown,) = move(place, Moved("m1", MessageState.DELIVERED))
    assert unknown.went_by is None


@pytest.mark.requirement("MSG-5")
def test_reasons_are_counted_by_order_and_academy(place: Place) -> None:
    failed: dict[str, Any] = {"state": MessageState.FAILED, "failure": NO_SUCH_NUMBER}
    barred = Failure("barred", "Barred.", "차단", detail="다른 말")
    add(
        place,
        message("m0", **failed),
        message("m1", **failed),
        message("m2", state=MessageState.FAILED, failure=barred),
        message("m3", state=MessageState.UNDELIVERED, failure=barred),
        message("m4"),
    )
    add(place, message("x0", "o2", **failed), order_id="o2")
    add(place, message("y0", "o3", "t2", **failed), order_id="o3", tenant="t2")

    def counted(tenant: str, order_id: str) -> dict[Failure, int]:
        return dict(place.database.read_sync(lambda tx: tx.messages.failures(tenant, order_id)))

    assert counted("t1", "o1") == {NO_SUCH_NUMBER: 2, barred: 1}
    assert (counted("t2", "o1"), counted("t1", "o9")) == ({}, {})


def get(place: Place, message_id: str, tenant: str = "t1") -> Message | None:
    return place.database.read_sync(lambda tx: tx.messages.get(tenant, message_id))


def move(place: Place, *moved: Moved, tenant: str = "t1") -> list[Message]:
    return list(place.database.run_sync(lambda tx: tx.messages.move(tenant, moved)))


def listed(place: Place, tenant: str = "t1", **where: object) -> list[str]:
    wanted = MessageFilter(**where)  # type: ignore[arg-type]
    page = place.database.read_sync(lambda tx: tx.messages.list(tenant, wanted, "", 100))
    assert page.next_cursor == ""
    return [each.id for each in page.items]


def test_order_and_messages_read_back_as_written(place: Place) -> None:
    plain = message("m1")
    full = message(
        "m2",
        channel=Channel.ALIMTALK,
        fallback=Channel.LMS,
        kakao_template_id="KA01",
        price=30,
        state=MessageState.FAILED,
        batch_id="b0",
        provider_id="p0",
        failure=NO_SUCH_NUMBER,
    )
    send_at = CREATED + timedelta(hours=3)
    add(place, plain, full, send_at=send_at, advertising=True, kakao_channel="pf1")
    assert (get(place, "m1"), get(place, "m2")) == (plain, full)
    expected = order(total=2, send_at=send_at, advertising=True, kakao_channel="pf1")
    assert place.database.read_sync(lambda tx: tx.messages.order("t1", "o1")) == expected
    assert place.database.run_sync(lambda tx: tx.messages.order("t1", "o1", lock=True)) == expected
    assert get(place, "m3") is None


def test_a_second_order_with_an_id_inserts_nothing(place: Place) -> None:
    add(place, message("m1"))
    again = order(title="another")
    assert not place.database.run_sync(lambda tx: tx.messages.add(again, [message("m2")]))
    kept = place.database.read_sync(lambda tx: tx.messages.order("t1", "o1"))
    assert kept is not None
    assert (kept.title, get(place, "m2")) == ("3월 안내", None)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (message("m2", tenant="t2"), "another"),
        (message("m2", order_id="o2"), "another"),
        (message("m1"), "refused"),
        (message("m2", text="a\0b"), "NUL"),
    ],
)
def test_an_order_with_a_wrong_message_is_refused_whole(place: Place, wrong: Message, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        place.database.run_sync(lambda tx: tx.messages.add(order(), [message("m1"), wrong]))
    assert place.database.read_sync(lambda tx: tx.messages.order("t1", "o1")) is None
    assert get(place, "m1") is None


@pytest.mark.requirement("MSG-5", "API-2")
def test_another_academy_sees_and_moves_nothing(place: Place) -> None:
    add(place, message("m1", batch_id="b1", state=SENDING))

    def look(tx: Transaction) -> list[object]:
        found = tx.messages
        return [
            found.order("t2", "o1"),
            found.order("t2", "o1", lock=True),
            found.get("t2", "m1"),
            [*found.orders("t2", None, "", 10).items],
            [*found.list("t2", MessageFilter(), "", 10).items],
            [*found.list("t2", MessageFilter(to="01012345678", order_id="o1"), "", 10).items],
            [*found.queued("t2", "o1", 10)],
            [*found.of_batch("t2", "b1")],
            dict(found.counts("t2", "o1")),
            [*found.move("t2", [Moved("m1", SENT, "p1")])],
        ]

    assert [each for each in place.database.run_sync(look) if each] == []
    place.database.run_sync(lambda tx: tx.messages.move_order("t2", "o1", OrderState.DONE))
    kept = place.database.read_sync(lambda tx: tx.messages.order("t1", "o1"))
    assert kept is not None
    assert kept.state is OrderState.WAITING
    assert get(place, "m1") == message("m1", batch_id="b1", state=SENDING)


def test_orders_are_listed_newest_first_by_state(place: Place) -> None:
    for number in range(5):
        made = CREATED + timedelta(seconds=number // 2)
        add(place, order_id=f"o{number}", created_at=made)
    add(place, order_id="other", tenant="t2")
    place.database.run_sync(lambda tx: tx.messages.move_order("t1", "o3", OrderState.DONE))

    def ids(state: OrderState | None, cursor: str = "") -> tuple[list[str], str]:
        page = place.database.read_sync(lambda tx: tx.messages.orders("t1", state, cursor, 3))
        return [each.id for each in page.items], page.next_cursor

    first, cursor = ids(None)
    second, end = ids(None, cursor)
    assert ([*first, *second], end) == (["o4", "o3", "o2", "o1", "o0"], "")
    assert ids(OrderState.DONE) == (["o3"], "")
    with pytest.raises(ValueError, match="cursor"):
        ids(None, "!!")


def test_moving_an_order_touches_its_time(place: Place) -> None:
    add(place)
    place.database.run_sync(lambda tx: tx.messages.move_order("t1", "o1", OrderState.SENDING))
    moved = place.database.read_sync(lambda tx: tx.messages.order("t1", "o1"))
    now = place.database.read_sync(lambda tx: tx.now())
    assert moved is not None
    assert replace(moved, updated_at=CREATED) == order(total=0, state=OrderState.SENDING)
    assert abs(moved.updated_at - now) < timedelta(seconds=60)


def test_queued_messages_come_in_the_order_of_their_ids(place: Place) -> None:
    add(place, *(message(each) for each in ("m2", "M1", "m10", "가")), message("sent", state=SENT))
    add(place, message("m0", order_id="o2"), order_id="o2")
    found = place.database.read_sync(lambda tx: tx.messages.queued("t1", "o1", 3))
    assert [each.id for each in found] == ["M1", "m10", "m2"]


def test_counts_tell_how_far_an_order_is(place: Place) -> None:
    add(place, message("m1"), message("m2"), message("m3", state=SENT))
    add(place, message("m4", order_id="o2"), order_id="o2")
    assert place.database.read_sync(lambda tx: tx.messages.counts("t1", "o1")) == {QUEUED: 2, SENT: 1}
    assert place.database.read_sync(lambda tx: tx.messages.counts("t1", "none")) == {}


@pytest.mark.requirement("MSG-5")
def test_messages_are_found_by_what_they_are(place: Place) -> None:
    later = CREATED + timedelta(hours=1)
    add(place, message("m1"), message("m2", to="01099995678", state=SENT), message("m3", to="0161234567"))
    add(place, message("m4", order_id="o2", created_at=later), order_id="o2")
    assert listed(place) == ["m4", "m3", "m2", "m1"]
    assert listed(place, state=SENT) == ["m2"]
    assert listed(place, order_id="o1") == ["m3", "m2", "m1"]
    assert listed(place, order_id="o1", state=QUEUED) == ["m3", "m1"]
    assert listed(place, to="01012345678") == ["m4", "m1"]
    assert listed(place, to="5678") == ["m4", "m2", "m1"]
    assert listed(place, to="95678", order_id="o1") == ["m2"]
    assert listed(place, to="0161234567") == ["m3"]
    assert listed(place, since=later) == ["m4"]
    assert listed(place, until=later) == ["m3", "m2", "m1"]


@pytest.mark.parametrize("digits", ["", "678", "%678", "5_78", "٥٦٧٨"])
def test_a_number_is_looked_for_by_digits(place: Place, digits: str) -> None:
    add(place, message("m1"))
    with pytest.raises(ValueError, match="digits"):
        listed(place, to=digits)


@pytest.mark.requirement("MSG-5")
def test_messages_are_read_page_by_page(place: Place) -> None:
    add(place, *(message(f"m{n}", created_at=CREATED + timedelta(seconds=n // 3)) for n in range(7)))
    add(place, message("other", "o2"), order_id="o2")
    where, cursor, seen = MessageFilter(order_id="o1"), "", []
    for _ in range(3):
        page = place.database.read_sync(lambda tx, at=cursor: tx.messages.list("t1", where, at, 3))  # type: ignore[misc]
        seen += [each.id for each in page.items]
        cursor = page.next_cursor
    assert (seen, cursor) == (["m6", "m5", "m4", "m3", "m2", "m1", "m0"], "")
    with pytest.raises(ValueError, match="cursor"):
        place.database.read_sync(lambda tx: tx.messages.list("t1", where, "!!", 3))


def test_a_move_is_made_only_from_states_that_allow_it(place: Place) -> None:
    pairs = [(old, new) for old in MessageState for new in MessageState]
    add(place, *(message(f"{old}-{new}", state=old) for old, new in pairs))
    done = move(place, *(Moved(f"{old}-{new}", new) for old, new in pairs))
    allowed = []
    for old, new in pairs:
        try:
            check_message_move(old, new)
        except IllegalMessageMove:
            assert get(place, f"{old}-{new}") == message(f"{old}-{new}", state=old)
        else:
            allowed.append((f"{old}-{new}", new))
    assert [(each.id, each.state) for each in done] == allowed


def test_moved_messages_come_back_as_they_stand(place: Place) -> None:
    add(place, *(message(f"m{n}", state=SENDING, batch_id="b1", provider_id="old") for n in range(3)))
    done = move(
        place,
        Moved("m2", SENT, "p2"),
        Moved("none", SENT),
        Moved("m0", MessageState.FAILED, failure=NO_SUCH_NUMBER),
        Moved("m1", MessageState.QUEUED),
    )
    assert [(each.id, each.state, each.provider_id, each.failure) for each in done] == [
        ("m2", SENT, "p2", None),
        ("m0", MessageState.FAILED, "old", NO_SUCH_NUMBER),
        ("m1", QUEUED, "old", None),
    ]
    assert [get(place, each.id) for each in done] == done
    now = place.database.read_sync(lambda tx: tx.now())
    assert all(abs(each.updated_at - now) < timedelta(seconds=60) for each in done)


def test_a_failure_is_forgotten_when_the_message_goes_on(place: Place) -> None:
    add(place, message("m1", state=MessageState.AMBIGUOUS, failure=NO_SUCH_NUMBER))
    assert [each.failure for each in move(place, Moved("m1", SENT, "p1"))] == [None]


def test_of_two_moves_of_a_message_the_first_counts(place: Place) -> None:
    add(place, message("m1", state=SENDING))
    (done,) = move(place, Moved("m1", SENT, "p1"), Moved("m1", MessageState.FAILED))
    assert (done.state, done.provider_id) == (SENT, "p1")
    assert move(place) == []


@pytest.mark.requirement("MSG-5")
def test_messages_are_found_by_a_part_of_the_name(place: Place) -> None:
    names = {"m1": "김민수", "m2": "이민지", "m3": "50%_x", "m4": "Anna Lee", "m5": ""}
    add(place, *(message(key, name=name) for key, name in names.items()))
    add(place, message("n1", "o2", "t2", name="박민수"), order_id="o2", tenant="t2")

    assert sorted(listed(place, name="민")) == ["m1", "m2"]
    assert listed(place, name="민수", order_id="o1", to="5678") == ["m1"]
    assert listed(place, name="%_") == ["m3"]
    assert listed(place, name="%") == ["m3"]
    assert listed(place, name="/") == []
    assert listed(place, name="anna") == ["m4"]
    assert listed(place, "t2", name="민") == ["n1"]


@pytest.mark.requirement("MSG-5")
def test_orders_on_their_way_under_another_number_are_counted(place: Place) -> None:
    states = (OrderState.WAITING, OrderState.SENDING, OrderState.DONE, OrderState.CANCELLED)
    for number, state in enumerate(states):
        add(place, message(f"m{number}", f"o{number}"), order_id=f"o{number}", state=state)
    add(place, message("n1", "o9", "t2"), order_id="o9", tenant="t2")

    def stranded(sender: str) -> int:
        return place.database.read_sync(lambda tx: tx.messages.stranded("t1", sender))

    assert (stranded("0299999999"), stranded(""), stranded("0212345678")) == (2, 2, 0)
