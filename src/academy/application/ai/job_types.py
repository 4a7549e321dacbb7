"""The registry of the AI worker's job types (AI-1): one place says what each may cost, takes and gives.

| | least tier | what it does |
|---|---|---|
| omr_sheet_pdf | lite | print answer sheets |
| omr_grading | basic | read scans, grade |
| blank_sheet_check | lite | look at the empty sheet with which scans are compared |
| wrong_note_pdf | basic | wrong-answer notes |
| excel_parsing | lite | preview a roster's spreadsheet |
| roster_apply | lite | take what was previewed |
| attendance_excel_export, score_excel_export | lite | spreadsheets |
| ocr | lite | the print of a page, with places |
| question_segmentation | lite | the questions of a paper, each as a picture |
| embedding | basic | vectors of texts |
| handwriting_analysis | basic | scores of a page's writing |
| homework_video_analysis | basic | pages in a film, how much is written |
| problem_generation | premium | problems by a language model |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from academy.application.ai.blank_sheets import BlankEffects
from academy.application.ai.crop_effects import CropEffects
from academy.application.ai.effects import DocumentEffects, GradingEffects
from academy.application.ai.note_effects import NotesEffects
from academy.application.ai.roster_effects import RosterEffects
from academy.application.jobs.job_type import JobEffects, JobType, JobTypes, NoEffects
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
from academy.contracts.ai_documents import FindQuestions, PrintRead, QuestionsFound, ReadPrint
from academy.contracts.ai_models import (
    EmbedTexts,
    GenerateProblems,
    ProblemsGenerated,
    TextsEmbedded,
)
from academy.contracts.ai_pictures import (
    AnalyseHandwriting,
    AnalyseHomework,
    HandwritingAnalysed,
    HomeworkAnalysed,
)
from academy.contracts.base import Contract
from academy.domain.job.progress import StepPlan
from academy.domain.job.tier import Tier, and_above

__all__ = [
    "ATTENDANCE_EXPORT",
    "BLANK_CHECK",
    "EMBEDDING",
    "GRADING",
    "HANDWRITING",
    "HOMEWORK",
    "NOTES",
    "OCR",
    "PROBLEMS",
    "ROSTER_APPLY",
    "ROSTER_PREVIEW",
    "SCORE_EXPORT",
    "SEGMENTATION",
    "SHEETS",
    "ai_job_types",
    "ai_queue",
]

SHEETS = "omr_sheet_pdf"
GRADING = "omr_grading"
BLANK_CHECK = "blank_sheet_check"
NOTES = "wrong_note_pdf"
ROSTER_PREVIEW = "excel_parsing"
ROSTER_APPLY = "roster_apply"
ATTENDANCE_EXPORT = "attendance_excel_export"
SCORE_EXPORT = "score_excel_export"
OCR = "ocr"
SEGMENTATION = "question_segmentation"
PROBLEMS = "problem_generation"
EMBEDDING = "embedding"
HANDWRITING = "handwriting_analysis"
HOMEWORK = "homework_video_analysis"

_MIB = 1 << 20


def ai_queue(tier: Tier) -> str:
    """Return the logical name of the queue of a tier."""
    return f"ai_{tier.value}"


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    least: Tier
    payload: type[Contract]
    result: type[Contract]
    steps: Mapping[str, float]
    """Name of each step and its share of the work."""
    memory: int
    minutes: int
    effects: JobEffects


def _kinds() -> tuple[_Kind, ...]:
    made = DocumentEffects()
    read = {"fetch": 1.0, "read": 18.0, "store": 1.0}
    look = {"fetch": 1.0, "read": 9.0}
    make = {"make": 9.0, "store": 1.0}
    return (
        _Kind(SHEETS, Tier.LITE, MakeSheets, SheetsMade, make, 512 * _MIB, 10, made),
        _Kind(GRADING, Tier.BASIC, GradeScan, GradedScan, read, 1024 * _MIB, 60, GradingEffects()),
        _Kind(BLANK_CHECK, Tier.LITE, CheckBlank, BlankChecked, look, 512 * _MIB, 5, BlankEffects()),
        _Kind(NOTES, Tier.BASIC, MakeNotes, NotesMade, make, 1024 * _MIB, 60, NotesEffects()),
        _Kind(ROSTER_PREVIEW, Tier.LITE, PreviewRoster, RosterPreviewed, read, 512 * _MIB, 5, made),
        _Kind(ROSTER_APPLY, Tier.LITE, ApplyRoster, RosterApplied, read, 512 * _MIB, 5, RosterEffects()),
        _Kind(ATTENDANCE_EXPORT, Tier.LITE, ExportAttendance, Exported, make, 512 * _MIB, 5, made),
        _Kind(SCORE_EXPORT, Tier.LITE, ExportScores, Exported, make, 512 * _MIB, 5, made),
        _Kind(OCR, Tier.LITE, ReadPrint, PrintRead, read, 1200 * _MIB, 30, made),
        _Kind(SEGMENTATION, Tier.LITE, FindQuestions, QuestionsFound, read, 1200 * _MIB, 30, CropEffects()),
        *_model_kinds(made),
    )


def _model_kinds(made: JobEffects) -> tuple[_Kind, ...]:
    """Return the kinds that ask models or judge pictures; what asks over the network runs in the worker's own process."""
    asking = {"prepare": 1.0, "ask": 18.0, "store": 1.0}
    embedding = {"embed": 9.0, "store": 1.0}
    reading = {"fetch": 1.0, "read": 18.0}
    films = {"fetch": 1.0, "frames": 10.0, "read": 9.0}
    nothing = NoEffects()
    return (
        _Kind(PROBLEMS, Tier.PREMIUM, GenerateProblems, ProblemsGenerated, asking, 0, 60, made),
        _Kind(EMBEDDING, Tier.BASIC, EmbedTexts, TextsEmbedded, embedding, 0, 60, made),
        _Kind(
            HANDWRITING,
            Tier.BASIC,
            AnalyseHandwriting,
            HandwritingAnalysed,
            reading,
            1024 * _MIB,
            10,
            nothing,
        ),
        _Kind(HOMEWORK, Tier.BASIC, AnalyseHomework, HomeworkAnalysed, films, 1024 * _MIB, 60, nothing),
    )


def ai_job_types(queue_names: Mapping[str, str]) -> JobTypes:
    """Return the registry of the AI worker's job types, bound to the broker's queue names."""
    return JobTypes([_job_type(kind) for kind in _kinds()], dict(queue_names))


def _job_type(kind: _Kind) -> JobType:
    return JobType(
        kind.name,
        ai_queue(kind.least),
        kind.payload,
        kind.result,
        StepPlan(tuple(kind.steps), tuple(kind.steps.values())),
        kind.effects,
        time_limit=timedelta(minutes=kind.minutes),
        tiers={tier: ai_queue(tier) for tier in and_above(kind.least)},
        memory_limit=kind.memory,
    )
