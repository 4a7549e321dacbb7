"""Answer keys: what is right, and what it is worth (OMR-5). `key_rules.py` says whether a key fits a sheet.

Points are exact decimals with at most two places, never floats.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from academy.domain.omr.sheet import Block, Purpose

__all__ = [
    "AllRequired",
    "Answer",
    "AnswerKey",
    "Either",
    "KeyItem",
    "Number",
    "Partial",
    "Single",
    "Void",
    "VoidMode",
    "blocks_by_question",
    "number_of",
]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+|\d+/0*[1-9]\d*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Single:
    """One choice is right."""

    choice: str


@dataclass(frozen=True, slots=True)
class Either:
    """Each of several choices is right alone (복수 정답 인정); two marks are wrong here too."""

    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """Points for a part: `per_right` a right mark less `per_wrong` a wrong one, not under `least` (0 or below)."""

    per_right: Decimal
    per_wrong: Decimal = Decimal(0)
    least: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class AllRequired:
    """Exactly these choices are to be marked (모두 고르기); anything else is wrong, or worth what `partial` says."""

    choices: tuple[str, ...]
    partial: Partial | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number compared by value, so 06 is 6: right within `tolerance` of one of the `accepted`, both ends included."""

    accepted: tuple[Decimal, ...]
    tolerance: Decimal = Decimal(0)


class VoidMode(StrEnum):
    """FULL_POINTS: everybody gets the points (전원 정답). NOT_COUNTED: the question is taken out of the exam (채점 제외)."""

    FULL_POINTS = "full_points"
    NOT_COUNTED = "not_counted"


@dataclass(frozen=True, slots=True)
class Void:
    """A question that turned out to be faulty; what was marked does not matter."""

    mode: VoidMode


Answer = Single | Either | AllRequired | Number | Void


@dataclass(frozen=True, slots=True)
class KeyItem:
    """One question of a key.

    Attributes:
        question: as the sheet names it.
        points: for a right answer, more than 0.
        penalty: what a wrong answer costs, 0 or more; a blank one costs nothing.
        explanation: why it is right (해설), as a wrong-answer note prints it; plain text with formulas between $ signs, "" for none.
    """

    question: str
    answer: Answer
    points: Decimal = Decimal(1)
    penalty: Decimal = Decimal(0)
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """The answers of an exam; score only with one that has no `key_problems`.

    Attributes:
        items: in the order of the exam.
        below_zero: whether a total may fall below zero through penalties; else it is 0 then.
    """

    items: tuple[KeyItem, ...]
    below_zero: bool = False

    @property
    def maximum(self) -> Decimal:
        """Return the most points that can be had; questions that are not counted give none."""
        return sum(
            (item.points for item in self.items if item.answer != Void(VoidMode.NOT_COUNTED)), Decimal(0)
        )


def blocks_by_question(blocks: Sequence[Block]) -> Mapping[str, Block]:
    """Return the block of each question, in the order of the sheet; a NUMBER block is one question by its name."""
    return {
        name: block
        for block in blocks
        if block.purpose is not Purpose.IDENTIFIER
        for name in (block.fields if block.purpose is Purpose.CHOICE else (block.name,))
    }


def number_of(text: str) -> Fraction | None:
    """Return the value of marked digits ("06", "-1.5", "3/4"), None for what is no number."""
    return Fraction(text) if _NUMBER.fullmatch(text) else None
