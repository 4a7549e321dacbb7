"""Credit that operators pay in for an academy or take back, and what the academy sees of its ledger (MSG-2)."""

from dataclasses import dataclass

from academy.application.errors import Conflict, NotFound
from academy.application.ports.database import Transaction
from academy.application.ports.messaging import CreditExhausted
from academy.domain.failures import Failure
from academy.domain.messaging.ledger import Balance, Transfer, TransferKind

__all__ = ["Extract", "extract", "top_up", "withdraw"]

_AT_ONCE = 1000
WITHDRAW_TOO_MUCH = Failure(
    "withdraw_too_much",
    "The academy has less credit than that; what is reserved for messages under way cannot be withdrawn.",
    "출금할 수 있는 금액이 부족합니다. 발송 중인 메시지에 잡힌 금액은 출금할 수 없습니다.",
)


def top_up(tx: Transaction, tenant_id: str, amount: int, *, note: str, by: str) -> Balance:
    """Pay in `amount` won for an academy, more than zero, and return what it has then. Raises NotFound."""
    return _moved(tx, tenant_id, TransferKind.TOP_UP, amount, note, by)


def withdraw(tx: Transaction, tenant_id: str, amount: int, *, note: str, by: str) -> Balance:
    """Take back `amount` won that nothing is reserved for. Raises NotFound, Conflict."""
    return _moved(tx, tenant_id, TransferKind.WITHDRAW, amount, note, by)


def _moved(tx: Transaction, tenant_id: str, kind: TransferKind, amount: int, note: str, by: str) -> Balance:
    if tx.tenants.get(tenant_id) is None:
        raise NotFound("academy")
    try:
        tx.credits.transfer(tenant_id, kind, {"": amount}, note=note, by=by)
    except CreditExhausted:
        raise Conflict(WITHDRAW_TOO_MUCH) from None
    return tx.credits.balance(tenant_id)


@dataclass(frozen=True, slots=True)
class Extract:
    """Transfers, newest first; `next_cursor` is where the rest begins, "" when there is none."""

    transfers: tuple[Transfer, ...]
    next_cursor: str


def extract(tx: Transaction, tenant_id: str, cursor: str, most: int) -> Extract:
    """Return up to `most` transfers from a cursor on; raises ValueError for one that is not ours."""
    found: list[Transfer] = []
    while len(found) < most:
        page = tx.credits.statement(tenant_id, cursor, min(_AT_ONCE, most - len(found)))
        found += page.items
        cursor = page.next_cursor
        if not cursor:
            break
    return Extract(tuple(found), cursor)
