"""How well and how fast answer sheets are read and printed.

    make bench-ai        or: python bench/bench_ai.py [--sheets N] [--seed N] [--only quality,speed] [--keep FOLDER]

Sheets are printed, filled in and made worse from a seed by a generator that shares no code with the reader. Writes the calibration
curve as a PNG (--plot) and ends with one JSON line.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE / "ai"), str(_HERE), str(ROOT), str(ROOT / "src")]

from bars import Bar  # noqa: E402 - found by the path above
from calibration import Group, groups, plot  # noqa: E402
from judging import Tally  # noqa: E402
from matrix import Matrix, run_matrix  # noqa: E402
from notes import PAGES, note_seconds  # noqa: E402
from ocr import ERROR_PERCENT, RECALL_PERCENT, papers_read  # noqa: E402
from omrchecker import SETTINGS, Absent, peer_on  # noqa: E402
from speed import peak_mib, printing_seconds, reading_ms, scan_of  # noqa: E402

from academy.infrastructure.opencv.reader import OpenCvSheetReader  # noqa: E402
from academy.infrastructure.opencv.redraw import OpenCvNotePictures  # noqa: E402
from academy.infrastructure.reportlab import ReportLabSheetPrinter  # noqa: E402
from academy.infrastructure.typst import TypstNoteTypesetter  # noqa: E402

PARTS = ("quality", "speed", "memory", "printing", "notes", "omrchecker", "ocr")
FLAGGED_PERCENT = 2.0
PAGE_MS = 1000 / 30
PRINT_SECONDS = 0.4
NOTE_SECONDS = 0.2
PEAK_MIB = 400.0
PEER_TIMES = 4.5


@dataclass(slots=True)
class _Figures:
    rows: list[dict[str, object]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)


def main() -> int:
    """Measure, print tables and one JSON line; 1 when a bar is missed."""
    options = _options()
    figures = _Figures()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "quality" in options.only:
            _quality(figures, options, folder)
        _speed(figures, options, folder)
        if "notes" in options.only:
            _notes(figures, options, folder)
    if "ocr" in options.only:
        _ocr(figures, options.seed)
    for bar in figures.bars:
        print(f"{'ok  ' if bar.ok else 'MISS'} {bar.name}: {bar.value:.3f} (limit {bar.limit:g})")
    shown = [
        {"name": bar.name, "value": round(bar.value, 3), "limit": bar.limit, "ok": bar.ok}
        for bar in figures.bars
    ]
    print(json.dumps({"bench": "ai", "rows": figures.rows, "bars": shown}))
    return 0 if all(bar.ok for bar in figures.bars) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sheets", type=int, default=1000, help="sheets of the matrix")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", type=int, default=120, help="pages of the PDF whose reading is timed")
    parser.add_argument("--long", type=int, default=500, help="pages of the PDF whose reading is weighed")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--keep", type=Path, help="folder for the pages that fail, with what failed")
    parser.add_argument("--plot", type=Path, default=ROOT / "var" / "bench-ai-calibration.png")
    parser.add_argument(
        "--omrchecker", type=Path, help="a checkout of OMRChecker, with its environment in .venv"
    )
    options = parser.parse_args()
    options.only = options.only.split(",")
    unknown = set(options.only) - set(PARTS)
    if unknown:
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}")
    return options


def _quality(figures: _Figures, options: argparse.Namespace, folder: Path) -> None:
    found = run_matrix(OpenCvSheetReader(), options.sheets, options.seed, folder, options.keep)
    curve = groups(found.said)
    options.plot.parent.mkdir(parents=True, exist_ok=True)
    plot(curve, options.plot)
    tallies = {"all": found.whole, **dict(sorted(found.by_kind.items()))}
    _table(tallies)
    _ways(found)
    _curve(curve)
    figures.rows += [_row(kind, tally) for kind, tally in tallies.items()]
    figures.rows += [
        {"confidence": f"{one.low:g} to {one.high:g}", "fields": one.many, "said": round(one.confidence, 5),
         "right": round(one.right, 5)}
        for one in curve
    ]  # fmt: skip
    whole = found.whole
    figures.bars += [
        Bar("wrong answers outside the flagged set", whole.wrong, 0),
        Bar("clear fields flagged, percent", whole.flagged_share, FLAGGED_PERCENT),
        Bar("students not found", whole.pages - whole.identifiers_right, 0),
        Bar("pages unread", whole.unread, 0),
    ]


def _speed(figures: _Figures, options: argparse.Namespace, folder: Path) -> None:
    ours = 0.0
    scan = folder / "scan.pdf"
    if {"speed", "omrchecker"}.intersection(options.only):
        scan_of(scan, options.pages, options.seed)
        ours = statistics.median(reading_ms(OpenCvSheetReader(), scan, options.rounds))
        figures.rows.append(
            {"what": "reading", "cpu_ms_per_page": round(ours, 2), "pages_per_s": round(1000 / ours, 1)}
        )
        figures.bars.append(Bar("CPU ms of reading a page (30 pages a second)", ours, PAGE_MS))
    if "memory" in options.only:
        peak, pages = peak_mib(scan_of(folder / "long.pdf", options.long, options.seed))
        figures.rows.append({"what": "memory", "pages": pages, "peak_mib": peak})
        figures.bars.append(Bar(f"MiB of a process that reads {options.long} pages", peak, PEAK_MIB))
        figures.bars.append(Bar("pages that it did not read", options.long - pages, 0))
    if "printing" in options.only:
        first, *later = printing_seconds(ReportLabSheetPrinter(), folder, 100, 1 + options.rounds)
        middle = statistics.median(later)
        figures.rows.append({"what": "printing", "first_cpu_s": round(first, 3), "cpu_s": round(middle, 3)})
        figures.bars.append(Bar("CPU seconds of printing 100 personal sheets", middle, PRINT_SECONDS))
    if "omrchecker" in options.only:
        _peer(figures, options, scan, ours)


def _peer(figures: _Figures, options: argparse.Namespace, scan: Path, ours: float) -> None:
    for at, (name, setting) in enumerate(SETTINGS.items()):
        try:
            theirs = peer_on(options.omrchecker, OpenCvSheetReader(), scan, setting)
        except Absent as absent:
            figures.rows.append({"what": "OMRChecker", "skipped": str(absent)})
            print(f"OMRChecker: skipped, {absent}")
            return
        figures.rows.append(
            {
                "what": f"OMRChecker, {name}",
                "cpu_ms_per_page": round(theirs.ms, 2),
                "as_we_read": round(theirs.alike, 2),
                "times_ours": round(theirs.ms / ours, 2),
            }
        )
        if at == 0:
            figures.bars.append(Bar("CPU of a page, ours / OMRChecker", ours / theirs.ms, 1 / PEER_TIMES))


def _notes(figures: _Figures, options: argparse.Namespace, folder: Path) -> None:
    seconds, pages = note_seconds(TypstNoteTypesetter(), OpenCvNotePictures(), folder, 1 + options.rounds)
    first, *later = seconds
    middle = statistics.median(later)
    figures.rows.append(
        {"what": "notes", "pages": pages, "first_cpu_s": round(first, 3), "cpu_s": round(middle, 3)}
    )
    figures.bars.append(Bar(f"CPU seconds of a wrong-answer note of {pages} pages", middle, NOTE_SECONDS))
    figures.bars.append(Bar(f"pages that are missing of {PAGES}", max(0, PAGES - pages), 0))


def _ocr(figures: _Figures, seed: int) -> None:
    found = list(papers_read(seed))
    for one in found:
        row: dict[str, object] = {
            "what": "ocr", "kind": one.kind, "look": one.look, "font": one.font, "error": round(one.judged.error, 2),
            "recall": round(one.judged.recall, 1), "s_per_page": round(one.seconds, 1),
        }  # fmt: skip
        figures.rows.append(row)
        print("  ".join(f"{value}" for value in row.values()))
    for look in ("clean", "scanned"):
        first, *rest = [one.judged for one in found if one.look == look]
        whole = sum(rest, first)
        figures.bars.append(Bar(f"Hangul errors of {look} pages, percent", whole.error, ERROR_PERCENT))
        figures.bars.append(
            Bar(f"words of {look} pages not found, percent", 100 - whole.recall, 100 - RECALL_PERCENT)
        )


def _row(kind: str, tally: Tally) -> dict[str, object]:
    return {
        "kind": kind,
        "pages": tally.pages,
        "unread": tally.unread,
        "fields": tally.clear,
        "wrong": tally.wrong,
        "flagged_percent": round(tally.flagged_share, 2),
        "doubtful": tally.doubtful,
        "doubtful_flagged": tally.doubtful_flagged,
        "students_found": tally.identifiers_right,
        "students_mistaken": tally.identifiers_wrong,
        "no_code": tally.no_code,
    }


def _table(tallies: Mapping[str, Tally]) -> None:
    for at, (kind, tally) in enumerate(tallies.items()):
        row = _row(kind, tally)
        if at == 0:
            print("".join(f"{name:>18}" for name in row))
        print("".join(f"{value!s:>18}" for value in row.values()))


def _ways(found: Matrix) -> None:
    print(f"\n{'marked':>18}{'fields':>10}{'flagged %':>12}{'wrong':>8}")
    for how, (many, flagged, wrong) in sorted(found.by_how.items()):
        print(f"{how:>18}{many:>10}{100 * flagged / many:>12.2f}{wrong:>8}")


def _curve(curve: Sequence[Group]) -> None:
    print(f"\n{'confidence':>18}{'fields':>10}{'said':>10}{'right':>10}")
    for line in _lines(curve):
        print(line)


def _lines(curve: Sequence[Group]) -> Iterator[str]:
    for one in curve:
        print_range = f"{one.low:g} to {one.high:g}"
        yield f"{print_range:>18}{one.many:>10}{one.confidence:>10.4f}{one.right:>10.4f}"


if __name__ == "__main__":
    sys.exit(main())
