"""Document rows."""

from collections.abc import Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.page import Page
from academy.domain.document.document import Document, DocumentPurpose, DocumentState
from academy.infrastructure.sql import cursors
from academy.infrastructure.sql.columns import failure_text, millis, now, to_millis
from academy.infrastructure.sql.given import given_rows
from academy.infrastructure.sql.tables_ai import documents, exam_sheets, scans

__all__ = ["SqlDocumentRepository"]

_TYPES = {column.name: "text" for column in documents.columns} | {"size": "bigint", "created_at": "bigint"}


class SqlDocumentRepository:
    """`DocumentRepository` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert

    def add(self, new: Sequence[Document]) -> None:
        """Insert documents with their `created_at`, in one statement; one whose id is there already stays as it is."""
        # Sorted, so that two batches with the same rows never wait for each other in a circle.
        rows = [_cells(document) for document in sorted(new, key=attrgetter("id"))]
        given = given_rows(self._connection, rows, **_TYPES)
        chosen = select(*(given.c[name] for name in _TYPES)).where(given.c.n >= 0).order_by(given.c.n)
        into = self._insert(documents).from_select(list(_TYPES), chosen)
        self._connection.execute(into.on_conflict_do_nothing(index_elements=["id"]))

    def get(self, tenant_id: str, document_id: str, *, lock: bool = False) -> Document | None:
        """Return a document or None; `lock` keeps the row until the transaction ends."""
        query = _there(tenant_id).where(documents.c.id == document_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else Document(*row)

    def get_many(self, tenant_id: str, ids: Sequence[str]) -> Sequence[Document]:
        """Return those of `ids` that there are, by id."""
        query = _there(tenant_id).where(self._among(tenant_id, ids))
        return self._documents(query.order_by(documents.c.id))

    def list(self, tenant_id: str, purpose: str, subject: str, cursor: str, limit: int) -> Page[Document]:
        """Return documents, newest first, of one purpose and subject where they are not ""; a cursor that is not ours raises ValueError.

        A purpose that there is none of raises ValueError too.
        """
        query = _there(tenant_id)
        if purpose:
            query = query.where(documents.c.purpose == DocumentPurpose(purpose))
        if subject:
            query = query.where(documents.c.subject == subject)
        newest = cursors.newest_first(query, documents, cursor, limit)
        return cursors.page_of_newest(self._documents(newest), limit)

    def save(self, document: Document) -> None:
        """Write state, size, upload_id and failure of an existing document."""
        mine = (documents.c.tenant_id == document.tenant_id) & (documents.c.id == document.id)
        change = update(documents).where(mine)
        self._connection.execute(change.values({name: getattr(document, name) for name in _SAVED}))

    def remove(self, tenant_id: str, ids: Sequence[str]) -> None:
        """Delete rows; ids that are not there are no error."""
        self._connection.execute(delete(documents).where(self._among(tenant_id, ids)))

    def in_use(self, tenant_id: str, document_id: str) -> bool:
        """Return whether a scan or the sheet of an exam uses it."""
        uses = [
            exists().where(table.c.tenant_id == tenant_id, column == document_id)
            for table, column in (
                (scans, scans.c.document_id),
                (exam_sheets, exam_sheets.c.blank_document_id),
            )
        ]
        return bool(self._connection.scalar(select(or_(*uses))))

    def abandoned(self, older_than: timedelta, limit: int) -> Sequence[Document]:
        """Return PENDING documents of every academy that were begun longer ago than that, the oldest first."""
        # Written out, not bound: the partial index on open uploads is only recognised by its literal condition.
        still_open = text("documents.state = 'pending'")
        query = select(documents).where(still_open, documents.c.created_at < now() - millis(older_than))
        return self._documents(query.order_by(documents.c.created_at, documents.c.id).limit(limit))

    def removed(self, limit: int) -> Sequence[Document]:
        """Return REMOVED documents of every academy, the oldest first."""
        # Written out as in `abandoned`.
        query = select(documents).where(text("documents.state = 'removed'"))
        return self._documents(query.order_by(documents.c.created_at, documents.c.id).limit(limit))

    def _among(self, tenant_id: str, ids: Sequence[str]) -> ColumnElement[bool]:
        given = given_rows(self._connection, [[each] for each in ids], id="text")
        return (documents.c.tenant_id == tenant_id) & documents.c.id.in_(select(given.c.id))

    def _documents(self, query: Select[Any]) -> Sequence[Document]:
        return [Document(*row) for row in self._connection.execute(query)]


def _there(tenant_id: str) -> Select[Any]:
    """Return the query for an academy's documents that somebody may find."""
    return select(documents).where(
        documents.c.tenant_id == tenant_id, documents.c.state != DocumentState.REMOVED
    )


_SAVED = ("state", "size", "upload_id", "failure")


def _cells(document: Document) -> Sequence[str | float | None]:
    stored = {"failure": failure_text(document.failure), "created_at": to_millis(document.created_at)}
    return [stored.get(name, getattr(document, name)) for name in _TYPES]
