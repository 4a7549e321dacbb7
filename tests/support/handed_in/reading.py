"""Read bytes as if they had been handed in."""

from dataclasses import dataclass, field
from pathlib import Path

from academy.application.ports.sources import SourceUnreadable
from academy.domain.graph.source import Outcome, SourceDocument
from academy.infrastructure.sources.limits import SourceLimits
from academy.infrastructure.sources.reading import HandedInSources

__all__ = ["Came", "read_bytes"]


@dataclass
class Came:
    """What came of an input."""

    documents: list[SourceDocument] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    problem: SourceUnreadable | None = None

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.documents]

    @property
    def texts(self) -> dict[str, str]:
        return {one.id: one.text for one in self.documents}

    @property
    def codes(self) -> dict[str, str]:
        return {one.id: f"{one.status}/{one.code}" for one in self.outcomes}

    @property
    def refused(self) -> str:
        return self.problem.code if self.problem else ""


def read_bytes(folder: Path, data: bytes, name: str, limits: SourceLimits | None = None) -> Came:
    """Read it; the file's own name says nothing."""
    path = folder / "input"
    path.write_bytes(data)
    came = Came()
    try:
        for one in HandedInSources(limits).read(path, name):
            (came.documents if isinstance(one, SourceDocument) else came.outcomes).append(one)  # type: ignore[arg-type]
    except SourceUnreadable as problem:
        came.problem = problem
    return came
