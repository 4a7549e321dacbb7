"""Uploads of documents: hostile until looked at, and never half there (SEC-2)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from tests.unit.ai.papers import code_of, faults
from tests.unit.ai.room import Room

from academy.application.academics.form import FieldsRefused
from academy.application.ai.documents import DocumentLimits, Documents, NewDocument
from academy.application.errors import Conflict, NotFound, Refused
from academy.application.ports.object_store import (
    ObjectMissing,
    ObjectStoreUnavailable,
    UploadPart,
    UploadTicket,
)
from academy.domain.document.document import Document, DocumentPurpose, DocumentState
from academy.domain.upload import UploadPlan
from academy.infrastructure.memory.objects import MemoryObjectStore
from academy.infrastructure.memory.uploads import MemoryUploadGateway

pytestmark = pytest.mark.requirement("SEC-2")
PDF = b"%PDF-1.7\n" + b"x" * 20
SCAN = NewDocument(DocumentPurpose.SCAN, "3반.pdf", len(PDF), "application/pdf", "exam:e1")
S = DocumentState


class StoreAway(MemoryObjectStore):
    """A store that takes no deletion."""

    async def delete(self, keys: Sequence[str]) -> None:
        raise ObjectStoreUnavailable("away")


@dataclass(frozen=True, slots=True)
class Desk:
    """Documents over a store in memory; parts of 8 bytes."""

    room: Room
    store: MemoryObjectStore
    uploads: MemoryUploadGateway
    documents: Documents

    async def begin(self, wish: NewDocument = SCAN) -> tuple[Document, UploadTicket]:
        return await self.documents.begin("t1", "staff", wish)

    async def send(self, ticket: UploadTicket, content: bytes) -> list[UploadPart]:
        """Send all parts as a browser would."""
        sent = []
        for number, url in enumerate(ticket.urls, 1):
            piece = content[(number - 1) * ticket.part_size : number * ticket.part_size]
            parts = urlsplit(url)
            key, query = unquote(parts.path[1:]), dict(parse_qsl(parts.query, keep_blank_values=True))
            etag = await self.uploads.accept_part(key, query["upload"], number, len(piece), _pieces(piece))
            sent.append(UploadPart(number, etag))
        return sent

    async def upload(self, wish: NewDocument, content: bytes) -> Document:
        """Upload a file whose size was announced."""
        document, ticket = await self.begin(replace(wish, size=len(content)))
        return await self.documents.complete("t1", document.id, await self.send(ticket, content))

    def row(self, document_id: str) -> Document:
        return self.room.do(lambda tx: self.documents.get(tx, "t1", document_id))

    async def there(self, document: Document) -> bool:
        with suppress(ObjectMissing):
            return bool(await self.store.head(document.key))
        return False


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
def desk(room: Room) -> Desk:
    store = MemoryObjectStore(room.clock)
    uploads = MemoryUploadGateway(store, room.clock, UploadPlan(multipart_above=8, part_size=8))
    numbers = count(1)
    limits = DocumentLimits(paper_bytes=100, roster_bytes=50, homework_bytes=200)
    documents = Documents(room.database, store, uploads, lambda: f"d{next(numbers)}", limits)
    return Desk(room, store, uploads, documents)


async def test_a_document_is_there_once_its_upload_is_complete(desk: Desk) -> None:
    document, ticket = await desk.begin()
    assert (document.state, document.made_by, document.subject, document.size) == (
        S.PENDING,
        "staff",
        "exam:e1",
        29,
    )
    with pytest.raises(Conflict) as early:
        await desk.documents.url("t1", document.id)
    assert code_of(early) == "document_not_ready"
    parts = await desk.send(ticket, PDF)
    done = await desk.documents.complete("t1", document.id, parts)
    assert (done.state, desk.row(document.id)) == (S.READY, done)
    assert await desk.documents.complete("t1", document.id, parts) == done
    url, until = await desk.documents.url("t1", document.id)
    assert document.id in url
    assert until == desk.room.clock.now() + timedelta(minutes=10)
    listed = desk.room.do(lambda tx: desk.documents.list(tx, "t1", "scan", "exam:e1", "", 10))
    assert [each.id for each in listed.items] == [document.id]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"purpose": DocumentPurpose.NOTE}, "purpose", "document_not_uploadable"),
        ({"size": 0}, "size", "document_empty"),
        ({"size": -1}, "size", "document_empty"),
        ({"size": 101}, "size", "document_too_large"),
        (
            {"purpose": DocumentPurpose.ROSTER, "file_name": "a.xlsx", "size": 51},
            "size",
            "document_too_large",
        ),
        ({"file_name": "a.html", "content_type": "text/html"}, "file_name", "document_kind"),
        ({"file_name": "a.mp4", "content_type": "video/mp4"}, "file_name", "document_kind"),
        ({"purpose": DocumentPurpose.HOMEWORK, "size": 201}, "size", "document_too_large"),
        (
            {"purpose": DocumentPurpose.HOMEWORK, "file_name": "a.exe", "content_type": ""},
            "file_name",
            "document_kind",
        ),
    ],
)
async def test_what_is_not_taken_is_refused_before_anything_is_sent(
    desk: Desk, change: dict[str, object], field: str, code: str
) -> None:
    with pytest.raises(FieldsRefused) as refused:
        await desk.begin(replace(SCAN, **change))  # type: ignore[arg-type]
    assert faults(refused) == {field: code}
    assert refused.value.failure.message_ko
    assert desk.room.do(lambda tx: desk.documents.list(tx, "t1", "", "", "", 10)).items == []


async def test_a_file_is_served_as_what_we_call_it_not_as_the_browser_does(desk: Desk) -> None:
    wish = NewDocument(DocumentPurpose.ROSTER, "../../명단.csv", 10, "application/vnd.ms-excel")
    document, _ = await desk.begin(wish)
    assert (document.content_type, document.file_name) == ("text/csv", "명단.csv")


async def test_a_file_of_another_kind_fails_and_is_gone(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        await desk.upload(SCAN, b"<html><script>alert(1)</script>")
    assert code_of(refused) == "document_kind"
    document = desk.row("d1")
    assert (document.state, document.failure and document.failure.code) == (S.FAILED, "document_kind")
    assert not await desk.there(document)
    with pytest.raises(Refused) as again:
        await desk.documents.complete("t1", "d1", [])
    assert code_of(again) == "document_kind"


async def test_an_upload_that_lacks_something_can_still_be_completed(desk: Desk) -> None:
    document, ticket = await desk.begin()
    parts = await desk.send(ticket, PDF)
    with pytest.raises(Refused) as refused:
        await desk.documents.complete("t1", document.id, parts[:1])
    assert (code_of(refused), desk.row(document.id).state) == ("parts_mismatch", S.PENDING)
    single, one = await desk.begin(replace(SCAN, size=8))
    with pytest.raises(Refused) as missing:
        await desk.documents.complete("t1", single.id, [])
    assert (code_of(missing), desk.row(single.id).state) == ("upload_not_found", S.PENDING)
    await desk.send(one, PDF[:8])
    assert (await desk.documents.complete("t1", single.id, [])).state is S.READY
    assert (await desk.documents.complete("t1", document.id, parts)).state is S.READY


async def test_a_file_of_another_size_fails(desk: Desk) -> None:
    document, _ = await desk.begin(replace(SCAN, size=8))
    await desk.store.put(document.key, PDF)
    with pytest.raises(Refused) as refused:
        await desk.documents.complete("t1", document.id, [])
    assert (code_of(refused), desk.row(document.id).state) == ("size_mismatch", S.FAILED)


async def test_an_upload_that_was_never_completed_is_swept_away(desk: Desk) -> None:
    document, ticket = await desk.begin()
    parts = await desk.send(ticket, PDF)
    desk.room.clock.advance(timedelta(hours=48).total_seconds())
    with pytest.raises(Conflict) as late:
        await desk.documents.complete("t1", document.id, parts)
    assert code_of(late) == "upload_expired"
    assert await desk.documents.sweep() == 0
    desk.room.clock.advance(timedelta(minutes=11).total_seconds())
    assert await desk.documents.sweep() == 1
    assert (desk.row(document.id).state, await desk.there(document)) == (S.FAILED, False)
    assert await desk.documents.sweep() == 0


@pytest.mark.parametrize("removed", [True, False])
async def test_material_for_a_graph_is_swept_as_any_other_document(desk: Desk, removed: bool) -> None:
    wish = NewDocument(DocumentPurpose.STUDY, "교재.pdf", len(PDF), "application/pdf")
    document, ticket = await desk.begin(wish)
    parts = await desk.send(ticket, PDF)
    if removed:
        await desk.documents.complete("t1", document.id, parts)
        away = Documents(desk.room.database, StoreAway(desk.room.clock), desk.uploads, lambda: "d9")
        with pytest.raises(ObjectStoreUnavailable):
            await away.remove("t1", document.id)
    else:
        desk.room.clock.advance(timedelta(hours=48, minutes=11).total_seconds())
    assert await desk.documents.sweep() == 1
    assert not await desk.there(document)


async def test_a_document_in_use_stays_and_others_go_with_their_file(desk: Desk) -> None:
    room, document = desk.room, await desk.upload(SCAN, PDF)
    scan, _ = room.do(lambda tx: room.desk.add_scan(tx, room.staff, room.exam.id, document.id))
    with pytest.raises(Conflict) as refused:
        await desk.documents.remove("t1", document.id)
    assert code_of(refused) == "document_in_use"
    room.do(lambda tx: room.desk.remove_scan(tx, room.staff, scan.id))
    await desk.documents.remove("t1", document.id)
    assert not await desk.there(document)
    with pytest.raises(NotFound):
        desk.row(document.id)


async def test_a_removal_that_the_store_did_not_take_part_in_is_ended_by_the_sweep(desk: Desk) -> None:
    document = await desk.upload(SCAN, PDF)
    away = Documents(desk.room.database, StoreAway(desk.room.clock), desk.uploads, lambda: "d9")
    with pytest.raises(ObjectStoreUnavailable):
        await away.remove("t1", document.id)
    with pytest.raises(NotFound):
        desk.row(document.id)
    assert await desk.there(document)
    assert await desk.documents.sweep() == 1
    assert not await desk.there(document)
    assert await desk.documents.sweep() == 0


async def test_an_open_upload_that_is_removed_cannot_be_completed(desk: Desk) -> None:
    document, ticket = await desk.begin()
    await desk.documents.remove("t1", document.id)
    with pytest.raises(ObjectMissing):
        await desk.send(ticket, PDF)
    with pytest.raises(NotFound):
        await desk.documents.complete("t1", document.id, [])


async def test_documents_of_another_academy_are_not_there(desk: Desk) -> None:
    document = await desk.upload(SCAN, PDF)
    for work in (
        desk.documents.complete("t2", document.id, []),
        desk.documents.url("t2", document.id),
        desk.documents.remove("t2", document.id),
    ):
        with pytest.raises(NotFound):
            await work
    assert desk.row(document.id).state is S.READY
