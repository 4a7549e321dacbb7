"""The picture, GraphML and GEXF of a graph that documents joined: made when it has been left alone for a while (GRA-5)."""

from datetime import datetime, timedelta

from academy.application.graph.analysing import GRAPH_FILE
from academy.application.graph.drawing import DRAWN
from academy.application.graph.tools import CHILD, GraphTools
from academy.application.jobs.attempt import Work
from academy.contracts.children.graph import ChildAnswer, DrawGraph
from academy.domain.graph.graph import UserGraph

__all__ = ["redraw", "undrawn"]


def undrawn(graph: UserGraph, keys: list[str]) -> bool:
    """Return whether a graph lacks one of its drawings; `keys`: the objects that there are."""
    return bool(graph.build) and not {graph.file(name) for name in DRAWN} <= set(keys)


async def redraw(tools: GraphTools, work: Work, graph: UserGraph, now: datetime) -> timedelta:
    """Draw a graph into its own build; return how long to wait first while it may be added to again, no time when it is drawn.

    Where another graph has taken its place meanwhile nothing is left behind, and whoever put it there has it drawn.
    Raises WorkFailed, ObjectStoreUnavailable, DatabaseUnavailable.
    """
    rested = now - graph.updated_at
    if rested < tools.rest:
        return tools.rest - rested
    async with tools.files.folder(work) as folder:
        whole = folder / GRAPH_FILE
        if await tools.files.bring(graph.file(GRAPH_FILE), whole):
            request = DrawGraph(folder=str(folder), graph=str(whole))
            await tools.children.call(work, f"{CHILD}:draw_graph", request, ChildAnswer)
            await tools.files.put(graph.prefix, folder, DRAWN, spare=True)
    current = await tools.database.read(lambda tx: tx.graphs.get(graph.tenant_id, graph.user_id))
    if current is None or current.prefix != graph.prefix:
        await tools.files.store.delete([graph.file(name) for name in DRAWN])
    return timedelta(0)
