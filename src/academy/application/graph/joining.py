"""Let documents join a graph without a rebuild, in a process of its own (GRA-5).

Nodes that are there keep their places, clusters and edges; the file is put together from the text of what did not change.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from academy.application.graph.analysing import (
    FEATURES_FILE,
    GRAPH_FILE,
    read_lines,
    text_items,
    write_vectors,
)
from academy.application.graph.graph_text import GraphText
from academy.application.graph.refusals import FEATURES_BROKEN, DocumentUnreadable
from academy.application.ports.graph_maths import FeaturesUnreadable, GraphMaths, Joined
from academy.contracts.children.graph import Join, JoinedAnswer
from academy.domain.graph.language import language_of
from academy.domain.graph.matching import stable_ids

__all__ = ["KeptGraph", "join"]

_DECIMALS = 6
Report = Callable[[str, float], None]
Line = dict[str, Any]


class KeptGraph:
    """The graph that was joined last, kept for the next document; `name` says which attempt made it, so it is never another one's."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._name = ""
        self._graph: GraphText | None = None

    def take(self, name: str) -> GraphText | None:
        """Return the graph of this name, no longer kept: whoever takes it changes it."""
        found = self._graph if name and name == self._name else None
        self._name, self._graph = "", None
        return found

    def keep(self, name: str, graph: GraphText) -> None:
        """Keep a graph in the place of the one there was."""
        self._name, self._graph = name, graph


def join(request: Join, maths: GraphMaths, kept: KeptGraph, report: Report) -> JoinedAnswer:
    """Write the graph with the folder's documents in it into the folder; see Join."""
    folder = Path(request.folder)
    graph = kept.take(request.build)
    if request.graph:
        graph = GraphText(Path(request.graph).read_bytes())
    if graph is None or not (request.features or maths.keeps(request.build)):
        return JoinedAnswer(missing=True)
    lines = sorted(read_lines(folder / "documents.jsonl"), key=lambda line: line["id"])
    report("analyse", 0.2)
    fresh = [line for line in lines if graph.nodes.get(line["id"], {}).get("digest") != line["digest"]]
    items = text_items(fresh, request.neural)
    try:
        found, features = maths.join(
            Path(request.features or folder / FEATURES_FILE),
            items,
            graph.places,
            kept=request.build,
            keep=request.becomes,
        )
    except FeaturesUnreadable as error:
        raise DocumentUnreadable(replace(FEATURES_BROKEN, detail=str(error)[:500])) from None
    report("analyse", 0.7)
    _take(graph, fresh, found)
    for line in read_lines(folder / "read.jsonl"):
        graph.put_input(line)
    (folder / GRAPH_FILE).write_bytes(graph.text())
    if features != folder / FEATURES_FILE:
        features.rename(folder / FEATURES_FILE)
    write_vectors(folder, found.ids, found.vectors)
    kept.keep(request.becomes, graph)
    report("analyse", 1.0)
    return JoinedAnswer(
        nodes=len(graph.nodes),
        edges=graph.edges,
        clusters=len(graph.rest["clusters"]),
        recipe=graph.rest["recipe"]["vectors"],
        dimension=graph.rest["recipe"]["dimension"],
    )


def _take(graph: GraphText, lines: Sequence[Line], found: Joined) -> None:
    """Put nodes and edges of those that join into the graph, and count anew what changed by it."""
    touched: set[str] = set()
    for at, line in enumerate(lines):
        if line["id"] in graph.nodes:
            touched |= graph.drop_edges(line["id"])
        node = _node(line, at, found)
        if not node["cluster"]:
            node["cluster"] = _own_cluster(graph, node)
        graph.put_node(node)
    for new, other, weight, similarity in found.neighbours:
        graph.put_edge(new, other, weight, similarity)
        touched |= {new, other}
    graph.touch(sorted(touched | set(found.ids)))
    _count(graph)


def _node(line: Line, at: int, found: Joined) -> Line:
    cluster, subcluster = found.clusters[at]
    x, y = found.places[at]
    return {
        "id": line["id"],
        "kind": line["kind"],
        "title": line["title"],
        "source_key": line["source_key"],
        "created_at": line["created_at"],
        "updated_at": line["updated_at"],
        "language": language_of(f"{line['title']}\n{line['text']}"),
        "characters": len(line["text"]),
        "digest": line["digest"],
        "keywords": list(found.keywords[at]),
        "cluster": cluster,
        "subcluster": subcluster,
        "degree": 0,
        "x": round(x, _DECIMALS),
        "y": round(y, _DECIMALS),
    }


def _own_cluster(graph: GraphText, node: Line) -> str:
    """Make the cluster of a document that is near nobody; return its id."""
    before = {name: each["cluster"] for name, each in graph.nodes.items() if name != node["id"]}
    (own,) = stable_ids([[node["id"]]], before, "c-")
    graph.rest["clusters"].append(
        {
            "id": own,
            "name": " · ".join(node["keywords"][:3]) or own,
            "keywords": node["keywords"],
            "size": 1,
            "representatives": [node["id"]],
            "subclusters": [],
            "x": node["x"],
            "y": node["y"],
        }
    )
    return own


def _count(graph: GraphText) -> None:
    """Bring sizes of clusters and the statistics up to date; the modularity stays that of the last build."""
    sizes, parts = graph.count("cluster"), graph.count("subcluster")
    for cluster in graph.rest["clusters"]:
        cluster["size"] = sizes.get(cluster["id"], 1)
        for part in cluster["subclusters"]:
            part["size"] = parts.get(part["id"], 1)
    graph.rest["clusters"] = [each for each in graph.rest["clusters"] if each["id"] in sizes]
    graph.rest["clusters"].sort(key=lambda cluster: (-cluster["size"], cluster["id"]))
    graph.rest["statistics"] |= {
        "nodes": len(graph.nodes),
        "edges": graph.edges,
        "clusters": len(graph.rest["clusters"]),
        "isolated": graph.isolated,
        "languages": dict(sorted(graph.count("language").items())),
        "kinds": dict(sorted(graph.count("kind").items())),
    }
