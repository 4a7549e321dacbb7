"""One process's connections to the database: who writes, who reads, on which thread."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

from academy.application.ports.clock import Clock
from academy.application.ports.database import DatabaseUnavailable
from academy.infrastructure.sql.engine import (
    is_memory,
    listening_connection,
    parsed_url,
    postgresql_engine,
    sqlite_engine,
)
from academy.infrastructure.sql.errors import translated
from academy.infrastructure.sql.listening import Listener, NoListener, PostgresListener, SqliteListener
from academy.infrastructure.sql.wakeup import Wakeup

__all__ = ["SqlConnections"]

T = TypeVar("T")
Work = Callable[[Connection], T]
WRITER_WAIT_SECONDS = 30.0
DURABLE, FAST, READ_ONLY = "durable", "fast", "read_only"
log = logging.getLogger(__name__)


class SqlConnections:
    """Runs functions in transactions; shared by everything of ours in one process that uses the database.

    SQLite: one writer connection behind a lock and a few that only read. PostgreSQL: one pool of `pool_size`, and one connection
    more that listens once somebody waits for a queue or the outbox: the process's whole connection budget. Asynchronous callers
    hop to as many threads as there are connections to use.
    """

    def __init__(self, url: str, clock: Clock, *, pool_size: int = 4) -> None:
        parts = parsed_url(url)
        self.url = url
        self.sqlite = parts.get_backend_name() == "sqlite"
        self._lock = threading.Lock()
        self._writer: Connection | None = None
        self._mode = DURABLE
        self.wakeup = Wakeup(self._listen)
        self._listener: Listener = NoListener()
        self._reading: Engine | None = None
        if not self.sqlite:
            engine = postgresql_engine(parts, pool_size=pool_size)
            self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
            self._reading = engine.execution_options(postgresql_readonly=True)
            self._listener = PostgresListener(lambda: listening_connection(engine), self.wakeup)
        else:
            engine = sqlite_engine(parts, clock, write=True)
            if not is_memory(parts):
                self._reading = sqlite_engine(parts, clock, write=False)
                watching = sqlite_engine(parts, clock, write=False, readers=1)
                self._listener = SqliteListener(watching, self.wakeup)
        self._engine = engine
        self._writers = ThreadPoolExecutor(1 if self.sqlite else pool_size, "sql-write")
        apart = self.sqlite and self._reading is not None
        self._readers = ThreadPoolExecutor(2, "sql-read") if apart else self._writers

    @property
    def engine(self) -> Engine:
        """The engine that writes, for migrations."""
        return self._engine

    def write(self, work: Work[T], *, durable: bool = True) -> T:
        """Run `work(connection)` on this thread and commit. Raises DatabaseUnavailable, ValueError.

        Without `durable` the commit may be lost in a power cut (not in a crash of this process), but only together with
        every commit after it.
        """
        with translated():
            if self.sqlite:
                mode = DURABLE if durable else FAST
                return self._locked(work, mode)
            # PostgreSQL commits are always durable: asking for less would cost a round trip.
            with self._engine.begin() as connection:
                return work(connection)

    def write_each(self, work: Work[T], *, durable: bool = False) -> T:
        """Like `write`, but PostgreSQL commits each statement by itself, which saves two round trips of three.

        For work that is one statement, or whose statements are right each alone.
        """
        if self.sqlite:
            return self.write(work, durable=durable)
        with translated(), self._autocommit.connect() as connection:
            return work(connection)

    def read(self, work: Work[T]) -> T:
        """Run `work(connection)` on this thread in one snapshot that cannot write. Raises DatabaseUnavailable, ValueError."""
        with translated():
            if self._reading is None:
                return self._locked(work, READ_ONLY)
            with self._reading.begin() as connection:
                return work(connection)

    async def write_apart(self, work: Callable[[], T]) -> T:
        """Call a function that writes on one of the writing threads; see `_finish`."""
        return await self._finish(self._writers, work)

    async def read_apart(self, work: Callable[[], T]) -> T:
        """Call a function that reads on one of the reading threads; see `_finish`."""
        return await self._finish(self._readers, work)

    def close(self) -> None:
        """Let what runs finish, then close every connection."""
        self._listener.close()
        self._writers.shutdown()
        self._readers.shutdown()
        with self._lock:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        for engine in (self._engine, self._reading):
            if engine is not None:
                engine.dispose()

    def _listen(self) -> None:
        self._listener.need()

    def _locked(self, work: Work[T], mode: str) -> T:
        """Run `work` on the one connection that may write, in `mode`."""
        if not self._lock.acquire(timeout=WRITER_WAIT_SECONDS):
            raise DatabaseUnavailable(
                f"waited {WRITER_WAIT_SECONDS:.0f} s for another transaction of this process"
            )
        try:
            if self._writer is None:
                self._writer = self._engine.connect()
            if mode != self._mode:
                self._set_mode(self._writer, mode)
            with self._writer.begin():
                return work(self._writer)
        finally:
            self._lock.release()

    def _set_mode(self, connection: Connection, mode: str) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(f"PRAGMA query_only={'ON' if mode == READ_ONLY else 'OFF'}")
        driver.execute(f"PRAGMA synchronous={'NORMAL' if mode == FAST else 'FULL'}")
        connection.info["begin"] = "BEGIN" if mode == READ_ONLY else "BEGIN IMMEDIATE"
        self._mode = mode

    async def _finish(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        """Run `work` on a thread and wait for its end even when the caller is cancelled.

        Whoever sees the cancellation therefore knows that the transaction is over; how it went wrong is logged.
        """
        future = asyncio.get_running_loop().run_in_executor(threads, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            error = future.exception()
            if error is not None:
                log.warning("cancelled_transaction_failed", extra={"error": repr(error)})
            raise
