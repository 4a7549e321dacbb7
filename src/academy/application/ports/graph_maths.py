"""Port: from texts to neighbours, groups, words and places (GRA-3, GRA-5). Everything is plain Python here; arrays stay inside.

The same documents, seed and recipe give the same answer, bit for bit, on one kind of machine. The order of the documents does not
matter: implementations sort by id.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

__all__ = [
    "Analysed",
    "Community",
    "FeaturesUnreadable",
    "GraphMaths",
    "Joined",
    "Neighbour",
    "Placed",
    "TextItem",
]


class FeaturesUnreadable(Exception):
    """A features file is damaged, or of another format: the graph has to be built anew."""


@dataclass(frozen=True, slots=True)
class TextItem:
    """A document to lay beside others; `vector`: of a neural embedder, fused with our own, None without."""

    id: str
    title: str
    text: str
    vector: "array[float] | None" = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An edge between two documents by their index; `weight` in (0, 1] from ranks, `similarity` the cosine."""

    source: int
    target: int
    weight: float
    similarity: float


@dataclass(frozen=True, slots=True)
class Community:
    """A group: members by index, the nearest to its middle first; `parent` is the group's own index of its cluster, -1 for a cluster."""

    members: tuple[int, ...]
    keywords: tuple[str, ...]
    parent: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a document stands: indices into `Analysed.communities` (subcluster -1: none), words that tell it from others."""

    cluster: int
    subcluster: int
    keywords: tuple[str, ...]
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Analysed:
    """The whole analysis; `ids` in the order that every index means (sorted).

    Attributes:
        vectors: one per document, of `dimension` numbers, length 1 (for the vector index).
        features: file that `join` goes on from (.npz, no pickle).
    """

    ids: tuple[str, ...]
    placed: tuple[Placed, ...]
    neighbours: tuple[Neighbour, ...]
    communities: tuple[Community, ...]
    modularity: float
    vectors: Sequence["array[float]"]
    dimension: int
    recipe: Mapping[str, str]
    features: Path


@dataclass(frozen=True, slots=True)
class Joined:
    """Documents beside those that are there: their neighbours (ids of old or new ones) and the vector of each."""

    ids: tuple[str, ...]
    neighbours: tuple[tuple[str, str, float, float], ...]
    """(new id, other id, weight, similarity)"""
    clusters: tuple[tuple[str, str], ...]
    """(cluster id, subcluster id) of each, as `members` names them."""
    keywords: tuple[tuple[str, ...], ...]
    places: tuple[tuple[float, float], ...]
    groups: tuple[int, ...]
    """Which of those without a cluster belong together, by number; -1 of each that has one."""
    vectors: Sequence["array[float]"]


class GraphMaths(Protocol):
    """Statistics over texts. CPU-bound and synchronous: for a process of its own."""

    def analyse(self, items: Sequence[TextItem], *, seed: int, folder: Path) -> Analysed:
        """Lay documents beside each other. One document, equal ones and empty ones are fine; files are written into `folder`."""
        ...

    def keeps(self, name: str) -> bool:
        """Return whether features of this name are in memory, kept by `join`."""
        ...

    def join(
        self,
        features: Sequence[Path],
        items: Sequence[TextItem],
        members: Mapping[str, tuple[str, str, float, float]],
        *,
        kept: str = "",
        keep: str = "",
    ) -> tuple[Joined, Sequence[Path]]:
        """Lay new or changed documents beside those of `features` without touching these; return them and the files that hold all.

        `features`: the file of an analysis and, where documents joined since, the file of what they added to it. The last file of the
        answer is new: it stands for itself, or it adds to the first of `features`, which then comes before it.
        `members`: cluster id, subcluster id, x, y of each id that is there; others of `features` are left out of account. A document
        that is near nobody there has the cluster id "": those of one group need one of their own. Features in memory under the name `kept` are taken in the
        place of the files', which then need not be there; those that hold all stay in memory under the name `keep`. Raises
        FeaturesUnreadable.
        """
        ...
