"""Analyses made-up documents in a process of its own: python measure.py LANGUAGE MANY SEED.

Prints one JSON line: CPU seconds of the analysis, peak MiB, how well the clusters are the topics, CPU ms of
a join, MiB of the features.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from agreement import nmi
from corpus import Document, english, korean

from academy.application.ports.graph_maths import Analysed, TextItem
from academy.infrastructure.statistics import StatisticalGraphMaths

_KIB = 1024
_MIB = 1024 * 1024
_JOINS = 9
_MAKERS = {"english": english, "korean": korean}


def main() -> None:
    """Measure, and print one JSON line."""
    language, many, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    made = _MAKERS[language](many + 1 + _JOINS, seed)
    documents, new = made[:many], made[many:]
    maths = StatisticalGraphMaths()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        maths.analyse([one.item for one in documents[:50]], seed=seed, folder=folder)  # libraries are loaded
        _forget_peak()
        begun = time.process_time()
        found = maths.analyse([one.item for one in documents], seed=seed, folder=folder)
        seconds = time.process_time() - begun
        peak = _peak_mib()
        joins = _join_ms(maths, found, [one.item for one in new])
        size = found.features.stat().st_size / _MIB
    print(json.dumps({
        "language": language, "documents": many, "cpu_s": round(seconds, 3), "peak_mib": round(peak, 1),
        "nmi": round(_agreement(found, documents), 4), "join_cpu_ms": round(statistics.median(joins), 1),
        "first_join_cpu_ms": round(joins[0], 1), "features_mib": round(size, 1),
        "clusters": sum(one.parent < 0 for one in found.communities), "edges": len(found.neighbours),
    }))  # fmt: skip


def _agreement(found: Analysed, documents: list[Document]) -> float:
    topics = {one.item.id: one.topic for one in documents}
    return nmi([topics[one] for one in found.ids], [place.cluster for place in found.placed])


def _join_ms(maths: StatisticalGraphMaths, found: Analysed, new: list[TextItem]) -> list[float]:
    """CPU of joining one document after the other; the first reads the features."""
    members = {
        one: (str(place.cluster), str(place.subcluster), place.x, place.y)
        for one, place in zip(found.ids, found.placed, strict=True)
    }
    files: Sequence[Path] = [found.features]
    times = []
    for item in new:
        begun = time.process_time()
        joined, files = maths.join(files, [item], members)
        times.append((time.process_time() - begun) * 1000)
        members[item.id] = (*joined.clusters[0], *joined.places[0])
    return times


def _forget_peak() -> None:
    """Let the kernel count the peak anew: the making of the documents is no part of it."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / _KIB


if __name__ == "__main__":
    main()
