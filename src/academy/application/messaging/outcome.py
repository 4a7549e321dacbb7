"""How the messages of an order stand when a job that sends it ends: what the job says of them (MSG-5)."""

from dataclasses import dataclass

from academy.application.ports.database import Transaction
from academy.contracts.messaging import SendResult
from academy.domain.failures import Failure
from academy.domain.messaging.message import OPEN, MessageState, Order

__all__ = ["Outcome", "outcome"]

_SENT = (MessageState.SENT, MessageState.DELIVERED, MessageState.UNDELIVERED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for people and programs, and the whole of the failure that it names, None without one."""

    result: SendResult
    failure: Failure | None


def outcome(tx: Transaction, order: Order) -> Outcome:
    """Return how the messages of an order stand."""
    counts = tx.messages.counts(order.tenant_id, order.id)
    failed = counts.get(MessageState.FAILED, 0)
    failure = _most_frequent(tx, order) if failed else None
    result = SendResult(
        total=order.total,
        sent=sum(counts.get(state, 0) for state in _SENT),
        failed=failed,
        cancelled=counts.get(MessageState.CANCELLED, 0),
        undecided=sum(counts.get(state, 0) for state in OPEN),
        failure=failure.code if failure else None,
    )
    return Outcome(result, failure)


def _most_frequent(tx: Transaction, order: Order) -> Failure | None:
    """Return the reason with the most frequent code; of those as frequent as each other, the first by its code."""
    failures = tx.messages.failures(order.tenant_id, order.id)
    by_code: dict[str, int] = {}
    for failure, count in failures.items():
        by_code[failure.code] = by_code.get(failure.code, 0) + count
    return min(failures, key=lambda failure: (-by_code[failure.code], failure.code), default=None)
