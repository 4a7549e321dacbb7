"""Answers to requests that were carried out."""

from datetime import timedelta

from sqlalchemy import Connection, delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.database import IdempotencyConflict, StoredResponse
from academy.infrastructure.sql.columns import millis, now, row_now
from academy.infrastructure.sql.tables import idempotency_keys as keys

__all__ = ["SqlIdempotencyRepository"]


class SqlIdempotencyRepository:
    """`IdempotencyRepository` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert

    def begin(self, tenant_id: str, key: str, fingerprint: str) -> StoredResponse | None:
        """Reserve a key and return None, or return the stored answer (status 0: under way).

        A concurrent first request is waited for. Raises IdempotencyConflict when the fingerprint differs.
        """
        fields = {"tenant_id": tenant_id, "key": key, "fingerprint": fingerprint}
        new = (
            self._insert(keys)
            .values(**fields, status=0, body={}, created_at=row_now())
            .on_conflict_do_nothing()
        )
        if self._connection.execute(new.returning(keys.c.key)).one_or_none() is not None:
            return None
        mine = (keys.c.tenant_id == tenant_id) & (keys.c.key == key)
        query = select(keys.c.fingerprint, keys.c.status, keys.c.body).where(mine)
        stored, status, body = self._connection.execute(query).one()
        if stored != fingerprint:
            raise IdempotencyConflict("this idempotency key was used with another request")
        return StoredResponse(status, body)

    def finish(self, tenant_id: str, key: str, response: StoredResponse) -> None:
        """Keep the answer, in the same transaction as the effect."""
        mine = (keys.c.tenant_id == tenant_id) & (keys.c.key == key)
        answer = {"status": response.status, "body": dict(response.body)}
        self._connection.execute(update(keys).where(mine).values(answer))

    def count(self, older_than: timedelta) -> int:
        """Return how many answers are older than that."""
        old = keys.c.created_at < now() - millis(older_than)
        return self._connection.execute(select(func.count()).select_from(keys).where(old)).scalar_one()

    def trim(self, older_than: timedelta, limit: int) -> int:
        """Forget old answers; return how many."""
        old = select(keys.c.tenant_id, keys.c.key).where(keys.c.created_at < now() - millis(older_than))
        chosen = old.order_by(keys.c.created_at).limit(limit)
        return self._connection.execute(
            delete(keys).where(tuple_(keys.c.tenant_id, keys.c.key).in_(chosen))
        ).rowcount
