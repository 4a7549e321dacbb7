"""`GraphMaths` by statistics."""

from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from academy.application.ports.graph_maths import Analysed, Joined, TextItem
from academy.application.ports.graph_search import Found
from academy.infrastructure.statistics.additions import Grown, load_files, save_next
from academy.infrastructure.statistics.analysis import analysed
from academy.infrastructure.statistics.arrays import one_thread
from academy.infrastructure.statistics.features import save
from academy.infrastructure.statistics.joining import joined
from academy.infrastructure.statistics.searching import found_for

__all__ = ["StatisticalGraphMaths"]

_KEPT = 2
_Key: TypeAlias = str | tuple[tuple[str, int, int], ...]


class StatisticalGraphMaths:
    """See the port. Features that were used last stay in memory, by path, size and time of the files, or by a name."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, Grown] = OrderedDict()

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
        features: Sequence[Path],
        items: Sequence[TextItem],
        members: Mapping[str, tuple[str, str, float, float]],
        *,
        kept: str = "",
        keep: str = "",
    ) -> tuple[Joined, Sequence[Path]]:
        """See the port. The new file lies beside the last of `features`, which stay.

        A text that is near nobody has the cluster "": none of those that are there.

        Raises:
            FeaturesUnreadable: see the port.
            ValueError: two items have one id, or vectors of another length than the graph's.
        """
        _check(items)
        before = self._kept[kept] if self.keeps(kept) else self._grown(features)
        answer, after, rows = joined(before.features, sorted(items, key=lambda item: item.id), members)
        grown, files = save_next(before.with_rows(after, rows), features)
        self._keep(keep or _key(files), grown)
        return answer, files

    def keeps(self, name: str) -> bool:
        """See the port."""
        return bool(name) and name in self._kept

    @one_thread
    def search(
        self,
        features: Sequence[Path],
        texts: Sequence[str],
        count: int,
        vectors: "Sequence[array[float]] | None" = None,
    ) -> tuple[tuple[Found, ...], ...]:
        """See `GraphSearch`."""
        return found_for(self._grown(features).features, texts, count, vectors)

    def _grown(self, files: Sequence[Path]) -> Grown:
        key = _key(files)
        if key not in self._kept:
            self._keep(key, load_files(files))
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: _Key, grown: Grown) -> None:
        self._kept[key] = grown
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _check(items: Sequence[TextItem]) -> None:
    if len({item.id for item in items}) < len(items):
        raise ValueError("every id once")


def _key(files: Sequence[Path]) -> tuple[tuple[str, int, int], ...]:
    return tuple(map(_file_key, files))


def _file_key(path: Path) -> tuple[str, int, int]:
    if not path.exists():
        return str(path), 0, 0
    stat = path.stat()
    return str(path.resolve()), stat.st_mtime_ns, stat.st_size
