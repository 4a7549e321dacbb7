"""`GraphMaths` by statistics."""

from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from academy.application.ports.graph_maths import Analysed, Joined, TextItem
from academy.infrastructure.statistics.analysis import analysed
from academy.infrastructure.statistics.arrays import one_thread
from academy.infrastructure.statistics.features import Features, load, save
from academy.infrastructure.statistics.joining import joined
from academy.infrastructure.statistics.searching import Found, found_for

__all__ = ["Found", "StatisticalGraphMaths"]

_KEPT = 2
_Key: TypeAlias = str | tuple[str, int, int]


class StatisticalGraphMaths:
    """See the port. Features that were used last stay in memory, by path, size and time of the file, or by a name."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, Features] = OrderedDict()

    @one_thread
    def analyse(self, items: Sequence[TextItem], *, seed: int, folder: Path) -> Analysed:
        """See the port.

        Raises:
            ValueError: two items have one id, or vectors of several lengths.
        """
        _check(items)
        path = folder / "features.npz"
        analysis, features = analysed(sorted(items, key=lambda item: item.id), seed, path)
        save(features, path)
        return analysis

    @one_thread
    def join(
        self,
        features: Path,
        items: Sequence[TextItem],
        members: Mapping[str, tuple[str, str, float, float]],
        *,
        kept: str = "",
        keep: str = "",
    ) -> tuple[Joined, Path]:
        """See the port. The new file lies beside `features`, which stays.

        A text that is near nobody has the cluster "": none of those that are there.

        Raises:
            FeaturesUnreadable: see the port.
            ValueError: two items have one id, or vectors of another length than the graph's.
        """
        _check(items)
        before = self._kept[kept] if self.keeps(kept) else self._features(features)
        answer, after = joined(before, sorted(items, key=lambda item: item.id), members)
        path = _next(features)
        save(after, path)
        self._keep(keep or _key(path), after)
        return answer, path

    def keeps(self, name: str) -> bool:
        """See the port."""
        return bool(name) and name in self._kept

    @one_thread
    def search(
        self,
        features: Path,
        texts: Sequence[str],
        count: int,
        vectors: "Sequence[array[float]] | None" = None,
    ) -> tuple[tuple[Found, ...], ...]:
        """Return the `count` nearest ids for each question, the best first, fewer where fewer match.

        `vectors`: of the questions by the neural embedder that the graph was built with.

        Raises:
            FeaturesUnreadable: see the port.
        """
        return found_for(self._features(features), texts, count, vectors)

    def _features(self, path: Path) -> Features:
        key = _key(path)
        if key not in self._kept:
            self._keep(key, load(path))
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: _Key, features: Features) -> None:
        self._kept[key] = features
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _check(items: Sequence[TextItem]) -> None:
    if len({item.id for item in items}) < len(items):
        raise ValueError("every id once")


def _key(path: Path) -> tuple[str, int, int]:
    if not path.exists():
        return str(path), 0, 0
    stat = path.stat()
    return str(path.resolve()), stat.st_mtime_ns, stat.st_size


def _next(path: Path) -> Path:
    """Count on: features.npz, features-1.npz, features-2.npz."""
    name, _, number = path.stem.rpartition("-")
    known = bool(name) and number.isdigit()
    return path.with_name(f"{name}-{int(number) + 1}.npz" if known else f"{path.stem}-1.npz")
