"""The seeded matrix: which sheet, which hand, which damage, which file."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.support.degrade.kinds import KINDS, ONE_BIT, mixture

from academy.infrastructure.scribble.hand import Tool

__all__ = ["LAYOUTS", "Case", "Layout", "cases"]

_STEP = 1_000_003


@dataclass(frozen=True, slots=True)
class Layout:
    """The arguments of a standard sheet: questions, numbers, and whether it lies on its side."""

    questions: int
    numbers: int
    landscape: bool


LAYOUTS = tuple(
    Layout(questions, numbers, landscape)
    for questions in (20, 40, 60)
    for numbers in (0, 3)
    for landscape in (False, True)
)


@dataclass(frozen=True, slots=True)
class Case:
    """One sheet of the matrix.

    Attributes:
        number: from 0; with the seed of the run it decides everything else.
        kinds: what happens to the page; `group` is its name in the tables.
        strength: 0 to 1.
        personal: printed for a student, the identifier on it; else the hand marks the identifier.
        ending: of the file, with the dot.
    """

    number: int
    seed: int
    layout: Layout
    kinds: tuple[str, ...]
    group: str
    strength: float
    personal: bool
    grey: bool
    tool: Tool | None
    ending: str


def cases(many: int, seed: int) -> Iterator[Case]:
    """Yield the first `many` cases of a seed: every kind in turn, and every fifth time a mixture of two or three."""
    for number in range(many):
        own = seed * _STEP + number
        rng = Random(own)
        mixed = number % 5 == 4
        kinds = (
            mixture(rng, rng.choice((2, 2, 3))) if mixed else (KINDS[(number - number // 5) % len(KINDS)],)
        )
        yield Case(
            number=number,
            seed=own,
            layout=rng.choice(LAYOUTS),
            kinds=kinds,
            group="mixture" if mixed else kinds[0],
            strength=1.0 if kinds == ("jpeg",) else rng.uniform(0.3, 1.0),
            personal=rng.random() < 0.5,
            grey=rng.random() < 0.6,
            tool=_tool(kinds, rng),
            ending=rng.choice(
                (".tif", ".png", ".pdf") if ONE_BIT.intersection(kinds) else (".pdf", ".pdf", ".jpg", ".tif")
            ),
        )


def _tool(kinds: tuple[str, ...], rng: Random) -> Tool | None:
    """Return the pen that the kinds ask for; black and white scans lose a light pencil, so that nobody hands in both."""
    if "light_pencil" in kinds:
        return Tool.LIGHT_PENCIL
    if "erasure" in kinds:
        return Tool.DARK_PENCIL
    no_light = {*ONE_BIT, "low_contrast"}.intersection(kinds)
    return rng.choice([tool for tool in Tool if tool is not Tool.LIGHT_PENCIL]) if no_light else None
