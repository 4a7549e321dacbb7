"""What an exam is marked on and judged by (OMR-1, OMR-5)."""

from dataclasses import dataclass
from datetime import datetime

from academy.domain.omr.key import AnswerKey
from academy.domain.omr.sheet import SheetSpec

__all__ = ["DEFAULT_THRESHOLD", "ExamSheet"]

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
