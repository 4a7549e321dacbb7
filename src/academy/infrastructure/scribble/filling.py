"""A sheet filled in by somebody: the picture, and what was meant."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from PIL import Image

from academy.domain.omr.parts import Grid, Point, bubbles
from academy.domain.omr.sheet import SheetSpec
from academy.infrastructure.scribble.hand import Habit, Hand
from academy.infrastructure.scribble.ink import Ink, Sheet, lay, rub, smear
from academy.infrastructure.scribble.plan import RATES, Act, Deed, Meant, Planned, Rates, plan
from academy.infrastructure.scribble.strokes import Stroke, around, cross, dot, fill, strike, tail, tick
from academy.infrastructure.scribble.truth import SheetTruth

__all__ = ["fill_in"]


def fill_in(
    page: Image.Image,
    spec: SheetSpec,
    hand: Hand,
    seed: int,
    identifier: str = "",
    *,
    printed: bool = False,
    rates: Rates = RATES,
    meant: Mapping[str, Meant] | None = None,
) -> tuple[Image.Image, SheetTruth]:
    """Return `page` (the whole upright sheet, of any resolution) filled in by `hand`, and what was meant. The seed decides everything.

    `identifier` is marked digit by digit, or stands on the page already when `printed` is given. What `meant`
    names is marked so, all else stays blank; without it the hand decides by `rates`.
    """
    rng = Random(seed)  # noqa: S311 (nothing is kept secret by it)
    sheet = Sheet(page.convert("RGB"), page.width / spec.width)
    centres = {(each.block, each.field, each.choice): each.centre for each in bubbles(spec.blocks)}
    planned = list(plan(spec, hand, rng, identifier, printed=printed, rates=rates, meant=meant))
    for step in planned:
        _draw(sheet, spec, hand, rng, step, centres)
    if hand.rubs and rng.random() < 0.25:
        _smudge(sheet, spec, rng)
    fields = {spec.blocks[step.block].fields[step.field]: step.truth for step in planned}
    return sheet.picture, SheetTruth(fields, identifier)


def _draw(
    sheet: Sheet,
    spec: SheetSpec,
    hand: Hand,
    rng: Random,
    step: Planned,
    centres: dict[tuple[int, int, int], Point],
) -> None:
    grid = spec.blocks[step.block].grid
    for deed in step.deeds:
        centre = centres[step.block, step.field, deed.choice]
        spread = 0.06 * grid.height
        at = (centre.x + rng.gauss(0, spread), centre.y + rng.gauss(0, spread))
        if deed.act in {Act.RUB, Act.HALF_RUB}:
            left = rng.uniform(0.03, 0.14) if deed.act is Act.RUB else rng.uniform(0.35, 0.55)
            old = fill(rng, (grid.width, grid.height), hand.pen, share=hand.reach, slop=hand.slop)
            rub(sheet, at, old, hand.ink, left, rng)
            continue
        for strokes in _strokes(deed, hand, grid, rng):
            lay(sheet, at, strokes, _pressed(hand.ink, rng), rng)


def _strokes(deed: Deed, hand: Hand, grid: Grid, rng: Random) -> Iterator[Sequence[Stroke]]:
    """Yield the lines of one deed that are drawn in one go."""
    size = (grid.width, grid.height)
    if deed.act is Act.RING:
        yield around(rng, size, hand.pen)
    elif deed.act is Act.DOT:
        yield dot(rng, size, min(hand.pen, 0.7))
    elif deed.act is Act.STRIKE:
        yield strike(rng, size, hand.pen)
    elif deed.act is Act.CROSS or hand.habit is Habit.CROSS:
        yield cross(rng, size, hand.pen)
    elif hand.habit is Habit.TICK:
        yield tick(rng, size, hand.pen)
    else:
        part = deed.act is Act.PART
        share, slop = (rng.uniform(0.55, 0.75), min(hand.slop, 0.15)) if part else (hand.reach, hand.slop)
        yield fill(rng, size, hand.pen, share=share, slop=slop)
        if deed.act is Act.TAIL:
            yield tail(rng, size, hand.pen, rng.uniform(0.4, 1.6))


def _pressed(ink: Ink, rng: Random) -> Ink:
    """Return the ink as it comes out this time: a hand does not press alike twice."""
    return Ink(ink.colour, min(1.0, ink.cover * rng.uniform(0.9, 1.06)), ink.grain)


def _smudge(sheet: Sheet, spec: SheetSpec, rng: Random) -> None:
    """Draw the grey that a hand carried over the page, in a place or two."""
    for _ in range(rng.randint(1, 2)):
        size = (rng.uniform(15, 50), rng.uniform(4, 12))
        at = (rng.uniform(0.2, 0.8) * spec.width, rng.uniform(0.2, 0.8) * spec.height)
        smear(sheet, at, size, rng.uniform(0.04, 0.12))
