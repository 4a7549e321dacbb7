"""An object key in a message must be the tenant's own."""

from academy.application.errors import WorkFailed
from academy.application.ports.database import Database
from academy.domain.failures import Failure

__all__ = ["FOREIGN_KEY", "check_owned"]

FOREIGN_KEY = Failure(
    "foreign_key",
    "The file does not belong to this academy, so it is not touched.",
    "이 학원의 파일이 아니므로 처리하지 않습니다.",
)


async def check_owned(database: Database, tenant_id: str, *keys: str) -> None:
    """Raise WorkFailed unless every key lies under the tenant's id or code (older producers use the code)."""
    tenant = await database.read(lambda tx: tx.tenants.get(tenant_id))
    names = [tenant_id] + ([tenant.code] if tenant else [])
    for key in keys:
        inside = any(key.startswith(f"tenants/{name}/") for name in names)
        if not inside or ".." in key or "//" in key:
            raise WorkFailed(FOREIGN_KEY)
