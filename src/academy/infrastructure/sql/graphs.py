"""Rows of graphs and of documents under the microscope."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.page import Page
from academy.domain.graph.graph import LensDocument, UserGraph
from academy.infrastructure.sql import cursors
from academy.infrastructure.sql.columns import now
from academy.infrastructure.sql.given import given_rows
from academy.infrastructure.sql.tables_graph import graphs, lens_documents

__all__ = ["SqlGraphRepository", "SqlLensRepository"]

_BUILT = ("build", "prefix", "summary_key", "recipe", "nodes", "edges", "clusters")
_EMPTY: dict[str, Any] = {name: 0 if name in {"nodes", "edges", "clusters"} else "" for name in _BUILT}


class SqlGraphRepository:
    """`GraphRepository` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert

    def reserve(self, tenant_id: str, user_id: str, job_id: str) -> UserGraph | None:
        """Let a job be the one that may change a user's graph; return the graph, or None: another job's turn."""
        new = self._insert(graphs).values(
            tenant_id=tenant_id, user_id=user_id, holder=job_id, updated_at=now(), **_EMPTY
        )
        mine_or_free = graphs.c.holder.in_(("", job_id))
        taken = new.on_conflict_do_update(
            index_elements=["tenant_id", "user_id"], set_={"holder": job_id}, where=mine_or_free
        )
        row = self._connection.execute(taken.returning(*graphs.c)).one_or_none()
        return None if row is None else UserGraph(*row)

    def release(self, tenant_id: str, user_id: str, job_id: str) -> None:
        """Let others change it; nothing happens where the job is not its holder. A row without a build goes."""
        held = _of(graphs, tenant_id, user_id) & (graphs.c.holder == job_id)
        self._connection.execute(delete(graphs).where(held, graphs.c.build == ""))
        self._connection.execute(update(graphs).where(held).values(holder=""))

    def publish(self, graph: UserGraph) -> bool:
        """Write every field but `holder` and `updated_at`, which becomes now; return False where `graph.holder` does not hold it."""
        held = _of(graphs, graph.tenant_id, graph.user_id) & (graphs.c.holder == graph.holder)
        change = update(graphs).where(held).values({name: getattr(graph, name) for name in _BUILT})
        return self._connection.execute(change.values(updated_at=now())).rowcount == 1

    def get(self, tenant_id: str, user_id: str) -> UserGraph | None:
        """Return a graph that has a build, or None."""
        query = select(graphs).where(_of(graphs, tenant_id, user_id), graphs.c.build != "")
        row = self._connection.execute(query).one_or_none()
        return None if row is None else UserGraph(*row)

    def list(self, tenant_id: str, cursor: str, limit: int) -> Page[UserGraph]:
        """Return graphs that have a build, by user id; a cursor that is not ours raises ValueError."""
        query = select(graphs).where(graphs.c.tenant_id == tenant_id, graphs.c.build != "")
        if cursor:
            query = query.where(graphs.c.user_id > cursors.decode_text(cursor))
        found = self._connection.execute(query.order_by(graphs.c.user_id).limit(limit + 1))
        some = [UserGraph(*row) for row in found]
        return cursors.page_of(some, limit, lambda last: cursors.encode_text(last.user_id))

    def remove(self, tenant_id: str, user_id: str, job_id: str) -> bool:
        """Delete the row; return False where another job holds it."""
        mine = _of(graphs, tenant_id, user_id)
        self._connection.execute(delete(graphs).where(mine, graphs.c.holder.in_(("", job_id))))
        return self._connection.execute(select(graphs.c.user_id).where(mine)).one_or_none() is None


class SqlLensRepository:
    """`LensRepository` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert

    def put(self, document: LensDocument) -> None:
        """Insert it or write every field of the one that is there; `updated_at` becomes now."""
        fields: dict[str, Any] = {column.name: getattr(document, column.name) for column in lens_documents.c}
        fields["updated_at"] = now()
        keys = [column.name for column in lens_documents.primary_key]
        rest = {name: value for name, value in fields.items() if name not in keys}
        new = self._insert(lens_documents).values(fields)
        self._connection.execute(new.on_conflict_do_update(index_elements=keys, set_=rest))

    def get_many(self, tenant_id: str, user_id: str, document_ids: Sequence[str]) -> Sequence[LensDocument]:
        """Return those of `document_ids` that there are, by document id."""
        query = select(lens_documents).where(
            _of(lens_documents, tenant_id, user_id), self._among(document_ids)
        )
        found = self._connection.execute(query.order_by(lens_documents.c.document_id))
        return [LensDocument(*row) for row in found]

    def list(self, tenant_id: str, user_id: str, cursor: str, limit: int) -> Page[LensDocument]:
        """Return a user's documents, by document id; a cursor that is not ours raises ValueError."""
        query = select(lens_documents).where(_of(lens_documents, tenant_id, user_id))
        if cursor:
            query = query.where(lens_documents.c.document_id > cursors.decode_text(cursor))
        found = self._connection.execute(query.order_by(lens_documents.c.document_id).limit(limit + 1))
        some = [LensDocument(*row) for row in found]
        return cursors.page_of(some, limit, lambda last: cursors.encode_text(last.document_id))

    def remove(self, tenant_id: str, user_id: str, document_ids: Sequence[str] | None = None) -> None:
        """Delete some of a user's rows, or all of them; ids that are not there are no error."""
        gone = delete(lens_documents).where(_of(lens_documents, tenant_id, user_id))
        self._connection.execute(gone if document_ids is None else gone.where(self._among(document_ids)))

    def _among(self, document_ids: Sequence[str]) -> ColumnElement[bool]:
        given = given_rows(self._connection, [[each] for each in document_ids], id="text")
        return lens_documents.c.document_id.in_(select(given.c.id))


def _of(table: Table, tenant_id: str, user_id: str) -> ColumnElement[bool]:
    return tuple_(table.c.tenant_id, table.c.user_id) == (tenant_id, user_id)
