"""Handlers of the AI worker on real processes and files, with documents in memory."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from academy.application.ai.files import DocumentFiles
from academy.application.jobs.attempt import JobHandler, Work
from academy.application.ports.database import Database
from academy.contracts.base import Contract, validate
from academy.domain.document.document import Document, DocumentPurpose, DocumentState, document_key
from academy.domain.job.job import Job
from academy.domain.job.states import JobState
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.objects import MemoryObjectStore
from academy.infrastructure.process import LocalChildProcesses

__all__ = ["PROCESSES", "Desk"]

R = TypeVar("R", bound=Contract)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
PROCESSES = LocalChildProcesses()
JOB = Job(
    id="job-1", tenant_id="t1", type="test", queue="q", idempotency_key="k", payload={}, subject="", reply_to="",
    trace="", state=JobState.RUNNING, token=1, attempt=1, interruptions=0, worker="w", due_at=None,
    cancel_requested=False, end_reason=None, failure=None, result=None, created_at=NOW, started_at=NOW, finished_at=None,
)  # fmt: skip


class Desk:
    """An academy's documents, and a folder for work."""

    def __init__(self, folder: Path) -> None:
        self.store = MemoryObjectStore(SystemClock())
        self.scratch = folder / "scratch"
        self.reports: list[tuple[str, float]] = []
        self._rows: dict[str, Document] = {}
        self._ids: Iterator[int] = count(1)
        database = cast("Database", SimpleNamespace(read=self._read))
        self.files = DocumentFiles(database, self.store, self.scratch, lambda: f"made-{next(self._ids)}")

    async def upload(
        self, document_id: str, data: bytes, *, state: DocumentState = DocumentState.READY
    ) -> str:
        """Put a file of the academy there."""
        key = document_key("t1", document_id)
        await self.store.put(key, data)
        self._rows[document_id] = Document(
            id=document_id, tenant_id="t1", purpose=DocumentPurpose.HOMEWORK, state=state, key=key,
            file_name="파일", content_type="", size=len(data), upload_id="", made_by="a1", subject="",
            failure=None, created_at=NOW,
        )  # fmt: skip
        return document_id

    async def run(self, handler: JobHandler, payload: Contract, result: type[R]) -> R:
        """Do a job as the worker does: its result goes through JSON, and nothing of it is left behind."""
        work = Work(replace(JOB), payload, lambda step, part: self.reports.append((step, part)))
        try:
            ended = await handler.run(work)
        finally:
            assert not list(self.scratch.iterdir() if self.scratch.exists() else [])
        assert isinstance(ended, result)
        return validate(result, json.loads(json.dumps(ended.model_dump(mode="json"))))

    async def made(self, document_id: str) -> bytes:
        """Return what a job made."""
        return await self.store.get(document_key("t1", document_id))

    async def _read(self, work: Callable[[Any], Any]) -> Any:
        return work(SimpleNamespace(documents=self))

    def get(self, tenant_id: str, document_id: str) -> Document | None:
        """See DocumentRepository."""
        found = self._rows.get(document_id)
        return found if found and found.tenant_id == tenant_id else None
