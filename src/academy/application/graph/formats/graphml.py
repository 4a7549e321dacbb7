"""GraphML (http://graphml.graphdrawing.org/specification.html): for networkx, yEd, Cytoscape and the like."""

from collections.abc import Iterator
from typing import TextIO

from academy.application.graph.formats.columns import (
    EDGE_COLUMNS,
    NODE_COLUMNS,
    cluster_names,
    edge_values,
    node_values,
)
from academy.application.graph.formats.escape import Numbers, attribute, content, number, unique_names
from academy.contracts.graph_file import GraphFile

__all__ = ["write_graphml"]

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""
_GRAPH_COLUMNS = ("user_id", "vectors", "communities", "seed")


def write_graphml(graph: GraphFile, file: TextIO) -> None:
    """Write a graph as text in UTF-8, piece by piece: `file` must be open with that encoding."""
    file.writelines(_pieces(graph))


def _pieces(graph: GraphFile) -> Iterator[str]:
    yield _HEAD
    for name in _GRAPH_COLUMNS:
        yield _key(f"g_{name}", "graph", name, "string")
    for name, kind in NODE_COLUMNS:
        yield _key(f"n_{name}", "node", name, kind)
    for name, kind in EDGE_COLUMNS:
        yield _key(f"e_{name}", "edge", name, kind)
    yield '<graph edgedefault="undirected">\n'
    recipe = graph.recipe
    told = (graph.user_id, recipe.vectors, recipe.communities, str(recipe.seed))
    for name, text in zip(_GRAPH_COLUMNS, told, strict=True):
        yield f'<data key="g_{name}">{content(text)}</data>\n'
    ids = unique_names(node.id for node in graph.nodes)
    names = cluster_names(graph)
    for node in graph.nodes:
        data = _data("n", NODE_COLUMNS, node_values(node, names))
        yield f'<node id="{attribute(ids[node.id])}">{data}</node>\n'
    told_ids = {each: attribute(name) for each, name in ids.items()}
    numbers = Numbers()
    weight, similarity = (f'<data key="e_{name}">' for name, _ in EDGE_COLUMNS)
    for edge in graph.edges:
        one, other = edge_values(edge)
        yield (
            f'<edge source="{told_ids[edge.source]}" target="{told_ids[edge.target]}">'
            f"{weight}{numbers[one]}</data>{similarity}{numbers[other]}</data></edge>\n"
        )
    yield "</graph>\n</graphml>\n"


def _key(name: str, of: str, told: str, kind: str) -> str:
    return f'<key id="{name}" for="{of}" attr.name="{told}" attr.type="{kind}"/>\n'


def _data(of: str, columns: tuple[tuple[str, str], ...], values: tuple[str | int | float, ...]) -> str:
    """Return the values of a node or an edge; what is empty is left out."""
    return "".join([
        f'<data key="{of}_{name}">{number(value) if isinstance(value, float) else content(str(value))}</data>'
        for (name, _), value in zip(columns, values, strict=True)
        if value != ""
    ])  # fmt: skip
