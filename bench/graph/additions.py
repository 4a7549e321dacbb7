"""How much worse a graph is when a tenth of it joined instead of being there from the start."""

import itertools
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agreement import nmi
from bars import Bar
from corpus import english
from sets import Absent, labelled

from academy.application.ports.graph_maths import Joined, TextItem
from academy.infrastructure.statistics import StatisticalGraphMaths

__all__ = ["additions", "after_additions"]

BEHIND, BEHIND_OF_FEW = 0.01, 0.02
_MANY = 10_000
_NOTES = "korean-notes"
_TENTH = 10
_BATCH = 100
_Members = dict[str, tuple[str, str, float, float]]


def additions(data: Path, seed: int) -> tuple[list[dict[str, Any]], list[Bar]]:
    """Measure made-up English documents, and the Korean notes of the folder if they are there: rows of a table, and bars."""
    made = english(_MANY, seed)
    label = {one.item.id: str(one.topic) for one in made}
    row = {"set": "made-up English", **after_additions([one.item for one in made], label, seed)}
    rows, bars = [row], [Bar("NMI of additions to 10,000: behind a rebuild", row["behind"], BEHIND)]
    try:
        notes = labelled(data / _NOTES, _MANY, depth=2)
    except Absent as absent:
        return [*rows, {"set": f"{_NOTES}, additions", "skipped": str(absent)}], bars
    row = {"set": f"{_NOTES}, additions", **after_additions(notes.items, notes.label, seed, _TENTH)}
    return [*rows, row], [
        *bars,
        Bar(f"NMI of additions to {_NOTES}: behind a rebuild", row["behind"], BEHIND_OF_FEW),
    ]


def after_additions(
    items: Sequence[TextItem], label: Mapping[str, str], seed: int, turns: int = 1
) -> dict[str, Any]:
    """Build with nine tenths of the texts and let the other tenth join: most of it in batches, the rest one by one.

    Returns how well clusters and labels agree (`nmi`), the same of one build of all (`rebuilt`), and the difference (`behind`), each the
    mean of so many turns (10 at most), which leave different tenths out.
    """
    with tempfile.TemporaryDirectory() as folder:
        rebuilt = _agreement(_built(StatisticalGraphMaths(), items, seed, Path(folder))[0], label)
    found = [_agreement(_joined(items, turn, seed), label) for turn in range(turns)]
    mean = statistics.mean(found)
    return {
        "documents": len(items), "joined": len(items[::_TENTH]), "turns": turns, "nmi": round(mean, 4),
        "rebuilt": round(rebuilt, 4), "behind": round(rebuilt - mean, 4),
    }  # fmt: skip


def _joined(items: Sequence[TextItem], turn: int, seed: int) -> _Members:
    """Return clusters and places where one tenth of the texts joined."""
    maths = StatisticalGraphMaths()
    there = [item for at, item in enumerate(items) if at % _TENTH != turn]
    with tempfile.TemporaryDirectory() as folder:
        members, files = _built(maths, there, seed, Path(folder))
        for some in _portions(items[turn::_TENTH]):
            joined, files = maths.join(files, some, members, kept="graph", keep="graph")
            _take(members, joined)
    return members


def _agreement(members: _Members, label: Mapping[str, str]) -> float:
    names = sorted(members)
    return nmi([label[name] for name in names], [members[name][0] for name in names])


def _built(
    maths: StatisticalGraphMaths, items: Sequence[TextItem], seed: int, folder: Path
) -> tuple[_Members, Sequence[Path]]:
    found = maths.analyse(items, seed=seed, folder=folder)
    members = {
        one: (f"c-{place.cluster}", f"s-{place.subcluster}", place.x, place.y)
        for one, place in zip(found.ids, found.placed, strict=True)
    }
    return members, [found.features]


def _portions(items: Sequence[TextItem]) -> list[Sequence[TextItem]]:
    """Batches, and the last of them one by one."""
    alone = min(_BATCH, len(items) // 2)
    whole, rest = items[: len(items) - alone], items[len(items) - alone :]
    batches = [whole[at : at + _BATCH] for at in range(0, len(whole), _BATCH)]
    return [*batches, *([one] for one in rest)]


_NEW = itertools.count()


def _take(members: _Members, joined: Joined) -> None:
    """Give those that are near nobody the cluster of their group."""
    names: dict[int, str] = {}
    for one, (cluster, part), group, place in zip(
        joined.ids, joined.clusters, joined.groups, joined.places, strict=True
    ):
        own = cluster or names.setdefault(group, f"own-{next(_NEW)}")
        members[one] = (own, part, *place)
