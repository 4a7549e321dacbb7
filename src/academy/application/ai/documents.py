"""Files that people upload and fetch: begin, complete, list, remove (SEC-2)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from academy.application.academics.form import Fault, FieldsRefused
from academy.application.ai import refusals
from academy.application.errors import Conflict, NotFound, Refused
from academy.application.ports.database import Database, Transaction
from academy.application.ports.object_store import ObjectStore, UploadGateway, UploadPart, UploadTicket
from academy.application.ports.page import Page
from academy.application.uploads import ABANDONED_AFTER, EXPIRY_SLACK, open_upload, sent_object
from academy.domain.document.document import (
    Document,
    DocumentPurpose,
    DocumentState,
    document_key,
    file_name_of,
    study_key,
)
from academy.domain.document.kinds import KINDS, SNIFF_BYTES, content_type_of, kind_named, sniff_kind
from academy.domain.failures import Failure

__all__ = ["DocumentLimits", "Documents", "NewDocument"]

_MIB = 1 << 20
_MAY_BE_OPEN = frozenset({DocumentState.PENDING, DocumentState.REMOVED})


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """Bytes that an upload may have, by what it is for, and seconds that the URLs are good."""

    paper_bytes: int = 200 * _MIB
    roster_bytes: int = 20 * _MIB
    homework_bytes: int = 2048 * _MIB
    study_bytes: int = 1024 * _MIB
    upload_seconds: int = 6 * 3600
    url_seconds: int = 600

    def most_bytes(self, purpose: DocumentPurpose) -> int:
        """Return how many bytes an upload of this purpose may have."""
        special = {
            DocumentPurpose.ROSTER: self.roster_bytes,
            DocumentPurpose.HOMEWORK: self.homework_bytes,
            DocumentPurpose.STUDY: self.study_bytes,
        }
        return special.get(purpose, self.paper_bytes)


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A wish to upload: `size` in bytes, `content_type` as the browser says it, `subject` what it belongs to ("exam:…") or ""."""

    purpose: DocumentPurpose
    file_name: str
    size: int
    content_type: str
    subject: str = ""


class Documents:
    """The use cases of documents. Who may use which is decided by the caller."""

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        uploads: UploadGateway,
        new_id: Callable[[], str],
        limits: DocumentLimits | None = None,
    ) -> None:
        """Take ports over the AI bucket, a maker of ids and limits."""
        self._database = database
        self._store = store
        self._uploads = uploads
        self._new_id = new_id
        self._limits = limits or DocumentLimits()

    async def begin(self, tenant_id: str, account: str, wish: NewDocument) -> tuple[Document, UploadTicket]:
        """Open an upload and record the document as PENDING; the ticket's headers hold the type under which it is stored.

        Raises FieldsRefused (purpose, size, file_name), ObjectStoreUnavailable.
        """
        content_type = self._check(wish)
        document_id = self._new_id()
        key = _key(wish, tenant_id, document_id)

        def record(ticket: UploadTicket) -> Awaitable[Document]:
            def work(tx: Transaction) -> Document:
                made = Document(
                    id=document_id,
                    tenant_id=tenant_id,
                    purpose=wish.purpose,
                    state=DocumentState.PENDING,
                    key=key,
                    file_name=file_name_of(wish.file_name, wish.purpose.value),
                    content_type=content_type,
                    size=wish.size,
                    upload_id=ticket.upload_id,
                    made_by=account,
                    subject=wish.subject,
                    failure=None,
                    created_at=tx.now(),
                )
                tx.documents.add([made])
                return made

            return self._database.run(work)

        seconds = self._limits.upload_seconds
        return await open_upload(self._uploads, key, wish.size, content_type, seconds, record)

    async def complete(self, tenant_id: str, document_id: str, parts: Sequence[UploadPart]) -> Document:
        """Check what was uploaded; the document is READY. Completing twice gives the same.

        Raises NotFound, Conflict (`upload_expired`), ObjectStoreUnavailable, Refused: while something is missing the document stays
        PENDING and may be completed again; a whole file of another kind makes it FAILED with that failure, and the object is gone.
        """
        document = await self._database.read(lambda tx: self.get(tx, tenant_id, document_id))
        if document.state is not DocumentState.PENDING:
            return _ended(document)
        head, first = await sent_object(
            self._store,
            self._uploads,
            document.key,
            document.upload_id,
            parts,
            first_bytes=SNIFF_BYTES,
            missing=refusals.UPLOAD_NOT_FOUND,
        )
        wrong = _wrong(document, head.size, first)
        try:
            found = await self._database.run(lambda tx: self._end(tx, document, wrong))
        except NotFound:
            # Removed while its parts were joined: nobody else knows of the object.
            await self._store.delete([document.key])
            raise
        if found.state is DocumentState.FAILED:
            await self._store.delete([document.key])
        return _ended(found)

    def get(self, tx: Transaction, tenant_id: str, document_id: str) -> Document:
        """Return a document. Raises NotFound."""
        return _found(tx.documents.get(tenant_id, document_id))

    def list(
        self, tx: Transaction, tenant_id: str, purpose: str, subject: str, cursor: str, limit: int
    ) -> Page[Document]:
        """Return documents, newest first; "" means any purpose or subject; a cursor that is not ours raises ValueError."""
        return tx.documents.list(tenant_id, purpose, subject, cursor, limit)

    async def url(self, tenant_id: str, document_id: str) -> tuple[str, datetime]:
        """Return a URL that serves the file, and when it ends. Raises NotFound, Conflict, ObjectStoreUnavailable."""
        document, now = await self._database.read(lambda tx: (self.get(tx, tenant_id, document_id), tx.now()))
        if document.state is not DocumentState.READY:
            raise Conflict(document.failure or refusals.DOCUMENT_NOT_READY)
        seconds = self._limits.url_seconds
        return await self._store.presign_get(document.key, seconds), now + timedelta(seconds=seconds)

    async def remove(self, tenant_id: str, document_id: str) -> None:
        """Delete a document and its file; what a crash or the store leaves of it goes with the next `sweep`.

        Raises NotFound, ObjectStoreUnavailable, and Conflict (`document_in_use`) while a scan or an exam's sheet uses it.
        """

        def work(tx: Transaction) -> Document:
            document = _found(tx.documents.get(tenant_id, document_id, lock=True))
            if tx.documents.in_use(tenant_id, document_id):
                raise Conflict(refusals.DOCUMENT_IN_USE)
            tx.documents.save(replace(document, state=DocumentState.REMOVED))
            return replace(document, state=DocumentState.REMOVED)

        await self._forget(await self._database.run(work))

    async def sweep(self, older_than: timedelta = ABANDONED_AFTER + EXPIRY_SLACK, limit: int = 100) -> int:
        """End uploads that were never completed and take away what was removed, with their objects; return how many.

        Raises DatabaseUnavailable, ObjectStoreUnavailable: then the rest is found again by the next call.
        """
        removed = await self._database.read(lambda tx: tx.documents.removed(limit))
        for document in removed:
            await self._forget(document)
        abandoned = await self._database.read(lambda tx: tx.documents.abandoned(older_than, limit))
        for document in abandoned:
            await self._drop(document)
            await self._database.run(lambda tx, d=document: self._end(tx, d, refusals.UPLOAD_EXPIRED))  # type: ignore[misc]
        return len(abandoned) + len(removed)

    def _check(self, wish: NewDocument) -> str:
        """Return the type under which the file is stored. Raises FieldsRefused."""
        kinds = KINDS.get(wish.purpose)
        if kinds is None:
            raise FieldsRefused([Fault(("purpose",), refusals.DOCUMENT_NOT_UPLOADED)])
        if wish.size <= 0:
            raise FieldsRefused([Fault(("size",), refusals.DOCUMENT_EMPTY)])
        most = self._limits.most_bytes(wish.purpose)
        if wish.size > most:
            raise FieldsRefused([Fault(("size",), refusals.document_too_large(most))])
        kind = kind_named(wish.file_name, wish.content_type, kinds)
        if kind is None:
            raise FieldsRefused([Fault(("file_name",), _other_kind(wish.purpose))])
        return content_type_of(kind)

    def _end(self, tx: Transaction, document: Document, wrong: Failure | None) -> Document:
        """Write how an upload ended unless that stands already; return the document. Raises NotFound, Conflict."""
        current = _found(tx.documents.get(document.tenant_id, document.id, lock=True))
        if current.state is not DocumentState.PENDING:
            return current
        if wrong is None and tx.now() - current.created_at >= ABANDONED_AFTER:
            # Its object may be removed at any moment.
            raise Conflict(refusals.UPLOAD_EXPIRED)
        state = DocumentState.FAILED if wrong else DocumentState.READY
        ended = replace(current, state=state, failure=wrong)
        tx.documents.save(ended)
        return ended

    async def _forget(self, document: Document) -> None:
        """Take away the object of a REMOVED document, then its row: in this order nothing is lost sight of."""
        await self._drop(document)
        await self._database.run(lambda tx: tx.documents.remove(document.tenant_id, [document.id]))

    async def _drop(self, document: Document) -> None:
        if document.upload_id and document.state in _MAY_BE_OPEN:
            await self._uploads.abort(document.key, document.upload_id)
        await self._store.delete([document.key])


def _found(document: Document | None) -> Document:
    if document is None:
        raise NotFound("document")
    return document


def _ended(document: Document) -> Document:
    """Return a READY document; raises Refused with why it is not."""
    if document.failure is not None:
        raise Refused(document.failure)
    return document


def _wrong(document: Document, size: int, first: bytes) -> Failure | None:
    if size != document.size:
        return refusals.UPLOAD_SIZE
    fits = sniff_kind(first, KINDS[document.purpose])
    return None if fits else _other_kind(document.purpose)


def _key(wish: NewDocument, tenant_id: str, document_id: str) -> str:
    if wish.purpose is DocumentPurpose.STUDY:
        return study_key(tenant_id, document_id, file_name_of(wish.file_name, wish.purpose.value))
    return document_key(tenant_id, document_id)


def _other_kind(purpose: DocumentPurpose) -> Failure:
    special = {
        DocumentPurpose.HOMEWORK: refusals.DOCUMENT_KIND_HOMEWORK,
        DocumentPurpose.STUDY: refusals.DOCUMENT_KIND_STUDY,
    }
    return special.get(purpose, refusals.DOCUMENT_KIND)
