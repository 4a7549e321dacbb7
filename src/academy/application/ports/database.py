"""Port: transactions over the business tables.

A transaction is a function `work(tx)`: synchronous, short, free of other I/O. It commits when `work` returns and rolls
back when it raises. `tx` is used only inside `work`. Times are the database's own, so a worker whose clock is wrong does no harm.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from academy.application.ports.page import Page
from academy.application.ports.rates import RateRepository
from academy.application.ports.workers import WorkerRepository
from academy.domain.failures import Failure
from academy.domain.job.job import Job, NewJob
from academy.domain.job.states import EndReason, JobState
from academy.domain.tenant.tenant import Tenant

if TYPE_CHECKING:
    from academy.application.ports.academics import PeopleRepository, TeachingRepository
    from academy.application.ports.documents import DocumentRepository
    from academy.application.ports.exam_sheets import ExamSheetRepository, ScanRepository
    from academy.application.ports.graphs import GraphRepository, LensRepository
    from academy.application.ports.messaging import (
        CreditRepository,
        MessageRepository,
        MessagingSettingsRepository,
    )
    from academy.domain.video.video import Video
    from academy.domain.video.watching import Watched

__all__ = [
    "Added",
    "Database",
    "DatabaseUnavailable",
    "IdempotencyConflict",
    "IdempotencyRepository",
    "JobFilter",
    "JobRepository",
    "Lease",
    "LeaseState",
    "OutboxMessage",
    "OutboxRepository",
    "OutboxRow",
    "PlaybackRepository",
    "PlaybackSession",
    "Settlement",
    "StoredResponse",
    "TenantRepository",
    "Transaction",
    "VideoRepository",
    "ViewerProgress",
]

T = TypeVar("T")


class DatabaseUnavailable(Exception):
    """The database cannot be reached, is full or gave up on a lock; nothing was committed; may work later."""


class IdempotencyConflict(Exception):
    """An idempotency key was used before with another request, or the first request is still under way."""


@dataclass(frozen=True, slots=True)
class Added:
    """What `JobRepository.add` found or made; `created` is False when the idempotency key was taken."""

    job: Job
    created: bool


class Lease(NamedTuple):
    """The right to work on a job: its id and the fencing token of the claim."""

    job_id: str
    token: int


@dataclass(frozen=True, slots=True)
class LeaseState:
    """Answer to a renewal: `held` is False when the token is no longer the job's."""

    job_id: str
    token: int
    held: bool
    cancel_requested: bool


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of one attempt.

    Attributes:
        lease: under which the attempt ran.
        state: SUCCEEDED, FAILED, CANCELLED, DEAD, RETRY_WAIT, or PENDING when the job is given back.
        result: JSON object for SUCCEEDED.
        reason, failure: for everything else.
        delay: how long RETRY_WAIT lasts.
        counted: whether the attempt counts; one that an outage ended is given back. For PENDING: whether it was an interruption.
    """

    lease: Lease
    state: JobState
    result: Mapping[str, Any] | None = None
    reason: EndReason | None = None
    failure: Failure | None = None
    delay: timedelta = timedelta(0)
    counted: bool = True


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs a list shows; None means any."""

    tenant_id: str | None = None
    state: JobState | None = None
    type: str | None = None
    subject: str | None = None


class JobRepository(Protocol):
    """The job rows; every change of state obeys `domain.job.states`, every write by a worker is fenced by its token."""

    def add(self, jobs: Sequence[NewJob]) -> Sequence[Added]:
        """Insert jobs as PENDING; where (tenant_id, idempotency_key) or the id exists already, return that job. In order."""
        ...

    def get(self, job_id: str, *, lock: bool = False) -> Job | None:
        """Return a job or None; with `lock` nobody else changes it before this transaction ends."""
        ...

    def by_key(self, tenant_id: str, idempotency_key: str) -> Job | None:
        """Return the job with this key or None."""
        ...

    def get_many(self, job_ids: Sequence[str]) -> Mapping[str, Job]:
        """Return the jobs that exist, by id."""
        ...

    def list(self, where: JobFilter, cursor: str, limit: int) -> Page[Job]:
        """Return jobs, newest first; a cursor that is not ours raises ValueError."""
        ...

    def claim(self, job_ids: Sequence[str], worker: str, lease: timedelta) -> Mapping[str, Job]:
        """Claim what can be claimed, in one statement, and return it as it stands after the claim.

        Claimable: PENDING; RETRY_WAIT past due; RUNNING past due (the lease expired). Sets RUNNING, token + 1,
        `worker`, due_at = now + lease, started_at if unset. attempt + 1, but for an expired lease interruptions + 1 instead.
        A job with a cancel request is claimed, too: the caller settles it as cancelled.
        """
        ...

    def renew(self, leases: Sequence[Lease], lease: timedelta) -> Sequence[LeaseState]:
        """Set due_at = now + lease where the token still is the job's and it is RUNNING; answer for every lease given."""
        ...

    def settle(self, settlements: Sequence[Settlement]) -> Mapping[Lease, JobState]:
        """Apply the ends whose token still is the job's and which is RUNNING; return the state that each of them ended in.

        That is the wanted one, but for a job with a cancel request: instead of SUCCEEDED, RETRY_WAIT or PENDING it becomes CANCELLED,
        without a result. Terminal states set finished_at and clear due_at and worker. RETRY_WAIT sets due_at = now + delay; one
        that is not counted sets attempt - 1. PENDING (given back) sets interruptions + 1 if counted, attempt - 1, and its timer. The
        fencing token stays.
        """
        ...

    def request_cancel(self, job_id: str) -> Job | None:
        """Mark a job to be cancelled; one that nobody runs (PENDING, RETRY_WAIT) becomes CANCELLED at once.

        Returns the job after it, None if there is none; a finished job is returned unchanged.
        """
        ...

    def cancel_requested(self, job_ids: Sequence[str]) -> frozenset[str]:
        """Return which of these active jobs somebody wants stopped; one cheap look-up for many jobs."""
        ...

    def revive(self, job_id: str) -> Job | None:
        """Set a FAILED, DEAD or CANCELLED job PENDING again, attempt and interruptions 0, without end reason and failure.

        Raises IllegalTransition.
        """
        ...

    def overdue(self, grace: timedelta, limit: int) -> Sequence[Job]:
        """Lock and return active jobs whose timer ran out more than `grace` ago (rows locked elsewhere are skipped)."""
        ...

    def count_overdue(self, grace: timedelta) -> int:
        """Return how many active jobs have a timer that ran out more than `grace` ago; locks nothing."""
        ...

    def postpone(self, job_ids: Sequence[str], by: timedelta) -> None:
        """Make active jobs PENDING with the timer now + `by`, so that the next message can claim them.

        A RUNNING one is taken from its worker: token + 1, interruptions + 1, attempt - 1.
        """
        ...

    def count_by_state(self) -> Mapping[tuple[str, JobState], int]:
        """Return how many jobs of each type stand in each state."""
        ...

    def count_finished(self, before: datetime) -> int:
        """Return how many jobs finished before that."""
        ...

    def trim(self, finished_before: datetime, limit: int) -> int:
        """Delete up to `limit` finished jobs older than that; return how many."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message to be published after commit; `delay` keeps it back, however long."""

    queue: str
    body: str
    group: str
    delay: timedelta = timedelta(0)
    attributes: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message waiting in the outbox; `tries` counts failed publications."""

    id: int
    queue: str
    body: str
    group: str
    attributes: Mapping[str, str]
    tries: int


class OutboxRepository(Protocol):
    """Messages committed together with what they announce (JOB-6)."""

    def add(self, messages: Sequence[OutboxMessage]) -> None:
        """Keep messages until the relay has published them."""
        ...

    def take(self, limit: int, lease: timedelta) -> Sequence[OutboxRow]:
        """Take due rows and hide them from other relays for `lease`.

        Each tenant's rows for each queue in the order they were put in or came due, tenants and queues in turn (QUE-4).
        """
        ...

    def published(self, row_ids: Sequence[int]) -> None:
        """Remove rows that the broker has."""
        ...

    def failed(self, row_ids: Sequence[int], error: str, retry_in: timedelta) -> None:
        """Give rows back after a failed publication, due again in `retry_in`."""
        ...

    def next_due(self) -> timedelta | None:
        """Return how long until the next row is due (zero or less: now), None when the outbox is empty."""
        ...

    def backlog(self) -> tuple[int, float]:
        """Return how many rows are due and the age in seconds of the oldest of those that are next."""
        ...


class TenantRepository(Protocol):
    """Academies."""

    def add(self, tenant_id: str, code: str, name: str) -> Tenant:
        """Insert an academy; one with the same id is returned unchanged. Raises ValueError when the code is another's."""
        ...

    def get(self, tenant_id: str) -> Tenant | None:
        """Return an academy or None."""
        ...

    def by_code(self, code: str) -> Tenant | None:
        """Return the academy with this code or None."""
        ...

    def all(self) -> Sequence[Tenant]:
        """Return every academy in order of code."""
        ...


class VideoRepository(Protocol):
    """Video rows. `tenant_id` is part of every look-up by a person."""

    def add(self, video: "Video") -> bool:
        """Insert a video; return False when its id exists."""
        ...

    def get(self, tenant_id: str, video_id: str, *, lock: bool = False) -> "Video | None":
        """Return a video or None; `lock` keeps the row until the transaction ends."""
        ...

    def list(self, tenant_id: str, cursor: str, limit: int, *, ready_only: bool = False) -> Page["Video"]:
        """Return videos, newest first, without those being deleted; a cursor that is not ours raises ValueError."""
        ...

    def save(self, video: "Video") -> None:
        """Write every field of an existing video and touch updated_at; the move from the stored state was checked."""
        ...

    def remove(self, tenant_id: str, video_id: str) -> None:
        """Delete the row and what viewers did with it."""
        ...

    def file_in_use(self, tenant_id: str, file_key: str, *, but: str) -> bool:
        """Return whether a video other than `but`, which is not being deleted, has this source."""
        ...

    def abandoned(self, older_than: timedelta, limit: int) -> Sequence["Video"]:
        """Return PENDING videos whose upload began longer ago than that."""
        ...


@dataclass(frozen=True, slots=True)
class PlaybackSession:
    """One viewer's permission to play one revision; `viewer` is opaque."""

    id: str
    tenant_id: str
    video_id: str
    viewer: str
    mode: str
    created_at: datetime
    last_beat_at: datetime | None


@dataclass(frozen=True, slots=True)
class ViewerProgress:
    """What a viewer has seen of a video."""

    viewer: str
    watched: "Watched"
    completed: bool
    updated_at: datetime


class PlaybackRepository(Protocol):
    """Playback sessions and what was watched."""

    def open(self, session_id: str, tenant_id: str, video_id: str, viewer: str, mode: str) -> PlaybackSession:
        """Record a session."""
        ...

    def recent(
        self, tenant_id: str, video_id: str, viewer: str, mode: str, within: timedelta
    ) -> PlaybackSession | None:
        """Return the viewer's latest session of the video in this mode that began no longer ago than `within`, or None."""
        ...

    def forget(self, tenant_id: str, video_id: str, viewer: str, older_than: timedelta) -> None:
        """Delete the viewer's sessions of the video that began longer ago and had no beat since; what was watched stays."""
        ...

    def session(self, tenant_id: str, session_id: str, *, lock: bool = False) -> PlaybackSession | None:
        """Return a session or None."""
        ...

    def beat(self, session_id: str) -> None:
        """Set last_beat_at to now."""
        ...

    def watched(self, tenant_id: str, video_id: str, viewer: str) -> ViewerProgress | None:
        """Return a viewer's progress or None."""
        ...

    def save_watched(
        self, tenant_id: str, video_id: str, viewer: str, watched: "Watched", completed: bool
    ) -> None:
        """Write a viewer's progress; completed never falls back to False."""
        ...

    def viewers(self, tenant_id: str, video_id: str, cursor: str, limit: int) -> Page[ViewerProgress]:
        """Return everybody who watched, in order of viewer."""
        ...


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The answer to a request that was carried out; `status` 0 while the first one is under way."""

    status: int
    body: Mapping[str, Any]


class IdempotencyRepository(Protocol):
    """Answers kept by (tenant, key) so that a repeated POST gets the first one's answer (API-1)."""

    def begin(self, tenant_id: str, key: str, fingerprint: str) -> StoredResponse | None:
        """Reserve a key and return None, or return the stored answer.

        Raises IdempotencyConflict when the fingerprint differs.
        """
        ...

    def finish(self, tenant_id: str, key: str, response: StoredResponse) -> None:
        """Keep the answer, in the same transaction as the effect."""
        ...

    def count(self, older_than: timedelta) -> int:
        """Return how many answers are older than that."""
        ...

    def trim(self, older_than: timedelta, limit: int) -> int:
        """Forget old answers; return how many."""
        ...


class Transaction(Protocol):
    """What `work` may use."""

    @property
    def jobs(self) -> JobRepository: ...  # noqa: D102
    @property
    def outbox(self) -> OutboxRepository: ...  # noqa: D102
    @property
    def tenants(self) -> TenantRepository: ...  # noqa: D102
    @property
    def videos(self) -> VideoRepository: ...  # noqa: D102
    @property
    def playback(self) -> PlaybackRepository: ...  # noqa: D102
    @property
    def idempotency(self) -> IdempotencyRepository: ...  # noqa: D102
    @property
    def rates(self) -> RateRepository: ...  # noqa: D102
    @property
    def workers(self) -> WorkerRepository: ...  # noqa: D102
    @property
    def people(self) -> "PeopleRepository": ...  # noqa: D102
    @property
    def teaching(self) -> "TeachingRepository": ...  # noqa: D102
    @property
    def messages(self) -> "MessageRepository": ...  # noqa: D102
    @property
    def messaging(self) -> "MessagingSettingsRepository": ...  # noqa: D102
    @property
    def credits(self) -> "CreditRepository": ...  # noqa: D102
    @property
    def documents(self) -> "DocumentRepository": ...  # noqa: D102
    @property
    def exam_sheets(self) -> "ExamSheetRepository": ...  # noqa: D102
    @property
    def scans(self) -> "ScanRepository": ...  # noqa: D102
    @property
    def graphs(self) -> "GraphRepository": ...  # noqa: D102
    @property
    def lens(self) -> "LensRepository": ...  # noqa: D102

    def now(self) -> datetime:
        """Return the database's time, aware, UTC; constant within the transaction."""
        ...


class Database(Protocol):
    """Runs transactions. Raises DatabaseUnavailable; what `work` raises passes through."""

    async def run(self, work: Callable[[Transaction], T], *, relaxed: bool = False) -> T:
        """Run `work` on one of a few threads of its own and commit; cancelling the caller does not stop it half-way.

        Where it is `relaxed` its statements may be committed one by one, and a power cut (no crash of a process) may undo them,
        together with all that came after: for work that is right when half done, and done again without harm.
        """
        ...

    def run_sync(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on the calling thread and commit."""
        ...

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Like `run` for work that writes nothing; never waits for a writer."""
        ...

    def read_sync(self, work: Callable[[Transaction], T]) -> T:
        """Like `run_sync` for work that writes nothing."""
        ...

    def on_outbox(self, wake: Callable[[], None]) -> None:
        """Call `wake` (from any thread) after each commit that put a row without delay into the outbox, in any process.

        A commit of another process may be missed, and a call may be for nothing: look by the clock as well.
        """
        ...

    async def ping(self) -> None:
        """Raise DatabaseUnavailable unless the database answers and its schema is up to date."""
        ...
