"""Connections: how each dialect is opened, and what a connection promises.

SQLite: WAL, so readers never wait for the writer; `synchronous=FULL`, because a committed job must survive a power cut (NORMAL
may lose the last commits of a WAL database; see https://www.sqlite.org/pragma.html#pragma_synchronous); a writer takes the lock at
BEGIN, so it never fails half-way for want of it. PostgreSQL: a small pool, time-outs on locks and statements, and a dead
connection is noticed when it is taken from the pool, without a round trip.
"""

import select
import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from academy.application.ports.clock import Clock
from academy.infrastructure.sql.columns import to_millis

if TYPE_CHECKING:
    import psycopg

__all__ = ["is_memory", "listening_connection", "parsed_url", "postgresql_engine", "sqlite_engine"]

BUSY_SECONDS = 10
"""How long a SQLite writer waits for another process's transaction."""
POSTGRESQL_OPTIONS = {
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    # A plan is kept as long as its connection: made while a queue was empty it must be as good when a million wait.
    "enable_seqscan": "off",
    "jit": "off",
}


_KEEP_ALIVE = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def is_memory(url: URL) -> bool:
    """Return whether a SQLite URL names no file."""
    return url.database in {None, "", ":memory:"}


def sqlite_engine(url: URL, clock: Clock, *, write: bool, readers: int = 4) -> Engine:
    """Return an engine on a SQLite file: one connection that writes, or up to `readers` that cannot.

    A database in memory has a single connection, so it is opened with `write` only.
    """
    engine = create_engine(
        url,
        hide_parameters=True,  # An error that is logged says the statement, never people's names and texts.
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None},
        **(
            {"poolclass": StaticPool}
            if is_memory(url)
            else {"pool_size": 1 if write else readers, "max_overflow": 0}
        ),
    )

    @event.listens_for(engine, "connect")
    def opened(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
        if write and connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            # The file remembers it; asking again would only get in the way of those who use it.
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA cache_size=-16000")
        connection.execute("PRAGMA journal_size_limit=67108864")
        if not write:
            connection.execute("PRAGMA query_only=ON")
        time_of_transaction = [to_millis(clock.now())]
        connection.create_function("academy_now", 0, lambda: time_of_transaction[0])
        # Beside the connection, so that `begun` finds them without a table of connections.
        entry.info["time"] = time_of_transaction
        entry.info["begin"] = "BEGIN IMMEDIATE" if write else "BEGIN"

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(connection.info["begin"])
        connection.info["time"][0] = to_millis(clock.now())

    return engine


def postgresql_engine(url: URL, *, pool_size: int) -> Engine:
    """Return an engine with at most `pool_size` connections; taking one waits up to 10 s."""
    options = " ".join(f"-c {name}={value}" for name, value in POSTGRESQL_OPTIONS.items())
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "application_name": "academy", "options": options, **_KEEP_ALIVE},
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "checkout")
    def taken(
        connection: "psycopg.Connection[Any]", entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
    ) -> None:
        if not entry.info.get("used"):
            # Fresh: what TLS still has to say after the greeting is no farewell.
            entry.info["used"] = True
            return
        # An idle connection has nothing to say: bytes to read are the server's farewell (or its closed socket).
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if connection.closed or poll.poll(0):
            raise DisconnectionError("the server closed an idle connection")

    return engine


def listening_connection(engine: Engine) -> "psycopg.Connection[Any]":
    """Return a connection to the engine's server outside its pool, without transactions; raises psycopg.Error."""
    import psycopg  # noqa: PLC0415 - a process on SQLite does without

    args, named = engine.dialect.create_connect_args(engine.url)
    ours: dict[str, Any] = {"connect_timeout": 5, "application_name": "academy listens", **_KEEP_ALIVE}
    return psycopg.connect(*args, **{**named, **ours}, autocommit=True)


def parsed_url(url: str) -> URL:
    """Return the URL with our driver named; raises ValueError, which repeats nothing of it, for what is none or another database."""
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError(
            "not an address of a database, such as postgresql+psycopg: scheme, user, password, host and name"
        ) from None
    drivers = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    backend = parts.drivername.partition("+")[0]
    if backend not in drivers:
        raise ValueError(f"the database must be SQLite or PostgreSQL, not {backend}")
    return parts.set(drivername=drivers[backend])
