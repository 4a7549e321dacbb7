"""What a chaos run does, drawn from its seed alone: the jobs with their meant ends, and the faults with their moments."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.support.fault_proxy import WEATHERS

from academy.domain.job.states import EndReason, JobState

__all__ = ["MEANT", "Fault", "Kind", "Plan", "PlannedFault", "PlannedJob", "make_plan"]


class Kind(StrEnum):
    """What is special about a job."""

    PLAIN = "plain"
    LONG = "long"
    FLAKY = "flaky"
    LATER = "later"
    PERMANENT = "permanent"
    HOPELESS = "hopeless"
    CANCELLED = "cancelled"


MEANT: dict[Kind, tuple[JobState, EndReason | None]] = {
    Kind.PLAIN: (JobState.SUCCEEDED, None),
    Kind.LONG: (JobState.SUCCEEDED, None),
    Kind.FLAKY: (JobState.SUCCEEDED, None),
    Kind.LATER: (JobState.SUCCEEDED, None),
    Kind.PERMANENT: (JobState.FAILED, EndReason.PERMANENT_ERROR),
    Kind.HOPELESS: (JobState.DEAD, EndReason.RETRIES_EXHAUSTED),
    Kind.CANCELLED: (JobState.CANCELLED, EndReason.CANCELLED),
}
_SHARES = {
    Kind.PLAIN: 70.0,
    Kind.LONG: 1.5,
    Kind.FLAKY: 10.0,
    Kind.LATER: 6.0,
    Kind.PERMANENT: 5.0,
    Kind.HOPELESS: 3.0,
    Kind.CANCELLED: 4.5,
}
ALWAYS = 1_000
SUBMITTED_BY = 0.8
"""Share of the time with faults in which jobs are still submitted."""


class Fault(StrEnum):
    """What is done to the system."""

    WORKER_KILLED = "worker killed"
    WORKER_STOPPED = "worker stopped"
    WORKER_FROZEN = "worker frozen"
    RELAY_KILLED = "relay killed"
    RELAY_FROZEN = "relay frozen"
    RECONCILER_KILLED = "reconciler killed"
    COPIES = "deliveries repeated in disorder"
    LOST = "messages lost"
    DATABASE_LOCKED = "database locked"
    DATABASE_CUT = "database connections cut"
    PROGRESS_RESTARTED = "Valkey restarted"
    WEATHER = "broker"


EVERYWHERE = (
    Fault.WORKER_KILLED,
    Fault.WORKER_KILLED,
    Fault.WORKER_STOPPED,
    Fault.WORKER_FROZEN,
    Fault.RELAY_KILLED,
    Fault.RELAY_FROZEN,
    Fault.RECONCILER_KILLED,
    Fault.COPIES,
    Fault.LOST,
)
MENDED_BY_RECONCILER = frozenset({Fault.LOST, Fault.RECONCILER_KILLED})
BY_BACKEND: dict[str, tuple[Fault, ...]] = {
    "sqlite": (Fault.DATABASE_LOCKED,),
    "postgresql": (Fault.DATABASE_CUT, Fault.DATABASE_CUT),
    "sqs": (Fault.DATABASE_CUT, Fault.PROGRESS_RESTARTED, Fault.WEATHER, Fault.WEATHER, Fault.WEATHER),
}


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job submitted `at` seconds after the start, due `delay` seconds later, and asked to stop `cancel_after` that."""

    number: int
    kind: Kind
    tenant: int
    at: float
    seconds: float
    failing: int
    delay: float
    cancel_after: float

    @property
    def id(self) -> str:
        return f"job-{self.number:05}"


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault `at` seconds after the start; `which`, `strength` and `seed` settle what is left open."""

    fault: Fault
    at: float
    which: int
    strength: float
    seed: int
    weather: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides; `clock_shift` is how wrong one worker's clock is, in seconds.

    Without a `reconciler` nothing but the broker's redelivery brings back what a fault broke off, and no message is taken away.
    """

    jobs: Sequence[PlannedJob]
    faults: Sequence[PlannedFault]
    clock_shift: float
    reconciler: bool


def make_plan(
    seed: int, backend: str, jobs: int, seconds: float, faults_per_second: float, *, reconciler: bool = True
) -> Plan:
    """Draw a plan; the same arguments give the same plan."""
    chance = random.Random(f"{seed}/{backend}")
    planned = sorted((_job(chance, number, seconds) for number in range(jobs)), key=lambda job: job.at)
    kinds = EVERYWHERE + BY_BACKEND[backend]
    if not reconciler:
        kinds = tuple(fault for fault in kinds if fault not in MENDED_BY_RECONCILER)
    count = max(len(kinds), round(seconds * faults_per_second))
    faults: list[PlannedFault] = []
    drawn: list[Fault] = []
    weathers: list[str] = []
    for place in range(count):
        drawn = drawn or chance.sample(kinds, len(kinds))
        weathers = weathers or chance.sample(WEATHERS, len(WEATHERS))
        fault = drawn.pop()
        weather = weathers.pop() if fault is Fault.WEATHER else ""
        at = 0.3 + (place + chance.random()) * seconds / count
        faults.append(
            PlannedFault(
                fault, at, chance.randrange(1 << 16), chance.random(), chance.getrandbits(32), weather
            )
        )
    return Plan(planned, faults, chance.choice((-1, 1)) * chance.uniform(120, 600), reconciler)


def _job(chance: random.Random, number: int, seconds: float) -> PlannedJob:
    # The first of each kind for certain, so that small runs have all.
    kinds = list(Kind)
    kind = (
        kinds[number]
        if number < len(kinds)
        else chance.choices(list(_SHARES), weights=list(_SHARES.values()))[0]
    )
    lasts = chance.uniform(0, 0.25)
    failing = 0
    if kind is Kind.LONG:
        lasts = chance.uniform(3, 5)
    elif kind is Kind.CANCELLED:
        # Longer than any run: only the request can end it.
        lasts = 3600.0
    elif kind is Kind.FLAKY:
        failing = chance.randint(1, 3)
    elif kind in {Kind.PERMANENT, Kind.HOPELESS}:
        failing = ALWAYS
    delay = chance.uniform(1, 4) if kind is Kind.LATER else 0.0
    cancel_after = chance.choice((0.0, chance.uniform(0.1, 3))) if kind is Kind.CANCELLED else 0.0
    return PlannedJob(
        number,
        kind,
        chance.randrange(3),
        chance.uniform(0, SUBMITTED_BY * seconds),
        lasts,
        failing,
        delay,
        cancel_after,
    )
