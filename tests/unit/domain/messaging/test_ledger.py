"""Double entry, and the states of a message (MSG-2, MSG-3)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.messaging.ledger import Account, Transfer, TransferKind, entries_of, way_of
from academy.domain.messaging.message import OPEN, IllegalMessageMove, MessageState, check_message_move

NOW = datetime(2026, 3, 2, tzinfo=UTC)
S = MessageState
MOVES = {
    (S.QUEUED, S.SENDING),
    (S.QUEUED, S.FAILED),
    (S.QUEUED, S.CANCELLED),
    (S.SENDING, S.SENT),
    (S.SENDING, S.FAILED),
    (S.SENDING, S.QUEUED),
    (S.SENDING, S.AMBIGUOUS),
    (S.AMBIGUOUS, S.SENT),
    (S.AMBIGUOUS, S.FAILED),
    (S.AMBIGUOUS, S.QUEUED),
    (S.SENT, S.DELIVERED),
    (S.SENT, S.UNDELIVERED),
}


@pytest.mark.requirement("MSG-2")
@given(st.lists(st.tuples(st.sampled_from(TransferKind), st.integers(1, 10**10)), max_size=30))
def test_all_entries_of_an_academy_sum_to_zero_after_any_transfers(
    done: list[tuple[TransferKind, int]],
) -> None:
    accounts = dict.fromkeys(Account, 0)
    for number, (kind, amount) in enumerate(done):
        took, gave = entries_of(Transfer(number, "t1", kind, amount, "", "", "", NOW))
        assert (took.amount, gave.amount, took.transfer_id) == (-amount, amount, number)
        assert took.account is not gave.account
        for entry in (took, gave):
            accounts[entry.account] += entry.amount
    assert sum(accounts.values()) == 0


@pytest.mark.requirement("MSG-2")
@pytest.mark.parametrize(
    ("there", "back"),
    [
        (TransferKind.TOP_UP, TransferKind.WITHDRAW),
        (TransferKind.RESERVE, TransferKind.RELEASE),
    ],
)
def test_what_can_be_taken_back_goes_back_where_it_came_from(there: TransferKind, back: TransferKind) -> None:
    assert way_of(there) == way_of(back)[::-1]


@pytest.mark.requirement("MSG-2")
def test_only_what_was_reserved_is_spent_and_what_is_refunded_can_be_used_again() -> None:
    assert way_of(TransferKind.CAPTURE) == (Account.RESERVED, Account.SPENT)
    assert way_of(TransferKind.REFUND) == (Account.SPENT, Account.AVAILABLE)
    assert {way_of(kind)[0] for kind in TransferKind} | {way_of(kind)[1] for kind in TransferKind} == set(
        Account
    )


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("new", S)
@pytest.mark.parametrize("old", S)
def test_which_moves_there_are(old: MessageState, new: MessageState) -> None:
    if (old, new) in MOVES:
        check_message_move(old, new)
    else:
        with pytest.raises(IllegalMessageMove, match=f"{old} to {new}"):
            check_message_move(old, new)


@pytest.mark.requirement("MSG-3")
def test_what_is_open_can_still_move_and_nobody_calls_off_what_is_perhaps_sent() -> None:
    assert {old for old, _ in MOVES} - {S.SENT} == OPEN
    assert {old for old, new in MOVES if new is S.CANCELLED} == {S.QUEUED}
