"""A few connections to one database, each used by one thread at a time; every error becomes the port's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, LifoQueue
from typing import Any, TypeVar

import psycopg

from academy.application.ports.vector_index import VectorIndexUnavailable

__all__ = ["Connection", "Connections", "retried"]

Connection = psycopg.Connection[tuple[Any, ...]]
T = TypeVar("T")
_OPTIONS = {
    "lock_timeout": "30s",
    "statement_timeout": "120s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "jit": "off",
}
_KEEP_ALIVE: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_VANISHED_ATTEMPTS = 5


class Connections:
    """Connections that were used stay open, as many as were ever used at the same time."""

    def __init__(self, url: str) -> None:
        """Nothing is opened yet. `url`: postgresql:// or postgresql+psycopg://."""
        self._url = url.replace("+psycopg", "", 1)
        self._idle: LifoQueue[Connection] = LifoQueue()

    def run(self, work: Callable[[Connection], T]) -> T:
        """Carry out work that may be done twice; raises VectorIndexUnavailable for whatever the database says.

        A connection that has died while it was idle is replaced by a new one, once.
        """
        with _translated():
            try:
                connection = self._idle.get_nowait()
            except Empty:
                return self._use(self._opened(), work)
            try:
                return self._use(connection, work)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                if not connection.closed:
                    raise
            return self._use(self._opened(), work)

    def close(self) -> None:
        """Close what is idle."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def _use(self, connection: Connection, work: Callable[[Connection], T]) -> T:
        try:
            return work(connection)
        finally:
            if not connection.closed:
                self._idle.put(connection)

    def _opened(self) -> Connection:
        options = " ".join(f"-c {name}={value}" for name, value in _OPTIONS.items())
        return psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=5,
            application_name="academy-vectors",
            options=options,
            **_KEEP_ALIVE,
        )


def retried(work: Callable[[], T]) -> T:
    """Do it again when the table that it was about to read has just been replaced."""
    for _ in range(_VANISHED_ATTEMPTS - 1):
        with suppress(psycopg.errors.UndefinedTable):
            return work()
    return work()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise VectorIndexUnavailable(f"PostgreSQL cannot keep vectors now: {lines[0][:300]}") from error
