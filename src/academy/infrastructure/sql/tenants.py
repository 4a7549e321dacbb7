"""Academies."""

from collections.abc import Sequence

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from academy.domain.tenant.tenant import Tenant
from academy.infrastructure.sql.columns import row_now
from academy.infrastructure.sql.tables import tenants

__all__ = ["SqlTenantRepository"]


class SqlTenantRepository:
    """`TenantRepository` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert

    def add(self, tenant_id: str, code: str, name: str) -> Tenant:
        """Insert an academy; one with the same id is returned unchanged. Raises ValueError when the code is another's."""
        new = self._insert(tenants).values(id=tenant_id, code=code, name=name, created_at=row_now())
        self._connection.execute(new.on_conflict_do_nothing())
        tenant = self.get(tenant_id)
        if tenant is None:
            raise ValueError(f"the code {code!r} belongs to another academy")
        return tenant

    def get(self, tenant_id: str) -> Tenant | None:
        """Return an academy or None."""
        row = self._connection.execute(select(tenants).where(tenants.c.id == tenant_id)).one_or_none()
        return None if row is None else Tenant(*row)

    def all(self) -> Sequence[Tenant]:
        """Return every academy in order of code."""
        return [Tenant(*row) for row in self._connection.execute(select(tenants).order_by(tenants.c.code))]

    def by_code(self, code: str) -> Tenant | None:
        """Return the academy with this code or None."""
        row = self._connection.execute(select(tenants).where(tenants.c.code == code)).one_or_none()
        return None if row is None else Tenant(*row)
