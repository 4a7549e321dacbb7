"""Show documents, sheets, scans and job types to people."""

from academy.application.ai.sheet_json import to_contract
from academy.application.jobs.job_type import JobType
from academy.contracts.rest.ai_jobs import JobTypeView
from academy.contracts.rest.documents import DocumentView
from academy.contracts.rest.exam_sheets import ExamSheetView
from academy.contracts.rest.scans import ScanAndJob, ScanView
from academy.domain.document.document import Document
from academy.domain.job.job import Job
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.scan import Scan
from academy.interfaces.api.jobs.present import failure_view, job_view
from academy.interfaces.api.language import Language

__all__ = ["document_view", "job_type_view", "scan_and_job", "scan_view", "sheet_view"]


def document_view(document: Document, language: Language) -> DocumentView:
    """Return a document; where its object lies is nobody's business."""
    return DocumentView(
        id=document.id,
        purpose=document.purpose.value,
        state=document.state.value,
        file_name=document.file_name,
        content_type=document.content_type,
        size=document.size,
        subject=document.subject,
        made_by=document.made_by,
        failure=failure_view(document.failure, language),
        created_at=document.created_at,
    )


def sheet_view(sheet: ExamSheet) -> ExamSheetView:
    """Return the sheet of an exam."""
    return ExamSheetView(
        exam_id=sheet.exam_id,
        specification=to_contract(sheet.spec),
        questions=list(sheet.spec.questions),
        threshold=sheet.threshold,
        blank_document_id=sheet.blank_document_id or None,
        has_key=sheet.key is not None,
        revision=sheet.revision,
        by=sheet.by,
        updated_at=sheet.updated_at,
    )


def scan_view(scan: Scan, language: Language) -> ScanView:
    """Return a scan."""
    return ScanView(
        id=scan.id,
        exam_id=scan.exam_id,
        number=scan.number,
        document_id=scan.document_id,
        file_name=scan.file_name,
        state=scan.state.value,
        pages=scan.pages,
        job_id=scan.job_id,
        failure=failure_view(scan.failure, language),
        by=scan.by,
        created_at=scan.created_at,
    )


def scan_and_job(scan: Scan, job: Job, language: Language) -> ScanAndJob:
    """Return a scan and the job that reads it."""
    return ScanAndJob(scan=scan_view(scan, language), job=job_view(job, None, language))


def job_type_view(kind: JobType) -> JobTypeView:
    """Return what the registry says of a job type."""
    return JobTypeView(
        name=kind.name,
        tiers=[tier.value for tier in kind.tiers],
        isolated=kind.isolated,
        time_limit=kind.time_limit.total_seconds(),
        memory_limit=kind.memory_limit,
        attempts=kind.retry.max_attempts,
        steps=list(kind.steps.names),
        payload=kind.payload.model_json_schema(),
        result=kind.result.model_json_schema() if kind.result is not None else None,
    )
