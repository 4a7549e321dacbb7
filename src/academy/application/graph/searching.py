"""`graph.search`: which nodes of a user's graph are near a text (GRA-3). It reads only: changes of the graph do not wait for it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from academy.application.errors import WorkFailed
from academy.application.graph.analysing import FEATURES_FILE
from academy.application.graph.embedding import OWN_VECTORS
from academy.application.graph.model_data import not_done
from academy.application.graph.refusals import NO_GRAPH
from academy.application.graph.tally import Tally
from academy.application.graph.tools import CHILD, GraphTools, build_of
from academy.application.jobs.attempt import Work
from academy.application.ports.models import ModelError
from academy.contracts.children.graph import FindNodes, FoundAnswer
from academy.contracts.graph import Degraded
from academy.contracts.graph_search import NodesFound, SearchGraph
from academy.domain.graph.graph import UserGraph

__all__ = ["SearchHandler"]

_LOOKS = 3
_LONGEST_SECONDS = 60.0
_OTHER_MODEL = Degraded(
    what="neural_vectors",
    code="recipe_mismatch",
    message="The graph was made with a model that is not configured now; the search went by words alone.",
)


_SHORTENED = Degraded(
    what="search",
    code="shortened",
    message="What was found was more than a result has room for, and the last was left out; ask for fewer nodes.",
)


class SearchHandler:
    """Finds nodes by words, by directions and, where the graph has them, by vectors of its model."""

    def __init__(self, tools: GraphTools) -> None:
        """Take what every handler works with."""
        self._tools = tools

    async def run(self, work: Work) -> NodesFound:
        """See JobHandler. Raises WorkFailed, ObjectStoreUnavailable, DatabaseUnavailable."""
        payload = work.payload
        assert isinstance(payload, SearchGraph)
        tools, tally = self._tools, Tally(self._tools.clock)
        await tools.files.check(work)
        async with tools.files.folder(work) as folder:
            graph, brought = await self._brought(work, payload.user_id, folder)
            work.report("fetch", 1.0)
            request = FindNodes(
                folder=str(folder),
                graph=str(folder / "before.json"),
                features=tuple(brought),
                text=payload.text,
                limit=payload.limit,
                vector=await self._vector(graph, payload.text, tally),
            )
            answer = await tools.children.call(work, f"{CHILD}:find_graph_nodes", request, FoundAnswer)
        tally.did(answer)
        if answer.shortened:
            tally.degraded.append(_SHORTENED)
        return NodesFound(
            user_id=payload.user_id,
            text=payload.text,
            nodes=answer.nodes,
            degraded=tuple(tally.degraded),
            usage=tally.usage,
        )

    async def _brought(self, work: Work, user_id: str, folder: Path) -> tuple[UserGraph, list[str]]:
        """Bring the graph and its features; return where these lie. Raises WorkFailed where there are none."""
        tenant_id = work.job.tenant_id
        for _ in range(_LOOKS):
            graph = await self._tools.database.read(lambda tx: tx.graphs.get(tenant_id, user_id))
            if graph is None or not graph.build:
                break
            files = await self._bring(graph, folder)
            if files:
                return graph, files
            # Another build took its place meanwhile, and its files have been removed.
        raise WorkFailed(NO_GRAPH)

    async def _bring(self, graph: UserGraph, folder: Path) -> list[str]:
        """Return where the features of a graph lie, none when a file of it is gone."""
        noted = await build_of(self._tools.files, graph)
        own = graph.file(FEATURES_FILE)
        keys = list(dict.fromkeys((noted.get("features") or own, own)))
        files = [folder / f"before-{at}.npz" for at in range(len(keys))]
        there = await asyncio.gather(
            *(self._tools.files.bring(key, file) for key, file in zip(keys, files, strict=True))
        )
        whole = all(there) and await self._tools.bring_graph(graph, folder)
        return [str(file) for file in files] if whole else []

    async def _vector(self, graph: UserGraph, text: str, tally: Tally) -> Sequence[float]:
        """Return the text's vector by the model of the graph, () where it has none; what a model did not do is listed as degraded."""
        if graph.recipe == OWN_VECTORS:
            return ()
        if self._tools.embedder is None:
            tally.degraded.append(_OTHER_MODEL)
            return ()
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                made = await self._tools.embedder.embed([text])
        except (ModelError, TimeoutError) as error:
            tally.degraded.append(not_done("neural_vectors", error))
            return ()
        tally.used += made.usage
        if made.model not in graph.recipe:
            tally.degraded.append(_OTHER_MODEL)
            return ()
        return tuple(made.vectors[0])
