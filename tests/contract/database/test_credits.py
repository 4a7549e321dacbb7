"""MSG-2: the ledger of credits, the same on both databases."""

from datetime import timedelta

import pytest
from tests.contract.database.conftest import Place
from tests.contract.database.test_transactions import THREADS, race

from academy.application.ports.database import Transaction
from academy.application.ports.messaging import CreditExhausted, TransferRepeated
from academy.domain.messaging.ledger import MOST_WON, Balance, Transfer, TransferKind
from academy.infrastructure.sql.database import SqlDatabase

pytestmark = pytest.mark.requirement("MSG-2")
TOP_UP, WITHDRAW, RESERVE = TransferKind.TOP_UP, TransferKind.WITHDRAW, TransferKind.RESERVE
CAPTURE, RELEASE, REFUND = TransferKind.CAPTURE, TransferKind.RELEASE, TransferKind.REFUND
NOTHING = Balance(0, 0, 0, 0)


def move(place: Place, kind: TransferKind, amounts: dict[str, int] | int, tenant: str = "t1") -> Balance:
    """Transfer; return what stands on the accounts afterwards, which the sums of the transfers must confirm."""
    wanted = {"": amounts} if isinstance(amounts, int) else amounts
    place.database.run_sync(lambda tx: tx.credits.transfer(tenant, kind, wanted))
    return books(place, tenant)


def books(place: Place, tenant: str = "t1") -> Balance:
    kept, summed = place.database.read_sync(lambda tx: (tx.credits.balance(tenant), tx.credits.audit(tenant)))
    assert kept == summed
    return kept


def statement(place: Place, tenant: str = "t1") -> list[Transfer]:
    return list(place.database.read_sync(lambda tx: tx.credits.statement(tenant, "", 1000)).items)


def refused(
    place: Place,
    error: type[Exception],
    kind: TransferKind,
    amounts: dict[str, int] | int,
    tenant: str = "t1",
) -> Exception:
    """Try a transfer that must be refused and commit; nothing may have changed. Return the refusal."""
    wanted = {"": amounts} if isinstance(amounts, int) else amounts
    before = books(place, tenant), statement(place, tenant)

    def caught(tx: Transaction) -> Exception:
        with pytest.raises(error) as refusal:
            tx.credits.transfer(tenant, kind, wanted)
        return refusal.value

    refusal = place.database.run_sync(caught)
    assert (books(place, tenant), statement(place, tenant)) == before
    return refusal


def test_an_academy_without_credits_has_zeros(place: Place) -> None:
    assert books(place) == NOTHING
    assert statement(place) == []


def test_what_is_paid_in_is_reserved_spent_and_given_back(place: Place) -> None:
    assert move(place, TOP_UP, 1000) == Balance(-1000, 1000, 0, 0)
    assert move(place, RESERVE, {"m1": 20, "m2": 30, "m3": 50}) == Balance(-1000, 900, 100, 0)
    assert move(place, CAPTURE, {"m1": 20, "m2": 30}) == Balance(-1000, 900, 50, 50)
    assert move(place, RELEASE, {"m3": 50}) == Balance(-1000, 950, 0, 50)
    assert move(place, REFUND, {"m2": 30}) == Balance(-1000, 980, 0, 20)
    assert move(place, WITHDRAW, 980) == Balance(-20, 0, 0, 20)


def test_statement_tells_who_moved_what_and_when(place: Place) -> None:
    def pay(tx: Transaction) -> None:
        tx.credits.transfer("t1", TOP_UP, {"": 500}, note="이체 7월", by="kim")
        tx.credits.transfer("t1", RESERVE, {"m1": 20})

    place.database.run_sync(pay)
    now = place.database.read_sync(lambda tx: tx.now())
    reserve, top_up = statement(place)
    assert (top_up.tenant_id, top_up.kind, top_up.amount) == ("t1", TOP_UP, 500)
    assert (top_up.message_id, top_up.note, top_up.by) == ("", "이체 7월", "kim")
    assert (reserve.kind, reserve.amount, reserve.message_id) == (RESERVE, 20, "m1")
    assert (reserve.note, reserve.by) == ("", "")
    assert abs(now - reserve.created_at) < timedelta(seconds=60)


def test_statement_is_read_page_by_page_newest_first(place: Place) -> None:
    for won in range(1, 6):
        move(place, TOP_UP, won)
    move(place, TOP_UP, 99, "t2")
    seen: list[int] = []
    cursor = ""
    for _ in range(3):
        page = place.database.read_sync(lambda tx, at=cursor: tx.credits.statement("t1", at, 2))  # type: ignore[misc]
        seen += [each.amount for each in page.items]
        cursor = page.next_cursor
    assert (seen, cursor) == ([5, 4, 3, 2, 1], "")
    for foreign in ("!!", "MTIzOng", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"):
        with pytest.raises(ValueError, match="cursor"):
            place.database.read_sync(lambda tx, at=foreign: tx.credits.statement("t1", at, 2))  # type: ignore[misc]


def test_a_message_that_costs_nothing_leaves_no_transfer(place: Place) -> None:
    assert move(place, RESERVE, {"free": 0}) == NOTHING
    assert move(place, TOP_UP, 0) == NOTHING
    move(place, TOP_UP, 10)
    assert move(place, RESERVE, {"free": 0, "m1": 10}).reserved == 10
    assert [each.message_id for each in statement(place)] == ["m1", ""]
    assert move(place, RESERVE, {}) == books(place)


def test_no_account_falls_below_zero(place: Place) -> None:
    move(place, TOP_UP, 100)
    for kind, amounts in ((RESERVE, {"m1": 60, "m2": 41}), (WITHDRAW, 101)):
        error = refused(place, CreditExhausted, kind, amounts)
        assert isinstance(error, CreditExhausted)
        assert (error.needed, error.available) == (101, 100)
    error = refused(place, CreditExhausted, RESERVE, {"m1": 1}, tenant="t2")
    assert isinstance(error, CreditExhausted)
    assert (error.needed, error.available) == (1, 0)
    assert move(place, RESERVE, {"m1": 60, "m2": 40}).available == 0


def test_each_kind_happens_once_for_a_message(place: Place) -> None:
    move(place, TOP_UP, 1000)
    move(place, RESERVE, {"m1": 20, "m2": 20})
    refused(place, TransferRepeated, RESERVE, {"m0": 20, "m1": 20})
    move(place, CAPTURE, {"m1": 20})
    for kind in (RESERVE, CAPTURE, RELEASE):
        refused(place, TransferRepeated, kind, {"m1": 20})
    move(place, RELEASE, {"m2": 20})
    for kind in (RESERVE, CAPTURE, RELEASE, REFUND):
        refused(place, TransferRepeated, kind, {"m2": 20})
    move(place, REFUND, {"m1": 20})
    for kind in (RESERVE, CAPTURE, RELEASE, REFUND):
        refused(place, TransferRepeated, kind, {"m1": 20})


def test_a_repeated_reserve_is_told_as_such_though_the_credit_is_used_up(place: Place) -> None:
    move(place, TOP_UP, 20)
    move(place, RESERVE, {"m1": 20})
    refused(place, TransferRepeated, RESERVE, {"m1": 20})


def test_nothing_is_settled_that_was_not_reserved_to_the_won(place: Place) -> None:
    move(place, TOP_UP, 1000)
    move(place, RESERVE, {"m1": 20, "other": 100})
    for kind in (CAPTURE, RELEASE):
        refused(place, TransferRepeated, kind, {"never": 20})
        refused(place, TransferRepeated, kind, {"m1": 20, "never": 20})
        refused(place, TransferRepeated, kind, {"m1": 19})
        refused(place, TransferRepeated, kind, {"m1": 21})
    refused(place, TransferRepeated, REFUND, {"m1": 20})
    move(place, CAPTURE, {"m1": 20, "other": 100})
    refused(place, TransferRepeated, REFUND, {"m1": 21})
    assert move(place, REFUND, {"m1": 5}).spent == 115


@pytest.mark.parametrize(
    ("kind", "amounts"),
    [
        (TOP_UP, {"m1": 10}),
        (TOP_UP, {"": 10, "m1": 10}),
        (TOP_UP, {}),
        (WITHDRAW, {"m1": 10}),
        (RESERVE, {"": 10}),
        (CAPTURE, {"": 10, "m1": 10}),
        (TOP_UP, {"": -1}),
        (RESERVE, {"m1": 10, "m2": -10}),
        (TOP_UP, {"": MOST_WON + 1}),
    ],
)
def test_a_transfer_that_makes_no_sense_is_refused(
    place: Place, kind: TransferKind, amounts: dict[str, int]
) -> None:
    move(place, TOP_UP, 100)
    refused(place, ValueError, kind, amounts)


@pytest.mark.requirement("API-2")
def test_academies_pay_for_themselves(place: Place) -> None:
    move(place, TOP_UP, 100, "t1")
    move(place, TOP_UP, 100, "t2")
    move(place, RESERVE, {"m1": 20}, "t1")
    for kind in (RESERVE, CAPTURE, RELEASE):
        refused(place, TransferRepeated, kind, {"m1": 20}, "t2")
    assert books(place, "t1") == Balance(-100, 80, 20, 0)
    assert books(place, "t2") == Balance(-100, 100, 0, 0)
    assert [each.tenant_id for each in statement(place, "t2")] == ["t2"]


def test_a_transfer_goes_back_with_its_transaction(place: Place) -> None:
    move(place, TOP_UP, 100)

    def fail(tx: Transaction) -> None:
        tx.credits.transfer("t1", RESERVE, {"m1": 20})
        raise LookupError("the effect failed")

    with pytest.raises(LookupError):
        place.database.run_sync(fail)
    assert books(place) == Balance(-100, 100, 0, 0)
    assert move(place, RESERVE, {"m1": 20}).reserved == 20


def test_one_transaction_may_reserve_and_settle(place: Place) -> None:
    def work(tx: Transaction) -> Balance:
        tx.credits.transfer("t1", TOP_UP, {"": 100})
        tx.credits.transfer("t1", RESERVE, {"m1": 20})
        tx.credits.transfer("t1", CAPTURE, {"m1": 20})
        return tx.credits.balance("t1")

    assert place.database.run_sync(work) == books(place) == Balance(-100, 80, 0, 20)


def test_of_many_who_want_the_last_won_as_many_get_it_as_it_is_enough_for(place: Place) -> None:
    move(place, TOP_UP, 100)

    def until_refused(database: SqlDatabase, number: int) -> int:
        done = 0
        for turn in range(5):
            mine = {f"m{number}-{turn}-{part}": 3 for part in range(3)}
            try:
                database.run_sync(lambda tx, mine=mine: tx.credits.transfer("t1", RESERVE, mine))  # type: ignore[misc]
            except CreditExhausted:
                break
            done += 1
        return done

    won = race(place, until_refused)
    assert sum(won) == 11  # type: ignore[arg-type]
    assert books(place) == Balance(-100, 1, 99, 0)


def test_first_credits_of_an_academy_paid_in_at_once_are_all_kept(place: Place) -> None:
    race(place, lambda database, _: database.run_sync(lambda tx: tx.credits.transfer("t1", TOP_UP, {"": 7})))
    assert books(place) == Balance(-7 * THREADS, 7 * THREADS, 0, 0)


def test_of_many_who_settle_a_message_at_once_one_wins(place: Place) -> None:
    move(place, TOP_UP, 100)
    move(place, RESERVE, {"m1": 10, "m2": 10})

    def settle(database: SqlDatabase, number: int) -> TransferKind | None:
        kind = CAPTURE if number % 2 else RELEASE
        try:
            database.run_sync(lambda tx: tx.credits.transfer("t1", kind, {"m1": 10}))
        except TransferRepeated:
            return None
        return kind

    winners = [each for each in race(place, settle) if each]
    assert len(winners) == 1
    spent = 10 if winners == [CAPTURE] else 0
    assert books(place) == Balance(-100, 90 - spent, 10, spent)
