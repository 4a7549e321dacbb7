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
from academy.application.graph.fencing import check_ours
from academy.application.graph.inputs import read_inputs_of
from academy.application.graph.refusals import NO_GRAPH, OTHER_RECIPE
from academy.application.graph.summarising import SUMMARY_FILE
from academy.application.graph.tally import OUTCOMES_FILE, Tally, fitting
from academy.application.graph.telling import tell_graph
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
from academy.application.ports.vector_index import (
    VectorIndexUnavailable,
    VectorMismatch,
    VectorsLost,
    VectorSpace,
)
from academy.contracts.children.graph import Join, JoinedAnswer, SummariseGraph
from academy.contracts.graph import AddNodes, NodesAdded, SummarizeGraph, SummaryMade
from academy.domain.graph.graph import UserGraph
from academy.domain.tenant.graph_keys import build_prefix

__all__ = ["AddNodesHandler", "SummarizeHandler"]


class AddNodesHandler:
    """Documents join a user's graph; ids, clusters and places of the nodes that are there stay."""

    def __init__(self, tools: GraphTools) -> None:
        """Take what every handler works with."""
        self._tools = tools

    async def run(self, work: Work) -> NodesAdded:
        """See JobHandler. Raises WorkFailed, Yielded, ObjectStoreUnavailable, DatabaseUnavailable."""
        payload = work.payload
        assert isinstance(payload, AddNodes)
        tools = self._tools
        graph, prefix, tally = await tools.begin(work, payload.user_id)
        if not graph.build:
            raise WorkFailed(NO_GRAPH)
        async with tools.files.folder(work) as folder:
            await read_inputs_of(tools, work, payload, folder, tally)
            noted = await build_of(tools.files, graph)
            features = noted.get("features") or graph.file(FEATURES_FILE)
            made = await self._join(work, graph, features, folder, tally)
            work.report("store", 0.0)
            texts = [*noted.get("documents", ()), prefix + DOCUMENTS_FILE]
            note = {"documents": texts, "features": "" if made.whole else features}
            (folder / BUILD_FILE).write_text(json.dumps(note), encoding="utf-8")
            names = {
                GRAPH_FILE: JSON,
                FEATURES_FILE: BINARY,
                BUILD_FILE: JSON,
                OUTCOMES_FILE: LINES,
                DOCUMENTS_FILE: LINES,
            }
            await tools.files.put(prefix, folder, names, spare=True)
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

    async def _join(
        self, work: Work, graph: UserGraph, features: str, folder: Path, tally: Tally
    ) -> JoinedAnswer:
        """`features`: key of those of the build, to which the graph's own may be what was added."""
        neural = await self._neural(work, graph, folder, tally)
        becomes = build_prefix(work.job.tenant_id, graph.user_id, work.job.id, work.job.token)
        # The process that let the last document join may hold the graph yet: then its files stay where they are.
        request = Join(folder=str(folder), build=graph.prefix, becomes=becomes, neural=neural.path)
        made = await self._joined(work, request, tally)
        if made.missing:
            before = await self._tools.bring_graph(graph, folder)
            files = []
            for at, key in enumerate(dict.fromkeys((features, graph.file(FEATURES_FILE)))):
                files.append(str(folder / f"before-{at}.npz"))
                if not before or not await self._tools.files.bring(key, Path(files[-1])):
                    raise WorkFailed(NO_GRAPH)
            there = {"graph": before, "features": tuple(files)}
            made = await self._joined(work, request.model_copy(update=there), tally)
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
        index, owner = self._tools.index, (work.job.tenant_id, user_id)
        await check_ours(self._tools, work)
        try:
            if await index.space(*owner) is None:
                # Those that join alone would pass for the whole graph.
                raise VectorsLost("the graph has no collection in the index")
            await index.upsert(*owner, space, ids, vectors)
        except VectorIndexUnavailable as error:
            raise vectors_away(error) from None
        except VectorMismatch as error:
            # The index is of another recipe than the graph that it belongs to: only a build puts that right.
            raise vectors_away(VectorsLost(str(error))) from None
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
        tools = self._tools
        graph, prefix, tally = await tools.begin(work, payload.user_id)
        if not graph.build:
            raise WorkFailed(NO_GRAPH)
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
            said = await tell_graph(tools, work, request, payload.user_id, tally)
            await tools.files.put(prefix, folder, {SUMMARY_FILE: JSON})
        return SummaryMade(
            user_id=payload.user_id,
            degraded=tuple(tally.degraded),
            usage=tally.usage,
            summary_key=prefix + SUMMARY_FILE,
            headline=said.headline,
            claims=said.claims,
            by=said.by,
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
