"""Let documents join a graph without a rebuild, in a process of its own (GRA-5).

Nodes that are there keep their places, clusters and edges; the file is put together from the text of what did not change.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from academy.application.graph.analysing import (
    FEATURES_FILE,
    GRAPH_FILE,
    document_fields,
    read_lines,
    text_items,
    write_vectors,
)
from academy.application.graph.graph_text import GraphText
from academy.application.graph.refusals import FEATURES_BROKEN, DocumentUnreadable
from academy.application.ports.graph_maths import FeaturesUnreadable, GraphMaths, Joined
from academy.contracts.children.graph import Join, JoinedAnswer
from academy.domain.graph.matching import stable_ids

__all__ = ["KeptGraph", "join"]

_DECIMALS = 6
_MOST_KEYWORDS = 10
_MOST_REPRESENTATIVES = 5
_BUFFER = 1 << 20
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
    before = [Path(each) for each in request.features] or [folder / FEATURES_FILE]
    try:
        found, features = maths.join(
            before,
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
    with (folder / GRAPH_FILE).open("wb", buffering=_BUFFER) as file:
        file.writelines(graph.pieces())
    if features[-1] != folder / FEATURES_FILE:
        features[-1].rename(folder / FEATURES_FILE)
    write_vectors(folder, found.ids, found.vectors)
    kept.keep(request.becomes, graph)
    report("analyse", 1.0)
    return JoinedAnswer(
        whole=len(features) == 1,
        nodes=len(graph.nodes),
        edges=graph.edges,
        clusters=len(graph.rest["clusters"]),
        recipe=graph.rest["recipe"]["vectors"],
        dimension=graph.rest["recipe"]["dimension"],
    )


def _take(graph: GraphText, lines: Sequence[Line], found: Joined) -> None:
    """Put nodes and edges of those that join into the graph, and count anew what changed by it."""
    touched: set[str] = set()
    for line in lines:
        if line["id"] in graph.nodes:
            touched |= graph.drop_edges(line["id"])
    nodes = [_node(line, at, found) for at, line in enumerate(lines)]
    _own_clusters(graph, nodes, found)
    for node in nodes:
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
        **document_fields(line),
        "keywords": list(found.keywords[at]),
        "cluster": cluster,
        "subcluster": subcluster,
        "degree": 0,
        "x": round(x, _DECIMALS),
        "y": round(y, _DECIMALS),
    }


def _own_clusters(graph: GraphText, nodes: Sequence[Line], found: Joined) -> None:
    """Make the clusters of documents that are near nobody there, one for those that belong together."""
    groups: dict[int, list[Line]] = {}
    for node, group in zip(nodes, found.groups, strict=True):
        if not node["cluster"]:
            groups.setdefault(group, []).append(node)
    if not groups:
        return
    new = {node["id"] for node in nodes}
    before = {name: each["cluster"] for name, each in graph.nodes.items() if name not in new}
    names = stable_ids([[node["id"] for node in members] for members in groups.values()], before, "c-")
    near = Counter(one for pair in found.neighbours for one in pair[:2])
    for own, members in zip(names, groups.values(), strict=True):
        for node in members:
            node["cluster"] = own
        graph.rest["clusters"].append(_cluster(own, members, near))


def _cluster(own: str, members: Sequence[Line], near: Mapping[str, int]) -> Line:
    """Return a new cluster; what its documents have in common names it."""
    words = Counter(word for node in members for word in node["keywords"])
    keywords = [word for word, _ in words.most_common(_MOST_KEYWORDS)]
    best = sorted(members, key=lambda node: (-near[node["id"]], node["id"]))[:_MOST_REPRESENTATIVES]
    return {
        "id": own,
        "name": " · ".join(keywords[:3]) or own,
        "keywords": keywords,
        "size": len(members),
        "representatives": [node["id"] for node in best],
        "subclusters": [],
        "x": round(sum(node["x"] for node in members) / len(members), _DECIMALS),
        "y": round(sum(node["y"] for node in members) / len(members), _DECIMALS),
    }


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
