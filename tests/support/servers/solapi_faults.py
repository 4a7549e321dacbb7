"""What goes wrong between a client and the local Solapi server, as told or by chance."""

import random
from collections import defaultdict, deque
from collections.abc import Mapping
from enum import Enum, auto

__all__ = ["Fault", "Faults"]


class Fault(Enum):
    """One thing that goes wrong with one request; those of the first group leave nothing done."""

    CUT = auto()
    """The connection is closed in place of an answer."""
    BUSY = auto()
    """429 with Retry-After."""
    ERROR = auto()
    """500 with Solapi's error body."""
    GATEWAY = auto()
    """502 with a web page."""
    LATE = auto()
    """The connection is closed; the request is carried out when the test calls `deliver_late`."""

    STALLED = auto()
    """Carried out only after `slow_seconds`, whether or not the client still waits."""
    REPLY_LOST = auto()
    """Carried out, then the connection is closed."""
    ERROR_AFTER = auto()
    """Carried out, then 500."""
    SLOW = auto()
    """Carried out, answered after `slow_seconds`."""
    GARBAGE = auto()
    """Carried out, answered with a web page and status 200."""
    HALF = auto()
    """Carried out, and the connection is closed in the middle of the answer."""
    TWICE = auto()
    """Carried out twice, whatever the signature says; answered with what the second time came to."""
    REPEATED = auto()
    """Sent on twice by something on the way; the second answer arrives."""
    PARTLY = auto()
    """Every second message of an `add` is refused (1024)."""


class Faults:
    """What is to go wrong: what was told for a kind of request first, then by chance.

    Kinds of requests: "open", "add", "send", "withdraw" (DELETE), "look", "list", "balance".
    """

    def __init__(self) -> None:
        self.slow_seconds = 0.5
        self.retry_after = 1
        self.seen: list[tuple[str, Fault]] = []
        self._told: dict[str, deque[Fault | None]] = defaultdict(deque)
        self._chances: dict[Fault, float] = {}
        self._random = random.Random(0)

    def script(self, kind: str, *faults: Fault | None) -> None:
        """Let the next requests of a kind go wrong like this, one after the other; None lets one pass."""
        self._told[kind].extend(faults)

    def by_chance(self, chances: Mapping[Fault, float], seed: int) -> None:
        """Let requests go wrong with these probabilities; an empty mapping ends it."""
        if sum(chances.values()) > 1:
            raise ValueError("probabilities of over 1 together")
        self._chances = dict(chances)
        self._random = random.Random(seed)

    def next(self, kind: str) -> Fault | None:
        """Return what goes wrong with the next request of a kind."""
        fault = self._told[kind].popleft() if self._told[kind] else self._drawn()
        if fault is not None:
            self.seen.append((kind, fault))
        return fault

    def _drawn(self) -> Fault | None:
        drawn = self._random.random()
        for fault, chance in self._chances.items():
            drawn -= chance
            if drawn < 0:
                return fault
        return None
