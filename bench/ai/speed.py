"""What reading and printing cost: CPU of this process, and the memory of a process that reads a long PDF."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from cases import LAYOUTS, Layout
from sheets import jpeg_pages, printable, spec_of
from tests.support.degrade.files import save_pdf

from academy.application.ports.sheets import SheetPrinter, SheetReader

__all__ = ["peak_mib", "printing_seconds", "reading_ms", "scan_of"]

SPEED_LAYOUT = Layout(40, 0, landscape=False)
_DISTINCT = 40


def scan_of(target: Path, pages: int, seed: int) -> Path:
    """Write a PDF of filled sheets of one layout, JPEG at 200 dpi; more than forty repeat the first forty."""
    drawn = jpeg_pages([SPEED_LAYOUT], min(pages, _DISTINCT), seed)
    save_pdf([drawn[at % len(drawn)] for at in range(pages)], target)
    return target


def reading_ms(reader: SheetReader, scan: Path, rounds: int) -> list[float]:
    """Return CPU milliseconds for a page, one number a round. Raises ValueError when a page was not read."""
    spec = spec_of(SPEED_LAYOUT)
    found = []
    for _ in range(rounds):
        started = time.process_time()
        read = list(reader.read(spec, scan))
        found.append(1000 * (time.process_time() - started) / len(read))
        bad = [page.problem.code for page in read if page.problem is not None]
        if bad:
            raise ValueError(f"{len(bad)} pages were not read: {sorted(set(bad))}")
    return found


def printing_seconds(printer: SheetPrinter, folder: Path, sheets: int, rounds: int) -> list[float]:
    """Return CPU seconds of printing so many personal sheets, one number for each round and layout; the first loads the fonts."""
    found = []
    for number in range(rounds):
        layout = LAYOUTS[number % len(LAYOUTS)]
        wanted = printable(spec_of(layout), sheets)
        started = time.process_time()
        printer.print(spec_of(layout), wanted, folder / "printed.pdf")
        found.append(time.process_time() - started)
    return found


def peak_mib(scan: Path) -> tuple[float, int]:
    """Read `scan` in a process of its own; return the most memory it held, MiB, and the pages it read."""
    here = Path(__file__).parent
    layout = [str(SPEED_LAYOUT.questions), str(SPEED_LAYOUT.numbers)]
    done = subprocess.run(
        [sys.executable, str(here / "one_scan.py"), str(scan), *layout],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(here.parents[1] / "src")},
        capture_output=True,
        check=True,
        text=True,
    )
    said = json.loads(done.stdout)
    return float(said["peak_mib"]), int(said["pages"])
