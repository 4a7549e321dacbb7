"""Large bodies by way of the object store."""

import hashlib
import json

import pytest

from academy.application.claim_check import ClaimCheckMissing, ClaimCheckRefused, check_in, check_out
from academy.contracts.base import InvalidMessage
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.memory.objects import MemoryObjectStore

pytestmark = pytest.mark.requirement("QUE-7")

LARGE = json.dumps({"tenant_id": "t1", "payload": "가" * 100_000}, ensure_ascii=False)


@pytest.fixture
def store() -> MemoryObjectStore:
    return MemoryObjectStore(ManualClock())


async def _keys(store: MemoryObjectStore) -> list[str]:
    return [head.key async for head in store.list("tenants/")]


async def test_a_small_body_travels_as_it_is(store: MemoryObjectStore) -> None:
    body = '{"tenant_id": "t1"}'
    assert await check_in(store, body, "t1") == body
    assert await check_out(store, body) == body
    assert await _keys(store) == []


async def test_a_large_body_comes_out_as_it_went_in(store: MemoryObjectStore) -> None:
    check = await check_in(store, LARGE, "t1")
    assert len(check) < 300
    assert check == await check_in(store, LARGE, "t1")
    assert await _keys(store) == [f"tenants/t1/claim-checks/{hashlib.sha256(LARGE.encode()).hexdigest()}"]
    assert await check_out(store, check) == LARGE


async def test_a_byte_order_mark_before_a_claim_check_is_passed_over(store: MemoryObjectStore) -> None:
    assert await check_out(store, "\ufeff" + await check_in(store, LARGE, "t1")) == LARGE


async def test_the_limit_counts_bytes(store: MemoryObjectStore) -> None:
    body = '{"a":"가나"}'
    assert await check_in(store, body, "t1", limit_bytes=14) == body
    assert await check_in(store, body, "t1", limit_bytes=13) != body


async def test_a_body_that_is_gone_is_an_invalid_message_with_a_reason(store: MemoryObjectStore) -> None:
    check = await check_in(store, LARGE, "t1")
    await store.delete(await _keys(store))
    with pytest.raises(ClaimCheckMissing, match="no longer stored") as caught:
        await check_out(store, check)
    assert isinstance(caught.value, InvalidMessage)


async def test_a_changed_body_is_refused(store: MemoryObjectStore) -> None:
    check = await check_in(store, LARGE, "t1")
    (key,) = await _keys(store)
    await store.put(key, LARGE.encode() + b" ")
    with pytest.raises(ClaimCheckRefused, match="checked in"):
        await check_out(store, check)


@pytest.mark.requirement("API-2")
async def test_a_claim_check_does_not_lead_to_another_tenants_body(store: MemoryObjectStore) -> None:
    check = await check_in(store, LARGE, "t2")
    with pytest.raises(ClaimCheckRefused, match="another tenant"):
        await check_out(store, check)


async def test_only_claim_checks_are_followed(store: MemoryObjectStore) -> None:
    digest = hashlib.sha256(b"secret").hexdigest()
    keys = (
        "tenants/t1/video/source/v1/original",
        f"tenants/t1/claim-checks/../video/{digest}",
        f"tenants//claim-checks/{digest}",
        f"tenants/../claim-checks/{digest}",
        f"tenants/t1/claim-checks/{digest}/x",
        f"x/tenants/t1/claim-checks/{digest}",
        f"tenants/t1/claim-checks/{digest}\n",
        f"tenants/t1/claim-checks/{digest.upper()}",
        "",
    )
    for key in keys:
        forged = json.dumps({"claim_check": {"v": 1, "key": key}})
        with pytest.raises(ClaimCheckRefused):
            await check_out(store, forged)


@pytest.mark.parametrize(
    "body",
    [
        '{"claim_check"',
        '{"claim_check": null}',
        '{"claim_check": {"v": 2, "key": "x"}}',
        '{"claim_check": {}, "more": 1}',
    ],
)
async def test_a_malformed_claim_check_is_refused(store: MemoryObjectStore, body: str) -> None:
    with pytest.raises(ClaimCheckRefused):
        await check_out(store, body)
    with pytest.raises(ValueError, match="claim check"):
        await check_in(store, body, "t1")


@pytest.mark.parametrize("content", [b"\xff", b"[" * 100_000, b"no json"])
async def test_a_stored_body_that_is_no_message_is_refused(store: MemoryObjectStore, content: bytes) -> None:
    key = f"tenants/t1/claim-checks/{hashlib.sha256(content).hexdigest()}"
    await store.put(key, content)
    with pytest.raises(ClaimCheckRefused):
        await check_out(store, json.dumps({"claim_check": {"v": 1, "key": key}}))


async def test_a_tenant_that_cannot_stand_in_a_key_is_refused(store: MemoryObjectStore) -> None:
    with pytest.raises(ValueError, match="id"):
        await check_in(store, LARGE, "../t2")
