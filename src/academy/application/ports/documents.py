"""Port: documents within a transaction. Every method that takes a `tenant_id` finds nothing of another's."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from academy.application.ports.page import Page
from academy.domain.document.document import Document

__all__ = ["DocumentRepository"]


class DocumentRepository(Protocol):
    """The rows of documents; the objects are the object store's. Only `removed` finds those that are REMOVED."""

    def add(self, documents: Sequence[Document]) -> None:
        """Insert documents with their `created_at`; one whose id is there already stays as it is."""
        ...

    def get(self, tenant_id: str, document_id: str, *, lock: bool = False) -> Document | None:
        """Return a document or None; `lock` keeps the row until the transaction ends."""
        ...

    def get_many(self, tenant_id: str, ids: Sequence[str]) -> Sequence[Document]:
        """Return those of `ids` that there are, by id."""
        ...

    def list(self, tenant_id: str, purpose: str, subject: str, cursor: str, limit: int) -> Page[Document]:
        """Return documents, newest first, of one purpose and subject where they are not ""; a cursor that is not ours raises ValueError."""
        ...

    def save(self, document: Document) -> None:
        """Write state, size, upload_id and failure of an existing document."""
        ...

    def remove(self, tenant_id: str, ids: Sequence[str]) -> None:
        """Delete rows; ids that are not there are no error."""
        ...

    def in_use(self, tenant_id: str, document_id: str) -> bool:
        """Return whether a scan or the sheet of an exam uses it."""
        ...

    def abandoned(self, older_than: timedelta, limit: int) -> Sequence[Document]:
        """Return PENDING documents of every academy that were begun longer ago than that, the oldest first."""
        ...

    def removed(self, limit: int) -> Sequence[Document]:
        """Return REMOVED documents of every academy, the oldest first."""
        ...
