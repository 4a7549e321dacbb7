"""Port: texts to the documents of a graph (GRA-3). The features are those that `GraphMaths` wrote."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

__all__ = ["Found", "GraphSearch"]


@dataclass(frozen=True, slots=True)
class Found:
    """A document for a question; `score` above 0, the higher the better, comparable within one question."""

    id: str
    score: float


class GraphSearch(Protocol):
    """Looks for documents by words and by vectors. CPU-bound and synchronous: for a process of its own."""

    def search(
        self,
        features: Sequence[Path],
        texts: Sequence[str],
        count: int,
        vectors: "Sequence[array[float]] | None" = None,
    ) -> tuple[tuple[Found, ...], ...]:
        """Return the `count` nearest documents of each text, the best first, fewer where fewer match.

        `features`: the files that `GraphMaths.join` takes. `vectors`: of the texts by the neural embedder that the graph was built with.
        Raises FeaturesUnreadable (ports/graph_maths.py).
        """
        ...
