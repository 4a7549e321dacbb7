"""Hearing of what other processes put on queues and into the outbox.

PostgreSQL: one more connection that listens (https://www.postgresql.org/docs/current/sql-listen.html). SQLite: nobody tells anybody, but
every commit is written to the log beside the file, which `changes.py` watches, and `PRAGMA data_version`
(https://www.sqlite.org/pragma.html#pragma_data_version) says from shared memory whether another connection has committed.

Only time is won by it: long polls and relays look by themselves every second, so the loss of the connection is no outage, and a
pooler that passes no notifications on is none either.
"""

import logging
import random
import select
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from academy.infrastructure.sql import queue_sql
from academy.infrastructure.sql.changes import Bell, watch_file
from academy.infrastructure.sql.columns import json_text
from academy.infrastructure.sql.wakeup import Wakeup

if TYPE_CHECKING:
    import psycopg

__all__ = ["OUTBOX_CHANNEL", "Listener", "NoListener", "PostgresListener", "SqliteListener"]

log = logging.getLogger(__name__)

RETRY_SECONDS = (0.2, 2.0)
COMMIT_SECONDS = (0.001, *(0.002,) * 8, 0.016, 0.032)
"""A commit shows only once the log is on the disk, and what is noticed is that it is written to: looked for after each of these waits."""
OUTBOX_CHANNEL = "academy_outbox"
"""Where PostgreSQL tells that a message without delay was put into the outbox; the payload is the origin."""
_OUTBOX_READY = text("SELECT EXISTS (SELECT 1 FROM outbox WHERE turn IS NOT NULL)")


class Listener(Protocol):
    """Wakes those of this process who wait when another process gave them a reason."""

    def need(self) -> None:
        """Somebody waits: start to listen. Cheap; callable from any thread."""
        ...

    def close(self) -> None:
        """Stop for good and let go of the connection."""
        ...


class NoListener:
    """For a database in memory: there is no other process."""

    def need(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class _Thread:
    """A thread that is started when first needed and ended by `close`; its work is done again after an error."""

    def __init__(self, name: str, work: Callable[[], None], *errors: type[Exception]) -> None:
        self._errors: tuple[type[Exception], ...] = (SQLAlchemyError, OSError, *errors)
        self.stopping = threading.Event()
        self._name = name
        self._work = work
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is None and not self.stopping.is_set():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def stop(self) -> None:
        with self._lock:
            self.stopping.set()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                self._work()
            except self._errors as error:
                log.warning("listening_failed", extra={"error": str(error)})
                self.stopping.wait(random.uniform(*RETRY_SECONDS))  # noqa: S311 (jitter)


class PostgresListener:
    """Listens on one connection of its own, outside the pool, opened when somebody first waits; sleeps on its socket."""

    def __init__(self, connect: "Callable[[], psycopg.Connection[Any]]", wakeup: Wakeup) -> None:
        import psycopg  # noqa: PLC0415 - a process on SQLite does without

        self._connect = connect
        self._wakeup = wakeup
        self._bell = Bell()
        self._thread = _Thread("sql-listen", self._listen, psycopg.Error)

    def need(self) -> None:
        """Open the connection if there is none yet."""
        self._thread.start()

    def close(self) -> None:
        """End the thread, which closes the connection."""
        self._thread.stop()
        self._bell.ring()
        self._thread.join()
        self._bell.close()

    def _listen(self) -> None:
        with self._connect() as connection:
            for channel in (queue_sql.QUEUE_CHANNEL, OUTBOX_CHANNEL):
                connection.execute(f"LISTEN {channel}".encode())
            # What was told while nobody listened is lost.
            self._wakeup.wake_everybody()
            poll = select.poll()
            for source in (connection, self._bell):
                poll.register(source.fileno(), select.POLLIN)
            while not self._thread.stopping.is_set():
                poll.poll()
                for notice in connection.notifies(timeout=0):
                    self._tell(notice)

    def _tell(self, notice: "psycopg.Notify") -> None:
        origin, _, queue = notice.payload.partition(":")
        if origin == self._wakeup.origin:
            return
        if notice.channel == OUTBOX_CHANNEL:
            self._wakeup.wake_relays()
        else:
            self._wakeup.wake(queue)


class SqliteListener:
    """Notices that the log was written to, and looks, on one connection of its own, for whom there is something."""

    def __init__(self, engine: Engine, wakeup: Wakeup) -> None:
        self._engine = engine
        self._wakeup = wakeup
        self._bell = Bell()
        self._needed = threading.Event()
        self._thread = _Thread("sql-watch", self._watch, sqlite3.Error)

    def need(self) -> None:
        """Begin to watch."""
        self._needed.set()
        self._thread.start()

    def close(self) -> None:
        """End the thread, which closes the connection."""
        self._thread.stop()
        self._needed.set()
        self._bell.ring()
        self._thread.join()
        self._bell.close()
        self._engine.dispose()

    def _watch(self) -> None:
        with self._engine.connect() as connection:
            # Without SQLAlchemy, whose begin and end would cost more than the question.
            cursor = connection.connection.cursor()
            seen = cursor.execute("PRAGMA data_version").fetchone()
            with watch_file(f"{self._engine.url.database}-wal", self._bell) as changes:
                self._look(connection)
                while not self._thread.stopping.is_set():
                    changes.wait()
                    for pause in COMMIT_SECONDS:
                        time.sleep(pause)
                        version = cursor.execute("PRAGMA data_version").fetchone()
                        if version != seen:
                            seen = version
                            self._look(connection)
                            break
                    self._rest()

    def _look(self, connection: Connection) -> None:
        """Wake those for whom there is something."""
        queues, relays = self._wakeup.awaited()
        with connection.begin():
            names = {"names": json_text(queues)}
            ready = connection.scalars(queue_sql.SQLITE.ready, names).all() if queues else []
            outbox = relays and connection.scalar(_OUTBOX_READY)
        for queue in ready:
            self._wakeup.wake(queue)
        if outbox:
            self._wakeup.wake_relays()

    def _rest(self) -> None:
        """Sleep until somebody waits."""
        self._needed.clear()
        # Looked at after that: who came in between has set what was just cleared.
        if not (self._wakeup.anybody or self._thread.stopping.is_set()):
            self._needed.wait()
