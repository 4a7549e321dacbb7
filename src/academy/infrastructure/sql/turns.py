"""Taking turns: how the waiting rows of many groups stand in one line (QUE-4).

Every row that waits has a `turn`, a round's number; the line is served by turn, then by number of row. A group's next row gets one
turn more than its last that still waits, but never one of the round under way or before it. So each group has at most one row in a
round, a round that has begun grows no longer, a group with many rows is one row per round slower for the others, and one that was
idle gets nothing for it. It is start-time fair queuing (Goyal, Vin, Cheng, SIGCOMM 1996) with one unit of work per row. What came
back after it had its turn joins the round under way.

The round under way is the smallest turn that waits. The table `lines` keeps a lower bound of it, `round`, which `noted` brings up to date
now and then: every look into an index begins there, because the entries of rows that left remain in PostgreSQL's index until they are
vacuumed. A row that was put in behind it, by somebody who had looked before, is found when the bound is noted next, which looks at all.

Two indexes hold what stands in the line: by turn, for the next rows, and by group and turn, for a group's last one. A plan made while
few rows waited cannot tell which of them is right for a query and is kept when many wait, so only one fits each: the
condition of the index by groups is `IN_GROUP`, which no other query implies, and the look for a group's last row says nothing from
which PostgreSQL concludes `turn IS NOT NULL` (hence the comparison of whole rows).

Rows that wait for a time have no turn and stand in another index; `placed` gives them one when their time comes. Hence neither the number
of rows that wait, nor of groups, nor of hidden rows tells in what a look costs.
"""
# ruff: noqa: S608 (every part is a constant of this package; values are bound)

from dataclasses import dataclass

from academy.infrastructure.sql.columns import ROW_NOW, SQLITE_NOW, STATEMENT_NOW

__all__ = ["IN_GROUP", "POSTGRESQL", "SQLITE", "Dialect", "Line"]

IN_GROUP = "coalesce(turn, -1) >= 0"
"""That a row stands in the line, in the words of the indexes by groups."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between the two: the clock, the larger of two, how a JSON text becomes rows, and that one locks rows."""

    statement_now: str
    row_now: str
    greatest: str
    lock: str
    postgresql: bool

    def rows(self, parameter: str, **fields: str) -> str:
        """Return a query for the rows of a JSON array of arrays: name=type in the order of the inner arrays.

        The column `n` numbers them from 0.
        """
        if self.postgresql:
            # Each text is taken apart once, by names; elements are looked up by number without being copied.
            cells = [
                f"CAST(value ->> {at} AS {kind}) AS {name}" for at, (name, kind) in enumerate(fields.items())
            ]
            source = f"json_array_elements(CAST(:{parameter} AS json)) WITH ORDINALITY AS given(value, n)"
            return f"SELECT n, {', '.join(cells)} FROM {source}"
        cells = [f"value ->> {at} AS {name}" for at, name in enumerate(fields)]
        return f"SELECT key AS n, {', '.join(cells)} FROM json_each(:{parameter})"

    def among(self, column: str, query: str) -> str:
        """Return the condition that a column is one of the few values of a query, looked up one by one.

        PostgreSQL takes every list for a hundred rows and may prefer to walk through the whole table; of an array it knows better.
        """
        return f"{column} = ANY(ARRAY({query}))" if self.postgresql else f"{column} IN ({query})"

    def joined(self, column: str, table: str, other: str = "id") -> str:
        """Return the condition that a row belongs to one of the few rows of `table`, looked up one by one.

        A join alone does not say how: a plan that PostgreSQL made while the table was empty walks through all of it later.
        """
        same = f"{column} = {table}.{other}"
        return f"{same} AND {self.among(column, f'SELECT {other} FROM {table}')}" if self.postgresql else same


SQLITE = Dialect(SQLITE_NOW, SQLITE_NOW, "max", "", postgresql=False)
POSTGRESQL = Dialect(STATEMENT_NOW, ROW_NOW, "greatest", "FOR UPDATE SKIP LOCKED", postgresql=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of rows.

    Attributes:
        table: where they are.
        name: the expression for its key in `lines`.
        within: the condition for rows of the line, "true" when the whole table is one.
        group: the columns that name a group.
    """

    table: str
    name: str
    within: str
    group: tuple[str, ...]

    @property
    def round(self) -> str:
        """Return the expression for the lower bound of every turn that waits."""
        return f"coalesce((SELECT round FROM lines WHERE name = {self.name}), 0)"

    @property
    def waiting(self) -> str:
        """Return the condition for the rows that stand in the line."""
        return f"{self.within} AND turn IS NOT NULL AND turn >= {self.round}"

    @property
    def begun(self) -> str:
        """Return the expression for the round under way."""
        return f"""coalesce(
            (SELECT turn FROM {self.table} WHERE {self.waiting} ORDER BY turn LIMIT 1), {self.round})"""

    @property
    def noted(self) -> str:
        """Return the statement that keeps the round under way, wherever it begins, and returns it if it is another than before."""
        first = (
            f"(SELECT turn FROM {self.table} WHERE {self.within} AND turn IS NOT NULL ORDER BY turn LIMIT 1)"
        )
        # Nothing is written, and no row locked, while it stays the same.
        return f"""
            WITH line AS MATERIALIZED (SELECT {first} AS begun)
            INSERT INTO lines (name, round)
            SELECT {self.name}, begun FROM line
            WHERE begun IS NOT NULL AND begun <> {self.round}
            ON CONFLICT (name) DO UPDATE SET round = excluded.round RETURNING round"""

    def placed(self, dialect: Dialect, source: str, back: str = "") -> str:
        """Return the common table expressions `line`, `lasts` and `placed`: the rows of the expression `source`, with `place`.

        `source` has the columns of the group and `n`, by which rows of a group follow one another. Where `back` holds, a row
        joins the round under way.
        """
        group = ", ".join(self.group)
        same = " AND ".join(f"{self.table}.{name} = {source}.{name}" for name in self.group)
        joined = " AND ".join(f"lasts.{name} = {source}.{name}" for name in self.group)
        alike = ", ".join(f"{source}.{name}" for name in self.group)
        last = f"""(SELECT turn FROM {self.table}
            WHERE {self.within} AND {IN_GROUP} AND {same} AND {self._since(dialect, source)}
            ORDER BY turn DESC LIMIT 1)"""
        behind = f"""{dialect.greatest}(line.begun, coalesce(lasts.last, 0))
            + row_number() OVER (PARTITION BY {alike}{f", {back}" if back else ""} ORDER BY {source}.n)"""
        place = f"CASE WHEN {back} THEN line.begun ELSE {behind} END" if back else behind
        # Materialised, or PostgreSQL looks again for every mention of it.
        return f"""line AS MATERIALIZED (SELECT {self.begun} AS begun),
            lasts AS (SELECT {group}, {last} AS last FROM {source} GROUP BY {group}),
            placed AS (SELECT {source}.*, {place} AS place
                FROM {source} JOIN lasts ON {joined} CROSS JOIN line)"""

    def _since(self, dialect: Dialect, source: str) -> str:
        """Return the condition that a row of the same group as one of `source` has a turn since the round under way."""
        if not dialect.postgresql:
            return f"turn >= {self.round}"
        row = ", ".join(f"{self.table}.{name}" for name in (*self.group, "turn"))
        bound = ", ".join(f"{source}.{name}" for name in self.group)
        return f"({row}) >= ({bound}, {self.round})"
