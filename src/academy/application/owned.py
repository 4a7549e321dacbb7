"""What a job may touch: an object key in a message must be the tenant's own (docs/decisions/0006)."""

from collections.abc import Sequence
from dataclasses import replace

from academy.application.errors import WorkFailed
from academy.application.ports.database import Database, Transaction
from academy.domain.failures import Failure
from academy.domain.object_key import checked_key
from academy.domain.tenant.tenant import check_id

__all__ = ["FOREIGN_KEY", "check_ids", "check_owned", "foreign", "foreign_key"]

FOREIGN_KEY = Failure(
    "foreign_key",
    "The file does not belong to this academy, so it is not touched.",
    "이 학원의 파일이 아니므로 처리하지 않습니다.",
)

_LONGEST_SHOWN = 200


def check_ids(*ids: str) -> None:
    """Raise WorkFailed unless each can stand in an object key as one part."""
    try:
        for value in ids:
            check_id(value)
    except ValueError:
        raise WorkFailed(FOREIGN_KEY) from None


async def check_owned(database: Database, tenant_id: str, *keys: str) -> None:
    """Raise WorkFailed unless every key lies under the tenant's id or code (older producers use the code)."""
    failure = await database.read(lambda tx: foreign_key(tx, tenant_id, keys))
    if failure is not None:
        raise WorkFailed(failure)


def foreign_key(tx: Transaction, tenant_id: str, keys: Sequence[str]) -> Failure | None:
    """Return why the first key that is not the tenant's is refused: which it is, and how keys of this academy begin; None: all are."""
    found = foreign(tx, tenant_id, keys)
    if not found:
        return None
    key = "".join(c if c.isprintable() else "?" for c in keys[found[0]][:_LONGEST_SHOWN])
    begins = [f"tenants/{name}/" for name in _names(tx, tenant_id)[::-1]]
    return replace(
        FOREIGN_KEY,
        message=f"{FOREIGN_KEY.message} It is {key}; keys of this academy begin with {' or '.join(begins)}, and hold no `..`.",
        message_ko=f"{FOREIGN_KEY.message_ko} 키: {key} — 이 학원의 키는 {' 또는 '.join(begins)}로 시작하고 `..`이 없어야 합니다.",
    )


def foreign(tx: Transaction, tenant_id: str, keys: Sequence[str]) -> list[int]:
    """Return where in `keys` (a prefix may end with `/`) those stand that do not lie under the tenant's id or code, or are no keys."""
    places = tuple(f"tenants/{name}/" for name in _names(tx, tenant_id))
    return [at for at, key in enumerate(keys) if not _is_key(key) or not key.startswith(places)]


def _is_key(key: str) -> bool:
    try:
        checked_key(key.removesuffix("/"))
    except ValueError:
        return False
    return ".." not in key


def _names(tx: Transaction, tenant_id: str) -> list[str]:
    """Return the names under which a tenant's objects lie: its id, and its code unless that is another tenant's id."""
    tenant = tx.tenants.get(tenant_id)
    if tenant is None or tx.tenants.get(tenant.code) is not None:
        return [tenant_id]
    return [tenant_id, tenant.code]
