"""What a job may touch: an object key in a message must be the tenant's own (docs/decisions/0006)."""

from academy.application.errors import WorkFailed
from academy.application.ports.database import Database, Transaction
from academy.domain.failures import Failure
from academy.domain.object_key import checked_key
from academy.domain.tenant.tenant import check_id

__all__ = ["FOREIGN_KEY", "check_ids", "check_owned"]

FOREIGN_KEY = Failure(
    "foreign_key",
    "The file does not belong to this academy, so it is not touched.",
    "이 학원의 파일이 아니므로 처리하지 않습니다.",
)


def check_ids(*ids: str) -> None:
    """Raise WorkFailed unless each can stand in an object key as one part."""
    try:
        for value in ids:
            check_id(value)
    except ValueError:
        raise WorkFailed(FOREIGN_KEY) from None


async def check_owned(database: Database, tenant_id: str, *keys: str) -> None:
    """Raise WorkFailed unless every key lies under the tenant's id or code (older producers use the code)."""
    names = await database.read(lambda tx: _names(tx, tenant_id))
    for key in keys:
        try:
            checked_key(key.removesuffix("/"))
        except ValueError:
            raise WorkFailed(FOREIGN_KEY) from None
        if ".." in key or not any(key.startswith(f"tenants/{name}/") for name in names):
            raise WorkFailed(FOREIGN_KEY)


def _names(tx: Transaction, tenant_id: str) -> list[str]:
    """Return the names under which a tenant's objects lie: its id, and its code unless that is another tenant's id."""
    tenant = tx.tenants.get(tenant_id)
    if tenant is None or tx.tenants.get(tenant.code) is not None:
        return [tenant_id]
    return [tenant_id, tenant.code]
