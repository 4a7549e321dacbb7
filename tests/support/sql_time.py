"""Letting time pass in a database that has a clock of its own."""

from sqlalchemy import BigInteger, Connection, type_coerce, update

from academy.infrastructure.sql.all_tables import metadata
from academy.infrastructure.sql.columns import UtcMillis
from academy.infrastructure.sql.connections import SqlConnections

__all__ = ["shift_time"]


def shift_time(connections: SqlConnections, seconds: float) -> None:
    """Move every stored time `seconds` into the past: for every row, as much time has gone by."""
    step = round(seconds * 1000)

    def work(connection: Connection) -> None:
        for table in metadata.sorted_tables:
            times = [column for column in table.columns if isinstance(column.type, UtcMillis)]
            if times:
                earlier = {column.name: type_coerce(column, BigInteger) - step for column in times}
                connection.execute(update(table).values(earlier))

    connections.write(work)
