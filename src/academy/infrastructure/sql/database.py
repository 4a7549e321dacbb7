"""Adapter: transactions over the business tables (port `database`)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection

from academy.application.ports.database import (
    IdempotencyRepository,
    JobRepository,
    OutboxRepository,
    TenantRepository,
    Transaction,
)
from academy.application.ports.rates import RateRepository
from academy.application.ports.workers import WorkerRepository
from academy.infrastructure.sql.columns import SQLITE_NOW, STATEMENT_NOW, from_millis
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.idempotency import SqlIdempotencyRepository
from academy.infrastructure.sql.jobs import SqlJobRepository
from academy.infrastructure.sql.outbox import SqlOutboxRepository
from academy.infrastructure.sql.rates import SqlRateRepository
from academy.infrastructure.sql.schema import check_schema
from academy.infrastructure.sql.tenants import SqlTenantRepository
from academy.infrastructure.sql.workers import SqlWorkerRepository

if TYPE_CHECKING:
    from academy.application.ports.academics import PeopleRepository, TeachingRepository
    from academy.application.ports.database import PlaybackRepository, VideoRepository
    from academy.application.ports.documents import DocumentRepository
    from academy.application.ports.exam_sheets import ExamSheetRepository, ScanRepository
    from academy.application.ports.graphs import GraphRepository, LensRepository
    from academy.application.ports.messaging import (
        CreditRepository,
        MessageRepository,
        MessagingSettingsRepository,
    )

__all__ = ["SqlDatabase", "SqlTransaction"]

T = TypeVar("T")
PENDING_TIMER = timedelta(minutes=10)


class SqlTransaction:
    """What `work` may use; repositories are made when first asked for.

    Those of features (lessons, messages, sheets, graphs, …) are imported then, too: a process asks for those of a few, and what it
    costs to start is what it imports.
    """

    def __init__(
        self, connection: Connection, pending_timer: timedelta, origin: str, takes: Iterator[int]
    ) -> None:
        self._connection = connection
        self._pending_timer = pending_timer
        self._origin = origin
        self._takes = takes
        self._now: datetime | None = None
        self.outbox_grew = False

    @cached_property
    def jobs(self) -> JobRepository:
        """Job rows."""
        return SqlJobRepository(self._connection, self._pending_timer)

    @cached_property
    def outbox(self) -> OutboxRepository:
        """Messages to be published after commit."""
        return SqlOutboxRepository(self._connection, self._grew, self._origin, self._takes)

    @cached_property
    def tenants(self) -> TenantRepository:
        """Academies."""
        return SqlTenantRepository(self._connection)

    @cached_property
    def videos(self) -> "VideoRepository":
        """Video rows."""
        from academy.infrastructure.sql.videos import SqlVideoRepository  # noqa: PLC0415

        return SqlVideoRepository(self._connection)

    @cached_property
    def playback(self) -> "PlaybackRepository":
        """Playback sessions and what was watched."""
        from academy.infrastructure.sql.playback import SqlPlaybackRepository  # noqa: PLC0415

        return SqlPlaybackRepository(self._connection)

    @cached_property
    def idempotency(self) -> IdempotencyRepository:
        """Answers to repeated requests."""
        return SqlIdempotencyRepository(self._connection)

    @cached_property
    def rates(self) -> RateRepository:
        """Shared rate limits."""
        return SqlRateRepository(self._connection)

    @cached_property
    def workers(self) -> WorkerRepository:
        """Which workers are alive."""
        return SqlWorkerRepository(self._connection)

    @cached_property
    def people(self) -> "PeopleRepository":
        """Students and parents."""
        from academy.infrastructure.sql.people import SqlPeopleRepository  # noqa: PLC0415

        return SqlPeopleRepository(self._connection)

    @cached_property
    def teaching(self) -> "TeachingRepository":
        """Classes, lectures, attendance, exams and scores."""
        from academy.infrastructure.sql.teaching import SqlTeachingRepository  # noqa: PLC0415

        return SqlTeachingRepository(self._connection)

    @cached_property
    def messages(self) -> "MessageRepository":
        """Text messages."""
        from academy.infrastructure.sql.messages import SqlMessageRepository  # noqa: PLC0415

        return SqlMessageRepository(self._connection)

    @cached_property
    def messaging(self) -> "MessagingSettingsRepository":
        """How academies send."""
        from academy.infrastructure.sql.messaging_settings import SqlMessagingSettingsRepository  # noqa: PLC0415

        return SqlMessagingSettingsRepository(self._connection)

    @cached_property
    def credits(self) -> "CreditRepository":
        """The ledger."""
        from academy.infrastructure.sql.credits import SqlCreditRepository  # noqa: PLC0415

        return SqlCreditRepository(self._connection)

    @cached_property
    def documents(self) -> "DocumentRepository":
        """Uploaded and made files."""
        from academy.infrastructure.sql.documents import SqlDocumentRepository  # noqa: PLC0415

        return SqlDocumentRepository(self._connection)

    @cached_property
    def exam_sheets(self) -> "ExamSheetRepository":
        """Answer sheets and answer keys."""
        from academy.infrastructure.sql.exam_sheets import SqlExamSheetRepository  # noqa: PLC0415

        return SqlExamSheetRepository(self._connection)

    @cached_property
    def scans(self) -> "ScanRepository":
        """Scans, their pages and what people decided."""
        from academy.infrastructure.sql.scans import SqlScanRepository  # noqa: PLC0415

        return SqlScanRepository(self._connection)

    @cached_property
    def graphs(self) -> "GraphRepository":
        """Users' graphs."""
        from academy.infrastructure.sql.graphs import SqlGraphRepository  # noqa: PLC0415

        return SqlGraphRepository(self._connection)

    @cached_property
    def lens(self) -> "LensRepository":
        """Documents under the microscope."""
        from academy.infrastructure.sql.graphs import SqlLensRepository  # noqa: PLC0415

        return SqlLensRepository(self._connection)

    def now(self) -> datetime:
        """Return the database's time, aware, UTC; read once per transaction."""
        if self._now is None:
            name = SQLITE_NOW if self._connection.dialect.name == "sqlite" else STATEMENT_NOW
            self._now = from_millis(self._connection.exec_driver_sql(f"SELECT {name}").scalar_one())
        return self._now

    def _grew(self) -> None:
        self.outbox_grew = True


class SqlDatabase:
    """The `Database` port on SQLite or PostgreSQL.

    `pending_timer` is how long a PENDING job may wait for its message before the reconciler looks at it.
    """

    def __init__(self, connections: SqlConnections, *, pending_timer: timedelta = PENDING_TIMER) -> None:
        self._connections = connections
        self._pending_timer = pending_timer
        self._wakeup = connections.wakeup
        self._takes = count()

    async def run(self, work: Callable[[Transaction], T], *, relaxed: bool = False) -> T:
        """Run `work` on a thread of ours and commit; a cancelled caller waits for the end and is then cancelled."""
        return await self._connections.write_apart(lambda: self._commit(work, relaxed=relaxed))

    def run_sync(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on the calling thread and commit."""
        return self._commit(work)

    def _commit(self, work: Callable[[Transaction], T], *, relaxed: bool = False) -> T:

        def inside(connection: Connection) -> tuple[T, bool]:
            transaction = self._transaction(connection)
            return work(transaction), transaction.outbox_grew

        write = self._connections.write_each if relaxed else self._connections.write
        result, grew = write(inside)
        if grew:
            self._wakeup.wake_relays()
        return result

    def _transaction(self, connection: Connection) -> SqlTransaction:
        return SqlTransaction(connection, self._pending_timer, self._wakeup.origin, self._takes)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Like `run` for work that writes nothing; on a SQLite file and PostgreSQL it never waits for a writer."""
        return await self._connections.read_apart(lambda: self.read_sync(work))

    def read_sync(self, work: Callable[[Transaction], T]) -> T:
        """Like `run_sync` for work that writes nothing."""
        return self._connections.read(lambda connection: work(self._transaction(connection)))

    def on_outbox(self, wake: Callable[[], None]) -> None:
        """Call `wake` (from any thread) after commits that put a row into the outbox, in this process or another."""
        self._wakeup.on_outbox(wake)

    async def ping(self) -> None:
        """Raise DatabaseUnavailable unless the database answers and its schema is up to date."""
        await self._connections.read_apart(lambda: check_schema(self._connections))
