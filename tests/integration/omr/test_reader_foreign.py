"""Photos of filled sheets that this system neither designed nor printed."""

from pathlib import Path

import pytest
from tests.integration.omr.foreign_sheets import (
    FIVE_QUESTIONS,
    FIVE_QUESTIONS_ANSWERS,
    TECHNOTHLON,
    TECHNOTHLON_ANSWERS,
    TECHNOTHLON_NUMBERS,
    TECHNOTHLON_ROLL,
)

from academy.domain.omr.reading import FieldReading, MarkState, PageReading
from academy.domain.omr.sheet import Purpose, SheetSpec
from academy.infrastructure.opencv.reader import OpenCvSheetReader

PHOTOS = Path(__file__).parents[3].parent / "shared" / "data" / "omr-foreign"

pytestmark = [
    pytest.mark.requirement("OMR-3"),
    pytest.mark.outside_data,
    pytest.mark.skipif(
        not PHOTOS.is_dir(),
        reason="the photos of foreign sheets are not beside this checkout (../shared/data/omr-foreign)",
    ),
]


def read(spec: SheetSpec, name: str) -> PageReading:
    (found,) = OpenCvSheetReader().read(spec, PHOTOS / name)
    assert found.problem is None, found.problem
    return found


def said(field: FieldReading) -> str:
    assert field.state in {MarkState.SINGLE, MarkState.BLANK}
    assert field.confidence > 0.95
    return "".join(field.marked) or "."


@pytest.mark.parametrize("name", FIVE_QUESTIONS_ANSWERS)
def test_five_questions_by_the_edge_of_the_paper(name: str) -> None:
    found = read(FIVE_QUESTIONS, name)
    assert "".join(said(one) for one in found.fields.values()) == FIVE_QUESTIONS_ANSWERS[name]


def test_rings_of_which_one_is_painted_over_and_one_has_a_blot() -> None:
    found = read(TECHNOTHLON, "technothlon-photo.jpg")
    by_block = {
        block.name: [said(found.fields[name]) for name in block.fields] for block in TECHNOTHLON.blocks
    }
    roll = by_block["roll letter"] + by_block["roll digits"]
    numbers = {
        block.name: "".join(by_block[block.name]).replace(".", "")
        for block in TECHNOTHLON.blocks
        if block.purpose is Purpose.NUMBER
    }
    choices = {
        name: said(found.fields[name])
        for block in TECHNOTHLON.blocks
        if block.purpose is Purpose.CHOICE
        for name in block.fields
    }
    assert "".join(roll) == TECHNOTHLON_ROLL
    assert numbers == TECHNOTHLON_NUMBERS
    assert choices == TECHNOTHLON_ANSWERS
