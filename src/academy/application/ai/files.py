"""The files of a job: documents brought to this machine, and what was made taken to the object store."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.scratch import Scratch
from academy.application.ports.database import Database, Transaction
from academy.application.ports.object_store import ObjectMissing, ObjectStore
from academy.contracts.ai import MadeDocument
from academy.contracts.base import validate
from academy.domain.document.document import (
    Document,
    DocumentPurpose,
    DocumentState,
    document_key,
    file_name_of,
)
from academy.domain.failures import Failure
from academy.domain.job.job import Job

__all__ = ["DOCUMENT_MISSING", "DocumentFiles", "MadeFile", "record_made"]

DOCUMENT_MISSING = Failure(
    "document_missing",
    "The document is not there, or its upload was not completed; upload it again.",
    "문서가 없거나 업로드가 끝나지 않았습니다. 다시 올려 주세요.",
)


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file on this machine that becomes a document."""

    path: Path
    purpose: DocumentPurpose
    file_name: str
    content_type: str
    subject: str = ""


class DocumentFiles:
    """Moves files between documents and a folder of the job's own."""

    def __init__(
        self, database: Database, store: ObjectStore, scratch: Path, new_id: Callable[[], str]
    ) -> None:
        """Take ports, the folder for what is under way and a maker of ids."""
        self._database = database
        self._store = store
        self._scratch = Scratch(scratch)
        self._new_id = new_id

    def folder(self, work: Work) -> AbstractAsyncContextManager[Path]:
        """Make a folder for one attempt; it is gone afterwards, however the attempt ends."""
        return self._scratch.folder(work)

    async def sweep(self) -> int:
        """Remove the folders that attempts of processes that are gone left on this machine; return how many."""
        return await self._scratch.sweep()

    async def fetch(self, work: Work, document_id: str, folder: Path) -> Path:
        """Bring a document into the folder, under its id. Raises WorkFailed(document_missing), ObjectStoreUnavailable."""
        tenant_id = work.job.tenant_id
        document = await self._database.read(lambda tx: tx.documents.get(tenant_id, document_id))
        if document is None or document.state is not DocumentState.READY:
            raise WorkFailed(DOCUMENT_MISSING)
        target = folder / f"document-{document.id}"
        try:
            await self._store.download(document.key, target)
        except ObjectMissing:
            raise WorkFailed(DOCUMENT_MISSING) from None
        return target

    async def keep(self, work: Work, made: MadeFile) -> MadeDocument:
        """Store a file; the row follows from the job's result (`record_made`). Raises ObjectStoreUnavailable."""
        document_id = self._new_id()
        size = made.path.stat().st_size
        key = document_key(work.job.tenant_id, document_id)
        await self._store.put(key, made.path, content_type=made.content_type)
        name = file_name_of(made.file_name, made.purpose.value)
        return validate(
            MadeDocument,
            {
                "id": document_id,
                "purpose": made.purpose.value,
                "file_name": name,
                "content_type": made.content_type,
                "size": size,
                "subject": made.subject,
            },
        )


def record_made(tx: Transaction, job: Job, made: list[MadeDocument]) -> None:
    """Write the rows of what a job made, in the transaction that settles it."""
    now = tx.now()
    tx.documents.add(
        [
            Document(
                id=each.id,
                tenant_id=job.tenant_id,
                purpose=DocumentPurpose(each.purpose),
                state=DocumentState.READY,
                key=document_key(job.tenant_id, each.id),
                file_name=each.file_name,
                content_type=each.content_type,
                size=each.size,
                upload_id="",
                made_by=f"job:{job.id}",
                subject=each.subject,
                failure=None,
                created_at=now,
            )
            for each in made
        ]
    )
