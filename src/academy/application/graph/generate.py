"""`graph.generate`: chats, notes and documents become a user's graph (GRA-3)."""

import asyncio
import json
from pathlib import Path
from typing import Any

from academy.application.graph.analysing import FEATURES_FILE, GRAPH_FILE
from academy.application.graph.drawing import DRAWN
from academy.application.graph.embedding import Neural, neural_vectors
from academy.application.graph.fencing import check_ours
from academy.application.graph.inputs import read_inputs_of
from academy.application.graph.reading import USED_FILES
from academy.application.graph.summarising import SUMMARY_FILE
from academy.application.graph.tally import OUTCOMES_FILE, Tally
from academy.application.graph.telling import WORDS_FILE, tell_graph
from academy.application.graph.tools import (
    BINARY,
    BUILD_FILE,
    CHILD,
    DOCUMENTS_FILE,
    JSON,
    LINES,
    GraphTools,
    build_of,
    read_vectors,
    vectors_away,
)
from academy.application.jobs.attempt import Work
from academy.application.ports.vector_index import VectorIndexUnavailable, VectorSpace
from academy.contracts.children.graph import (
    Analyse,
    AnalysedAnswer,
    ReadAnswer,
    SummariseGraph,
)
from academy.contracts.graph import GenerateGraph, GraphBuilt, StageCount
from academy.domain.graph.graph import UserGraph

__all__ = ["GenerateHandler"]

RECIPE = "2"
"""Counts changes in how graphs are made of the same documents: an older build is then not taken for the same."""
MADE = {
    GRAPH_FILE: JSON,
    FEATURES_FILE: BINARY,
    OUTCOMES_FILE: LINES,
    DOCUMENTS_FILE: LINES,
    BUILD_FILE: JSON,
}


class GenerateHandler:
    """Reads, analyses, stores; what did not change since the last build is not computed again."""

    def __init__(self, tools: GraphTools) -> None:
        """Take what every handler works with."""
        self._tools = tools

    async def run(self, work: Work) -> GraphBuilt:
        """See JobHandler. Raises WorkFailed, Yielded, ObjectStoreUnavailable, DatabaseUnavailable."""
        payload = work.payload
        assert isinstance(payload, GenerateGraph)
        graph, prefix, tally = await self._tools.begin(work, payload.user_id)
        async with self._tools.files.folder(work) as folder:
            read = await read_inputs_of(self._tools, work, payload, folder, tally)
            neural = await neural_vectors(work, self._tools.embedder, folder, folder / "cache", tally)
            if neural.cached_file:
                await self._tools.files.keep_cache(
                    work.job.tenant_id, payload.user_id, folder / "cache", [neural.cached_file]
                )
            same = _fingerprint(payload, read, neural)
            old = await self._built_before(graph, same)
            if old is None:
                made = await self._analyse(work, payload, folder, graph, tally, neural)
                self._note(folder, prefix, same, made)
            else:
                # The files of the build there is are the answer, byte for byte; it only stands in a place of its own again.
                made = AnalysedAnswer.model_validate(old["made"])
                await self._bring_again(graph, folder)
                self._note(folder, prefix, same, made)
            summary = ""
            if payload.include_summary:
                summary = await self._summarise(work, payload, folder, tally, prefix)
            work.report("store", 0.0)
            await self._tools.files.put(prefix, folder, {**MADE, **DRAWN})
            await self._index(work, payload.user_id, folder, made, prefix)
            used = [*(folder / USED_FILES).read_text(encoding="utf-8").splitlines(), neural.cached_file]
            if payload.include_summary or old is not None:
                used.append(WORDS_FILE)
            await self._tools.files.trim_cache(work.job.tenant_id, payload.user_id, used)
            work.report("store", 1.0)
            return self._result(payload, tally, prefix, made, summary, read, cached=old is not None)

    async def _analyse(
        self, work: Work, payload: GenerateGraph, folder: Path, graph: UserGraph, tally: Tally, neural: Neural
    ) -> AnalysedAnswer:
        request = Analyse(
            folder=str(folder),
            user_id=payload.user_id,
            language=payload.language,
            seed=payload.seed,
            before=await self._tools.bring_graph(graph, folder),
            neural=neural.path,
            neural_model=neural.model,
        )
        answer = await self._tools.children.call(work, f"{CHILD}:analyse_documents", request, AnalysedAnswer)
        tally.did(answer)
        return answer

    def _note(self, folder: Path, prefix: str, same: str, made: AnalysedAnswer) -> None:
        noted = {"of": same, "made": made.model_dump(), "documents": [prefix + DOCUMENTS_FILE]}
        (folder / BUILD_FILE).write_text(json.dumps(noted), encoding="utf-8")

    async def _built_before(self, graph: UserGraph, same: str) -> dict[str, Any] | None:
        """Return what is noted of the build there is if it was made of the same, else None."""
        noted = await build_of(self._tools.files, graph) if graph.build else {}
        return noted if noted.get("of") == same else None

    async def _bring_again(self, graph: UserGraph, folder: Path) -> None:
        for name in (GRAPH_FILE, FEATURES_FILE, "members.jsonl", "vectors.f32", *DRAWN):
            await self._tools.files.bring(graph.file(name), folder / name)

    async def _summarise(
        self, work: Work, payload: GenerateGraph, folder: Path, tally: Tally, prefix: str
    ) -> str:
        request = SummariseGraph(
            folder=str(folder),
            graph=str(folder / GRAPH_FILE),
            texts=str(folder / DOCUMENTS_FILE),
            language=payload.language,
        )
        await tell_graph(self._tools, work, request, payload.user_id, tally)
        await self._tools.files.put(prefix, folder, {SUMMARY_FILE: JSON})
        return prefix + SUMMARY_FILE

    async def _index(self, work: Work, user_id: str, folder: Path, made: AnalysedAnswer, prefix: str) -> None:
        await self._tools.files.put(prefix, folder, {"members.jsonl": LINES, "vectors.f32": BINARY})
        ids, vectors = await asyncio.to_thread(read_vectors, folder, made.dimension)
        space = VectorSpace(made.recipe, made.dimension)
        await check_ours(self._tools, work)
        try:
            await self._tools.index.replace(work.job.tenant_id, user_id, space, ids, vectors)
        except VectorIndexUnavailable as error:
            raise vectors_away(error) from None

    def _result(
        self,
        payload: GenerateGraph,
        tally: Tally,
        prefix: str,
        made: AnalysedAnswer,
        summary: str,
        read: ReadAnswer,
        *,
        cached: bool,
    ) -> GraphBuilt:
        return GraphBuilt(
            user_id=payload.user_id,
            outcomes=tally.listed,
            outcome_counts=tally.counts,
            outcomes_key=prefix + OUTCOMES_FILE,
            degraded=tuple(tally.degraded),
            usage=tally.usage,
            result_key=prefix + GRAPH_FILE,
            features_key=prefix + FEATURES_FILE,
            graphml_key=prefix + "graph.graphml",
            gexf_key=prefix + "graph.gexf",
            picture_key=prefix + "graph.svg",
            summary_key=summary,
            nodes=made.nodes,
            edges=made.edges,
            clusters=made.clusters,
            recipe=made.recipe,
            stages=(
                read.stage,
                StageCount(stage="analyse", computed=int(not cached), cached=int(cached)),
            ),
        )


def _fingerprint(payload: GenerateGraph, read: ReadAnswer, neural: Neural) -> str:
    return f"{RECIPE}:{payload.seed}:{payload.language}:{neural.model}:{read.digest}"
