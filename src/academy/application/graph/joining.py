"""Let documents join a graph without a rebuild, in a process of its own (GRA-5).

Nodes that are there keep their places, clusters and edges; the file is put together from the text of what did not change.
"""

import bisect
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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
from academy.application.graph.refusals import FEATURES_BROKEN, DocumentUnreadable
from academy.application.ports.graph_maths import FeaturesUnreadable, GraphMaths, Joined
from academy.contracts.children.graph import Join, JoinedAnswer
from academy.domain.graph.language import language_of
from academy.domain.graph.matching import stable_ids

__all__ = ["GraphText", "join"]

_DECIMALS = 6
Report = Callable[[str, float], None]
Line = dict[str, Any]


class GraphText:
    """A graph file whose nodes and edges stand ready as text, so that one more costs no parse of ten thousand."""

    def __init__(self, text: bytes) -> None:
        """Take the file as it is stored."""
        whole = json.loads(text)
        self.rest: Line = {name: value for name, value in whole.items() if name not in {"nodes", "edges"}}
        self.nodes: dict[str, Line] = {node["id"]: node for node in whole["nodes"]}
        self.order: list[str] = [node["id"] for node in whole["nodes"]]
        self._node_texts: dict[str, str] = {name: _text(node) for name, node in self.nodes.items()}
        self.edges: dict[tuple[str, str], str] = {
            (edge["source"], edge["target"]): _text(edge) for edge in whole["edges"]
        }
        self._edge_order: list[tuple[str, str]] = list(self.edges)
        self._near: dict[str, set[tuple[str, str]]] = {}
        for pair in self.edges:
            for name in pair:
                self._near.setdefault(name, set()).add(pair)

    def put_node(self, node: Line) -> None:
        """Add a node or take the place of the one with its id."""
        name = node["id"]
        if name not in self.nodes:
            bisect.insort(self.order, name)
        self.nodes[name] = node
        self._node_texts[name] = _text(node)

    def drop_edges(self, name: str) -> set[str]:
        """Remove every edge of a node; return who was at their other ends."""
        gone = self._near.pop(name, set())
        others = {other for pair in gone for other in pair if other != name}
        for pair in gone:
            del self.edges[pair]
            for other in pair:
                self._near.get(other, set()).discard(pair)
        if gone:
            self._edge_order = [pair for pair in self._edge_order if pair not in gone]
        return others

    def put_edge(self, source: str, target: str, weight: float, similarity: float) -> None:
        """Add an edge between two nodes that are there."""
        pair = (min(source, target), max(source, target))
        if pair not in self.edges:
            bisect.insort(self._edge_order, pair)
            for name in pair:
                self._near.setdefault(name, set()).add(pair)
        self.edges[pair] = _text(
            {
                "source": pair[0],
                "target": pair[1],
                "weight": round(weight, _DECIMALS),
                "similarity": round(similarity, _DECIMALS),
            }
        )

    def touch(self, names: Sequence[str]) -> None:
        """Write the degrees of nodes anew."""
        for name in names:
            degree = len(self._near.get(name, ()))
            if self.nodes[name]["degree"] != degree:
                self.put_node({**self.nodes[name], "degree": degree})

    def isolated(self) -> int:
        """Return how many nodes have no edge."""
        return sum(not self._near.get(name) for name in self.order)

    def text(self) -> str:
        """Return the whole file, its fields in the order of the contract."""
        head = {name: self.rest[name] for name in ("v", "user_id", "recipe", "statistics")}
        tail = {name: self.rest[name] for name in ("clusters", "inputs")}
        nodes = ",".join(self._node_texts[name] for name in self.order)
        edges = ",".join(self.edges[pair] for pair in self._edge_order)
        return f'{_text(head)[:-1]},"nodes":[{nodes}],"edges":[{edges}],{_text(tail)[1:]}'


def join(request: Join, maths: GraphMaths, report: Report) -> JoinedAnswer:
    """Write the graph with the folder's documents in it into the folder; see Join."""
    folder = Path(request.folder)
    graph = GraphText(Path(request.graph).read_bytes())
    lines = sorted(read_lines(folder / "documents.jsonl"), key=lambda line: line["id"])
    report("analyse", 0.2)
    fresh = [line for line in lines if graph.nodes.get(line["id"], {}).get("digest") != line["digest"]]
    items = text_items(fresh, request.neural)
    members = {name: _place(node) for name, node in graph.nodes.items()}
    try:
        found, features = maths.join(Path(request.features), items, members)
    except FeaturesUnreadable as error:
        raise DocumentUnreadable(replace(FEATURES_BROKEN, detail=str(error)[:500])) from None
    report("analyse", 0.7)
    _take(graph, fresh, found)
    inputs = {line["key"]: line for line in (*graph.rest["inputs"], *read_lines(folder / "read.jsonl"))}
    graph.rest["inputs"] = [inputs[key] for key in sorted(inputs)]
    (folder / GRAPH_FILE).write_text(graph.text(), encoding="utf-8")
    if features != folder / FEATURES_FILE:
        features.rename(folder / FEATURES_FILE)
    write_vectors(folder, found.ids, found.vectors)
    report("analyse", 1.0)
    return JoinedAnswer(
        nodes=len(graph.nodes),
        edges=len(graph.edges),
        clusters=len(graph.rest["clusters"]),
        ids=found.ids,
        recipe=graph.rest["recipe"]["vectors"],
        dimension=graph.rest["recipe"]["dimension"],
    )


def _place(node: Mapping[str, Any]) -> tuple[str, str, float, float]:
    return node["cluster"], node["subcluster"], node["x"], node["y"]


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
    sizes = Counter(node["cluster"] for node in graph.nodes.values())
    parts = Counter(node["subcluster"] for node in graph.nodes.values())
    for cluster in graph.rest["clusters"]:
        cluster["size"] = sizes[cluster["id"]] or 1
        for part in cluster["subclusters"]:
            part["size"] = max(1, parts[part["id"]])
    graph.rest["clusters"] = [each for each in graph.rest["clusters"] if sizes[each["id"]]]
    graph.rest["clusters"].sort(key=lambda cluster: (-cluster["size"], cluster["id"]))
    graph.rest["statistics"] |= {
        "nodes": len(graph.nodes),
        "edges": len(graph.edges),
        "clusters": len(graph.rest["clusters"]),
        "isolated": graph.isolated(),
        "languages": dict(sorted(Counter(node["language"] for node in graph.nodes.values()).items())),
        "kinds": dict(sorted(Counter(node["kind"] for node in graph.nodes.values()).items())),
    }


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
