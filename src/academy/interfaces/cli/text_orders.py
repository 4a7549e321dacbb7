"""`academy messages orders` and `cancel`: what was ordered, and how it is called off."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from academy.domain.messaging.message import MessageState, OrderState
from academy.domain.tenant.tenant import Tenant
from academy.interfaces.cli.console import out, print_json, when
from academy.interfaces.cli.messaging import AsJson, on_messages
from academy.interfaces.cli.text_tables import Limit, OneAcademy, print_rows

if TYPE_CHECKING:
    from academy.application.messaging.operations import OrderLine

__all__ = ["cancel", "orders"]


def orders(
    academy: OneAcademy = "",
    state: Annotated[
        OrderState | None, typer.Option(case_sensitive=False, help="Only orders in this state.")
    ] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List orders, newest first, with what became of their messages. 발송 요청을 최신순으로 봅니다.

    An order is what somebody sent at once: one message, or one to each parent of a class. A WAITING one goes out at its time.

    Examples: `academy messages orders`, `academy messages orders --academy haneul --state waiting`
    """
    found = on_messages(lambda messages: messages.orders(academy, state, limit), academy)
    rows = [_order(tenant, line) for tenant, line in found]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        row["messages"] = _told(row["messages"])
    columns = ("order", "academy", "title", "state", "send at", "total", "messages", "created")
    print_rows(columns, rows, "no such orders", narrow=("order", "title", "state", "messages"))


def cancel(
    order_id: Annotated[
        str, typer.Argument(metavar="ORDER", help="Id of the order, as `academy messages orders` shows it.")
    ],
    academy: OneAcademy = "",
) -> None:
    """Call off what is not sent yet of an order; its price is given back. 발송 요청을 취소합니다.

    What a worker is handing over, or has handed over, stays as it is. With --academy the order must be that academy's.

    Examples: `academy messages cancel 0192f0c4-…`, `academy messages cancel 0192f0c4-… --academy haneul`
    """
    named = {"academy": academy, "order": order_id}
    tenant, line = on_messages(lambda messages: messages.cancel(academy, order_id), named)
    counts = line.counts
    off = counts.get(MessageState.CANCELLED, 0)
    rest = _told(
        {
            state.value: counts[state]
            for state in MessageState
            if state in counts and state is not MessageState.CANCELLED
        }
    )
    out.print(
        f"{off} {'message' if off == 1 else 'messages'} called off for {escape(tenant.code)} {off}건을 취소했습니다",
        soft_wrap=True,
    )
    if rest:
        out.print(f"the others of this order: {rest}", soft_wrap=True)


def _order(tenant: Tenant, line: "OrderLine") -> dict[str, Any]:
    order = line.order
    return {
        "order": order.id,
        "academy": tenant.code,
        "title": order.title,
        "state": order.state.value,
        "send_at": when(order.send_at),
        "total": order.total,
        "messages": {state.value: line.counts[state] for state in MessageState if line.counts.get(state)},
        "created": when(order.created_at),
    }


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state.lower()}" for state, count in counts.items())
