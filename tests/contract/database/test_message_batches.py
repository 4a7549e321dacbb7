"""MSG-3: the batches in which messages are handed over, the same on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.database.conftest import Place
from tests.contract.database.test_messages import CREATED, QUEUED, SENDING, SENT, add, get, message, move
from tests.contract.database.test_transactions import race

from academy.application.ports.database import Transaction
from academy.application.ports.messaging import Moved
from academy.domain.messaging.message import Batch, BatchState, IllegalMessageMove, MessageState
from academy.infrastructure.sql.database import SqlDatabase

pytestmark = pytest.mark.requirement("MSG-3")
MINUTE = timedelta(minutes=1)


def batch(batch_id: str = "b1", order_id: str = "o1", tenant: str = "t1", **changes: object) -> Batch:
    plain = Batch(batch_id, tenant, order_id, "solapi", "", BatchState.OPEN, CREATED)
    return replace(plain, **changes)  # type: ignore[arg-type]


def open_batch(place: Place, opened: Batch, *ids: str) -> Batch:
    """Open a batch as of now."""

    def work(tx: Transaction) -> Batch:
        current = replace(opened, created_at=tx.now())
        tx.messages.open_batch(current, ids)
        return current

    return place.database.run_sync(work)


def close(place: Place, *batch_ids: str, tenant: str = "t1") -> None:
    for each in batch_ids:
        place.database.run_sync(lambda tx, name=each: tx.messages.close_batch(tenant, name))  # type: ignore[misc]


def stored(place: Place, batch_id: str, tenant: str = "t1") -> Batch | None:
    return place.database.read_sync(lambda tx: tx.messages.batch(tenant, batch_id))


def test_a_batch_marks_its_messages_before_the_provider_is_asked(place: Place) -> None:
    add(place, *(message(f"m{n}") for n in range(4)))
    opened = open_batch(place, batch(), "m0", "m2", "m2")
    assert stored(place, "b1") == opened
    assert place.database.run_sync(lambda tx: tx.messages.batch("t1", "b1", lock=True)) == opened
    handed = place.database.read_sync(lambda tx: tx.messages.of_batch("t1", "b1"))
    assert [(each.id, each.state, each.batch_id) for each in handed] == [
        ("m0", SENDING, "b1"),
        ("m2", SENDING, "b1"),
    ]
    assert all(each.updated_at > CREATED for each in handed)
    queued = place.database.read_sync(lambda tx: tx.messages.queued("t1", "o1", 10))
    assert queued == [message("m1"), message("m3")]


@pytest.mark.parametrize("state", [each for each in MessageState if each is not QUEUED])
def test_a_message_that_is_not_queued_is_handed_over_with_no_batch(place: Place, state: MessageState) -> None:
    add(place, message("m1"), message("m2", state=state))

    def caught(tx: Transaction) -> None:
        with pytest.raises(IllegalMessageMove):
            tx.messages.open_batch(batch(), ["m1", "m2"])

    place.database.run_sync(caught)
    assert (get(place, "m1"), stored(place, "b1")) == (message("m1"), None)


@pytest.mark.requirement("MSG-5")
@pytest.mark.parametrize("foreign", ["none", "other-order", "other-academy"])
def test_a_batch_takes_only_messages_of_its_order(place: Place, foreign: str) -> None:
    add(place, message("m1"))
    add(place, message("other-order", "o2"), order_id="o2")
    add(place, message("other-academy", "o3", "t2"), order_id="o3", tenant="t2")

    def caught(tx: Transaction) -> None:
        with pytest.raises(ValueError, match="order"):
            tx.messages.open_batch(batch(), ["m1", foreign])

    place.database.run_sync(caught)
    assert (get(place, "m1"), stored(place, "b1")) == (message("m1"), None)


def test_of_many_batches_that_want_a_message_one_gets_it(place: Place) -> None:
    add(place, *(message(f"m{n}") for n in range(6)))

    def one(database: SqlDatabase, number: int) -> str:
        # Each in another order: no order of locks may matter.
        ids = [f"m{(n + number) % 6}" for n in range(6)]
        try:
            database.run_sync(lambda tx: tx.messages.open_batch(batch(f"b{number}"), ids))
        except IllegalMessageMove:
            return ""
        return f"b{number}"

    winners = [str(each) for each in race(place, one) if each]
    assert len(winners) == 1
    handed = place.database.read_sync(lambda tx: tx.messages.of_batch("t1", winners[0]))
    assert len(handed) == 6


def test_of_many_answers_for_a_message_one_counts(place: Place) -> None:
    ids = [f"m{n}" for n in range(6)]
    add(place, *(message(each, state=SENDING) for each in ids))

    def one(database: SqlDatabase, number: int) -> list[str]:
        state = SENT if number % 2 else MessageState.FAILED
        mine = [Moved(each, state, f"p{number}") for each in ids[number % 6 :] + ids[: number % 6]]
        return [each.id for each in database.run_sync(lambda tx: tx.messages.move("t1", mine))]

    moved = [message_id for part in race(place, one) for message_id in part]  # type: ignore[attr-defined]
    assert sorted(moved) == ids


def test_a_group_is_named_only_while_the_batch_is_open(place: Place) -> None:
    add(place, message("m1"))
    opened = open_batch(place, batch(), "m1")

    def name(batch_id: str, group: str, tenant: str = "t1") -> bool:
        return place.database.run_sync(lambda tx: tx.messages.name_group(tenant, batch_id, group))

    assert (name("none", "g"), name("b1", "g", "t2"), stored(place, "b1")) == (False, False, opened)
    assert name("b1", "g1")
    assert stored(place, "b1") == replace(opened, group_id="g1")
    close(place, "b1")
    assert not name("b1", "g2")
    assert stored(place, "b1") == replace(opened, group_id="g1", state=BatchState.CLOSED)


def test_what_was_decided_elsewhere_is_no_longer_of_the_batch(place: Place) -> None:
    add(place, *(message(f"m{n}") for n in range(6)))
    open_batch(place, batch(), *(f"m{n}" for n in range(6)))
    states = [SENT, SENT, MessageState.FAILED, MessageState.AMBIGUOUS, QUEUED]
    move(place, *(Moved(f"m{n}", state) for n, state in enumerate(states)))
    move(place, Moved("m1", MessageState.DELIVERED))
    left = place.database.read_sync(lambda tx: tx.messages.of_batch("t1", "b1"))
    assert [(each.id, each.state) for each in left] == [
        ("m0", SENT),
        ("m3", MessageState.AMBIGUOUS),
        ("m5", SENDING),
    ]
    assert place.database.read_sync(lambda tx: tx.messages.of_batch("t1", "")) == []
    open_batch(place, batch("b2"), "m4")
    again = get(place, "m4")
    assert again is not None
    assert (again.state, again.batch_id) == (SENDING, "b2")


def test_open_batches_of_an_order_are_found_oldest_first(place: Place) -> None:
    add(place)
    add(place, order_id="o2")
    for name in ("b3", "b1", "b2"):
        open_batch(place, batch(name))
        place.pass_time(1)
    open_batch(place, batch("b4", "o2"))
    close(place, "b1")
    close(place, "b2", tenant="t2")

    def names(tenant: str) -> list[str]:
        found = place.database.read_sync(lambda tx: tx.messages.open_batches(tenant, "o1"))
        return [each.id for each in found]

    assert (names("t1"), names("t2")) == (["b3", "b2"], [])


def test_batches_left_undecided_are_found_in_all_academies(place: Place) -> None:
    add(place)
    add(place, order_id="o2", tenant="t2")
    open_batch(place, batch("b1"))
    place.pass_time(1)
    open_batch(place, batch("b2", "o2", "t2"))
    open_batch(place, batch("b3"))
    close(place, "b3")
    place.pass_time(61)
    open_batch(place, batch("young"))

    def found(limit: int) -> list[str]:
        left = place.database.read_sync(lambda tx: tx.messages.undecided(MINUTE, limit))
        return [each.id for each in left]

    assert (found(10), found(1)) == (["b1", "b2"], ["b1"])
