"""Made graphs: clusters laid apart, links mostly inside, names in the language asked for."""

import hashlib
import math
import random

from academy.contracts.graph_file import (
    FileCluster,
    FileEdge,
    FileNode,
    FileRecipe,
    FileStatistics,
    GraphFile,
)

__all__ = ["RECIPE", "graph_of", "make_graph", "node"]

RECIPE = FileRecipe(vectors="bm25+lsa/1", dimension=2, communities="leiden", keywords="c-tf-idf", seed=1)


def node(name: str, cluster: str = "c-1", **more: object) -> FileNode:
    """Return a node with what the test does not care about."""
    values: dict[str, object] = {
        "id": name,
        "kind": "note",
        "title": name,
        "source_key": "in/a",
        "language": "en",
        "characters": 100,
        "digest": hashlib.sha256(name.encode()).hexdigest(),
        "cluster": cluster,
        "degree": 1,
        "x": 0.0,
        "y": 0.0,
        **more,
    }
    return FileNode.model_validate(values)


def graph_of(
    nodes: list[FileNode],
    edges: list[tuple[str, str, float, float]] | None = None,
    names: dict[str, str] | None = None,
) -> GraphFile:
    """Return a graph of these nodes and edges (source, target, weight, similarity), its clusters by size."""
    members: dict[str, list[FileNode]] = {}
    for each in nodes:
        members.setdefault(each.cluster, []).append(each)
    clusters = [
        FileCluster(
            id=cluster,
            name=(names or {}).get(cluster, cluster),
            keywords=((names or {}).get(cluster, cluster),),
            size=len(inside),
            representatives=tuple(each.id for each in inside[:5]),
            x=sum(each.x for each in inside) / len(inside),
            y=sum(each.y for each in inside) / len(inside),
        )
        for cluster, inside in members.items()
        if cluster
    ]
    made = [FileEdge(source=s, target=t, weight=w, similarity=c) for s, t, w, c in edges or []]
    return GraphFile(
        user_id="u-1",
        recipe=RECIPE,
        statistics=FileStatistics(
            nodes=len(nodes),
            edges=len(made),
            clusters=len(clusters),
            subclusters=0,
            modularity=0.5,
            isolated=0,
        ),
        nodes=tuple(sorted(nodes, key=lambda each: each.id)),
        edges=tuple(sorted(made, key=lambda each: (each.source, each.target))),
        clusters=tuple(sorted(clusters, key=lambda each: (-each.size, each.id))),
    )


def make_graph(
    count: int, clusters: int, *, language: str = "ko", seed: int = 1, links: int = 4
) -> GraphFile:
    """Return a graph of `count` nodes in `clusters` of unequal size."""
    dice = random.Random(seed)
    word = "문서 이야기" if language == "ko" else "A document about"
    homes = [min(int(dice.paretovariate(1.0)) - 1, 10**6) % clusters for _ in range(count)]
    places = []
    for home in homes:
        angle, far = home * math.pi * (3 - math.sqrt(5)), math.sqrt(home + 0.5)
        places.append(
            (far * math.cos(angle) + dice.gauss(0, 0.2), far * math.sin(angle) + dice.gauss(0, 0.2))
        )
    inside: dict[int, list[int]] = {}
    for at, home in enumerate(homes):
        inside.setdefault(home, []).append(at)
    pairs = {
        tuple(sorted((at, dice.choice(inside[homes[at]]) if dice.random() < 0.9 else dice.randrange(count))))
        for at in range(count)
        for _ in range(links)
    }
    pairs = {pair for pair in pairs if pair[0] != pair[1]}
    degree = [0] * count
    for pair in pairs:
        for at in pair:
            degree[at] += 1
    nodes = [
        node(
            f"n{at:05}",
            f"c-{homes[at]:03}",
            title=f"{word} {at}",
            language=language,
            degree=degree[at],
            x=places[at][0],
            y=places[at][1],
            keywords=(f"{word[:2]}{homes[at]}",),
        )
        for at in range(count)
    ]
    edges = [(f"n{a:05}", f"n{b:05}", round(dice.uniform(0.1, 1), 3), 0.5) for a, b in sorted(pairs)]
    names = {f"c-{home:03}": f"{'묶음' if language == 'ko' else 'Topic'} · {home}" for home in inside}
    return graph_of(nodes, edges, names)
