"""Orders, messages and batches."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Select, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.messaging import MessageFilter, Moved
from academy.application.ports.page import Page
from academy.domain.failures import Failure
from academy.domain.messaging.message import (
    Batch,
    BatchState,
    Message,
    MessageState,
    Order,
    OrderState,
    check_message_move,
)
from academy.infrastructure.sql import cursors, message_sql
from academy.infrastructure.sql.columns import (
    failure_text,
    millis,
    now,
    row_now,
    rows_text,
    to_millis,
)
from academy.infrastructure.sql.tables_messaging import message_batches as batches
from academy.infrastructure.sql.tables_messaging import message_orders as orders
from academy.infrastructure.sql.tables_messaging import messages

__all__ = ["SqlMessageRepository"]

_HANDED_OVER = (MessageState.SENDING, MessageState.AMBIGUOUS, MessageState.SENT)
LAST_DIGITS = 4
"""How many digits of a number must be known to look for it."""
WHOLE_NUMBER = 10
"""How many digits a mobile number has at least."""


class SqlMessageRepository:
    """`MessageRepository` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        small = connection.dialect.name == "sqlite"
        self._insert = sqlite.insert if small else postgresql.insert
        self._statements = message_sql.SQLITE if small else message_sql.POSTGRESQL

    def add(self, order: Order, messages: Sequence[Message]) -> bool:
        """Insert an order with its messages; return False, and insert nothing, when the order's id exists.

        Raises ValueError for a message of another order or academy, and for one whose id exists.
        """
        owner = (order.tenant_id, order.id)
        if any((message.tenant_id, message.order_id) != owner for message in messages):
            raise ValueError("a message belongs to another order or academy")
        fields = {column.name: getattr(order, column.name) for column in orders.columns}
        new = self._insert(orders).values(fields).on_conflict_do_nothing()
        if self._connection.execute(new.returning(orders.c.id)).one_or_none() is None:
            return False
        if messages:
            rows = rows_text([_row(message) for message in messages])
            self._connection.execute(self._statements.add, {"rows": rows})
        return True

    def order(self, tenant_id: str, order_id: str, *, lock: bool = False) -> Order | None:
        """Return an order or None; `lock` keeps the row until the transaction ends."""
        query = select(orders).where(orders.c.tenant_id == tenant_id, orders.c.id == order_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else Order(*row)

    def orders(self, tenant_id: str, state: OrderState | None, cursor: str, limit: int) -> Page[Order]:
        """Return orders, newest first; a cursor that is not ours raises ValueError."""
        query = select(orders).where(orders.c.tenant_id == tenant_id)
        if state is not None:
            query = query.where(orders.c.state == state)
        newest = cursors.newest_first(query, orders, cursor, limit)
        return cursors.page_of_newest([Order(*row) for row in self._connection.execute(newest).all()], limit)

    def stranded(self, tenant_id: str, sender: str) -> int:
        """Return how many orders on their way name another sender; reads the academy's orders, no others."""
        on_their_way = orders.c.state.in_((OrderState.WAITING, OrderState.SENDING))
        mine = (orders.c.tenant_id == tenant_id) & on_their_way & (orders.c.sender != sender)
        return self._connection.execute(select(func.count()).where(mine)).scalar_one()

    def move_order(self, tenant_id: str, order_id: str, state: OrderState) -> None:
        """Change the state of an order."""
        mine = (orders.c.tenant_id == tenant_id) & (orders.c.id == order_id)
        self._connection.execute(update(orders).where(mine).values(state=state, updated_at=row_now()))

    def counts(self, tenant_id: str, order_id: str) -> Mapping[MessageState, int]:
        """Return how many messages of an order stand in each state; a state without any is left out."""
        mine = (messages.c.tenant_id == tenant_id) & (messages.c.order_id == order_id)
        query = select(messages.c.state, func.count()).where(mine).group_by(messages.c.state)
        return {row[0]: row[1] for row in self._connection.execute(query).all()}

    def failures(self, tenant_id: str, order_id: str) -> Mapping[Failure, int]:
        """Return why messages of an order are FAILED, and how many for each reason."""
        mine = (messages.c.tenant_id == tenant_id) & (messages.c.order_id == order_id)
        failed = mine & (messages.c.state == MessageState.FAILED) & messages.c.failure.is_not(None)
        query = select(messages.c.failure, func.count()).where(failed).group_by(messages.c.failure)
        return {row[0]: row[1] for row in self._connection.execute(query).all()}

    def queued(self, tenant_id: str, order_id: str, limit: int) -> Sequence[Message]:
        """Return QUEUED messages of an order in the order of their ids."""
        mine = (messages.c.tenant_id == tenant_id) & (messages.c.order_id == order_id)
        query = select(messages).where(mine, messages.c.state == MessageState.QUEUED)
        return self._messages(query.order_by(messages.c.id).limit(limit))

    def list(self, tenant_id: str, where: MessageFilter, cursor: str, limit: int) -> Page[Message]:
        """Return messages made from `since` on and before `until`, newest first.

        A cursor that is not ours raises ValueError, and so does `to` that is not at least the last four digits.
        """
        query = select(messages).where(messages.c.tenant_id == tenant_id, *_conditions(tenant_id, where))
        newest = cursors.newest_first(query, messages, cursor, limit)
        return cursors.page_of_newest(self._messages(newest), limit)

    def get(self, tenant_id: str, message_id: str) -> Message | None:
        """Return a message or None."""
        query = select(messages).where(messages.c.tenant_id == tenant_id, messages.c.id == message_id)
        return next(iter(self._messages(query)), None)

    def open_batch(self, batch: Batch, message_ids: Sequence[str]) -> None:
        """Insert a batch and make its messages, all QUEUED until now, SENDING under it, or change nothing.

        Raises IllegalMessageMove, and ValueError for a message that is none of the batch's order.
        """
        ids = rows_text([[message_id] for message_id in message_ids])
        values = {"ids": ids, "tenant_id": batch.tenant_id, "order_id": batch.order_id}
        # Looked at under lock before the first change: whoever catches the error has half a batch otherwise.
        held = self._connection.execute(self._statements.hold, values).all()
        if len(held) < len(set(message_ids)):
            raise ValueError("a message is none of the batch's order")
        for _, state in held:
            check_message_move(state, MessageState.SENDING)
        fields = {column.name: getattr(batch, column.name) for column in batches.columns}
        self._connection.execute(insert(batches).values(fields))
        self._connection.execute(self._statements.hand_over, {"ids": ids, "batch_id": batch.id})

    def name_group(self, tenant_id: str, batch_id: str, group_id: str) -> bool:
        """Note the provider's name of the group of an OPEN batch; return False when the batch is CLOSED or not there."""
        change = update(batches).where(_open_batch(tenant_id, batch_id)).values(group_id=group_id)
        return self._connection.execute(change).rowcount > 0

    def batch(self, tenant_id: str, batch_id: str, *, lock: bool = False) -> Batch | None:
        """Return a batch or None."""
        query = select(batches).where(batches.c.tenant_id == tenant_id, batches.c.id == batch_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else Batch(*row)

    def open_batches(self, tenant_id: str, order_id: str) -> Sequence[Batch]:
        """Return the OPEN batches of an order, oldest first."""
        mine = (batches.c.tenant_id == tenant_id) & (batches.c.order_id == order_id)
        query = select(batches).where(mine, batches.c.state == BatchState.OPEN)
        return self._batches(query.order_by(batches.c.created_at, batches.c.id))

    def undecided(self, older_than: timedelta, limit: int) -> Sequence[Batch]:
        """Return OPEN batches of all academies begun longer ago than that, oldest first."""
        # Written out, not bound: the partial index on open batches is only recognised by its literal condition.
        still_open = text("message_batches.state = 'OPEN'")
        query = select(batches).where(still_open, batches.c.created_at < now() - millis(older_than))
        return self._batches(query.order_by(batches.c.created_at, batches.c.id).limit(limit))

    def of_batch(self, tenant_id: str, batch_id: str) -> Sequence[Message]:
        """Return the messages handed over with a batch that stand there still (SENDING, AMBIGUOUS, SENT), in the order of their ids."""
        # As in `undecided`: said outright for the partial index.
        mine = (messages.c.tenant_id == tenant_id) & (messages.c.batch_id == batch_id)
        query = select(messages).where(mine, text("messages.batch_id != ''"))
        return self._messages(query.where(messages.c.state.in_(_HANDED_OVER)).order_by(messages.c.id))

    def move(self, tenant_id: str, moved: Sequence[Moved]) -> Sequence[Message]:
        """Move messages in one statement; return them as they stand afterwards, in the order given, but those that could not move.

        Of two moves of one message, the first counts.
        """
        first = {move.message_id: move for move in reversed(moved)}
        values = {"tenant_id": tenant_id, "rows": rows_text([_move(move) for move in first.values()])}
        found = {message.id: message for message in self._messages(self._statements.move, values)}
        return [
            found[message_id]
            for message_id in dict.fromkeys(each.message_id for each in moved)
            if message_id in found
        ]

    def close_batch(self, tenant_id: str, batch_id: str) -> None:
        """Make a batch CLOSED."""
        change = update(batches).where(_open_batch(tenant_id, batch_id))
        self._connection.execute(change.values(state=BatchState.CLOSED))

    def _messages(self, query: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Message]:
        return [Message(*row) for row in self._connection.execute(query, values).all()]

    def _batches(self, query: Select[Any]) -> Sequence[Batch]:
        return [Batch(*row) for row in self._connection.execute(query).all()]


def _conditions(tenant_id: str, where: MessageFilter) -> "list[ColumnElement[bool]]":
    conditions = []
    if where.state is not None:
        conditions.append(messages.c.state == where.state)
    if where.order_id is not None:
        conditions.append(_few(tenant_id, messages.c.order_id == where.order_id))
    if where.to is not None:
        conditions.append(_reaches(tenant_id, where.to))
    if where.name is not None:
        conditions.append(messages.c.name.icontains(where.name, autoescape=True))
    if where.since is not None:
        conditions.append(messages.c.created_at >= where.since)
    if where.until is not None:
        conditions.append(messages.c.created_at < where.until)
    return conditions


def _few(tenant_id: str, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition for rows that are to be found first and put in order then: SQLite would read all for their order."""
    return messages.c.id.in_(select(messages.c.id).where(messages.c.tenant_id == tenant_id, which))


def _reaches(tenant_id: str, digits: str) -> ColumnElement[bool]:
    """Return the condition that a number is this one, or ends with it where it is too short for a whole one."""
    if not (digits.isascii() and digits.isdigit()) or len(digits) < LAST_DIGITS:
        raise ValueError(f"a number is looked for by its digits, at least the last {LAST_DIGITS}")
    if len(digits) >= WHOLE_NUMBER:
        return _few(tenant_id, messages.c.to == digits)
    return messages.c.to.endswith(digits)


def _open_batch(tenant_id: str, batch_id: str) -> ColumnElement[bool]:
    mine = (batches.c.tenant_id == tenant_id) & (batches.c.id == batch_id)
    return mine & (batches.c.state == BatchState.OPEN)


def _row(message: Message) -> list[str | int | None]:
    """Return a message in the order of the columns, as `message_sql` expects it."""
    return [
        message.id,
        message.tenant_id,
        message.order_id,
        message.to,
        message.name,
        message.channel,
        message.fallback or "",
        message.text,
        message.kakao_template_id,
        message.price,
        message.state,
        message.batch_id,
        message.provider_id,
        failure_text(message.failure) or "",
        to_millis(message.created_at),
        to_millis(message.updated_at),
        message.channel_price,
        message.fallback_price,
        message.went_by or "",
    ]


def _move(move: Moved) -> list[str | int]:
    why = failure_text(move.failure) or ""
    return [move.message_id, move.state, move.provider_id, why, move.went_by or ""]
