"""`graph.add_node` and `graph.summarize`: what is done to a graph that is there (GRA-4, GRA-5)."""

import asyncio
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from academy.application.errors import WorkFailed
from academy.application.graph.analysing import FEATURES_FILE, GRAPH_FILE
from academy.application.graph.embedding import OWN_VECTORS, Neural, neural_vectors
from academy.application.graph.evidence import unreadable
from academy.application.graph.inputs import read_inputs_of
from academy.application.graph.refusals import NO_GRAPH, OTHER_RECIPE
from academy.application.graph.summarising import SUMMARY_FILE
from academy.application.graph.tally import OUTCOMES_FILE, Tally, fitting
from academy.application.graph.tools import (
    BUILD_FILE,
    CHILD,
    DOCUMENTS_FILE,
    GraphTools,
    build_of,
    read_vectors,
    vectors_away,
)
from academy.application.jobs.attempt import Work
from academy.application.ports.vector_index import VectorIndexUnavailable, VectorMismatch, VectorSpace
from academy.contracts.children.graph import Join, JoinedAnswer, SummarisedAnswer, SummariseGraph
from academy.contracts.graph import AddNodes, NodesAdded, SummarizeGraph, SummaryMade
from academy.domain.graph.graph import UserGraph
from academy.domain.tenant.graph_keys import build_prefix

__all__ = ["AddNodesHandler", "SummarizeHandler"]

_JSON, _LINES, _BINARY = "application/json", "application/x-ndjson", "application/octet-stream"


class AddNodesHandler:
    """Documents join a user's graph; ids, clusters and places of the nodes that are there stay."""

    def __init__(self, tools: GraphTools) -> None:
        """Take what every handler works with."""
        self._tools = tools

    async def run(self, work: Work) -> NodesAdded:
        """See JobHandler. Raises WorkFailed, Yielded, ObjectStoreUnavailable, DatabaseUnavailable."""
        payload = work.payload
        assert isinstance(payload, AddNodes)
        tools, tally = self._tools, Tally(self._tools.clock)
        graph = await tools.reserve(work, payload.user_id)
        if not graph.build:
            raise WorkFailed(NO_GRAPH)
        prefix = build_prefix(work.job.tenant_id, payload.user_id, work.job.id, work.job.token)
        async with tools.files.folder(work) as folder:
            read = await read_inputs_of(tools, work, payload, folder, tally)
            if not read.documents:
                raise WorkFailed(await unreadable(tools.files, work, payload.user_id, folder, tally))
            made = await self._join(work, graph, folder, tally)
            work.report("store", 0.0)
            noted = await build_of(tools.files, graph)
            texts = [*noted.get("documents", ()), prefix + DOCUMENTS_FILE]
            (folder / BUILD_FILE).write_text(json.dumps({"documents": texts}), encoding="utf-8")
            names = {
                GRAPH_FILE: _JSON,
                FEATURES_FILE: _BINARY,
                BUILD_FILE: _JSON,
                OUTCOMES_FILE: _LINES,
                DOCUMENTS_FILE: _LINES,
            }
            await tools.files.put(prefix, folder, names)
            joined = await self._index(work, payload.user_id, folder, made)
        return NodesAdded(
            user_id=payload.user_id,
            outcomes=tally.listed,
            outcome_counts=tally.counts,
            outcomes_key=prefix + OUTCOMES_FILE,
            usage=tally.usage,
            result_key=prefix + GRAPH_FILE,
            features_key=prefix + FEATURES_FILE,
            node_ids=fitting(joined),
            nodes=made.nodes,
            edges=made.edges,
            clusters=made.clusters,
            recipe=made.recipe,
        )

    async def _join(self, work: Work, graph: UserGraph, folder: Path, tally: Tally) -> JoinedAnswer:
        neural = await self._neural(work, graph, folder, tally)
        becomes = build_prefix(work.job.tenant_id, graph.user_id, work.job.id, work.job.token)
        # The process that let the last document join may hold the graph yet: then its files stay where they are.
        request = Join(folder=str(folder), build=graph.prefix, becomes=becomes, neural=neural.path)
        made = await self._joined(work, request, tally)
        if made.missing:
            features = folder / "before.npz"
            before = await self._tools.bring_graph(graph, folder)
            if not before or not await self._tools.files.bring(graph.file(FEATURES_FILE), features):
                raise WorkFailed(NO_GRAPH)
            files = {"graph": before, "features": str(features)}
            made = await self._joined(work, request.model_copy(update=files), tally)
        return made

    async def _joined(self, work: Work, request: Join, tally: Tally) -> JoinedAnswer:
        made = await self._tools.children.call(work, f"{CHILD}:join_documents", request, JoinedAnswer)
        tally.did(made)
        return made

    async def _neural(self, work: Work, graph: UserGraph, folder: Path, tally: Tally) -> Neural:
        """Embed what joins with the model of the graph; vectors of two recipes in one graph would compare what cannot be compared."""
        if graph.recipe == OWN_VECTORS:
            return Neural()
        neural = await neural_vectors(work, self._tools.embedder, folder, folder / "cache", tally)
        if not neural.model or neural.model not in graph.recipe:
            why = tally.degraded[-1].message if tally.degraded else f"The graph was made with {graph.recipe}."
            raise WorkFailed(replace(OTHER_RECIPE, message=f"{OTHER_RECIPE.message} {why}"))
        return neural

    async def _index(self, work: Work, user_id: str, folder: Path, made: JoinedAnswer) -> Sequence[str]:
        """Write the vectors of those that joined into the index; return who they are."""
        ids, vectors = await asyncio.to_thread(read_vectors, folder, made.dimension)
        space = VectorSpace(made.recipe, made.dimension)
        try:
            await self._tools.index.upsert(work.job.tenant_id, user_id, space, ids, vectors)
        except VectorIndexUnavailable as error:
            raise vectors_away(error) from None
        except VectorMismatch:
            # The index is of another recipe than the graph that it belongs to: only a build puts that right.
            raise WorkFailed(NO_GRAPH) from None
        return ids


class SummarizeHandler:
    """Says what a user's graph holds."""

    def __init__(self, tools: GraphTools) -> None:
        """Take what every handler works with."""
        self._tools = tools

    async def run(self, work: Work) -> SummaryMade:
        """See JobHandler. Raises WorkFailed, Yielded, ObjectStoreUnavailable, DatabaseUnavailable."""
        payload = work.payload
        assert isinstance(payload, SummarizeGraph)
        tools, tally = self._tools, Tally(self._tools.clock)
        graph = await tools.reserve(work, payload.user_id)
        if not graph.build:
            raise WorkFailed(NO_GRAPH)
        prefix = build_prefix(work.job.tenant_id, payload.user_id, work.job.id, work.job.token)
        async with tools.files.folder(work) as folder:
            before = await tools.bring_graph(graph, folder)
            if not before:
                raise WorkFailed(NO_GRAPH)
            texts = await self._texts(graph, folder)
            work.report("fetch", 1.0)
            request = SummariseGraph(
                folder=str(folder),
                graph=before,
                texts=str(texts),
                language=payload.language,
            )
            made = await tools.children.call(work, f"{CHILD}:summarise_graph", request, SummarisedAnswer)
            tally.did(made)
            await tools.files.put(prefix, folder, {SUMMARY_FILE: _JSON})
        return SummaryMade(
            user_id=payload.user_id,
            usage=tally.usage,
            summary_key=prefix + SUMMARY_FILE,
            headline=made.headline,
            claims=made.claims,
        )

    async def _texts(self, graph: UserGraph, folder: Path) -> Path:
        """Return a file of the texts of all nodes: of a document that joined again the later one comes later."""
        whole = folder / DOCUMENTS_FILE
        noted = await build_of(self._tools.files, graph)
        for at, key in enumerate(noted.get("documents", ())):
            part = folder / f"documents-{at}.jsonl"
            if await self._tools.files.bring(str(key), part):
                await asyncio.to_thread(_append, whole, part)
        whole.touch()
        return whole


def _append(whole: Path, part: Path) -> None:
    with whole.open("ab") as target, part.open("rb") as source:
        shutil.copyfileobj(source, target)
