"""Import of a roster from a spreadsheet (XLS-1): a preview that changes nothing, then the same again for good, all or none."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from academy.application.academics import sheet_notes
from academy.application.academics.asker import Asker
from academy.application.academics.people import People
from academy.application.academics.roster import Roster
from academy.application.academics.roster_outcome import (
    RosterApplied,
    RosterPreview,
    RowsRefused,
    SheetChoice,
)
from academy.application.academics.roster_plan import RosterPlan, plan_rows
from academy.application.academics.sheet_notes import Note
from academy.application.errors import Conflict, Refused
from academy.application.ports.database import Transaction
from academy.application.ports.spreadsheets import (
    OpenSpreadsheet,
    SheetInfo,
    SheetMarks,
    SheetUnreadable,
    SpreadsheetReader,
)
from academy.domain.academics import sheet_refusals as refusals
from academy.domain.academics.sheet_cells import Cell
from academy.domain.academics.sheet_header import HEADER_WITHIN, Layout, find_layout
from academy.domain.academics.sheet_words import Field

__all__ = ["RosterSheet"]

_MOST_FAULTS = 200
_FIRST_ROWS = 20
_LOOK_AT = HEADER_WITHIN + 200
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Read:
    """A sheet that was read and compared with the academy."""

    sheets: Sequence[SheetInfo]
    choice: SheetChoice
    layout: Layout
    plan: RosterPlan
    notes: list[Note]


class RosterSheet:
    """The use case of importing a roster."""

    def __init__(self, reader: SpreadsheetReader, roster: Roster, people: People) -> None:
        """Take what reads files, and what adds and changes students."""
        self._reader = reader
        self._roster = roster
        self._people = people

    def preview(
        self, tx: Transaction, asker: Asker, content: bytes, choice: SheetChoice | None = None
    ) -> RosterPreview:
        """Return what would come of a file; nothing is changed. Raises Refused for one that cannot be read at all."""
        read = self._read(tx, asker, content, choice or SheetChoice())
        plan = read.plan
        return RosterPreview(
            digest=_digest(content),
            choice=read.choice,
            sheets=read.sheets,
            layout=read.layout,
            new=len(plan.new),
            unchanged=len(plan.unchanged),
            different=len(plan.different),
            refused=len(plan.refused),
            first_rows=[row.wish for row in plan.new[:_FIRST_ROWS]],
            faults=plan.faults[:_MOST_FAULTS],
            faults_total=len(plan.faults),
            notes=read.notes,
            ready=_unready(read) is None and (read.choice.without_refused or not plan.refused),
        )

    def apply(
        self, tx: Transaction, asker: Asker, content: bytes, digest: str, choice: SheetChoice
    ) -> RosterApplied:
        """Take the rows of a file, all or none; the file and the choice are those of a preview.

        Raises Conflict for another file, Refused for open questions, RowsRefused, FieldsRefused when somebody else was quicker; the
        caller rolls the transaction back.
        """
        if _digest(content) != digest:
            raise Conflict(refusals.CHANGED)
        read = self._read(tx, asker, content, choice)
        unready = _unready(read)
        if unready:
            raise unready
        plan = read.plan
        if plan.refused and not choice.without_refused:
            raise RowsRefused(plan.faults[:_MOST_FAULTS], len(plan.faults))
        wishes = [row.wish for row in plan.new]
        parts = [wishes[begin : begin + _AT_ONCE] for begin in range(0, len(wishes), _AT_ONCE)]
        added = [self._roster.add_many(tx, asker, part) for part in parts]
        changes = plan.different if choice.change_known else []
        for _, student_id, change in changes:
            self._people.change(tx, asker, student_id, change)
        return RosterApplied(
            added=sum(len(each.records) for each in added),
            changed=len(changes),
            left_out=len(plan.refused),
            parents_created=sum(each.parents_created for each in added),
            parents_known=sum(each.parents_known for each in added),
            enrolments=sum(each.enrolments for each in added),
        )

    def _read(self, tx: Transaction, asker: Asker, content: bytes, choice: SheetChoice) -> _Read:
        try:
            with self._reader.open(content) as book:
                return _read(tx, asker, book, choice)
        except SheetUnreadable as wrong:
            raise Refused(wrong.failure) from wrong


def _read(tx: Transaction, asker: Asker, book: OpenSpreadsheet, choice: SheetChoice) -> _Read:
    name = _sheet(book) if choice.sheet is None else choice.sheet
    try:
        marks, rows = book.marks(name), list(book.rows(name))
    except KeyError:
        raise Refused(refusals.NO_SUCH_SHEET) from None
    if not any(cell != "" for row in rows for cell in row):
        raise Refused(refusals.EMPTY)
    layout = _layout(rows, marks, choice)
    fields = {use.field: use.index for use in layout.columns if use.field}
    hidden = frozenset() if choice.with_hidden else marks.hidden_rows
    # Nothing is read from a sheet whose names cannot be found: every row would be refused for the same reason.
    wanted = _wanted(rows, layout.first_row, hidden) if Field.NAME in fields else iter(())
    plan = plan_rows(tx, asker, name, fields, wanted, choice.other_people)
    asked = {question.column for question in layout.questions}
    # A column that is asked for stays out of the choice, so that sending it back as it is answers nothing.
    columns = {use.index: use.field for use in layout.columns if use.index not in asked}
    found = replace(choice, sheet=name, header=layout.header, columns=columns)
    return _Read(book.sheets, found, layout, plan, sheet_notes.notes(book, name, marks, layout, plan))


def _layout(rows: Sequence[Sequence[Cell]], marks: SheetMarks, choice: SheetChoice) -> Layout:
    looked = rows[:_LOOK_AT]
    header = choice.header
    if header is not None and (len(header) > 2 or not all(0 <= index < HEADER_WITHIN for index in header)):
        raise Refused(refusals.LAYOUT_UNKNOWN)
    return find_layout(looked, marks.merged, header, choice.columns)


def _sheet(book: OpenSpreadsheet) -> str:
    """Return the name of the likeliest sheet: the visible one whose header tells most, the first of those with most rows."""
    best, chosen = (-1.0, -1), None
    for each in book.sheets:
        if each.hidden:
            continue
        rows = list(islice(book.rows(each.name), _LOOK_AT))
        filled = sum(1 for row in rows if any(cell != "" for cell in row))
        layout = find_layout(rows, book.marks(each.name).merged) if filled else None
        score = sum(use.confidence for use in layout.columns if use.field) if layout else 0.0
        if filled and (score, filled) > best:
            best, chosen = (score, filled), each.name
    if chosen is None:
        hidden = any(each.hidden and any(True for _ in book.rows(each.name)) for each in book.sheets)
        raise Refused(refusals.HIDDEN_ONLY if hidden else refusals.EMPTY)
    return chosen


def _wanted(
    rows: Sequence[Sequence[Cell]], first: int, hidden: frozenset[int]
) -> Iterator[tuple[int, Sequence[Cell]]]:
    for index in range(first, len(rows)):
        if index not in hidden:
            yield index + 1, rows[index]


def _unready(read: _Read) -> Refused | None:
    if read.layout.questions:
        return Refused(refusals.QUESTIONS_OPEN)
    if all(use.field is not Field.NAME for use in read.layout.columns):
        return Refused(refusals.LAYOUT_UNKNOWN)
    return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
