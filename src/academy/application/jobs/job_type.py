"""What the system knows of each kind of job, and the registry of all of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from academy.application.ports.database import Settlement, Transaction
from academy.contracts.base import Contract
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.progress import Progress, StepPlan
from academy.domain.job.rate import RateLimit
from academy.domain.job.retry import RetryPolicy
from academy.domain.job.states import JobState
from academy.domain.job.tier import Tier

__all__ = [
    "Answers",
    "JobEffects",
    "JobType",
    "JobTypes",
    "NoEffects",
    "Once",
    "TierNotAllowed",
    "UnknownJobType",
]


class UnknownJobType(Exception):
    """No job type has this name."""


class TierNotAllowed(Exception):
    """A job type is not done in this tier, or in none although one was named."""


class JobEffects(Protocol):
    """What a feature writes when one of its jobs changes state, always in the same transaction as the change."""

    def created(self, tx: Transaction, job: Job) -> None:
        """Follow a job that a message brought and no API call recorded before, or that got a new life."""
        ...

    def check_revival(self, tx: Transaction, job: Job) -> None:
        """Raise Conflict when a finished job must not get a new life as things stand; called before it changes."""
        ...

    def started(self, tx: Transaction, job: Job) -> None:
        """Follow the begin of an attempt."""
        ...

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Follow the end of an attempt; `job` is as it stood before, `end.state` says what it became."""
        ...


class NoEffects:
    """A job type that touches nothing but its own row."""

    def created(self, tx: Transaction, job: Job) -> None:
        """Do nothing."""

    def check_revival(self, tx: Transaction, job: Job) -> None:
        """Do nothing."""

    def started(self, tx: Transaction, job: Job) -> None:
        """Do nothing."""

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How the producers of a type's jobs are told of them, in a format of their own, whether they ask or not (JOB-13, CON-2).

    Attributes:
        queue: logical name of the queue on which they read.
        result: text of how a job ended, from the job and the result's id.
        progress: text of how far it is, from the job, its progress, a number that only grows and the time.
    """

    queue: str
    result: Callable[[Job, str], str]
    progress: Callable[[Job, Progress, int, datetime], str]


@dataclass(frozen=True, slots=True)
class Once:
    """What a producer's own id means for a type: one request, done once; another under the same id is refused, not answered as the first.

    Attributes:
        same: whether two payloads are one request.
        refusal: why the second is refused, with how to mend it.
    """

    same: Callable[[Contract, Contract], bool]
    refusal: Failure


def _no_subject(_payload: Contract) -> str:
    return ""


def _at_once(_tx: Transaction, _job: Job) -> datetime | None:
    return None


@dataclass(frozen=True, slots=True)
class JobType:
    """One kind of job.

    Attributes:
        name: as in the envelope.
        queue: logical queue name ("video"); of a type with tiers the one of its least tier.
        tiers: the logical queue of each tier in which it may be ordered, the least first; {} for a type without tiers.
        payload, result: contracts of input and output.
        steps: for progress.
        effects: what the feature writes beside the job row.
        retry: policy.
        time_limit: hard limit of one attempt.
        answers: how its producers are told on a queue of theirs; None: as everybody, and only where a message asks for it.
        memory_limit: bytes that its process may hold, where it runs in one of its own; 0 where it runs in the worker's.
        stall_limit: an attempt that reports nothing for this long is stopped and retried.
        limits: how often jobs of this type may begin, for a provider or for each academy; one over a limit waits and is charged nothing.
        follow_up: finishes what another job began, and nobody may cancel it: money or files would stay where they are.
        subject: what a payload is about ("video:0192…"), for jobs that only a message knows; "" if nothing.
        once: None: whoever names an id means its job, whatever else the message says.
        starts: when a PENDING job begins that waits for its time and not for a worker, else None. Its own timer does not tell: it is
            the reconciler's, who moves it.
    """

    name: str
    queue: str
    payload: type[Contract]
    result: type[Contract] | None
    steps: StepPlan
    effects: JobEffects = field(default_factory=NoEffects)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    time_limit: timedelta = timedelta(hours=1)
    stall_limit: timedelta = timedelta(minutes=5)
    limits: tuple[RateLimit, ...] = ()
    follow_up: bool = False
    subject: Callable[[Contract], str] = _no_subject
    starts: Callable[[Transaction, Job], datetime | None] = _at_once
    tiers: Mapping[Tier, str] = field(default_factory=dict)
    memory_limit: int = 0
    answers: Answers | None = None
    once: Once | None = None

    @property
    def isolated(self) -> bool:
        """Return whether it runs in a process of its own, which can be killed (JOB-11)."""
        return self.memory_limit > 0


class JobTypes:
    """The job types of this system and the names of their queues."""

    def __init__(self, types: Iterable[JobType], queue_names: dict[str, str]) -> None:
        """Take the types and the broker's name of each logical queue they use."""
        self._types = {t.name: t for t in types}
        self._queues = queue_names
        self._homes: dict[str, frozenset[str]] = {}

    def __getitem__(self, name: str) -> JobType:
        """Return a type or raise UnknownJobType."""
        try:
            return self._types[name]
        except KeyError:
            raise UnknownJobType(name) from None

    def __contains__(self, name: object) -> bool:
        """Return whether a type has this name."""
        return name in self._types

    def __iter__(self) -> Iterator[JobType]:
        """Iterate over the types."""
        return iter(self._types.values())

    def starts_at(self, tx: Transaction, job: Job) -> datetime | None:
        """Return when a job begins that waits for its time, None for one that begins as soon as a worker is free."""
        if job.state is not JobState.PENDING or job.type not in self._types:
            return None
        return self._types[job.type].starts(tx, job)

    def reply_queue(self, name: str) -> str:
        """Return the broker's name of the queue on which a type's jobs are told of though a message does not ask, "" where there is none."""
        answers = self[name].answers
        return self._queues[answers.queue] if answers else ""

    def answers_for(self, job: Job) -> Answers | None:
        """Return how a job is told of in its producers' own format; None: in ours, if at all."""
        if not job.reply_to or job.type not in self._types:
            return None
        return self._types[job.type].answers if job.reply_to == self.reply_queue(job.type) else None

    def queues_of(self, name: str) -> frozenset[str]:
        """Return the broker's names of all queues of a type, one or more tiers each. Raises UnknownJobType."""
        if name not in self._homes:
            self._homes[name] = frozenset(self._queues[queue] for queue in self[name].tiers.values())
        return self._homes[name]

    def queue_of(self, name: str, tier: Tier | None = None) -> str:
        """Return the broker's name of the queue of a type, in its least tier unless one is named. Raises UnknownJobType, TierNotAllowed."""
        found = self[name]
        if tier is None:
            return self._queues[found.queue]
        if tier not in found.tiers:
            raise TierNotAllowed(f"{name}: {tier.value}")
        return self._queues[found.tiers[tier]]
