"""Files that a killed worker made for nobody do not stay (SEC-2, DOC-3)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.ai.room import Room

from academy.application.ai.documents import Documents
from academy.application.ai.expiry import DocumentExpiry
from academy.application.ai.orphans import Orphans
from academy.application.ai.overlays import LEFT_AFTER, Overlays
from academy.domain.document.document import DocumentPurpose, DocumentState, document_key, study_key
from academy.infrastructure.ids import new_id
from academy.infrastructure.memory.objects import MemoryObjectStore
from academy.infrastructure.memory.uploads import MemoryUploadGateway

pytestmark = pytest.mark.requirement("SEC-2")


async def keys(store: MemoryObjectStore) -> list[str]:
    return sorted([head.key async for head in store.list("documents/")])


async def test_what_no_row_names_goes_once_no_attempt_can_name_it(room: Room) -> None:
    store = MemoryObjectStore(room.clock)
    named = [room.document(state=state).key for state in (DocumentState.READY, DocumentState.PENDING)]
    other = room.document(tenant_id="t2").key
    left = [document_key("t1", "note-1"), document_key("t2", "note-1")]
    foreign = "documents/t2/a/b"
    for key in (*named, other, *left, foreign):
        await store.put(key, b"%PDF-")
    orphans = Orphans(room.database, store)
    assert await orphans.sweep() == 0, "a job may name them still"
    room.clock.advance(LEFT_AFTER)
    assert await orphans.sweep() == 2
    assert await keys(store) == sorted([*named, other, foreign])
    assert await orphans.sweep() == 0


async def test_material_of_graphs_goes_too_and_what_producers_keep_stays(room: Room) -> None:
    store = MemoryObjectStore(room.clock)
    room.do(lambda tx: tx.tenants.add("t1", "t1", "하나"))
    named, lost, own = new_id(), new_id(), "0b6a1c1e-2f7d-4d0e-9a54-3f8f1b0c9d11"
    kept = replace(room.document(DocumentPurpose.STUDY), id=named, key=study_key("t1", named, "책.pdf"))
    room.do(lambda tx: tx.documents.add([kept]))
    left = study_key("t1", lost, "책.pdf")
    theirs = [
        f"tenants/t1/documents/{own}/책.pdf",
        f"tenants/t1/documents/{lost}",
        f"tenants/t2/documents/{lost}/a.pdf",
    ]
    for key in (kept.key, left, *theirs):
        await store.put(key, b"%PDF-")
    orphans = Orphans(room.database, store)
    assert await orphans.sweep() == 0, "an upload may be under way"
    room.clock.advance(LEFT_AFTER)
    assert await orphans.sweep() == 1
    assert sorted([head.key async for head in store.list("tenants/")]) == sorted([kept.key, *theirs])


async def test_no_more_go_at_once_than_were_allowed(room: Room) -> None:
    store = MemoryObjectStore(room.clock)
    for number in range(1200):
        await store.put(document_key("t1", f"n{number:04}"), b"")
    room.clock.advance(LEFT_AFTER)
    orphans = Orphans(room.database, store)
    assert [await orphans.sweep(most=700) for _ in range(3)] == [700, 500, 0]


async def test_the_reconciler_takes_them_away(room: Room) -> None:
    store = MemoryObjectStore(room.clock)
    await store.put(document_key("t1", "note-1"), b"")
    room.clock.advance(LEFT_AFTER + timedelta(seconds=1))
    uploads = MemoryUploadGateway(store, room.clock)
    documents = Documents(room.database, store, uploads, room.new_id)
    expiry = DocumentExpiry(documents, Overlays(room.database, store), Orphans(room.database, store))
    await expiry.expire(thorough=False)
    assert len(await keys(store)) == 1
    await expiry.expire(thorough=True)
    assert await keys(store) == []
