"""The ledger of credits.

The rows of an academy's accounts are the lock of its ledger: they are taken first, so that what is read afterwards of its balances and
transfers holds until the transaction ends, and a refusal comes before the first change. The unique index on transfers is the last
resort, for whoever comes past the lock.
"""
# ruff: noqa: S608 (every part is a constant of this package; values are bound)

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, TextClause, TextualSelect, case, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.messaging import CreditExhausted, TransferRepeated
from academy.application.ports.page import Page
from academy.domain.messaging.ledger import MOST_WON, Account, Balance, Transfer, TransferKind, way_of
from academy.infrastructure.sql import cursors, turns
from academy.infrastructure.sql.columns import rows_text
from academy.infrastructure.sql.tables_messaging import credit_accounts as accounts
from academy.infrastructure.sql.tables_messaging import credit_transfers as transfers
from academy.infrastructure.sql.turns import Dialect

__all__ = ["SqlCreditRepository"]

_OF_THE_ACADEMY = frozenset({TransferKind.TOP_UP, TransferKind.WITHDRAW})
_SETTLED = frozenset({TransferKind.CAPTURE, TransferKind.RELEASE})
# What a message must not have had before a transfer, and what it must have had.
_EXCLUDED = {
    TransferKind.RESERVE: frozenset({TransferKind.RESERVE}),
    TransferKind.CAPTURE: _SETTLED,
    TransferKind.RELEASE: _SETTLED,
    TransferKind.REFUND: frozenset({TransferKind.REFUND}),
}
_NEEDED = {
    TransferKind.CAPTURE: TransferKind.RESERVE,
    TransferKind.RELEASE: TransferKind.RESERVE,
    TransferKind.REFUND: TransferKind.CAPTURE,
}
_LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class _Statements:
    """Statements of one dialect; `rows` is a JSON array of [message id, amount]."""

    earlier: TextualSelect
    insert: TextClause


def _statements(dialect: Dialect) -> _Statements:
    given = dialect.rows("rows", message_id="text", amount="bigint")
    # The partial index on messages is only recognised by its condition, written out.
    mine = f"message_id != '' AND {dialect.among('message_id', f'SELECT message_id FROM ({given}) AS given')}"
    earlier = f"SELECT tenant_id, message_id, kind, amount FROM credit_transfers WHERE {mine}"
    columns = (transfers.c.tenant_id, transfers.c.message_id, transfers.c.kind, transfers.c.amount)
    insert = f"""
        INSERT INTO credit_transfers (tenant_id, kind, amount, message_id, note, "by", created_at)
        SELECT :tenant_id, :kind, amount, message_id, :note, :by, {dialect.row_now} FROM ({given}) AS given
        ORDER BY n"""
    return _Statements(text(earlier).columns(*columns), text(insert))


_SQLITE, _POSTGRESQL = _statements(turns.SQLITE), _statements(turns.POSTGRESQL)


class SqlCreditRepository:
    """`CreditRepository` on one connection: four statements for a transfer, however many messages it is for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        small = connection.dialect.name == "sqlite"
        self._insert = sqlite.insert if small else postgresql.insert
        self._statements = _SQLITE if small else _POSTGRESQL

    def transfer(
        self, tenant_id: str, kind: TransferKind, amounts: Mapping[str, int], *, note: str = "", by: str = ""
    ) -> None:
        """Move credit, all or none; raises CreditExhausted, TransferRepeated, and ValueError for amounts that no transfer has."""
        _check(kind, amounts)
        moving = {message_id: amount for message_id, amount in amounts.items() if amount}
        if not moving:
            return
        held = self._hold(tenant_id)
        rows = rows_text(list(moving.items()))
        if kind not in _OF_THE_ACADEMY:
            self._check_earlier(tenant_id, kind, moving, rows)
        source, _ = way_of(kind)
        total = sum(moving.values())
        if source is not Account.FUNDING and held[source] < total:
            raise CreditExhausted(total, held[source])
        values = {"tenant_id": tenant_id, "kind": kind.value, "note": note, "by": by, "rows": rows}
        self._connection.execute(self._statements.insert, values)
        self._move(tenant_id, kind, total)

    def balance(self, tenant_id: str) -> Balance:
        """Return what stands on the accounts; zeros for an academy that never had any."""
        return _balance(self._accounts(_kept(tenant_id)))

    def statement(self, tenant_id: str, cursor: str, limit: int) -> Page[Transfer]:
        """Return transfers, newest first; a cursor that is not ours raises ValueError."""
        query = select(transfers).where(transfers.c.tenant_id == tenant_id)
        if cursor:
            query = query.where(transfers.c.id < _number(cursor))
        # By number: those of one academy follow each other, so their numbers do too.
        newest = query.order_by(transfers.c.id.desc()).limit(limit + 1)
        found = [Transfer(*row) for row in self._connection.execute(newest).all()]
        return cursors.page_of(found, limit, lambda last: cursors.encode_text(str(last.id)))

    def audit(self, tenant_id: str) -> Balance:
        """Return the balances as the transfers sum up."""
        query = select(transfers.c.kind, func.sum(transfers.c.amount)).group_by(transfers.c.kind)
        sums = dict.fromkeys(Account, 0)
        for kind, total in self._connection.execute(query.where(transfers.c.tenant_id == tenant_id)).all():
            source, target = way_of(kind)
            # PostgreSQL sums up to a decimal number.
            sums[source] -= int(total)
            sums[target] += int(total)
        return _balance(sums)

    def _hold(self, tenant_id: str) -> Mapping[Account, int]:
        """Lock the accounts, always in the same order, made when missing; return what stands on them."""
        locked = _kept(tenant_id).order_by(accounts.c.account).with_for_update()
        held = self._accounts(locked)
        if len(held) == len(Account):
            return held
        rows = [{"tenant_id": tenant_id, "account": account, "balance": 0} for account in sorted(Account)]
        # Whoever makes them at the same moment is waited for here; then his are found.
        self._connection.execute(self._insert(accounts).values(rows).on_conflict_do_nothing())
        return self._accounts(locked)

    def _accounts(self, query: Select[Account, int]) -> Mapping[Account, int]:
        return {row[0]: row[1] for row in self._connection.execute(query).all()}

    def _check_earlier(
        self, tenant_id: str, kind: TransferKind, moving: Mapping[str, int], rows: str
    ) -> None:
        """Raise TransferRepeated unless what the messages have had allows the transfer."""
        excluded, needed = _EXCLUDED[kind], _NEEDED.get(kind)
        had = 0
        for row in self._connection.execute(self._statements.earlier, {"rows": rows}).all():
            if row.kind in excluded:
                raise TransferRepeated
            if row.kind is needed and row.tenant_id == tenant_id:
                wanted = moving[row.message_id]
                had += row.amount >= wanted if kind is TransferKind.REFUND else row.amount == wanted
        if needed and had < len(moving):
            raise TransferRepeated

    def _move(self, tenant_id: str, kind: TransferKind, total: int) -> None:
        """Write what the accounts gained and lost."""
        source, target = way_of(kind)
        theirs = (accounts.c.tenant_id == tenant_id) & accounts.c.account.in_((source, target))
        gained = case((accounts.c.account == source, -total), else_=total)
        self._connection.execute(update(accounts).where(theirs).values(balance=accounts.c.balance + gained))


def _kept(tenant_id: str) -> Select[Account, int]:
    return select(accounts.c.account, accounts.c.balance).where(accounts.c.tenant_id == tenant_id)


def _balance(held: Mapping[Account, int]) -> Balance:
    return Balance(**{account.value: held.get(account, 0) for account in Account})


def _check(kind: TransferKind, amounts: Mapping[str, int]) -> None:
    """Raise ValueError for a mistake of the caller."""
    if kind in _OF_THE_ACADEMY:
        if amounts.keys() != {""}:
            raise ValueError(f"{kind} is for no message: its one key is empty")
    elif "" in amounts:
        raise ValueError(f"{kind} is for messages, each named by its id")
    if any(not 0 <= amount <= MOST_WON for amount in amounts.values()):
        raise ValueError(f"an amount is from 0 to {MOST_WON} won")


def _number(cursor: str) -> int:
    """Return the number of the last transfer seen; raises ValueError for a cursor that is not ours."""
    number = cursors.decode_text(cursor)
    if not (number.isascii() and number.isdigit()) or len(number) > _LONGEST_ID:
        raise ValueError("not a cursor of ours")
    return int(number)
