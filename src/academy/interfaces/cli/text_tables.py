"""What the commands of `academy messages` that list something share."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from academy.interfaces.cli.console import out, print_table

__all__ = ["Limit", "OneAcademy", "print_rows"]

WIDE = 150
"""Columns that the whole of a row needs."""
OneAcademy = Annotated[str, typer.Option("--academy", help="Only this academy, by its code or id.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many.")]


def print_rows(
    columns: Sequence[str], rows: Sequence[Mapping[str, Any]], empty: str, *, narrow: Sequence[str]
) -> None:
    """Print rows, in a narrow terminal the columns named in `narrow` alone; the first of them, an id to copy, is never folded."""
    shown = [name for name in columns if out.width >= WIDE or name in narrow]
    at = [columns.index(name) for name in shown]
    cells = [list(row.values()) for row in rows]
    print_table(shown, [[row[n] for n in at] for row in cells], empty=empty, whole=narrow[:1])
    if rows and len(shown) < len(columns):
        out.print("a wider terminal shows more of each")
