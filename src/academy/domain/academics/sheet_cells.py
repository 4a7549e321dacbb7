"""Cells of a spreadsheet as values, and as people see them."""

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias

from academy.domain.phone import PhoneInvalid, masked, mobile

__all__ = ["Cell", "CellProblem", "column_letters", "safe_to_show", "text_of"]

_LONGEST_SHOWN = 40
_MANY_DIGITS = 7
_WHOLE = re.compile(r"(\d{7,})\.0+")
_OUTSIDE = 1e15


class CellProblem(StrEnum):
    """A cell that holds no value: a formula whose result is an error (#REF!), or one that was never calculated."""

    ERROR = "error"
    UNCALCULATED = "uncalculated"


Cell: TypeAlias = str | int | float | bool | datetime | date | time | timedelta | CellProblem
"""One value; "" is an empty cell. Numbers are as the file has them, so a leading zero is kept in texts alone."""


def text_of(cell: Cell) -> str:
    """Return a cell as text without blanks around it: 3.0 as "3", a day as 2026-03-01; "" for a problem."""
    if isinstance(cell, str):
        if isinstance(cell, CellProblem):
            return ""
        text = cell.strip()
        whole = _WHOLE.fullmatch(text) if text[-1:] == "0" else None
        return whole[1] if whole else text
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        # Also false for NaN and infinity, which are written as they are.
        return str(int(cell)) if abs(cell) < _OUTSIDE and cell == int(cell) else repr(cell)
    return str(cell)


def column_letters(index: int) -> str:
    """Return the name of a column that is counted from 0: A, B, …, Z, AA."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def safe_to_show(text: str) -> str:
    """Return what may be shown of a value that was refused: at most 40 characters, numbers masked that may be somebody's phone."""
    try:
        return masked(mobile(text))
    except PhoneInvalid:
        pass
    shown = " ".join(text[: 2 * _LONGEST_SHOWN].split())
    if sum(letter.isdigit() for letter in shown) >= _MANY_DIGITS:
        shown = re.sub(r"\d(?=(?:\D*\d){2})", "*", shown)
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + "…"
