"""What a graph job tells of its inputs and of what it cost, the same in every result (GRA-1)."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from academy.application.ports.clock import Clock
from academy.application.ports.models import Usage
from academy.contracts.children.graph import ChildAnswer
from academy.contracts.graph import MOST_LISTED, Degraded, InputOutcome, ModelUsage, OutcomeCounts

__all__ = ["OUTCOMES_FILE", "Tally", "fitting"]

OUTCOMES_FILE = "outcomes.jsonl"
_ROOM = 60_000
"""Bytes of JSON that a list may take in a result, which has room for four times as many (MAX_RESULT_BYTES)."""
_WORST_FIRST = {"failed": 0, "skipped": 1, "ok": 2}


@dataclass(slots=True)
class Tally:
    """Counts along a job.

    Attributes:
        begun: monotonic seconds.
        degraded: what was done with less than is configured, in its order.
    """

    clock: Clock
    begun: float = 0.0
    cpu_seconds: float = 0.0
    used: Usage = field(default_factory=Usage)
    outcomes: list[InputOutcome] = field(default_factory=list)
    degraded: list[Degraded] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to count."""
        self.begun = self.clock.monotonic()

    def did(self, answer: ChildAnswer) -> None:
        """Count what a process used."""
        self.cpu_seconds += answer.cpu_seconds

    def take(self, refused: Sequence[InputOutcome], folder: Path) -> None:
        """Take the outcomes of inputs that could not be fetched and of those that were read, by key; write all to the folder's file."""
        path = folder / OUTCOMES_FILE
        lines = path.read_bytes().splitlines() if path.exists() else []
        whole = [*refused, *map(InputOutcome.model_validate_json, lines)]
        self.outcomes = sorted(whole, key=lambda outcome: outcome.key)
        told = (outcome.model_dump_json(by_alias=True) + "\n" for outcome in self.outcomes)
        path.write_text("".join(told), encoding="utf-8")

    @property
    def counts(self) -> OutcomeCounts:
        """Return how many outcomes of each kind there are."""
        ended = Counter(outcome.status for outcome in self.outcomes)
        return OutcomeCounts(ok=ended["ok"], skipped=ended["skipped"], failed=ended["failed"])

    @property
    def listed(self) -> tuple[InputOutcome, ...]:
        """Return the outcomes that a result carries itself: what failed first."""
        worst_first = sorted(self.outcomes, key=lambda each: _WORST_FIRST[each.status])[:MOST_LISTED]
        sizes = (len(each.model_dump_json(by_alias=True).encode()) for each in worst_first)
        return tuple(worst_first[: _that_fit(sizes)])

    @property
    def usage(self) -> ModelUsage:
        """Return what it cost until now."""
        return ModelUsage(
            tokens_in=self.used.tokens_in,
            tokens_out=self.used.tokens_out,
            requests=self.used.requests,
            estimated=self.used.estimated,
            seconds=round(self.clock.monotonic() - self.begun, 3),
            cpu_seconds=round(self.cpu_seconds, 3),
        )


def fitting(texts: Sequence[str]) -> tuple[str, ...]:
    """Return as many texts, from the first on, as a result has room for."""
    return tuple(texts[: _that_fit(len(json.dumps(text)) for text in texts)])


def _that_fit(sizes: Iterable[int]) -> int:
    room, count = _ROOM, 0
    for size in sizes:
        room -= size + 1
        if room < 0:
            break
        count += 1
    return count
