"""The faults of a chaos run of graph requests, drawn from its seed alone."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.support.fault_proxy import WEATHERS

__all__ = ["LEASE_SECONDS", "Fault", "PlannedFault", "draw_faults"]

LEASE_SECONDS = 4


class Fault(StrEnum):
    """What is done to the system."""

    WORKER_KILLED = "worker killed"
    WORKER_STOPPED = "worker drained"
    WORKER_FROZEN = "worker frozen for longer than its lease"
    RELAY_FROZEN = "relay frozen"
    CHILD_KILLED = "child process killed"
    CHILD_TERMINATED = "child process told to end"
    RELAY_KILLED = "relay killed"
    DATABASE = "database locked or cut"
    WEATHER = "broker"
    PROGRESS_RESTARTED = "Valkey restarted"


_FAULTS = (
    Fault.WORKER_KILLED,
    Fault.WORKER_KILLED,
    Fault.WORKER_STOPPED,
    Fault.CHILD_KILLED,
    Fault.CHILD_KILLED,
    Fault.CHILD_TERMINATED,
    Fault.RELAY_KILLED,
    Fault.DATABASE,
)
_LONG_ONLY = (Fault.WORKER_FROZEN, Fault.WORKER_FROZEN, Fault.RELAY_FROZEN)
"""They take longer than a short run may."""
LONG_SECONDS = 20
_BY_BACKEND: Mapping[str, tuple[Fault, ...]] = {
    "sqs": (Fault.WEATHER, Fault.WEATHER, Fault.PROGRESS_RESTARTED),
}


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault `at` seconds after the start; `which`, `strength` and `seed` settle what is left open."""

    fault: Fault
    at: float
    which: int
    strength: float
    seed: int

    @property
    def weather(self) -> str:
        """Return what the broker does."""
        return WEATHERS[self.which % len(WEATHERS)]


def draw_faults(chance: random.Random, backend: str, seconds: float, per_second: float) -> list[PlannedFault]:
    """Draw them, spread over the time; a run of any length kills a worker and a child, a long one makes a worker sleep."""
    count = max(3, round(seconds * per_second))
    kinds = (*_FAULTS, *_BY_BACKEND.get(backend, ()))
    first = (Fault.WORKER_KILLED, Fault.CHILD_KILLED)
    if seconds >= LONG_SECONDS:
        kinds, first = (*kinds, *_LONG_ONLY), (*first, Fault.WORKER_FROZEN)
    drawn = list(first)
    while len(drawn) < count:
        drawn += chance.sample(kinds, len(kinds))
    faults = []
    for place, fault in enumerate(drawn[:count]):
        at = 1.0 + (place + chance.random()) * seconds / count
        faults.append(
            PlannedFault(fault, at, chance.randrange(1 << 16), chance.random(), chance.getrandbits(32))
        )
    return faults
