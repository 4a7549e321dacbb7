"""OMRChecker on the sheets that we read: a checkout that the user supplies, its own command, its alignment on."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image
from sheets import empty_page, spec_of
from speed import SPEED_LAYOUT

from academy.domain.omr.parts import Run
from academy.domain.omr.sheet import SheetSpec

__all__ = ["Absent", "peer_ms"]

_PER_MM = 200 / 25.4


class Absent(Exception):
    """There is no OMRChecker to run; the text says why."""


def peer_ms(checkout: Path | None, scan: Path) -> float:
    """Return CPU milliseconds for a page of `scan`, its start not counted: a run over all pages less a run over one. Raises Absent."""
    if checkout is None:
        raise Absent("no checkout was given (--omrchecker PATH)")
    if not (checkout / "main.py").is_file():
        raise Absent(f"{checkout} holds no main.py")
    pages = _pictures(scan)
    reference = empty_page(SPEED_LAYOUT)
    one = _run(checkout, pages[:1], reference)
    everything = _run(checkout, pages, reference)
    return 1000 * (everything - one) / (len(pages) - 1)


def _pictures(scan: Path) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(scan)
    try:
        return [page.render(scale=200 / 72, grayscale=True).to_pil() for page in document]
    finally:
        document.close()


def _run(checkout: Path, pages: list[Image.Image], reference: Image.Image) -> float:
    """Return CPU seconds of the command over `pages`."""
    own = checkout / ".venv" / "bin" / "python"
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "inputs"
        inputs.mkdir()
        reference.convert("L").save(inputs / "reference.jpg", quality=90)
        for at, page in enumerate(pages):
            page.save(inputs / f"page{at:04d}.jpg", quality=90)
        (inputs / "template.json").write_text(json.dumps(_template(spec_of(SPEED_LAYOUT))))
        (inputs / "config.json").write_text(
            json.dumps({"outputs": {"show_image_level": 0, "save_image_level": 0}})
        )
        before = os.times()
        subprocess.run(
            [
                str(own) if own.exists() else sys.executable,
                "main.py",
                "-i",
                str(inputs),
                "-o",
                f"{folder}/outputs",
            ],
            cwd=checkout,
            capture_output=True,
            check=True,
        )
        after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


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
            "fieldLabels": [f"q{name}" if name.isdigit() else name.replace(".", "") for name in block.fields],
        }
    size = [round(spec.width * _PER_MM), round(spec.height * _PER_MM)]
    align = {"name": "FeatureBasedAlignment", "options": {"reference": "reference.jpg", "maxFeatures": 1000}}
    return {
        "pageDimensions": size,
        "bubbleDimensions": [30, 25],
        "preProcessors": [align],
        "fieldBlocks": blocks,
    }
