"""Bodies too large for a queue go by way of the object store (QUE-7).

The key holds the SHA-256 of the body: the same body has the same key, so publishing again stores nothing new, and what is read can be
checked. Give the bucket a lifecycle rule that removes claim checks some days after the queues' retention.
"""

import asyncio
import hashlib
import re

from academy.application.ports.object_store import ObjectMissing, ObjectStore, ObjectTooLarge
from academy.contracts.base import InvalidMessage, validate
from academy.contracts.claim_check import ClaimCheck, ClaimCheckMessage
from academy.contracts.strict_json import BYTE_ORDER_MARK, read_object
from academy.domain.tenant.tenant import check_id

__all__ = [
    "DEFAULT_LIMIT_BYTES",
    "MAX_CLAIMED_BYTES",
    "ClaimCheckMissing",
    "ClaimCheckRefused",
    "check_in",
    "check_out",
    "is_claim_check",
]

DEFAULT_LIMIT_BYTES = 200 << 10
"""Bodies up to here travel on the queue: below the 256 KiB of older brokers, with room for headers."""
MAX_CLAIMED_BYTES = 64 << 20
"""Largest body that is fetched."""
_MAX_CHECK_CHARACTERS = 1000
_LOOKS_LIKE = re.compile(rf'{BYTE_ORDER_MARK}?\s*\{{\s*"claim_check"')


class ClaimCheckRefused(InvalidMessage):
    """A claim check is malformed, or what it leads to is not what it says: forged or damaged."""


class ClaimCheckMissing(InvalidMessage):
    """The body that a claim check leads to is gone."""


async def check_in(
    store: ObjectStore, body: str, tenant: str, *, limit_bytes: int = DEFAULT_LIMIT_BYTES
) -> str:
    """Return what to publish: the body itself, or a claim check when it has more than `limit_bytes`.

    Args:
        store: where large bodies go.
        body: JSON text.
        tenant: id of the tenant that owns the message.
        limit_bytes: largest body, in UTF-8, that travels on the queue.

    Raises:
        ValueError: the tenant's id cannot stand in a key, the body looks like a claim check, or is over MAX_CLAIMED_BYTES.
        ObjectStoreUnavailable: the body could not be stored; publish nothing.
    """
    if is_claim_check(body):
        raise ValueError("a body that looks like a claim check cannot be told from one")
    content = body.encode()
    if len(content) <= limit_bytes:
        return body
    if len(content) > MAX_CLAIMED_BYTES:
        raise ValueError(f"a body has at most {MAX_CLAIMED_BYTES} bytes, not {len(content)}")
    key = f"tenants/{check_id(tenant)}/claim-checks/{hashlib.sha256(content).hexdigest()}"
    await store.put(key, content, content_type="application/json")
    return ClaimCheckMessage(claim_check=ClaimCheck(key=key)).model_dump_json()


async def check_out(store: ObjectStore, body: str) -> str:
    """Return the body that a received message stands for; one that is no claim check is returned as it is.

    A claim check leads only into the claim checks of a tenant, and only to a message of that tenant.

    Raises:
        ClaimCheckRefused: malformed, or the body is another than the one that was checked in.
        ClaimCheckMissing: the object is gone.
        ObjectStoreUnavailable: try again later.
    """
    if not is_claim_check(body):
        return body
    try:
        check = validate(ClaimCheckMessage, read_object(body)).claim_check
    except InvalidMessage as error:
        raise ClaimCheckRefused("the claim check is malformed") from error
    _, tenant, _, digest = check.key.split("/")
    try:
        content = await store.get(check.key, max_bytes=MAX_CLAIMED_BYTES)
    except ObjectMissing as error:
        raise ClaimCheckMissing(f"the body of this message, {check.key}, is no longer stored") from error
    except ObjectTooLarge as error:
        raise ClaimCheckRefused(
            f"the body of this message has more than {MAX_CLAIMED_BYTES} bytes"
        ) from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise ClaimCheckRefused("the stored body is not the one that was checked in")
    # Apart from the event loop: a body that is fetched is large by nature.
    return await asyncio.to_thread(_of_tenant, content, tenant)


def is_claim_check(body: str) -> bool:
    """Return whether a body may stand for another one; whether it does, `check_out` finds out."""
    return len(body) <= _MAX_CHECK_CHARACTERS and _LOOKS_LIKE.match(body) is not None


def _of_tenant(content: bytes, tenant: str) -> str:
    try:
        body = content.decode()
        message = read_object(body)
    except (UnicodeDecodeError, InvalidMessage) as error:
        raise ClaimCheckRefused(f"the stored body cannot be read: {error}") from error
    owner = message.get("tenant_id")
    if owner is not None and str(owner) != tenant:
        raise ClaimCheckRefused("the stored body belongs to another tenant")
    return body
