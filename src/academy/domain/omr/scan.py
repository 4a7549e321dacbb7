"""A scan of filled sheets (OMR-4, OMR-5)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from academy.domain.failures import Failure

__all__ = ["Scan", "ScanState"]


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
