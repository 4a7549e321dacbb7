"""Messages about exams on paper and rosters: sheets, scans, notes, spreadsheets."""

from academy.contracts.ai import (
    ApplyRoster,
    BlankChecked,
    CheckBlank,
    ExportAttendance,
    Exported,
    ExportScores,
    GradedScan,
    GradeScan,
    MakeNotes,
    MakeSheets,
    NotesMade,
    PreviewRoster,
    RosterApplied,
    RosterPreviewed,
    SheetsMade,
)
from academy.contracts.catalogue.ai_job import CLASS, EXAM, STUDENTS, ai_job, document
from academy.contracts.catalogue.message import AI_BASIC_QUEUE, AI_LITE_QUEUE

__all__ = ["EXAM_MESSAGES"]

_PDF = "application/pdf"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ROSTER = "0196a0d1-0000-7000-8000-0000d0c00001"

_EXAMS = (
    *ai_job(
        "omr_sheet_pdf",
        "Print answer sheets",
        "A PDF of personal sheets, or of copies without a name, for an exam that has its sheet.",
        AI_LITE_QUEUE,
        (MakeSheets, {"exam_id": EXAM, "student_ids": list(STUDENTS), "copies": 0}),
        (
            SheetsMade,
            {
                "document": document(2, "sheets", "3월 모의고사 답안지.pdf", _PDF, 48_213, f"exam:{EXAM}"),
                "pages": 2,
            },
        ),
    ),
    *ai_job(
        "omr_grading",
        "Read and grade a scan",
        "Every page of a scan of filled sheets is read, and the exam's scores follow. The API adds the scan.",
        AI_BASIC_QUEUE,
        (GradeScan, {"scan_id": "0196a0d1-5c1e-7d20-8a11-2f6b1c9e4a02"}),
        (
            GradedScan,
            {
                "revision": "0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01-1",
                "pages": 30,
                "unreadable": 1,
                "doubtful": 4,
                "unmatched": 1,
                "graded": 26,
            },
        ),
    ),
    *ai_job(
        "blank_sheet_check",
        "Look at an empty sheet",
        "Whether scans can be compared with it. The API orders it for a sheet that is read so; one that cannot be read makes its document fail.",
        AI_LITE_QUEUE,
        (CheckBlank, {"document_id": "0196a0d1-0000-7000-8000-0000d0c00007"}),
        (BlankChecked, {"width": 827, "height": 1170}),
    ),
    *ai_job(
        "wrong_note_pdf",
        "Make wrong-answer notes",
        "A PDF for each student with a mistake (오답노트), 200 at most, from the exam's latest results.",
        AI_BASIC_QUEUE,
        (MakeNotes, {"exam_id": EXAM, "student_ids": list(STUDENTS)}),
        (
            NotesMade,
            {
                "notes": [
                    {
                        "student_id": STUDENTS[0],
                        "document": document(
                            3,
                            "note",
                            "오답노트 3월 모의고사 김하늘.pdf",
                            _PDF,
                            61_442,
                            f"exam:{EXAM}:student:{STUDENTS[0]}",
                        ),
                        "reason": "",
                    },
                    {"student_id": STUDENTS[1], "document": None, "reason": "nothing_wrong"},
                ],
                "pages": 3,
            },
        ),
    ),
)
_SHEETS = (
    *ai_job(
        "excel_parsing",
        "Look through a roster's spreadsheet",
        "Says what applying it would do, and changes nothing.",
        AI_LITE_QUEUE,
        (PreviewRoster, {"document_id": _ROSTER, "sheet": "명단"}),
        (
            RosterPreviewed,
            {
                "rows": 31,
                "added": 28,
                "changed": 1,
                "unchanged": 1,
                "faults": 1,
                "document": document(
                    4, "export", "명단 미리보기.json", "application/json", 9_120, f"roster:{_ROSTER}"
                ),
            },
        ),
    ),
    *ai_job(
        "roster_apply",
        "Take a roster that was looked through",
        "All rows or none; then the uploaded file is removed. Digest and choice stand in the preview's document.",
        AI_LITE_QUEUE,
        (
            ApplyRoster,
            {
                "document_id": _ROSTER,
                "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "choice": {
                    "sheet": "명단",
                    "header": [0],
                    "columns": [{"index": 0, "field": "name"}, {"index": 1, "field": "phone"}],
                    "with_hidden": False,
                    "without_refused": True,
                    "change_known": False,
                },
            },
        ),
        (
            RosterApplied,
            {"added": 28, "changed": 0, "left_out": 1, "parents_created": 25, "enrolments": 28},
        ),
    ),
    *ai_job(
        "attendance_excel_export",
        "Write attendance as a spreadsheet",
        "The attendance of a class, both days included.",
        AI_LITE_QUEUE,
        (ExportAttendance, {"class_id": CLASS, "since": "2026-03-02", "until": "2026-06-30"}),
        (Exported, {"document": document(5, "export", "수학 A 출결.xlsx", _XLSX, 8_204, f"class:{CLASS}")}),
    ),
    *ai_job(
        "score_excel_export",
        "Write scores as a spreadsheet",
        "All scores of a class.",
        AI_LITE_QUEUE,
        (ExportScores, {"class_id": CLASS}),
        (Exported, {"document": document(6, "export", "수학 A 성적.xlsx", _XLSX, 7_731, f"class:{CLASS}")}),
    ),
)
EXAM_MESSAGES = (*_EXAMS, *_SHEETS)
