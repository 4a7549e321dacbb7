"""Decides, field by field, what is meant and how it is drawn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from academy.domain.omr.parts import Block, Purpose
from academy.domain.omr.sheet import SheetSpec
from academy.infrastructure.scribble.hand import Habit, Hand
from academy.infrastructure.scribble.truth import FieldTruth, How

__all__ = ["RATES", "Act", "Deed", "Meant", "Planned", "Rates", "plan"]


class Act(StrEnum):
    """What is done to one bubble."""

    MARK = "mark"
    PART = "part"
    TAIL = "tail"
    RING = "ring"
    DOT = "dot"
    CROSS = "cross"
    STRIKE = "strike"
    RUB = "rub"
    HALF_RUB = "half_rub"


@dataclass(frozen=True, slots=True)
class Deed:
    """An act on the bubble of the choice with this index."""

    choice: int
    act: Act


@dataclass(frozen=True, slots=True)
class Planned:
    """A field of a block (by index), its truth, and what is done to its bubbles, in this order."""

    block: int
    field: int
    truth: FieldTruth
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """How a field is to be marked, and the choice that is meant, "" for none."""

    how: How
    choice: str


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a question is marked in each way, in a hundred; the rest is filled plainly."""

    of: Mapping[How, float] = field(default_factory=dict)

    def draw(self, rng: Random, hand: Hand) -> How:
        """Return how the next question is marked."""
        at = rng.uniform(0, 100)
        for how, share in self.of.items():
            at -= share
            if at < 0:
                if how in _PENCIL_ONLY and not hand.rubs:
                    return How.FILLED
                return how
        return How.FILLED


_PENCIL_ONLY = frozenset({How.CORRECTED, How.RUBBED_OUT, How.HALF_RUBBED})

RATES = Rates({
    How.BLANK: 3, How.PARTIAL: 3, How.WITH_TAIL: 3, How.CORRECTED: 3, How.RUBBED_OUT: 0.6, How.SEVERAL: 1,
    How.RINGED: 0.3, How.DOTTED: 0.4, How.STRUCK: 0.5, How.HALF_RUBBED: 0.5, How.ODD_CROSS: 0.3,
})  # fmt: skip


def plan(
    spec: SheetSpec,
    hand: Hand,
    rng: Random,
    identifier: str,
    *,
    printed: bool = False,
    rates: Rates = RATES,
    meant: Mapping[str, Meant] | None = None,
) -> Iterator[Planned]:
    """Yield every field of `spec`. `printed`: the identifier stands on the sheet already; `meant`: what is meant, by field."""
    for at, block in enumerate(spec.blocks):
        if meant is not None and block.purpose is not Purpose.IDENTIFIER:
            yield from _as_meant(at, block, rng, meant)
        elif block.purpose is Purpose.IDENTIFIER:
            yield from _identifier(at, block, hand, rng, identifier, printed=printed)
        elif block.purpose is Purpose.NUMBER:
            yield from _number(at, block, hand, rng)
        else:
            for name in range(len(block.fields)):
                how = _as_habit(hand, rates.draw(rng, hand))
                yield _question(at, name, block.choices, how, rng)


def _as_meant(at: int, block: Block, rng: Random, meant: Mapping[str, Meant]) -> Iterator[Planned]:
    """Yield a block as somebody means it; what is not named stays blank."""
    for index, name in enumerate(block.fields):
        wish = meant.get(name, Meant(How.BLANK, ""))
        choice = block.choices.index(wish.choice) if wish.choice else None
        yield _question(at, index, block.choices, wish.how if wish.choice else How.BLANK, rng, choice)


def _identifier(
    at: int, block: Block, hand: Hand, rng: Random, identifier: str, *, printed: bool
) -> Iterator[Planned]:
    """Yield the digits of the identifier. A pencil corrects one now and then; nobody leaves them in doubt."""
    for digit, text in enumerate(identifier[: len(block.fields)]):
        choice = block.choices.index(text)
        truth = _truth(How.PRINTED if printed else _as_habit(hand, How.FILLED), block.choices, [choice])
        if printed:
            yield Planned(at, digit, truth, ())
            continue
        if hand.rubs and rng.random() < 0.03:
            yield _question(at, digit, block.choices, How.CORRECTED, rng, choice)
            continue
        yield Planned(at, digit, truth, (Deed(choice, Act.MARK),))


def _number(at: int, block: Block, hand: Hand, rng: Random) -> Iterator[Planned]:
    """Yield the digits of a number that stands at the right of its columns, the columns before it blank; one in thirty is blank."""
    digits = [index for index, choice in enumerate(block.choices) if choice.isdigit()]
    length = 0 if rng.random() < 1 / 30 else rng.randint(1, len(block.fields))
    for column in range(len(block.fields)):
        if column < len(block.fields) - length:
            yield _question(at, column, block.choices, How.BLANK, rng)
        else:
            how = _as_habit(hand, How.CORRECTED if hand.rubs and rng.random() < 0.02 else How.FILLED)
            yield _question(at, column, block.choices, how, rng, rng.choice(digits))


def _as_habit(hand: Hand, how: How) -> How:
    """Return the plain ways in which this hand marks."""
    if hand.habit is Habit.FILL or how not in {How.FILLED, How.PARTIAL, How.WITH_TAIL, How.ODD_CROSS}:
        return how
    return How.TICKED if hand.habit is Habit.TICK else How.CROSSED


def _question(
    at: int, name: int, choices: Sequence[str], how: How, rng: Random, meant: int | None = None
) -> Planned:
    chosen = rng.randrange(len(choices)) if meant is None else meant
    other = rng.choice([index for index in range(len(choices)) if index != chosen])
    marked, also, deeds = _ways(how, chosen, other, again=rng.random() < 0.6)
    return Planned(at, name, _truth(how, choices, marked, *also), deeds)


def _ways(  # noqa: PLR0911 - one line for each way
    how: How, chosen: int, other: int, *, again: bool
) -> tuple[list[int], list[list[int]], tuple[Deed, ...]]:
    """Return what was meant, what else a reading may say, and what is done to which bubble."""
    if how is How.BLANK:
        return [], [], ()
    if how is How.SEVERAL:
        return [chosen, other], [], (Deed(chosen, Act.MARK), Deed(other, Act.MARK))
    if how is How.CORRECTED:
        return [chosen], [], (Deed(other, Act.RUB), Deed(chosen, Act.MARK))
    if how is How.RUBBED_OUT:
        return [], [], (Deed(other, Act.RUB),)
    if how is How.STRUCK:
        deeds = (Deed(other, Act.MARK), Deed(other, Act.STRIKE), Deed(chosen, Act.MARK))
        return [chosen], [[chosen, other]], deeds
    if how is How.HALF_RUBBED and again:
        return [chosen], [[chosen, other]], (Deed(other, Act.HALF_RUB), Deed(chosen, Act.MARK))
    if how is How.HALF_RUBBED:
        return [], [[other]], (Deed(other, Act.HALF_RUB),)
    if how is How.DOTTED:
        return [], [[chosen]], (Deed(chosen, Act.DOT),)
    return [chosen], [], (Deed(chosen, _ACTS.get(how, Act.MARK)),)


_ACTS = {How.PARTIAL: Act.PART, How.WITH_TAIL: Act.TAIL, How.RINGED: Act.RING, How.ODD_CROSS: Act.CROSS}


def _truth(how: How, choices: Sequence[str], marked: Sequence[int], *also: Sequence[int]) -> FieldTruth:
    said = [tuple(choices[index] for index in sorted(each)) for each in (marked, *also)]
    return FieldTruth(how, said[0], frozenset(said))
