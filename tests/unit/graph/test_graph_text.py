"""The text of a graph file while nodes join it: whatever was put in, it is what writing everything anew would give (GRA-5)."""

import json
import random
from collections import Counter
from typing import Any

import pytest

from academy.application.graph.graph_text import GraphText

pytestmark = pytest.mark.requirement("GRA-5")


def node(name: str, cluster: str = "c-1") -> dict[str, Any]:
    places = {"cluster": cluster, "subcluster": "", "x": 0.0, "y": 0.0}
    return {"id": name, "title": "제목 </>", **places, "language": "ko", "kind": "note", "degree": 0}


def written(nodes: dict[str, Any], edges: dict[tuple[str, str], Any]) -> bytes:
    told = {
        "v": 1,
        "user_id": "u",
        "recipe": {},
        "statistics": {},
        "nodes": [nodes[name] for name in sorted(nodes)],
        "edges": [edges[pair] for pair in sorted(edges)],
        "clusters": [],
        "inputs": [],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def test_any_order_of_changes_gives_the_file_in_order() -> None:
    rng = random.Random(7)
    nodes: dict[str, Any] = {}
    edges: dict[tuple[str, str], Any] = {}
    text = GraphText(written(nodes, edges))
    for at in range(1500):
        name = f"{rng.randrange(1200):04}/노트"
        if name in nodes:
            text.drop_edges(name)
            edges = {pair: edge for pair, edge in edges.items() if name not in pair}
        nodes[name] = node(name, f"c-{at % 3}")
        text.put_node(nodes[name])
        for other in rng.sample(sorted(nodes), min(3, len(nodes))):
            if other != name:
                pair = (min(name, other), max(name, other))
                edges[pair] = {"source": pair[0], "target": pair[1], "weight": 0.5, "similarity": 0.25}
                text.put_edge(name, other, 0.5, 0.25)
    degrees = Counter(name for pair in edges for name in pair)
    nodes = {name: {**each, "degree": degrees[name]} for name, each in nodes.items()}
    text.touch(sorted(nodes))
    assert b"".join(text.pieces()) == written(nodes, edges)
    assert text.edges == len(edges)
    assert text.isolated == sum(not each["degree"] for each in nodes.values())
    found = [each["cluster"] for each in nodes.values()]
    assert text.count("cluster") == {cluster: found.count(cluster) for cluster in set(found)}
