"""OMRChecker on the sheets that we read: a checkout that the user supplies, its own command, its alignment on.

It shrinks a page to 666 x 820 pixels before it aligns it, unless told otherwise: that is the cheapest way, and the one the bar is
held against. Its `auto_align`, which looks for each block once more, and pages of the scan's own size cost it more.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from sheets import empty_page, spec_of
from speed import SPEED_LAYOUT

from academy.application.ports.sheets import SheetReader
from academy.domain.omr.parts import Run
from academy.domain.omr.reading import MarkState, PageReading
from academy.domain.omr.sheet import SheetSpec

__all__ = ["SETTINGS", "Absent", "Peer", "peer_on"]

_PER_MM = 200 / 25.4
_ALIKE_PERCENT = 98.0

SETTINGS: Mapping[str, Mapping[str, object]] = {
    "as it comes": {},
    "auto_align": {"alignment_params": {"auto_align": True}},
    "auto_align, the scan's own size": {
        "alignment_params": {"auto_align": True},
        "dimensions": {"processing_width": 1654, "processing_height": 2339},
    },
}
"""What its configuration says beside its own defaults; the first is the one that counts."""


class Absent(Exception):
    """There is no OMRChecker to run; the text says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """What OMRChecker cost and read.

    Attributes:
        ms: CPU milliseconds for a page, the start of its process not counted.
        alike: of the fields that we read without a flag, those that it read as we did, in a hundred.
    """

    ms: float
    alike: float


@dataclass(frozen=True, slots=True)
class _Ran:
    """One run of its command: CPU seconds, and the answers by the name of the picture."""

    seconds: float
    answers: Mapping[str, Mapping[str, str]]


def peer_on(checkout: Path | None, reader: SheetReader, scan: Path, setting: Mapping[str, object]) -> Peer:
    """Run OMRChecker over every page of `scan`, and over one, whose cost is taken off.

    Raises Absent. Raises ValueError when it fails or reads other answers than `reader`: then its time says nothing.
    """
    if checkout is None:
        raise Absent("no checkout was given (--omrchecker PATH)")
    if not (checkout / "main.py").is_file():
        raise Absent(f"{checkout} holds no main.py")
    ours = list(reader.read(spec_of(SPEED_LAYOUT), scan))
    with tempfile.TemporaryDirectory() as name:
        pictures = _pictures(scan, Path(name))
        one = _run(checkout, pictures[:1], setting)
        everything = _run(checkout, pictures, setting)
    alike = _alike(ours, [everything.answers.get(picture.name, {}) for picture in pictures])
    if alike < _ALIKE_PERCENT:
        raise ValueError(
            f"OMRChecker read {alike:.1f} % of the fields as we did, less than {_ALIKE_PERCENT:g} %:"
            " its time is not that of reading them"
        )
    return Peer(1000 * (everything.seconds - one.seconds) / (len(pictures) - 1), alike)


def _pictures(scan: Path, folder: Path) -> list[Path]:
    """Write the JPEG of every page as it stands in the PDF."""
    document = pypdfium2.PdfDocument(scan)
    try:
        for at, page in enumerate(document):
            next(page.get_objects()).extract(str(folder / f"page{at:04d}"))
    finally:
        document.close()
    return sorted(folder.iterdir())


def _run(checkout: Path, pictures: Iterable[Path], setting: Mapping[str, object]) -> _Ran:
    own = checkout / ".venv" / "bin" / "python"
    with tempfile.TemporaryDirectory() as name:
        inputs, outputs = Path(name) / "inputs", Path(name) / "outputs"
        inputs.mkdir()
        empty_page(SPEED_LAYOUT).convert("L").save(inputs / "reference.jpg", quality=90)
        for picture in pictures:
            (inputs / picture.name).symlink_to(picture)
        (inputs / "template.json").write_text(json.dumps(_template(spec_of(SPEED_LAYOUT))))
        (inputs / "config.json").write_text(
            json.dumps({**setting, "outputs": {"show_image_level": 0, "save_image_level": 0}})
        )
        before = os.times()
        done = subprocess.run(
            [str(own) if own.exists() else sys.executable, "main.py", "-i", str(inputs), "-o", str(outputs)],
            cwd=checkout,
            env=_one_thread(),
            capture_output=True,
            text=True,
            check=False,
        )
        after = os.times()
        if done.returncode:
            raise ValueError(f"OMRChecker ended with {done.returncode}: {done.stderr[-500:].strip()}")
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        return _Ran(spent, _answers(outputs))


def _one_thread() -> dict[str, str]:
    """Return an environment in which it computes with one thread, as we do, and imports nothing of ours."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"), "1")
    return {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, **threads}


def _answers(outputs: Path) -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    for path in outputs.glob("Results/*.csv"):
        with path.open(newline="") as file:
            rows.update({row["file_id"]: row for row in csv.DictReader(file)})
    return rows


def _alike(ours: Sequence[PageReading], theirs: Sequence[Mapping[str, str]]) -> float:
    """Return in how many of a hundred fields both say the same; a page that they have not counts as other answers."""
    same = [
        ("" if reading.state is MarkState.BLANK else "".join(reading.marked)) == said.get(_label(name))
        for page, said in zip(ours, theirs, strict=True)
        for name, reading in page.fields.items()
        if reading.state is not MarkState.AMBIGUOUS
    ]
    return 100 * sum(same) / max(1, len(same))


def _label(field: str) -> str:
    return f"q{field}" if field.isdigit() else field.replace(".", "")


def _template(spec: SheetSpec) -> dict[str, object]:
    """Return the specification as OMRChecker's template: pixels at 200 dpi, places of the upper left corners of bubbles."""
    blocks = {}
    for block in spec.blocks:
        grid, down = block.grid, block.run is Run.DOWN
        left, top = grid.first.x - grid.width / 2, grid.first.y - grid.height / 2
        blocks[block.name] = {
            "origin": [round(left * _PER_MM), round(top * _PER_MM)],
            "bubbleDimensions": [round(grid.width * _PER_MM), round(grid.height * _PER_MM)],
            "bubbleValues": list(block.choices),
            "direction": "horizontal" if down else "vertical",
            "bubblesGap": grid.choice_step * _PER_MM,
            "labelsGap": grid.field_step * _PER_MM,
            "fieldLabels": [_label(name) for name in block.fields],
        }
    size = [round(spec.width * _PER_MM), round(spec.height * _PER_MM)]
    align = {"name": "FeatureBasedAlignment", "options": {"reference": "reference.jpg", "maxFeatures": 1000}}
    return {
        "pageDimensions": size,
        "bubbleDimensions": [30, 25],
        "preProcessors": [align],
        "fieldBlocks": blocks,
    }
