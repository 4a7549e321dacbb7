"""MSG-2: whatever happens to an academy's credits, in any order, its books balance."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.database.conftest import Place

from academy.application.ports.database import Transaction
from academy.application.ports.messaging import CreditExhausted, TransferRepeated
from academy.domain.messaging.ledger import Balance, TransferKind, way_of

KINDS = TransferKind
PRICES = {"free": 0, "m1": 9, "m2": 14, "m3": 30}
WON = st.integers(0, 60).map(lambda won: {"": won})
MESSAGES = st.lists(st.sampled_from(sorted(PRICES)), min_size=1, max_size=2, unique=True)
AMOUNTS = {
    **dict.fromkeys(KINDS, MESSAGES.map(lambda ids: {each: PRICES[each] for each in ids})),
    KINDS.TOP_UP: WON,
    KINDS.WITHDRAW: WON,
}
# What can come only after others is tried more often.
OFTEN = [KINDS.RESERVE, KINDS.CAPTURE] * 3 + [KINDS.REFUND] * 2 + list(KINDS)
TRANSFERS = st.sampled_from(OFTEN).flatmap(lambda kind: st.tuples(st.just(kind), AMOUNTS[kind]))
# Each step is one transaction: its transfers, and whether it fails after them (0).
STEPS = st.lists(
    st.tuples(st.lists(TRANSFERS, min_size=1, max_size=2), st.integers(0, 7)), min_size=10, max_size=30
)
_tenants = count()


class Model:
    """What the books must say: who had what, written as plainly as can be."""

    def __init__(self) -> None:
        self.accounts = {"funding": 0, "available": 0, "reserved": 0, "spent": 0}
        self.had: set[tuple[str, TransferKind]] = set()

    def copy(self) -> "Model":
        other = Model()
        other.accounts, other.had = dict(self.accounts), set(self.had)
        return other

    def transfer(self, kind: TransferKind, amounts: dict[str, int]) -> type[Exception] | None:
        """Return why the transfer must be refused, or apply it."""
        source, target = way_of(kind)
        moving = {key: won for key, won in amounts.items() if won}
        if any(key and not self._allows(key, kind) for key in moving):
            return TransferRepeated
        total = sum(moving.values())
        if source != "funding" and self.accounts[source] < total:
            return CreditExhausted
        self.accounts[source] -= total
        self.accounts[target] += total
        self.had |= {(key, kind) for key in moving if key}
        return None

    def _allows(self, key: str, kind: TransferKind) -> bool:
        had = {each for message_id, each in self.had if message_id == key}
        must_have_had = {
            KINDS.RESERVE: set(),
            KINDS.CAPTURE: {KINDS.RESERVE},
            KINDS.RELEASE: {KINDS.RESERVE},
            KINDS.REFUND: {KINDS.RESERVE, KINDS.CAPTURE},
        }
        return had == must_have_had[kind]


class Failed(Exception):
    """What came after the transfers went wrong."""


def play(
    place: Place,
    tenant: str,
    model: Model,
    transfers: list[tuple[TransferKind, dict[str, int]]],
    *,
    fails: bool,
) -> Model:
    """Run one transaction against both; return the model as it stands afterwards."""
    after = model.copy()

    def work(tx: Transaction) -> None:
        for kind, amounts in transfers:
            named = {key and f"{tenant}-{key}": won for key, won in amounts.items()}
            expected = after.transfer(kind, amounts)
            if expected is None:
                tx.credits.transfer(tenant, kind, named)
                continue
            # Caught, and the transaction goes on: a refusal must leave nothing behind.
            with pytest.raises(expected):
                tx.credits.transfer(tenant, kind, named)
        if fails:
            raise Failed

    try:
        place.database.run_sync(work)
    except Failed:
        return model
    return after


@pytest.mark.requirement("MSG-2")
def test_books_balance_whatever_happens(place: Place) -> None:
    @settings(
        max_examples=60,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(STEPS)
    def plays(steps: list[tuple[list[tuple[TransferKind, dict[str, int]]], int]]) -> None:
        tenant = f"t{next(_tenants)}"
        model = play(place, tenant, Model(), [(KINDS.TOP_UP, {"": 30})], fails=False)
        for transfers, luck in steps:
            model = play(place, tenant, model, transfers, fails=luck == 0)
            kept, summed = place.database.read_sync(
                lambda tx: (tx.credits.balance(tenant), tx.credits.audit(tenant))
            )
            assert kept == summed == Balance(**model.accounts)
            assert kept.funding + kept.available + kept.reserved + kept.spent == 0
            assert min(kept.available, kept.reserved, kept.spent) >= 0

    plays()
