"""Payloads and results of the AI worker's job types (AI-1)."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from academy.contracts.base import Contract
from academy.contracts.rosters import RosterChoice
from academy.contracts.times import WrittenDay

__all__ = [
    "ApplyRoster",
    "BlankChecked",
    "CheckBlank",
    "ExportAttendance",
    "ExportScores",
    "Exported",
    "GradeScan",
    "GradedScan",
    "MadeDocument",
    "MakeNotes",
    "MakeSheets",
    "NotesMade",
    "PreviewRoster",
    "RosterApplied",
    "RosterPreviewed",
    "SheetsMade",
    "StudentNote",
]

_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class MadeDocument(Contract):
    """A file that a job made; its row is written when the job has succeeded."""

    id: _Id
    purpose: Literal["sheets", "overlay", "note", "crop", "export"]
    file_name: str = Field(min_length=1, max_length=200)
    content_type: str = Field(min_length=1, max_length=100)
    size: int = Field(ge=0, description="Bytes.")
    subject: str = Field("", max_length=200)


class MakeSheets(Contract):
    """`omr_sheet_pdf`: print the answer sheets of an exam."""

    exam_id: _Id
    student_ids: tuple[_Id, ...] = Field(
        (),
        max_length=2000,
        strict=False,
        description="One personal sheet for each; empty: everybody on the exam's roster.",
    )
    copies: int = Field(
        0, ge=0, le=1000, description="So many sheets without a name instead, for anybody; 0: personal ones."
    )


class SheetsMade(Contract):
    """Result of `omr_sheet_pdf`."""

    document: MadeDocument
    pages: int = Field(ge=0)


class CheckBlank(Contract):
    """`blank_sheet_check`: look whether the scan of an empty sheet can be compared with; one that cannot makes its document fail."""

    document_id: _Id


class BlankChecked(Contract):
    """Result of `blank_sheet_check`."""

    width: int = Field(ge=1, description="Pixels of the sheet as it is compared with.")
    height: int = Field(ge=1)


class GradeScan(Contract):
    """`omr_grading`: read a scan of filled sheets and grade its exam."""

    scan_id: _Id


class GradedScan(Contract):
    """Result of `omr_grading`. The pages themselves are rows; people look at them in the review."""

    revision: str = Field(description="Names this reading.")
    pages: int = Field(ge=0, description="In the file, all of them.")
    unreadable: int = Field(ge=0, description="Pages that could not be read; each says why.")
    doubtful: int = Field(ge=0, description="Fields that a person has to decide.")
    unmatched: int = Field(ge=0, description="Pages whose student a person has to choose.")
    graded: int = Field(ge=0, description="Pages with a score.")


class MakeNotes(Contract):
    """`wrong_note_pdf`: make wrong-answer notes (오답노트) of an exam from its latest results."""

    exam_id: _Id
    student_ids: tuple[_Id, ...] = Field(
        (), max_length=2000, strict=False, description="Empty: everybody with a score."
    )


class StudentNote(Contract):
    """A student's note, or why there is none."""

    student_id: _Id
    document: MadeDocument | None = None
    reason: str = Field("", description='"nothing_wrong" or "not_graded" when there is no document.')


class NotesMade(Contract):
    """Result of `wrong_note_pdf`."""

    notes: tuple[StudentNote, ...] = Field(strict=False)
    pages: int = Field(ge=0)


class PreviewRoster(Contract):
    """`excel_parsing`: read a roster's spreadsheet and say what applying it would do; nothing is changed."""

    document_id: _Id
    sheet: str = Field(
        "", max_length=100, description="Name of the sheet; empty: the one that looks like a roster."
    )


class RosterPreviewed(Contract):
    """Result of `excel_parsing`; the rows themselves stand in the document, a JSON."""

    rows: int = Field(ge=0)
    added: int = Field(ge=0)
    changed: int = Field(ge=0)
    unchanged: int = Field(ge=0)
    faults: int = Field(ge=0, description="Cells that must be mended first.")
    document: MadeDocument


class ApplyRoster(Contract):
    """`roster_apply`: take the rows of a spreadsheet that was previewed, all or none; then the file is removed."""

    document_id: _Id
    digest: str = Field(pattern="^[0-9a-f]{64}$", description="As the preview says: the same file.")
    choice: RosterChoice = Field(description="As the preview says, or changed.")


class RosterApplied(Contract):
    """Result of `roster_apply`."""

    added: int = Field(ge=0)
    changed: int = Field(ge=0)
    left_out: int = Field(ge=0, description="Rows with a fault.")
    parents_created: int = Field(ge=0)
    enrolments: int = Field(ge=0)


class ExportAttendance(Contract):
    """`attendance_excel_export`: write the attendance of a class as a spreadsheet."""

    class_id: _Id
    since: WrittenDay | None = None
    until: WrittenDay | None = None


class ExportScores(Contract):
    """`score_excel_export`: write the scores of a class as a spreadsheet."""

    class_id: _Id


class Exported(Contract):
    """Result of an export."""

    document: MadeDocument
