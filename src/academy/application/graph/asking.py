"""What questions to the microscope have in common: which documents are asked, and what is told of those that are not (GRA-6)."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from academy.application.errors import WorkFailed
from academy.application.graph.refusals import DOCUMENT_UNKNOWN, NO_DOCUMENT
from academy.application.graph.shortening import SHORTENED
from academy.application.graph.tally import Tally
from academy.application.graph.tools import CHILD, GraphTools
from academy.application.jobs.attempt import Work
from academy.application.ports.database import Transaction
from academy.contracts.children.graph import AskDocuments, AskedAnswer
from academy.contracts.graph import Degraded, InputOutcome
from academy.contracts.microscope import AskMicroscope, RelatedQuestions, Synthesize
from academy.domain.graph.graph import LensDocument

__all__ = ["MOST_DOCUMENTS", "Asking"]

MOST_DOCUMENTS = 500
_AT_ONCE = 16
_LOOKS = 3
_FIRST_ONLY = Degraded(
    what="documents",
    code="first_documents_only",
    message=f"The user has more than {MOST_DOCUMENTS} documents under the microscope, and the first {MOST_DOCUMENTS} by id were asked;"
    " name in documentIds those that are meant.",
)
_UNKNOWN = "No document of this user has this id; send a MICROSCOPE_INGEST_REQUEST for it first."
_LOST = "What was read of this document is no longer there; send a MICROSCOPE_INGEST_REQUEST for it again."


class Asking:
    """Brings documents of a user and asks them, in a process."""

    def __init__(self, tools: GraphTools) -> None:
        """Take what every handler works with."""
        self._tools = tools

    async def _ask(self, work: Work, tally: Tally, request: AskDocuments) -> AskedAnswer:
        """Ask the documents that the payload names, or all; what was not asked is tallied. Raises WorkFailed where none is there."""
        await self._tools.files.check(work)
        async with self._tools.files.folder(work) as folder:
            files = await self._brought(work, tally, folder)
            asked = request.model_copy(update={"files": tuple(files)})
            answer = await self._tools.children.call(work, f"{CHILD}:ask_documents_for", asked, AskedAnswer)
        tally.did(answer)
        if answer.shortened:
            tally.degraded.append(SHORTENED)
        return answer

    def _told(
        self, payload: AskMicroscope | Synthesize | RelatedQuestions, tally: Tally
    ) -> Callable[[], dict[str, Any]]:
        """Return what tells, when asked, what every result says of the user, of documents that were not asked, and of the cost."""
        return lambda: {
            "user_id": payload.user_id,
            "outcomes": tally.listed,
            "outcome_counts": tally.counts,
            "degraded": tuple(tally.degraded),
            "usage": tally.usage,
        }

    async def _brought(self, work: Work, tally: Tally, folder: Path) -> list[str]:
        payload = work.payload
        assert isinstance(payload, AskMicroscope | Synthesize | RelatedQuestions)
        named = tuple(dict.fromkeys(payload.document_ids))
        documents: Sequence[LensDocument] = ()
        more, files = False, [""]
        for _ in range(_LOOKS):
            documents, more = await self._documents(work.job.tenant_id, payload.user_id, named)
            files = await self._bring(work, documents, folder)
            if all(files):
                break
            # One was read again meanwhile, and the file that its row named before has been removed.
        if named and not documents:
            raise WorkFailed(DOCUMENT_UNKNOWN)
        if not any(files):
            raise WorkFailed(NO_DOCUMENT)
        there = {each.document_id for each in documents}
        tally.outcomes = [_failed(each, "document_unknown", _UNKNOWN) for each in named if each not in there]
        tally.outcomes += [
            _failed(each.document_id, "object_missing", _LOST)
            for each, file in zip(documents, files, strict=True)
            if not file
        ]
        if more:
            tally.degraded.append(_FIRST_ONLY)
        return [file for file in files if file]

    async def _documents(
        self, tenant_id: str, user_id: str, named: tuple[str, ...]
    ) -> tuple[Sequence[LensDocument], bool]:
        """Return those that are named, or the first ones and whether there are more."""

        def work(tx: Transaction) -> tuple[Sequence[LensDocument], bool]:
            if named:
                return tuple(tx.lens.get_many(tenant_id, user_id, named)), False
            page = tx.lens.list(tenant_id, user_id, "", MOST_DOCUMENTS)
            return page.items, bool(page.next_cursor)

        return await self._tools.database.read(work)

    async def _bring(self, work: Work, documents: Sequence[LensDocument], folder: Path) -> list[str]:
        """Return where the file of each lies now, "" where there is none."""
        some = asyncio.Semaphore(_AT_ONCE)

        async def bring(at: int, document: LensDocument) -> str:
            target = folder / f"{at:04}.json"
            async with some:
                return str(target) if await self._tools.files.bring(document.key, target) else ""

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(bring(at, document)) for at, document in enumerate(documents)]
        work.report("fetch", 1.0)
        return [task.result() for task in tasks]


def _failed(document_id: str, code: str, message: str) -> InputOutcome:
    return InputOutcome(key="", id=document_id, status="failed", code=code, message=message)
