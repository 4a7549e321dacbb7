"""Look for nodes of a graph that are near a text, in a process of its own (GRA-3)."""

import json
from array import array
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from academy.application.graph.refusals import FEATURES_BROKEN, DocumentUnreadable
from academy.application.graph.room import most_that_fit
from academy.application.ports.graph_maths import FeaturesUnreadable
from academy.application.ports.graph_search import GraphSearch
from academy.contracts.children.graph import FindNodes, FoundAnswer
from academy.contracts.graph_search import FoundNode

__all__ = ["find_nodes"]

_ROOM = 150_000
"""Bytes of JSON that the nodes of an answer may take: an id may have a thousand characters."""
_LONGEST_NAME, _MOST_KEYWORDS = 200, 5
Report = Callable[[str, float], None]


def find_nodes(request: FindNodes, search: GraphSearch, report: Report) -> FoundAnswer:
    """Return the nodes of a graph that are nearest to a text; see FindNodes. Raises DocumentUnreadable."""
    report("rank", 0.1)
    vectors = [array("f", request.vector)] if request.vector else None
    try:
        (found,) = search.search(
            [Path(each) for each in request.features], [request.text], request.limit, vectors
        )
    except FeaturesUnreadable as error:
        raise DocumentUnreadable(replace(FEATURES_BROKEN, detail=str(error)[:500])) from None
    report("rank", 0.6)
    graph: dict[str, Any] = json.loads(Path(request.graph).read_bytes())
    nodes = {node["id"]: node for node in graph["nodes"]}
    names = {cluster["id"]: cluster["name"] for cluster in graph["clusters"]}
    report("rank", 1.0)
    told = [_told(nodes[each.id], names, each.score) for each in found if each.id in nodes]
    kept = most_that_fit(told, _ROOM)
    return FoundAnswer(nodes=tuple(told[:kept]), shortened=kept < len(told))


def _told(node: Mapping[str, Any], names: Mapping[str, str], score: float) -> FoundNode:
    return FoundNode(
        id=node["id"],
        title=node["title"],
        cluster=node["cluster"],
        cluster_name=names.get(node["cluster"], "")[:_LONGEST_NAME],
        keywords=tuple(node["keywords"][:_MOST_KEYWORDS]),
        score=score,
    )
