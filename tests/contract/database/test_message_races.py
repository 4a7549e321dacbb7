"""Messaging at the same moment: nobody waits in a circle, and what one academy has no other gets (MSG-1, MSG-2, MSG-4)."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from tests.contract.database.conftest import Place

from academy.application.errors import Conflict
from academy.application.jobs.settle import settle
from academy.application.jobs.submit import cancel
from academy.application.messaging.desk import Desk, PriceChange, SettingsChange
from academy.application.messaging.job_types import messaging_job_types
from academy.application.messaging.orders import OrderRequest, Orders
from academy.application.ports.database import Lease, Settlement, Transaction
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.states import JobState
from academy.domain.messaging.compose import Recipient
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import MessageState, Order
from academy.domain.messaging.template import Approval
from academy.infrastructure.sql.database import SqlDatabase

ROUNDS = 15
TYPES = messaging_job_types({"messaging": "academy-messaging-jobs"})
numbers = count(1)
GONE = Failure("gone", "gone", "중단")


def new_id() -> str:
    return f"id-{next(numbers):06}"


ORDERS, DESK = Orders(TYPES, new_id), Desk(new_id)
Work = Callable[[Transaction], object]


class Pair:
    """Two processes, each with connections of its own."""

    def __init__(self, place: Place) -> None:
        self.databases = [place.another(), place.another()]

    def at_once(self, works: Sequence[Work]) -> list[object]:
        """Carry out each at the same moment; return what each returned, or the conflict that it met."""
        barrier = threading.Barrier(len(works))

        def one(database: SqlDatabase, work: Work) -> object:
            database.read_sync(lambda tx: tx.now())
            barrier.wait(timeout=30)
            try:
                return database.run_sync(work)
            except Conflict as refused:
                return refused

        with ThreadPoolExecutor(len(works)) as pool:
            return list(pool.map(one, self.databases, works))


def academy(place: Place, name: str, sender: str) -> None:
    def made(tx: Transaction) -> None:
        tx.tenants.add(name, name, name)
        DESK.change_settings(tx, name, SettingsChange(enabled=True, sender=sender))
        tx.credits.transfer(name, TransferKind.TOP_UP, {"": 1_000_000})

    place.database.run_sync(made)


def ordered(place: Place, tenant: str) -> Order:
    people = [Recipient(f"010-1234-{n:04}") for n in range(5)]
    return place.database.run_sync(lambda tx: ORDERS.place(tx, OrderRequest(tenant, people, "결석")))


def dead(place: Place, order: Order) -> tuple[Job, Settlement]:
    """Claim the job of an order and return it with an end in failure."""
    job = place.claim(order.job_id)[order.job_id]
    return job, Settlement(Lease(job.id, job.token), JobState.DEAD, failure=GONE)


@pytest.mark.requirement("MSG-4")
def test_an_order_and_its_job_are_called_off_at_the_same_moment(place: Place) -> None:
    academy(place, "t1", "0212345678")
    pair = Pair(place)
    for _ in range(ROUNDS):
        order = ordered(place, "t1")
        pair.at_once(
            [
                lambda tx, o=order: ORDERS.cancel(tx, "t1", o.id),  # type: ignore[misc]
                lambda tx, o=order: cancel(tx, TYPES, o.job_id),  # type: ignore[misc]
            ]
        )
        counts = place.database.read_sync(lambda tx, o=order: tx.messages.counts("t1", o.id))  # type: ignore[misc]
        assert counts == {MessageState.CANCELLED: 5}
    assert place.database.read_sync(lambda tx: tx.credits.balance("t1")).reserved == 0


@pytest.mark.requirement("MSG-4")
def test_an_order_is_called_off_while_its_job_is_given_up(place: Place) -> None:
    academy(place, "t1", "0212345678")
    pair = Pair(place)
    for _ in range(ROUNDS):
        order = ordered(place, "t1")
        end = dead(place, order)
        pair.at_once(
            [
                lambda tx, o=order: ORDERS.cancel(tx, "t1", o.id),  # type: ignore[misc]
                lambda tx, e=end: settle(tx, TYPES, [e]),  # type: ignore[misc]
            ]
        )
        (state,) = place.database.read_sync(lambda tx, o=order: tx.messages.counts("t1", o.id))  # type: ignore[misc]
        assert state in {MessageState.CANCELLED, MessageState.FAILED}
    assert place.database.read_sync(lambda tx: tx.credits.balance("t1")).reserved == 0


@pytest.mark.requirement("MSG-2")
def test_two_workers_settle_jobs_of_the_same_academies_in_whatever_order(place: Place) -> None:
    for name, sender in (("t1", "0212345678"), ("t2", "0212345679")):
        academy(place, name, sender)
    pair = Pair(place)
    for _ in range(ROUNDS):
        ends = [[dead(place, ordered(place, tenant)) for tenant in ("t1", "t2")] for _ in range(2)]
        pair.at_once(
            [
                lambda tx, e=ends[0]: settle(tx, TYPES, e),  # type: ignore[misc]
                lambda tx, e=ends[1][::-1]: settle(tx, TYPES, e),  # type: ignore[misc]
            ]
        )
    for name in ("t1", "t2"):
        assert place.database.read_sync(lambda tx, n=name: tx.credits.balance(n)).reserved == 0  # type: ignore[misc]


@pytest.mark.requirement("MSG-1")
@pytest.mark.parametrize(
    ("field", "code"), [("sender", "sender_taken"), ("kakao_channel", "kakao_channel_taken")]
)
def test_of_two_academies_that_take_one_number_or_channel_at_once_one_gets_it(
    place: Place, field: str, code: str
) -> None:
    pair = Pair(place)
    for number in range(ROUNDS):
        names = [f"a{number}", f"b{number}"]
        for name in names:
            place.database.run_sync(lambda tx, n=name: tx.tenants.add(n, n, n))  # type: ignore[misc]
        value = f"021234{number:04}"
        change = SettingsChange(sender=value) if field == "sender" else SettingsChange(kakao_channel=value)
        answers = pair.at_once(
            [lambda tx, n=name, c=change: DESK.change_settings(tx, n, c) for name in names]  # type: ignore[misc]
        )
        assert [each.failure.code for each in answers if isinstance(each, Conflict)] == [code]


@pytest.mark.requirement("MSG-1")
def test_a_channel_that_another_academy_sends_by_is_refused(place: Place) -> None:
    for name in ("t1", "t2"):
        place.database.run_sync(lambda tx, n=name: tx.tenants.add(n, n, n))  # type: ignore[misc]
    mine, none = SettingsChange(kakao_channel="PF1"), SettingsChange(kakao_channel="")
    place.database.run_sync(lambda tx: DESK.change_settings(tx, "t1", mine))
    with pytest.raises(Conflict, match="kakao_channel_taken"):
        place.database.run_sync(lambda tx: DESK.change_settings(tx, "t2", mine))
    place.database.run_sync(lambda tx: DESK.change_settings(tx, "t1", mine))
    for name, change in (("t1", none), ("t2", none), ("t2", mine)):
        place.database.run_sync(lambda tx, n=name, c=change: DESK.change_settings(tx, n, c))  # type: ignore[misc]


@pytest.mark.requirement("MSG-1", "MSG-2")
def test_first_settings_and_first_prices_at_the_same_moment_are_both_kept(place: Place) -> None:
    pair = Pair(place)
    for number in range(ROUNDS):
        name, sender = f"t{number}", f"02123456{number:02}"
        place.database.run_sync(lambda tx, n=name: tx.tenants.add(n, n, n))  # type: ignore[misc]
        pair.at_once(
            [
                lambda tx, n=name, s=sender: DESK.change_settings(tx, n, SettingsChange(sender=s)),  # type: ignore[misc]
                lambda tx, n=name: DESK.change_prices(tx, n, PriceChange(sms=77)),  # type: ignore[misc]
            ]
        )
        kept = place.database.read_sync(lambda tx, n=name: tx.messaging.get(n))  # type: ignore[misc]
        assert kept is not None
        assert (kept.prices.sms, kept.sender) == (77, sender)


def test_only_what_stands_approved_by_its_id_is_approved(place: Place) -> None:
    def change(tx: Transaction) -> list[bool]:
        tx.tenants.add("t1", "t1", "t1")
        made = DESK.add_template(tx, "t1", "결석", "결석", "TP1")
        answers = [tx.messaging.approved("t1", "TP1")]
        DESK.decide_template(tx, "t1", made.id, Approval.APPROVED)
        answers += [
            tx.messaging.approved(tenant, kakao)
            for tenant, kakao in (("t1", "TP1"), ("t2", "TP1"), ("t1", "TP2"))
        ]
        DESK.decide_template(tx, "t1", made.id, Approval.REJECTED)
        return [*answers, tx.messaging.approved("t1", "TP1")]

    assert place.database.run_sync(change) == [False, True, False, False, False]
