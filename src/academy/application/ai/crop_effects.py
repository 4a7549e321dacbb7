"""What a cutting of an exam's paper does to the pictures that earlier ones left (DOC-2, DOC-3)."""

from collections.abc import Iterator
from dataclasses import replace

from academy.application.ai.effects import DocumentEffects
from academy.application.ports.database import Settlement, Transaction
from academy.domain.document.document import Document, DocumentPurpose, DocumentState
from academy.domain.job.job import Job
from academy.domain.job.states import JobState

__all__ = ["CropEffects"]

_MADE_BY = "job:"
_MOST_OLD = 100


class CropEffects(DocumentEffects):
    """Record the pictures of a paper's questions, and take away the older ones of questions that were not found again.

    An older picture goes when it was cut out of the same document, or when its question should stand between those that were found;
    another part of the paper, cut from a document of its own, keeps its own.
    """

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Make them REMOVED; the reconciler takes objects and rows away within minutes."""
        super().settled(tx, job, end)
        exam_id = str(job.payload.get("exam_id", ""))
        if end.state is not JobState.SUCCEEDED or end.result is None or not exam_id:
            return
        found = [int(each["number"]) for each in end.result["questions"]]
        gone = {int(number) for number in end.result["missing"]}
        for number in sorted(gone | set(_between(found))):
            inside = bool(found) and min(found) < number < max(found)
            for document in _pictures(tx, job, f"exam:{exam_id}:question:{number}"):
                if inside or _source(tx, document) == job.payload.get("document_id"):
                    tx.documents.save(replace(document, state=DocumentState.REMOVED))


def _between(found: list[int]) -> set[int]:
    return set(range(min(found), max(found))) - set(found) if found else set()


def _pictures(tx: Transaction, job: Job, subject: str) -> Iterator[Document]:
    page = tx.documents.list(job.tenant_id, DocumentPurpose.CROP.value, subject, "", _MOST_OLD)
    return (each for each in page.items if each.made_by.startswith(_MADE_BY))


def _source(tx: Transaction, document: Document) -> str:
    """Return the id of the document out of which a picture was cut, "" where its job is gone."""
    job = tx.jobs.get(document.made_by.removeprefix(_MADE_BY))
    return "" if job is None else str(job.payload.get("document_id", ""))
