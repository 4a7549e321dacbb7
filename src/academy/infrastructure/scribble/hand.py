"""Who fills in a sheet: the pen, the pressure, and the habits. One hand fills the whole sheet."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from academy.infrastructure.scribble.ink import Ink

__all__ = ["Habit", "Hand", "Tool", "hand_of"]


class Tool(StrEnum):
    """What the hand writes with."""

    BLACK_PEN = "black_pen"
    BLUE_PEN = "blue_pen"
    MARKER = "marker"
    DARK_PENCIL = "dark_pencil"
    LIGHT_PENCIL = "light_pencil"


class Habit(StrEnum):
    """How the hand marks a bubble, every time."""

    FILL = "fill"
    TICK = "tick"
    CROSS = "cross"


@dataclass(frozen=True, slots=True)
class Hand:
    """A person at a sheet.

    Attributes:
        pen: width of the line, mm.
        slop: how far turns miss the outline, mm.
        reach: share of a bubble that a fill covers, 0 to 1.
    """

    tool: Tool
    ink: Ink
    pen: float
    slop: float
    reach: float
    habit: Habit = Habit.FILL

    @property
    def rubs(self) -> bool:
        """Return whether a rubber takes it away."""
        return self.tool in {Tool.DARK_PENCIL, Tool.LIGHT_PENCIL}


def hand_of(rng: Random, tool: Tool | None = None) -> Hand:
    """Return somebody; `tool` says with what, else pencils and pens come as in a class."""
    chosen = tool or rng.choices(list(Tool), weights=(25, 10, 10, 45, 10))[0]
    habit = rng.choices(list(Habit), weights=(95, 3, 2))[0]
    return Hand(
        tool=chosen,
        ink=_ink(rng, chosen),
        pen=_width(rng, chosen),
        slop=rng.choice((0.08, 0.15, 0.25, 0.4)),
        reach=rng.uniform(0.85, 1.0),
        habit=Habit.FILL if chosen is Tool.LIGHT_PENCIL else habit,
    )


def _ink(rng: Random, tool: Tool) -> Ink:
    if tool is Tool.BLUE_PEN:
        return Ink((30, 50, 150), rng.uniform(0.88, 0.97), 0.08)
    if tool is Tool.DARK_PENCIL:
        return Ink((52, 52, 56), rng.uniform(0.75, 0.92), 0.3)
    if tool is Tool.LIGHT_PENCIL:
        return Ink((92, 92, 96), rng.uniform(0.55, 0.8), 0.35)
    return Ink((20, 20, 24), rng.uniform(0.93, 1.0), 0.05)


def _width(rng: Random, tool: Tool) -> float:
    if tool is Tool.MARKER:
        return rng.uniform(1.1, 1.6)
    if tool in {Tool.BLACK_PEN, Tool.BLUE_PEN}:
        return rng.uniform(0.4, 0.6)
    return rng.uniform(0.5, 0.8)
