"""What an exam is marked on and judged by, and the scans that came of it (OMR-1, OMR-5)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from academy.domain.failures import Failure
from academy.domain.omr.key import AnswerKey
from academy.domain.omr.sheet import SheetSpec

__all__ = ["DEFAULT_THRESHOLD", "ExamSheet", "Scan", "ScanState"]

DEFAULT_THRESHOLD = 0.9
"""Fields read with less confidence than this wait for a person."""


@dataclass(frozen=True, slots=True)
class ExamSheet:
    """The sheet and the answer key of an exam.

    Attributes:
        key: None until somebody gave one; nothing is graded without it.
        threshold: least confidence, 0 to 1, with which a field needs no person.
        blank_document_id: scan of the empty sheet, for a specification whose anchor is BLANK, else "".
        revision: counts changes, from 1.
        by: who changed it last.
    """

    tenant_id: str
    exam_id: str
    spec: SheetSpec
    key: AnswerKey | None
    threshold: float
    blank_document_id: str
    revision: int
    by: str
    updated_at: datetime


class ScanState(StrEnum):
    """READING: its job waits or runs. READ: its pages are there. FAILED: the file held none; `failure` says why."""

    READING = "reading"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Scan:
    """One uploaded file of filled sheets.

    Attributes:
        number: 1-based place among the exam's scans, never given twice.
        revision: of the reading that counts, "" before the first; pages and overlays carry it.
        pages: how many the file has, 0 before it was read.
        job_id: of the latest reading.
    """

    id: str
    tenant_id: str
    exam_id: str
    number: int
    document_id: str
    file_name: str
    state: ScanState
    revision: str
    pages: int
    job_id: str
    failure: Failure | None
    by: str
    created_at: datetime
