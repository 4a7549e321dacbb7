"""Credit that operators pay in for an academy or take back, and what the academy sees of its ledger (MSG-2)."""

from dataclasses import dataclass
from functools import partial

from academy.application.errors import Conflict, Fault, NotFound, Refused
from academy.application.messaging.desk import check_one_line
from academy.application.ports.database import Transaction
from academy.application.ports.messaging import CreditExhausted
from academy.application.ports.page import up_to
from academy.domain.failures import Failure
from academy.domain.messaging.ledger import MOST_WON, Balance, Transfer, TransferKind

__all__ = ["Extract", "extract", "top_up", "withdraw"]

AMOUNT_OUT_OF_RANGE = Failure(
    "amount_out_of_range",
    f"An amount is 1 to {MOST_WON:,} whole won at once.",
    f"금액은 한 번에 1원부터 {MOST_WON:,}원까지입니다.",
)


def top_up(tx: Transaction, tenant_id: str, amount: int, *, note: str, by: str) -> Balance:
    """Pay in `amount` won for an academy, more than zero, and return what it has then. Raises NotFound, Refused."""
    return _moved(tx, tenant_id, TransferKind.TOP_UP, amount, note, by)


def withdraw(tx: Transaction, tenant_id: str, amount: int, *, note: str, by: str) -> Balance:
    """Take back `amount` won that nothing is reserved for. Raises NotFound, Refused, Conflict."""
    return _moved(tx, tenant_id, TransferKind.WITHDRAW, amount, note, by)


def _moved(tx: Transaction, tenant_id: str, kind: TransferKind, amount: int, note: str, by: str) -> Balance:
    if not 1 <= amount <= MOST_WON:
        raise Refused(AMOUNT_OUT_OF_RANGE, [Fault(("amount",), AMOUNT_OUT_OF_RANGE)])
    check_one_line(note, "note")
    if tx.tenants.get(tenant_id) is None:
        raise NotFound("academy")
    try:
        tx.credits.transfer(tenant_id, kind, {"": amount}, note=note, by=by)
    except CreditExhausted as short:
        raise Conflict(_too_much(short.needed, short.available)) from None
    return tx.credits.balance(tenant_id)


def _too_much(wanted: int, available: int) -> Failure:
    return Failure(
        "withdraw_too_much",
        f"{wanted:,} won were to be withdrawn and {available:,} won are available; what is reserved for messages under way cannot "
        "be withdrawn.",
        f"출금하려는 금액은 {wanted:,}원인데 출금할 수 있는 금액은 {available:,}원입니다. 발송 중인 메시지에 잡힌 금액은 출금할 수 없습니다.",
    )


@dataclass(frozen=True, slots=True)
class Extract:
    """Transfers, newest first; `next_cursor` is where the rest begins, "" when there is none."""

    transfers: tuple[Transfer, ...]
    next_cursor: str


def extract(tx: Transaction, tenant_id: str, cursor: str, most: int) -> Extract:
    """Return up to `most` transfers from a cursor on; raises ValueError for one that is not ours."""
    page = up_to(partial(tx.credits.statement, tenant_id), cursor, most)
    return Extract(tuple(page.items), page.next_cursor)
