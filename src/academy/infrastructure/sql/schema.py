"""Bringing the schema up to date, and refusing to work with another one."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from academy.application.ports.clock import Clock
from academy.application.ports.database import DatabaseUnavailable
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.sql.connections import SqlConnections

__all__ = ["REVISION", "check_schema", "migrate", "prepare"]

REVISION = "0009"
"""The newest migration; a test proves that it is, and that the migrations make what `tables.py` says."""


def migrate(url: str, *, clock: Clock | None = None) -> str:
    """Bring the database up to date, step by step; return the revision it had before ("" for an empty one).

    Safe to run from several processes at once: the first one migrates, the others find it done. Raises DatabaseUnavailable.
    """
    connections = SqlConnections(url, clock or SystemClock(), pool_size=1)
    try:
        return connections.write(_upgrade)
    finally:
        connections.close()


def prepare(connections: SqlConnections) -> None:
    """Make the whole schema at once in an empty database (tests, a database in memory); otherwise do nothing."""
    connections.write(_create)


def check_schema(connections: SqlConnections) -> None:
    """Raise DatabaseUnavailable unless the schema is at REVISION."""
    found = connections.read(_revision)
    if found != REVISION:
        state = f"at revision {found}" if found else "empty"
        raise DatabaseUnavailable(
            f"the database is {state}, this program needs {REVISION}: run `academy migrate`"
        )


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def _create(connection: Connection) -> None:
    if _revision(connection):
        return
    from academy.infrastructure.sql.all_tables import metadata  # noqa: PLC0415 - a process that is up to date does without

    metadata.create_all(connection, checkfirst=False)
    version = "version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
    connection.execute(text(f"CREATE TABLE alembic_version ({version})"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})


def _upgrade(connection: Connection) -> str:
    # Only this function needs Alembic: every worker would pay for its import.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7305810)"))
    before = _revision(connection)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before
