"""What is said to PostgreSQL.

Every collection is a table of its own: dropping it takes its files away at once, where a deleted row would stay readable in them
until much later. A new one is filled beside and takes the old one's place in one transaction. Vectors are compared one by one (no
approximate index): that is exact, and a student has some thousands.
"""

import hashlib
import json
from array import array
from collections.abc import Sequence
from uuid import uuid4

from psycopg import sql

from academy.application.ports.vector_index import Near, VectorMismatch, VectorSpace
from academy.infrastructure.pgvector.connections import Connection
from academy.infrastructure.pgvector.wire import copy_rows, vector_text

__all__ = ["Collection", "Owner"]

_LOCK = 6_270_911
_CREATE = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE SCHEMA IF NOT EXISTS academy_vectors;
CREATE TABLE IF NOT EXISTS academy_vectors.collections (
    owner bytea PRIMARY KEY,
    relation text NOT NULL,
    model text NOT NULL,
    dimension integer NOT NULL,
    metric text NOT NULL
)"""
# Rows stay whole up to a page, so that a scan reads no second table; no statistics, which would keep ids elsewhere.
_CREATE_TABLE = """
CREATE TABLE {table} (id bytea NOT NULL, embedding vector({dimension}) NOT NULL) WITH (toast_tuple_target = 8160);
ALTER TABLE {table} ALTER id SET STATISTICS 0, ALTER embedding SET STATISTICS 0"""
# An id has up to 4,000 bytes, an entry of an index at most 2,704.
_CREATE_INDEX = "CREATE UNIQUE INDEX ON {table} (sha256(id))"
_FIND = "SELECT relation, model, dimension, metric FROM academy_vectors.collections WHERE owner = %s"
_POINT = """
INSERT INTO academy_vectors.collections (owner, relation, model, dimension, metric) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (owner) DO UPDATE SET relation = excluded.relation, model = excluded.model,
    dimension = excluded.dimension, metric = excluded.metric"""
_DELETE = "DELETE FROM {table} WHERE sha256(id) IN (SELECT sha256(given) FROM unnest(%s::bytea[]) AS given)"
# A vector of zeros is at no angle to anything: as far as one at a right angle.
_NEAREST = """
SELECT id, 1 - distance FROM (
    SELECT id, coalesce(nullif(embedding <=> %s::vector, 'NaN'), 1) AS distance FROM {table}
) AS measured ORDER BY distance, id LIMIT %s"""


class Owner:
    """Whose a collection is: a digest, so that no table says a person's id."""

    def __init__(self, tenant_id: str, user_id: str) -> None:
        self.digest = hashlib.sha256(json.dumps([tenant_id, user_id]).encode()).digest()

    def lock(self, connection: Connection) -> None:
        """Let others who write wait until the transaction ends."""
        number = int.from_bytes(self.digest[:8], "big", signed=True)
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [number])


class Collection:
    """The table of an owner, as it is now."""

    def __init__(self, relation: str, space: VectorSpace) -> None:
        self._relation = relation
        self.space = space
        self._table = sql.Identifier("academy_vectors", relation)

    @staticmethod
    def prepare(connection: Connection) -> None:
        """Make the extension, the schema and the table of collections unless they are there."""
        known = connection.execute("SELECT to_regclass(%s)", ["academy_vectors.collections"]).fetchone()
        if known is not None and known[0] is not None:
            return
        with connection.transaction():
            # IF NOT EXISTS alone fails when two do it at the same time.
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            connection.execute(_CREATE)

    @classmethod
    def find(
        cls, connection: Connection, owner: Owner, expected: VectorSpace | None = None
    ) -> "Collection | None":
        """Return an owner's collection, None if there is none. Raises VectorMismatch unless it is of the expected space."""
        row = connection.execute(_FIND, [owner.digest]).fetchone()
        if row is None:
            return None
        found = cls(row[0], VectorSpace(row[1], row[2], row[3]))
        if expected is not None and found.space != expected:
            raise VectorMismatch(f"the collection holds {found.space}, not {expected}")
        return found

    @classmethod
    def make(
        cls,
        connection: Connection,
        owner: Owner,
        space: VectorSpace,
        ids: Sequence[str],
        vectors: Sequence["array[float]"],
    ) -> None:
        """Make and fill a table, in place of the owner's old one. Within a transaction that holds the owner's lock."""
        old = cls.find(connection, owner)
        made = cls(f"of_{uuid4().hex}", space)
        create = sql.SQL(_CREATE_TABLE).format(table=made._table, dimension=sql.Literal(space.dimension))
        connection.execute(create)
        made._copy(connection, ids, vectors)
        connection.execute(made._said(_CREATE_INDEX))
        connection.execute(_POINT, [owner.digest, made._relation, space.model, space.dimension, space.metric])
        if old is not None:
            old.drop(connection)

    def put(self, connection: Connection, ids: Sequence[str], vectors: Sequence["array[float]"]) -> None:
        """Add or overwrite. Within a transaction that holds the owner's lock."""
        self.remove(connection, ids)
        self._copy(connection, ids, vectors)

    def remove(self, connection: Connection, ids: Sequence[str]) -> None:
        """Remove ids; missing ones are no error."""
        connection.execute(self._said(_DELETE), [[each.encode() for each in ids]])

    def nearest(self, connection: Connection, vector: "array[float]", count: int) -> Sequence[Near]:
        """Return the nearest, equal ones in the order of their ids."""
        rows = connection.execute(self._said(_NEAREST), [vector_text(vector), max(count, 0)])
        return [Near(bytes(name).decode(), max(-1.0, min(1.0, similarity))) for name, similarity in rows]

    def count(self, connection: Connection) -> int:
        """Return how many vectors it holds."""
        row = connection.execute(self._said("SELECT count(*) FROM {table}")).fetchone()
        return 0 if row is None else int(row[0])

    def erase(self, connection: Connection, owner: Owner) -> None:
        """Take the table and its files away. Within a transaction that holds the owner's lock."""
        connection.execute("DELETE FROM academy_vectors.collections WHERE owner = %s", [owner.digest])
        self.drop(connection)

    def drop(self, connection: Connection) -> None:
        """Take the table and its files away."""
        connection.execute(self._said("DROP TABLE {table}"))

    def _copy(self, connection: Connection, ids: Sequence[str], vectors: Sequence["array[float]"]) -> None:
        statement = self._said("COPY {table} (id, embedding) FROM STDIN (FORMAT BINARY)")
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for piece in copy_rows(ids, vectors):
                copy.write(piece)

    def _said(self, statement: str) -> sql.Composed:
        return sql.SQL(statement).format(table=self._table)
