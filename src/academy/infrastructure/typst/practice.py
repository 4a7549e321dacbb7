"""The pages on which a student solves the questions again: as many on a page as fit, two side by side, each with room to work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

__all__ = ["COLUMN", "TALLEST", "WHOLE", "Card", "Form", "Row", "pages"]

WHOLE, COLUMN = 174.0, 83.0
"""How wide a page and a half of it are, in millimetres."""
_ROOM, _TITLE, _GAP = 249.5, 14.0, 7.2
_HEAD, _FOOT, _SPACE = 12.0, 11.0, 3.5
"""Number and verdict, the line for the new answer, and the space below the picture."""
_WORK, _COPY = 42.0, 72.0
"""The least room to work in: below a picture, and where the question is to be copied first."""
_TALL = 105.0
"""A picture of a column that is taller has the room to work at its side."""
TALLEST = 185.0
"""How tall a picture may be: there is a little room to work below one that goes over the page, too."""
_LAST_GROWS = 1.25


class Form(StrEnum):
    """How a question stands: in a column; over the page; over the page with the room to work at the picture's side."""

    HALF = "half"
    WHOLE = "whole"
    SIDE = "side"


@dataclass(frozen=True, slots=True)
class Card:
    """A question: its place among those of the note, and its picture's width and height in millimetres, 0 for none."""

    index: int
    width: float = 0.0
    height: float = 0.0

    @property
    def form(self) -> Form:
        """Return how it stands where there is a choice."""
        if self.width > COLUMN:
            return Form.WHOLE
        return Form.SIDE if self.height > _TALL else Form.HALF

    def least(self, form: Form) -> float:
        """Return the height that it needs, in millimetres."""
        inside = self.height + _SPACE + _WORK if self.height else _COPY
        if form is Form.SIDE:
            inside = max(self.height, _COPY)
        return min(_HEAD + inside + _FOOT, _ROOM - _TITLE)


@dataclass(frozen=True, slots=True)
class Row:
    """Questions side by side, and their height in millimetres."""

    cards: tuple[Card, ...]
    form: Form
    height: float


def pages(cards: Sequence[Card]) -> list[list[Row]]:
    """Return the rows of each page in order; they fill their page, but for the last one."""
    found: list[list[Row]] = []
    left = 0.0
    for row in _rows(cards):
        if row.height + _GAP > left:
            found.append([])
            left = _ROOM + _GAP - (_TITLE if len(found) == 1 else 0.0)
        found[-1].append(row)
        left -= row.height + _GAP
    return [_filled(rows, first=at == 0, last=at == len(found) - 1) for at, rows in enumerate(found)]


def _rows(cards: Sequence[Card]) -> Iterator[Row]:
    waiting: Card | None = None
    for card in cards:
        form = card.form
        if form is Form.HALF and waiting is not None:
            height = max(waiting.least(form), card.least(form))
            yield Row((waiting, card), form, height)
            waiting = None
        elif form is Form.HALF:
            waiting = card
        else:
            if waiting is not None:
                yield _alone(waiting, Form.SIDE)
                waiting = None
            yield _alone(card, form)
    if waiting is not None:
        yield _alone(waiting, Form.SIDE)


def _alone(card: Card, form: Form) -> Row:
    return Row((card,), form, card.least(form))


def _filled(rows: list[Row], *, first: bool, last: bool) -> list[Row]:
    """Return rows that share what is left of their page as room to work; those of the last page grow a little."""
    used = sum(row.height for row in rows) + _GAP * (len(rows) - 1)
    spare = max(0.0, _ROOM - (_TITLE if first else 0.0) - used) / len(rows)
    most = _LAST_GROWS - 1 if last else 1.0
    return [replace(row, height=round(row.height + min(spare, most * row.height), 2)) for row in rows]
