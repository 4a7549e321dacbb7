"""`microscope.ingest`, `.query`, `.synthesize`, `.related_questions`: one document under the microscope, and answers with citations (GRA-6)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from academy.application.errors import WorkFailed
from academy.application.graph.asking import Asking
from academy.application.graph.enriching import enriched
from academy.application.graph.looking import MICROSCOPE_FILE
from academy.application.graph.refusals import NO_INPUT
from academy.application.graph.shortening import shortened
from academy.application.graph.tally import Tally
from academy.application.graph.tools import CHILD, GraphTools
from academy.application.graph.wording import worded
from academy.application.jobs.attempt import Work
from academy.application.ports.models import LanguageModel
from academy.contracts.children.graph import AskDocuments, LookAnswer, LookInto
from academy.contracts.graph import InputOutcome, OutcomeCounts
from academy.contracts.microscope import (
    AnswerableQuestion,
    AskMicroscope,
    Citation,
    CitedSentence,
    DocumentIngested,
    IngestDocument,
    MicroscopeAnswer,
    MicroscopeFile,
    RelatedQuestions,
    RelatedQuestionsMade,
    Synthesis,
    Synthesize,
)
from academy.domain.tenant.graph_keys import document_prefix

__all__ = ["IngestHandler", "QueryHandler", "RelatedQuestionsHandler", "SynthesizeHandler"]


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
                found, rejected = await self._enrich(work, tools.language, tally, folder, found)
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
        self, work: Work, language: LanguageModel, tally: Tally, folder: Path, found: LookAnswer
    ) -> tuple[LookAnswer, int]:
        """Let the model see more; return the counts anew and how much of what it said stands nowhere."""
        path = folder / MICROSCOPE_FILE
        file = MicroscopeFile.model_validate_json(await asyncio.to_thread(path.read_bytes))
        budget = self._tools.budget_tokens
        more = await enriched(language, budget, tally, file, lambda part: work.report("ask", part))
        await asyncio.to_thread(path.write_text, more.file.model_dump_json(), encoding="utf-8")
        counts = {"entities": len(more.file.entities), "relations": len(more.file.relations)}
        return found.model_copy(update=counts), more.rejected


class QueryHandler(Asking):
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
        told = self._told(payload, tally)

        def made(sentences: Sequence[CitedSentence], passages: Sequence[Citation]) -> MicroscopeAnswer:
            return MicroscopeAnswer(
                **told(),
                question=payload.question,
                found=bool(answer.sentences),
                sentences=tuple(sentences),
                answer=" ".join(sentence.text for sentence in sentences),
                by=answer.by,
                passages=tuple(passages),
            )

        return shortened(tally, made, answer.sentences, found.passages)


class SynthesizeHandler(Asking):
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
        told = self._told(payload, tally)

        def made(sentences: Sequence[CitedSentence], agree: Sequence[str]) -> Synthesis:
            return Synthesis(
                **told(),
                topic=payload.topic,
                sentences=tuple(sentences),
                text=" ".join(sentence.text for sentence in sentences),
                agree=tuple(agree),
                by=answer.by,
            )

        return shortened(tally, made, answer.sentences, found.agree)


class RelatedQuestionsHandler(Asking):
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
        told = self._told(payload, tally)

        def made(questions: Sequence[AnswerableQuestion], _none: Sequence[str]) -> RelatedQuestionsMade:
            return RelatedQuestionsMade(**told(), questions=tuple(questions), by="extract")

        return shortened(tally, made, found.questions, ())
