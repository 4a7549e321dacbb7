"""What a person says of a roster's spreadsheet, and what comes of it (XLS-1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from academy.application.academics.roster import NewStudent
from academy.application.academics.roster_plan import SheetFault
from academy.application.academics.sheet_notes import Note
from academy.application.errors import Conflict
from academy.application.ports.spreadsheets import SheetInfo
from academy.domain.academics import sheet_refusals as refusals
from academy.domain.academics.sheet_header import Layout
from academy.domain.academics.sheet_words import Field

__all__ = ["RosterApplied", "RosterPreview", "RowsRefused", "SheetChoice"]


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """What a person says of a sheet, and what a preview found.

    Attributes:
        sheet: its name; None for the likeliest.
        header: indexes of the rows of the header from 0; () for none; None to find it.
        columns: what they hold by index from 0; None leaves one out. Those not named are found out.
        with_hidden: whether hidden rows are taken too.
        without_refused: take the rows that have no fault; otherwise one fault keeps all from being taken.
        change_known: change school, grade, note and phone of students whom the academy has, where the sheet says otherwise.
        other_people: rows, from 1, of new students who are not the one of the same name in the same class; without it they are taken
            to be the same, and nobody is added.
    """

    sheet: str | None = None
    header: tuple[int, ...] | None = None
    columns: Mapping[int, Field | None] = field(default_factory=dict)
    with_hidden: bool = False
    without_refused: bool = False
    change_known: bool = False
    other_people: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterPreview:
    """What would come of a file.

    Attributes:
        digest: SHA-256 of the file in hex; goes back with `apply`.
        choice: what was chosen and found, to go back with `apply` as it is or changed.
        sheets: all of the file.
        new, unchanged, different, refused: how many rows.
        first_rows: the first new students, at most 20.
        faults: the first 200 of `faults_total`.
        ready: whether `apply` would take it: no question is open, and no row is refused or those are left out.
    """

    digest: str
    choice: SheetChoice
    sheets: Sequence[SheetInfo]
    layout: Layout
    new: int
    unchanged: int
    different: int
    refused: int
    first_rows: Sequence[NewStudent]
    faults: Sequence[SheetFault]
    faults_total: int
    notes: Sequence[Note]
    ready: bool


@dataclass(frozen=True, slots=True)
class RosterApplied:
    """What came of a file; `changed` and `left_out` count rows, the rest as in Added."""

    added: int
    changed: int
    left_out: int
    parents_created: int
    parents_known: int
    enrolments: int


class RowsRefused(Conflict):
    """Rows with faults kept a sheet from being taken; nothing has changed. `rows` holds at most 200 of `total` faults."""

    def __init__(self, faults: Sequence[SheetFault], total: int) -> None:
        super().__init__(refusals.ROWS_REFUSED)
        self.rows = tuple(faults)
        self.total = total
