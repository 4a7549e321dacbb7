"""Runs the matrix: two processes make sheets, this one reads and judges them."""

import multiprocessing
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cases import cases
from judging import Tally, Verdict, judged
from sheets import Made, made, spec_of

from academy.application.ports.sheets import ScanInvalid, SheetReader
from academy.domain.omr.reading import PageReading

__all__ = ["Matrix", "run_matrix"]

_MAKERS = 2


@dataclass(slots=True)
class Matrix:
    """What came out: in all, by kind of damage, by way of marking (fields, flagged, wrong), and (confidence, right) of each field."""

    whole: Tally = field(default_factory=Tally)
    by_kind: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_how: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))
    said: list[tuple[float, bool]] = field(default_factory=list)
    cpu_seconds: float = 0.0

    def add(self, verdict: Verdict) -> None:
        """Count one more page."""
        self.whole.add(verdict)
        self.by_kind[verdict.made.case.group].add(verdict)
        self.said += verdict.said
        for how, counts in verdict.by_how.items():
            self.by_how[how] = [sum(pair) for pair in zip(self.by_how[how], counts, strict=True)]


def run_matrix(reader: SheetReader, many: int, seed: int, folder: Path, keep: Path | None) -> Matrix:
    """Read `many` sheets that are made in `folder`; those that fail are kept in `keep`, with a text that says what failed."""
    found = Matrix()
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    for one in _makings(many, seed, folder):
        started = time.process_time()
        page = _first(reader, one)
        found.cpu_seconds += time.process_time() - started
        verdict = judged(one, page)
        found.add(verdict)
        if keep is not None:
            _keep(verdict, page, keep)
        one.path.unlink()
        if found.whole.pages % 100 == 0:
            whole = found.whole
            print(
                f"{whole.pages} sheets: {whole.wrong} wrong, {whole.flagged} flagged of {whole.clear},"
                f" {whole.unread} unread",
                file=sys.stderr,
            )
    return found


def _makings(many: int, seed: int, folder: Path) -> Iterator[Made]:
    """Yield the sheets in order. The makers are never more than some dozens ahead, so that the folder stays small."""
    jobs = list(cases(many, seed))
    with multiprocessing.get_context("spawn").Pool(_MAKERS, _paths, (sys.path,)) as pool:
        for start in range(0, many, 100):
            yield from pool.imap(made, [(case, folder) for case in jobs[start : start + 100]], chunksize=5)


def _paths(found: list[str]) -> None:
    sys.path[:] = found


def _first(reader: SheetReader, one: Made) -> PageReading | None:
    try:
        pages = list(reader.read(spec_of(one.case.layout), one.path))
    except ScanInvalid as invalid:
        return PageReading(1, problem=invalid.failure)
    return pages[0] if len(pages) == 1 else None


def _keep(verdict: Verdict, page: PageReading | None, keep: Path) -> None:
    """Copy a page that was unread, read wrongly, flagged more than once, or whose student was not found."""
    missed = bool(verdict.unread or verdict.wrong) or verdict.identifier != "right"
    if not missed and len(verdict.flagged) < 2:
        return
    name, case = verdict.made.path, verdict.made.case
    folder = keep / ("missed" if missed else "flagged")
    folder.mkdir(exist_ok=True)
    shutil.copy(name, folder / name.name)
    said: Mapping[str, object] = {
        "layout": case.layout,
        "kinds": f"{'+'.join(case.kinds)} at {case.strength:.2f}, grey {case.grey}",
        "unread": f"{verdict.unread} {page.problem.message if page and page.problem else ''}",
        "identifier": f"{verdict.identifier}, truth {verdict.made.truth.identifier}, personal {case.personal}",
        "code": page.code if page else None,
        "corners": page.corners if page else None,
        "warnings": page.warnings if page else None,
    }
    lines = [f"{key}: {value}" for key, value in said.items()]
    lines += [f"WRONG {line}" for line in verdict.wrong] + [f"flagged {line}" for line in verdict.flagged]
    (folder / f"{name.name}.txt").write_text("\n".join(lines) + "\n")
