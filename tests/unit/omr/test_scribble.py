"""The generator of filled sheets: what it says is what it drew, and a seed says everything."""

from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from academy.domain.omr.parts import Anchor, Block, Grid, Marker, MarkerKind, Point, Purpose, Run, bubbles
from academy.domain.omr.sheet import SheetSpec
from academy.infrastructure.scribble.filling import fill_in
from academy.infrastructure.scribble.hand import Habit, Hand, Tool, hand_of
from academy.infrastructure.scribble.paper import outlined
from academy.infrastructure.scribble.plan import Rates
from academy.infrastructure.scribble.truth import How, SheetTruth

_DIGITS = tuple("0123456789")


def _small_sheet() -> SheetSpec:
    def grid(x: float, y: float, field: float, choice: float) -> Grid:
        return Grid(Point(x, y), field, choice, 4.4, 3.6)

    return SheetSpec(
        id="small",
        version=1,
        width=100,
        height=120,
        anchor=Anchor.MARKERS,
        markers=tuple(
            Marker(MarkerKind.SQUARE, Point(x, y), 5) for x, y in ((6, 6), (94, 6), (94, 114), (6, 114))
        ),
        code=None,
        blocks=(
            Block(
                "identifier", Purpose.IDENTIFIER, Run.ACROSS, grid(20, 15, 6, 5), ("id.1", "id.2"), _DIGITS
            ),
            Block("n", Purpose.NUMBER, Run.ACROSS, grid(60, 15, 6, 5), ("n.1", "n.2", "n.3"), _DIGITS),
            Block("q", Purpose.CHOICE, Run.DOWN, grid(20, 70, 6, 8), tuple("123456"), tuple("12345")),
        ),
    )


SPEC = _small_sheet()
PAGE = outlined(SPEC)


def _filled(how: How, seed: int, tool: Tool = Tool.DARK_PENCIL) -> tuple[Image.Image, SheetTruth]:
    return fill_in(PAGE, SPEC, _hand(seed, tool), seed, "47", rates=Rates({how: 100}))


def _hand(seed: int, tool: Tool) -> Hand:
    """Return somebody who fills bubbles in."""
    found = hand_of(Random(seed), tool)
    return Hand(found.tool, found.ink, found.pen, found.slop, found.reach, Habit.FILL)


def _darkness(picture: Image.Image) -> dict[tuple[str, str], float]:
    """Return how much darker than the empty page each bubble is, 0 to 1, by field and choice."""
    per_mm = picture.width / SPEC.width
    lost = np.asarray(PAGE.convert("L"), np.float32) - np.asarray(picture.convert("L"), np.float32)
    found = {}
    for bubble in bubbles(SPEC.blocks):
        block = SPEC.blocks[bubble.block]
        half_w, half_h = block.grid.width / 3 * per_mm, block.grid.height / 3 * per_mm
        x, y = bubble.centre.x * per_mm, bubble.centre.y * per_mm
        part: NDArray[np.float32] = lost[
            round(y - half_h) : round(y + half_h), round(x - half_w) : round(x + half_w)
        ]
        found[block.fields[bubble.field], block.choices[bubble.choice]] = float(part.mean()) / 255
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "how", [How.FILLED, How.BLANK, How.SEVERAL, How.WITH_TAIL, How.PARTIAL, How.CORRECTED]
)
def test_the_bubbles_that_were_meant_are_the_dark_ones(how: How, seed: int) -> None:
    picture, truth = _filled(how, seed)
    for (field, choice), dark in _darkness(picture).items():
        if choice in truth.fields[field].marked:
            assert dark > 0.2, (field, choice, dark)
        else:
            assert dark < 0.15, (field, choice, dark)


def test_the_identifier_is_marked_digit_by_digit_unless_it_was_printed() -> None:
    picture, truth = _filled(How.FILLED, 1)
    assert (truth.fields["id.1"].marked, truth.fields["id.2"].marked) == (("4",), ("7",))
    assert _darkness(picture)["id.1", "4"] > 0.3
    printed, said = fill_in(
        PAGE, SPEC, _hand(1, Tool.MARKER), 1, "47", printed=True, rates=Rates({How.BLANK: 100})
    )
    assert said.fields["id.1"].marked == ("4",)
    assert _darkness(printed)["id.1", "4"] == 0


def test_a_number_stands_at_the_right_of_its_columns() -> None:
    for seed in range(40):
        _, truth = _filled(How.FILLED, seed)
        lengths = [len(truth.fields[name].marked) for name in ("n.1", "n.2", "n.3")]
        assert lengths == sorted(lengths)


@pytest.mark.parametrize("how", list(How))
def test_a_clear_field_accepts_what_was_meant_alone_and_a_doubtful_one_includes_it(how: How) -> None:
    for seed in range(8):
        _, truth = _filled(how, seed)
        for field in truth.fields.values():
            assert field.marked in field.accepted
            assert field.doubtful or field.accepted == {field.marked}


def test_a_pen_is_not_rubbed_out() -> None:
    _, truth = _filled(How.HALF_RUBBED, 3, Tool.BLACK_PEN)
    assert {truth.fields[name].how for name in "123456"} == {How.FILLED}


def test_the_seed_decides_everything() -> None:
    (first, said), (again, repeated), (other, meant) = (
        fill_in(PAGE, SPEC, hand_of(Random(7)), seed, "12") for seed in (7, 7, 8)
    )
    assert first.tobytes() == again.tobytes()
    assert said == repeated
    assert other.tobytes() != first.tobytes()
    assert meant != said


def test_the_page_that_is_filled_in_stays_as_it_was() -> None:
    before = PAGE.tobytes()
    _filled(How.FILLED, 2)
    assert PAGE.tobytes() == before


def test_a_light_pencil_is_lighter_than_a_marker_and_still_to_be_seen() -> None:
    levels = []
    for tool in (Tool.LIGHT_PENCIL, Tool.MARKER):
        picture, said = _filled(How.FILLED, 4, tool)
        darkness = _darkness(picture)
        levels.append([darkness[name, said.fields[name].marked[0]] for name in "123456"])
    assert min(levels[0]) > 0.1
    assert max(levels[0]) < min(levels[1])


@pytest.mark.parametrize("tool", [Tool.MARKER, Tool.BLACK_PEN])
def test_a_bubble_filled_in_part_is_filled_in_good_part_by_any_pen(tool: Tool) -> None:
    for seed in range(30):
        picture, truth = _filled(How.PARTIAL, seed, tool)
        darkness = _darkness(picture)
        for name in "123456":
            assert darkness[name, truth.fields[name].marked[0]] > 0.3, (seed, name)
