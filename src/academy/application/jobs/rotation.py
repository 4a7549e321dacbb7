"""Which of several queues to ask next, by weight and without starving any (QUE-4).

Smooth weighted round robin: every message taken from a queue costs it a turn and gives every waiting queue its share of one. A queue that had
nothing gets no credit for the time it was empty, so it cannot flood the others later.
"""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["PolledQueue", "Rotation"]


@dataclass(frozen=True, slots=True)
class PolledQueue:
    """A queue that a worker takes jobs from; of `weight` 3 three jobs are taken for each one of weight 1 while both wait."""

    name: str
    weight: int = 1


class Rotation:
    """Says in which order to ask queues and learns what they answered."""

    def __init__(self, queues: Sequence[PolledQueue]) -> None:
        """Start with equal chances. Raises ValueError for no queue, one named twice or a weight below 1."""
        self._weights = {queue.name: queue.weight for queue in queues}
        if not queues or len(self._weights) < len(queues) or min(self._weights.values()) < 1:
            raise ValueError("a worker polls at least one queue, each once, with a weight of at least 1")
        self._credit = dict.fromkeys(self._weights, 0.0)
        self._waiting = set(self._weights)

    def order(self) -> list[str]:
        """Return every queue, the one to ask first at the head."""
        return sorted(self._weights, key=lambda name: (-self._credit[name], -self._weights[name]))

    def took(self, name: str, messages: int) -> None:
        """Note that so many messages came from a queue; those that had messages when last asked share the turn."""
        self._waiting.add(name)
        total = sum(self._weights[waiting] for waiting in self._waiting)
        for waiting in self._waiting:
            self._credit[waiting] += messages * self._weights[waiting] / total
        self._credit[name] -= messages

    def empty(self, name: str) -> None:
        """Note that a queue had nothing: it is owed nothing and owes nothing."""
        self._waiting.discard(name)
        self._credit[name] = 0.0
