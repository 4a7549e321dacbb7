"""Make a graph of documents, in a process of its own (GRA-3): the maths behind a port, the file of it here."""

import json
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from academy.application.graph.drawing import draw
from academy.application.ports.graph_maths import Analysed, Community, GraphMaths, TextItem
from academy.contracts.children.graph import Analyse, AnalysedAnswer
from academy.contracts.graph_file import (
    FileCluster,
    FileRecipe,
    FileStatistics,
    FileSubcluster,
    GraphFile,
)
from academy.domain.graph.language import language_of
from academy.domain.graph.matching import stable_ids
from academy.domain.graph.prose import prose_of

__all__ = [
    "FEATURES_FILE",
    "GRAPH_FILE",
    "analyse",
    "document_fields",
    "read_lines",
    "text_items",
    "write_vectors",
]

GRAPH_FILE = "graph_final.json"
FEATURES_FILE = "features.npz"
_MOST_REPRESENTATIVES = 5
_DECIMALS = 6
Report = Callable[[str, float], None]
Line = dict[str, Any]


def analyse(request: Analyse, maths: GraphMaths, report: Report) -> AnalysedAnswer:
    """Write the graph of the folder's documents into it; see Analyse."""
    folder = Path(request.folder)
    lines = sorted(read_lines(folder / "documents.jsonl"), key=lambda line: line["id"])
    items = text_items(lines, request.neural)
    report("analyse", 0.05)
    found = maths.analyse(items, seed=request.seed, folder=folder)
    report("analyse", 0.85)
    graph = _graph(request, lines, found, read_lines(folder / "read.jsonl"))
    (folder / GRAPH_FILE).write_text(graph.model_dump_json(), encoding="utf-8")
    if found.features != folder / FEATURES_FILE:
        found.features.rename(folder / FEATURES_FILE)
    write_vectors(folder, found.ids, found.vectors)
    draw(graph, folder)
    report("analyse", 1.0)
    return AnalysedAnswer(
        nodes=len(graph.nodes),
        edges=len(graph.edges),
        clusters=len(graph.clusters),
        recipe=graph.recipe.vectors,
        dimension=found.dimension,
    )


def read_lines(path: Path) -> list[Line]:
    """Return the JSON objects of a file, one a line."""
    with path.open(encoding="utf-8", errors="surrogatepass") as file:
        return [json.loads(line) for line in file]


def text_items(lines: Sequence[Line], neural: str) -> list[TextItem]:
    """Return documents as the maths takes them, with the vectors in the file `neural` where that is not ""."""
    vectors = {each["id"]: array("f", each["vector"]) for each in read_lines(Path(neural))} if neural else {}
    return [
        TextItem(line["id"], line["title"], prose_of(line["text"]), vectors.get(line["id"])) for line in lines
    ]


def write_vectors(folder: Path, ids: Sequence[str], vectors: Sequence["array[float]"]) -> None:
    """Write vectors and whose they are, for the vector index."""
    with (folder / "members.jsonl").open("w", encoding="utf-8", errors="surrogatepass") as file:
        file.writelines(json.dumps({"id": each}, ensure_ascii=False) + "\n" for each in ids)
    with (folder / "vectors.f32").open("wb") as binary:
        for vector in vectors:
            binary.write(vector.tobytes())


def _graph(request: Analyse, lines: Sequence[Line], found: Analysed, inputs: Sequence[Line]) -> GraphFile:
    nodes_before = _before(request.before)
    clusters = _ids_of(found, -1, {node: own for node, (own, _) in nodes_before.items()}, "c-")
    parts = _ids_of(found, 0, {node: part for node, (_, part) in nodes_before.items() if part}, "s-")
    names = {**clusters, **parts}
    degrees = Counter(at for edge in found.neighbours for at in (edge.source, edge.target))
    nodes = [_node(line, at, found, names, degrees[at]) for at, line in enumerate(lines)]
    edges = _edges(found)
    # Checked all at once: rows by the hundred thousand, each made a model by itself, take four times as long.
    return GraphFile.model_validate(
        {
            "user_id": request.user_id,
            "recipe": FileRecipe(
                vectors=found.recipe["vectors"].replace("neural", request.neural_model or "neural"),
                dimension=found.dimension,
                communities=found.recipe["communities"],
                keywords=found.recipe["keywords"],
                seed=request.seed,
            ),
            "statistics": _statistics(nodes, edges, found, len(clusters), len(parts)),
            "nodes": nodes,
            "edges": edges,
            "clusters": _clusters(found, names),
            "inputs": sorted(inputs, key=lambda line: str(line["key"])),
        }
    )


def _edges(found: Analysed) -> list[Line]:
    """Return the fields of FileEdges, in their order: ids are sorted, so a smaller index is a smaller id."""
    ids = found.ids
    ends = sorted(
        ((each.source, each.target) if each.source < each.target else (each.target, each.source), at)
        for at, each in enumerate(found.neighbours)
    )
    return [
        {
            "source": ids[source],
            "target": ids[target],
            "weight": round(found.neighbours[at].weight, _DECIMALS),
            "similarity": round(found.neighbours[at].similarity, _DECIMALS),
        }
        for (source, target), at in ends
    ]


def _before(path: str) -> Mapping[str, tuple[str, str]]:
    """Return cluster and subcluster of every node of the graph there was."""
    if not path:
        return {}
    whole = json.loads(Path(path).read_text(encoding="utf-8"))
    return {node["id"]: (node["cluster"], node["subcluster"]) for node in whole["nodes"]}


def _ids_of(found: Analysed, level: int, before: Mapping[str, str], prefix: str) -> dict[int, str]:
    """Return the ids of the clusters (`level` -1) or subclusters (0) by their index among the communities."""
    wanted = [at for at, each in enumerate(found.communities) if (each.parent < 0) == (level < 0)]
    members = [[found.ids[member] for member in found.communities[at].members] for at in wanted]
    return dict(zip(wanted, stable_ids(members, before, prefix), strict=True))


def document_fields(line: Line) -> Line:
    """Return those fields of a FileNode that the document alone decides; `line` is its line of the documents' file."""
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
    }


def _node(line: Line, at: int, found: Analysed, names: Mapping[int, str], degree: int) -> Line:
    """Return the fields of a FileNode."""
    placed = found.placed[at]
    return {
        **document_fields(line),
        "keywords": placed.keywords,
        "cluster": names[placed.cluster],
        "subcluster": names.get(placed.subcluster, ""),
        "degree": degree,
        "x": round(placed.x, _DECIMALS),
        "y": round(placed.y, _DECIMALS),
    }


def _clusters(found: Analysed, names: Mapping[int, str]) -> list[FileCluster]:
    parts: dict[int, list[int]] = {}
    for at, each in enumerate(found.communities):
        if each.parent >= 0:
            parts.setdefault(each.parent, []).append(at)
    made = [
        FileCluster(
            id=names[at],
            name=_name(each, names[at]),
            keywords=each.keywords,
            size=len(each.members),
            representatives=tuple(found.ids[member] for member in each.members[:_MOST_REPRESENTATIVES]),
            subclusters=tuple(_part(found.communities[part], names[part]) for part in parts.get(at, ())),
            x=round(each.x, _DECIMALS),
            y=round(each.y, _DECIMALS),
        )
        for at, each in enumerate(found.communities)
        if each.parent < 0
    ]
    return sorted(made, key=lambda cluster: (-cluster.size, cluster.id))


def _part(community: Community, name: str) -> FileSubcluster:
    return FileSubcluster(
        id=name, name=_name(community, name), keywords=community.keywords, size=len(community.members)
    )


def _name(community: Community, otherwise: str) -> str:
    return " · ".join(community.keywords[:3]) or otherwise


def _statistics(
    nodes: Sequence[Line], edges: Sequence[Line], found: Analysed, clusters: int, parts: int
) -> FileStatistics:
    return FileStatistics(
        nodes=len(nodes),
        edges=len(edges),
        clusters=clusters,
        subclusters=parts,
        modularity=round(found.modularity, _DECIMALS),
        isolated=sum(not node["degree"] for node in nodes),
        languages=dict(sorted(Counter(node["language"] for node in nodes).items())),
        kinds=dict(sorted(Counter(node["kind"] for node in nodes).items())),
    )
