"""GEXF 1.3 (https://gexf.net/schema.html): for Gephi, with the places, sizes and colours of the picture."""

import math
from collections.abc import Iterator
from typing import TextIO

from academy.application.graph.formats.columns import (
    EDGE_COLUMNS,
    NODE_COLUMNS,
    cluster_names,
    node_values,
)
from academy.application.graph.formats.escape import Numbers, attribute, content, number, unique_names
from academy.application.graph.formats.palette import rgb, styles_of
from academy.contracts.graph_file import FileNode, GraphFile

__all__ = ["write_gexf"]

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">
"""
_SHOWN_APART = {"weight", "x", "y"}  # GEXF has words of its own for them
_SPREAD = 1000.0


def write_gexf(graph: GraphFile, file: TextIO) -> None:
    """Write a graph as text in UTF-8, piece by piece: `file` must be open with that encoding."""
    file.writelines(_pieces(graph))


def _pieces(graph: GraphFile) -> Iterator[str]:
    yield _HEAD
    yield f"<meta><creator>academy</creator><description>{content(graph.user_id)}</description></meta>\n"
    yield '<graph defaultedgetype="undirected" mode="static">\n'
    yield from _columns("node", NODE_COLUMNS)
    yield from _columns("edge", EDGE_COLUMNS)
    ids = unique_names(node.id for node in graph.nodes)
    names, styles = cluster_names(graph), styles_of(graph.clusters)
    scale = _scale(graph)
    yield f'<nodes count="{len(graph.nodes)}">\n'
    for node in graph.nodes:
        name = attribute(ids[node.id])
        values = _values(NODE_COLUMNS, node_values(node, names))
        look = _look(node, rgb(styles[node.cluster].colour) if node.cluster in styles else (120,) * 3, scale)
        yield f'<node id="{name}" label="{attribute(node.title or ids[node.id])}">{values}{look}</node>\n'
    yield f'</nodes>\n<edges count="{len(graph.edges)}">\n'
    told_ids = {each: attribute(name) for each, name in ids.items()}
    numbers = Numbers()
    for at, edge in enumerate(graph.edges):
        ends = f'source="{told_ids[edge.source]}" target="{told_ids[edge.target]}"'
        value = f'<attvalue for="similarity" value="{numbers[edge.similarity]}"/>'
        yield f'<edge id="{at}" {ends} weight="{numbers[edge.weight]}"><attvalues>{value}</attvalues></edge>\n'
    yield "</edges>\n</graph>\n</gexf>\n"


def _columns(of: str, columns: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield f'<attributes class="{of}">\n'
    for name, kind in columns:
        if name not in _SHOWN_APART:
            yield f'<attribute id="{name}" title="{name}" type="{kind}"/>\n'
    yield "</attributes>\n"


def _values(columns: tuple[tuple[str, str], ...], values: tuple[str | int | float, ...]) -> str:
    told = "".join([
        f'<attvalue for="{name}" value="{number(value) if isinstance(value, float) else attribute(str(value))}"/>'
        for (name, _), value in zip(columns, values, strict=True)
        if name not in _SHOWN_APART and value != ""
    ])  # fmt: skip
    return f"<attvalues>{told}</attvalues>"


def _look(node: FileNode, colour: tuple[int, ...], scale: float) -> str:
    red, green, blue = colour
    x, y = number(node.x * scale, 3), number(-node.y * scale, 3)  # Gephi's y points up
    return (
        f'<viz:color r="{red}" g="{green}" b="{blue}"/><viz:position x="{x}" y="{y}" z="0"/>'
        f'<viz:size value="{number(4 + 2 * math.sqrt(node.degree), 2)}"/>'
    )


def _scale(graph: GraphFile) -> float:
    """Return by what places are multiplied to fill a space that suits the sizes."""
    farthest = max(
        (abs(v) for node in graph.nodes for v in (node.x, node.y) if math.isfinite(v)), default=0.0
    )
    return _SPREAD / farthest if farthest else 1.0
