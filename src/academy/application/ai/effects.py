"""What the AI worker's jobs write beside their rows, in the transaction that settles them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from academy.application.ai import refusals
from academy.application.ai.files import record_made
from academy.application.ai.grading import regrade
from academy.application.errors import Conflict
from academy.application.jobs.job_type import NoEffects
from academy.application.ports.database import Settlement, Transaction
from academy.contracts.ai import GradedScan, MadeDocument
from academy.contracts.base import validate
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.states import JobState
from academy.domain.omr.scan import Scan, ScanState

__all__ = ["DocumentEffects", "GradingEffects"]

_COMES_BACK = frozenset({JobState.RETRY_WAIT, JobState.PENDING})


class DocumentEffects(NoEffects):
    """Record the documents that a job's result names."""

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Write their rows when the job has succeeded."""
        if end.state is JobState.SUCCEEDED and end.result is not None:
            record_made(tx, job, [validate(MadeDocument, each) for each in _documents(end.result)])


class GradingEffects:
    """Make the reading of a scan the one that counts, and let the scores follow.

    A scan that was removed meanwhile is no error, and a job that is not the scan's latest changes nothing.
    """

    def created(self, tx: Transaction, job: Job) -> None:
        """Let a scan wait for this job, unless another one reads it."""
        scan = _held(tx, job)
        if scan is None or (scan.state is ScanState.READING and scan.job_id != job.id):
            return
        tx.scans.save(replace(scan, state=ScanState.READING, job_id=job.id, failure=None))

    def check_revival(self, tx: Transaction, job: Job) -> None:
        """Raise Conflict for the job of a scan that was removed, or that a newer job reads."""
        scan = tx.scans.get(job.tenant_id, _scan_id(job), lock=True)
        if scan is None:
            raise Conflict(refusals.SCAN_REMOVED)
        if scan.job_id != job.id:
            raise Conflict(refusals.SCAN_SUPERSEDED)

    def started(self, tx: Transaction, job: Job) -> None:
        """Show the scan as being read."""
        scan = _current(tx, job)
        if scan is not None and scan.state is not ScanState.READING:
            tx.scans.save(replace(scan, state=ScanState.READING, failure=None))

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Let the new reading count and the scores follow; a reading that failed leaves the one before as it was."""
        scan = None if end.state in _COMES_BACK else _current(tx, job)
        if scan is None:
            return
        if end.state is JobState.SUCCEEDED:
            result = validate(GradedScan, end.result or {})
            read = replace(
                scan, state=ScanState.READ, revision=result.revision, pages=result.pages, failure=None
            )
        else:
            state = ScanState.READ if scan.revision else ScanState.FAILED
            read = replace(scan, state=state, failure=_why(end))
        tx.scans.save(read)
        tx.scans.drop_pages(job.tenant_id, scan.id, but=read.revision)
        if read.revision != scan.revision:
            regrade(tx, job.tenant_id, scan.exam_id)


def _scan_id(job: Job) -> str:
    return str(job.payload.get("scan_id", ""))


def _held(tx: Transaction, job: Job) -> Scan | None:
    """Return the scan of a job, locked after its exam as everybody does."""
    scan = tx.scans.get(job.tenant_id, _scan_id(job))
    if scan is None:
        return None
    tx.teaching.exam(job.tenant_id, scan.exam_id, lock=True)
    return tx.scans.get(job.tenant_id, scan.id, lock=True)


def _current(tx: Transaction, job: Job) -> Scan | None:
    """Return the scan whose latest reading the job is."""
    scan = _held(tx, job)
    return scan if scan is not None and scan.job_id == job.id else None


def _why(end: Settlement) -> Failure:
    if end.state is JobState.CANCELLED:
        return refusals.SCAN_CANCELLED
    return end.failure or refusals.SCAN_LOST


def _documents(value: object) -> Iterator[dict[str, Any]]:
    """Yield every value of a field `document` that is not null, however deep it lies."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "document" and inner is not None:
                yield inner
            else:
                yield from _documents(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _documents(inner)
