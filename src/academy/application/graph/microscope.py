"""`microscope.ingest`, `.query`, `.synthesize`, `.related_questions`: one document under the microscope, and answers with citations (GRA-6)."""

import asyncio
from pathlib import Path

from academy.application.errors import WorkFailed
from academy.application.graph.enriching import enriched
from academy.application.graph.looking import MICROSCOPE_FILE
from academy.application.graph.refusals import NO_DOCUMENT, NO_INPUT
from academy.application.graph.tally import Tally
from academy.application.graph.tools import CHILD, GraphTools
from academy.application.graph.wording import worded
from academy.application.jobs.attempt import Work
from academy.application.ports.database import Transaction
from academy.application.ports.models import LanguageModel
from academy.contracts.children.graph import AskDocuments, AskedAnswer, LookAnswer, LookInto
from academy.contracts.graph import InputOutcome, OutcomeCounts
from academy.contracts.microscope import (
    AskMicroscope,
    DocumentIngested,
    IngestDocument,
    MicroscopeAnswer,
    MicroscopeFile,
    RelatedQuestions,
    RelatedQuestionsMade,
    Synthesis,
    Synthesize,
)
from academy.domain.graph.graph import LensDocument
from academy.domain.tenant.graph_keys import document_prefix

__all__ = ["IngestHandler", "QueryHandler", "RelatedQuestionsHandler", "SynthesizeHandler"]

MOST_DOCUMENTS = 500
AT_ONCE = 16
_LOOKS = 3


class IngestHandler:
    """Reads one document into passages, entities and relations."""

    def __init__(self, tools: GraphTools) -> None:
        """Take what every handler works with."""
        self._tools = tools

    async def run(self, work: Work) -> DocumentIngested:
        """See JobHandler. Raises WorkFailed, ObjectStoreUnavailable, DatabaseUnavailable."""
        payload = work.payload
        assert isinstance(payload, IngestDocument)
        tools, tally = self._tools, Tally(self._tools.clock)
        await tools.files.check(work, payload.key)
        document_id = payload.document_id or payload.key
        prefix = document_prefix(
            work.job.tenant_id, payload.user_id, document_id, work.job.id, work.job.token
        )
        async with tools.files.folder(work) as folder:
            source = folder / "source"
            if not await tools.files.bring(payload.key, source):
                raise WorkFailed(NO_INPUT)
            work.report("fetch", 1.0)
            request = LookInto(
                folder=str(folder),
                source=str(source),
                name=payload.key,
                document_id=document_id,
                title=payload.title,
                source_key=payload.key,
            )
            found = await tools.children.call(work, f"{CHILD}:look_into_document", request, LookAnswer)
            tally.did(found)
            rejected = 0
            if tools.language is not None:
                found, rejected = await self._enrich(tools.language, tally, folder, found)
            await tools.files.put(prefix, folder, {MICROSCOPE_FILE: "application/json"})
            work.report("store", 1.0)
        return DocumentIngested(
            user_id=payload.user_id,
            outcomes=(InputOutcome(key=payload.key, id=document_id, status="ok", nodes=1),),
            outcome_counts=OutcomeCounts(ok=1),
            usage=tally.usage,
            document_id=document_id,
            result_key=prefix + MICROSCOPE_FILE,
            title=found.title,
            language=found.language,
            digest=found.digest,
            passages=found.passages,
            entities=found.entities,
            relations=found.relations,
            rejected=rejected,
            degraded=tuple(tally.degraded),
        )

    async def _enrich(
        self, language: LanguageModel, tally: Tally, folder: Path, found: LookAnswer
    ) -> tuple[LookAnswer, int]:
        """Let the model see more; return the counts anew and how much of what it said stands nowhere."""
        path = folder / MICROSCOPE_FILE
        file = MicroscopeFile.model_validate_json(await asyncio.to_thread(path.read_bytes))
        more = await enriched(language, self._tools.budget_tokens, tally, file)
        await asyncio.to_thread(path.write_text, more.file.model_dump_json(), encoding="utf-8")
        counts = {"entities": len(more.file.entities), "relations": len(more.file.relations)}
        return found.model_copy(update=counts), more.rejected


class _Asking:
    """What the three kinds of questions have in common."""

    def __init__(self, tools: GraphTools) -> None:
        """Take what every handler works with."""
        self._tools = tools

    async def _ask(self, work: Work, tally: Tally, request: AskDocuments) -> AskedAnswer:
        """Bring the documents that the payload names and ask them. Raises WorkFailed."""
        payload = work.payload
        assert isinstance(payload, AskMicroscope | Synthesize | RelatedQuestions)
        await self._tools.files.check(work)
        async with self._tools.files.folder(work) as folder:
            files = await self._brought(work, payload.user_id, payload.document_ids, folder)
            asked = request.model_copy(update={"files": tuple(files)})
            answer = await self._tools.children.call(work, f"{CHILD}:ask_documents_for", asked, AskedAnswer)
        tally.did(answer)
        return answer

    async def _brought(
        self, work: Work, user_id: str, document_ids: tuple[str, ...], folder: Path
    ) -> list[str]:
        """Bring the documents that the rows name. Raises WorkFailed when there is none."""
        files: list[str] = []
        for _ in range(_LOOKS):
            documents = await self._documents(work.job.tenant_id, user_id, document_ids)
            files = await self._bring(work, documents, folder)
            if len(files) == len(documents):
                break
            # One was read again meanwhile, and the file that its row named before has been removed.
        if not files:
            raise WorkFailed(NO_DOCUMENT)
        return files

    async def _documents(
        self, tenant_id: str, user_id: str, document_ids: tuple[str, ...]
    ) -> list[LensDocument]:
        def work(tx: Transaction) -> list[LensDocument]:
            if document_ids:
                return list(tx.lens.get_many(tenant_id, user_id, document_ids))
            return list(tx.lens.list(tenant_id, user_id, "", MOST_DOCUMENTS).items)

        return await self._tools.database.read(work)

    async def _bring(self, work: Work, documents: list[LensDocument], folder: Path) -> list[str]:
        some = asyncio.Semaphore(AT_ONCE)

        async def bring(at: int, document: LensDocument) -> str:
            target = folder / f"{at:04}.json"
            async with some:
                return str(target) if await self._tools.files.bring(document.key, target) else ""

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(bring(at, document)) for at, document in enumerate(documents)]
        work.report("fetch", 1.0)
        return [name for task in tasks if (name := task.result())]


class QueryHandler(_Asking):
    """Answers a question out of the documents, every sentence cited."""

    async def run(self, work: Work) -> MicroscopeAnswer:
        """See JobHandler. Raises WorkFailed, ObjectStoreUnavailable, DatabaseUnavailable."""
        payload = work.payload
        assert isinstance(payload, AskMicroscope)
        tally = Tally(self._tools.clock)
        request = AskDocuments(kind="query", files=(), question=payload.question, passages=payload.limit)
        found = await self._ask(work, tally, request)
        answer = await worded(self._tools, tally, payload.question, payload.language, found)
        work.report("answer", 1.0)
        return MicroscopeAnswer(
            user_id=payload.user_id,
            question=payload.question,
            found=bool(answer.sentences),
            sentences=answer.sentences,
            answer=" ".join(sentence.text for sentence in answer.sentences),
            by=answer.by,
            passages=found.passages,
            degraded=tuple(tally.degraded),
            usage=tally.usage,
        )


class SynthesizeHandler(_Asking):
    """Says what several documents say of a topic, or of all there is, every sentence cited."""

    async def run(self, work: Work) -> Synthesis:
        """See JobHandler. Raises WorkFailed, ObjectStoreUnavailable, DatabaseUnavailable."""
        payload = work.payload
        assert isinstance(payload, Synthesize)
        tally = Tally(self._tools.clock)
        request = AskDocuments(
            kind="synthesize", files=(), question=payload.topic, sentences=payload.sentences, passages=10
        )
        found = await self._ask(work, tally, request)
        answer = await worded(self._tools, tally, payload.topic, payload.language, found)
        work.report("answer", 1.0)
        return Synthesis(
            user_id=payload.user_id,
            topic=payload.topic,
            sentences=answer.sentences,
            text=" ".join(sentence.text for sentence in answer.sentences),
            agree=found.agree,
            by=answer.by,
            degraded=tuple(tally.degraded),
            usage=tally.usage,
        )


class RelatedQuestionsHandler(_Asking):
    """Finds questions that the documents answer."""

    async def run(self, work: Work) -> RelatedQuestionsMade:
        """See JobHandler. Raises WorkFailed, ObjectStoreUnavailable, DatabaseUnavailable."""
        payload = work.payload
        assert isinstance(payload, RelatedQuestions)
        tally = Tally(self._tools.clock)
        request = AskDocuments(
            kind="related", files=(), question=payload.question, sentences=payload.limit, passages=10
        )
        found = await self._ask(work, tally, request)
        work.report("answer", 1.0)
        return RelatedQuestionsMade(
            user_id=payload.user_id,
            questions=found.questions,
            by="extract",
            degraded=tuple(tally.degraded),
            usage=tally.usage,
        )
