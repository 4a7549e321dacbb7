"""The picture of a graph (SVG 1.1, https://www.w3.org/TR/SVG11/), to be looked at by a person."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TextIO

from academy.application.graph.formats.escape import content, number
from academy.application.graph.formats.geometry import (
    FEW,
    MANY,
    Box,
    Dot,
    dots_of,
    hull_of,
    shown_edges,
)
from academy.application.graph.formats.legend import heading, korean, legend, reading_help
from academy.application.graph.formats.lettering import shortened
from academy.application.graph.formats.naming import cluster_labels, node_labels
from academy.application.graph.formats.palette import Style, styles_of
from academy.contracts.graph_file import FileEdge, GraphFile

__all__ = ["write_svg"]

_MAP = Box(44, 112, 1246, 948)
_MOST_EDGES = 12_000
_MOST_CIRCLES = 12_000
"""More nodes are drawn as points of one path for each cluster, without what is told under the pointer: the file stays small."""
_FONTS = (
    "'Pretendard','Noto Sans KR','Noto Sans CJK KR','NanumGothic','Nanum Gothic','Apple SD Gothic Neo',"
    "'Malgun Gothic','Helvetica Neue',Arial,sans-serif"
)
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="1000" viewBox="0 0 1600 1000" role="img" '
    f'font-family="{_FONTS}">\n'
)


def write_svg(graph: GraphFile, file: TextIO) -> None:
    """Write the picture as text in UTF-8, piece by piece: clusters in colours, sizes by links, names, a legend; at most 3 MB."""
    file.writelines(_pieces(graph))


def _pieces(graph: GraphFile) -> Iterator[str]:
    styles = styles_of(graph.clusters, rings=len(graph.nodes) <= FEW)  # too small to be seen as rings
    dots = dots_of(graph, _MAP)
    edges = shown_edges(graph, _MOST_EDGES)
    yield _HEAD
    yield f"<title>{'지식 지도' if korean(graph) else 'Knowledge map'}</title>\n"
    names = ", ".join(f"{cluster.name} ({cluster.size})" for cluster in graph.clusters[:50])
    yield f"<desc>{content(names)}</desc>\n"
    yield '<rect width="1600" height="1000" fill="#fff"/>\n'
    yield from heading(graph)
    if not graph.nodes:
        yield '<text x="640" y="520" font-size="20" fill="#667180" text-anchor="middle">–</text>\n'
    yield from _grounds(graph, dots, styles)
    yield from _edges(graph, dots, edges, styles)
    yield from _nodes(graph, dots, styles)
    yield '<g stroke="#fff" stroke-linejoin="round" paint-order="stroke">\n'
    board, labels = cluster_labels(graph, dots, styles, _MAP)
    yield from labels
    yield from node_labels(graph, dots, board)
    yield "</g>\n"
    yield from legend(graph, styles)
    yield reading_help(graph, len(edges))
    yield "</svg>\n"


def _grounds(graph: GraphFile, dots: list[Dot], styles: dict[str, Style]) -> Iterator[str]:
    """Lay a light ground under each cluster of two nodes and more."""
    members: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for node, dot in zip(graph.nodes, dots, strict=True):
        members[node.cluster].append((dot.x, dot.y))
    wide = 64 if len(dots) <= 60 else 40 if len(dots) <= FEW else 18
    for cluster in graph.clusters:
        points = members[cluster.id]
        if len(points) < 2:
            continue
        corners = "L".join(f"{number(x, 1)} {number(y, 1)}" for x, y in hull_of(points))
        colour = styles[cluster.id].colour
        yield (
            f'<path d="M{corners}Z" fill="{colour}" stroke="{colour}" stroke-width="{wide}" '
            'stroke-linejoin="round" opacity=".07"/>\n'
        )


def _edges(
    graph: GraphFile, dots: list[Dot], edges: list[FileEdge], styles: dict[str, Style]
) -> Iterator[str]:
    """Draw edges inside a cluster in its colour and others in grey, each kind as one path."""
    at = {node.id: place for place, node in enumerate(graph.nodes)}
    lines: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        one, other = at[edge.source], at[edge.target]
        home, away = graph.nodes[one].cluster, graph.nodes[other].cluster
        kind = home if home == away and home in styles else ""
        lines[kind].append(
            f"M{number(dots[one].x, 1)} {number(dots[one].y, 1)}L{number(dots[other].x, 1)} {number(dots[other].y, 1)}"
        )
    wide, seen = (1.5, 0.6) if len(edges) <= 100 else (1.1, 0.36) if len(edges) <= 2000 else (0.5, 0.22)
    for kind in ["", *styles]:
        if not lines.get(kind):
            continue
        colour, clear = (styles[kind].colour, seen) if kind else ("#8794A3", seen * 0.75)
        yield (
            f'<path d="{"".join(lines[kind])}" fill="none" stroke="{colour}" stroke-width="{wide}" '
            f'stroke-opacity="{number(clear, 2)}"/>\n'
        )


def _nodes(graph: GraphFile, dots: list[Dot], styles: dict[str, Style]) -> Iterator[str]:
    """Draw the nodes, cluster by cluster, small ones over large ones."""
    members: dict[str, list[int]] = defaultdict(list)
    for at, node in enumerate(graph.nodes):
        members[node.cluster if node.cluster in styles else ""].append(at)
    many = len(dots) > MANY
    for cluster, inside in members.items():
        style = styles.get(cluster, Style("#8794A3"))
        inside.sort(key=lambda at: (-dots[at].radius, at))
        if len(dots) > _MOST_CIRCLES:
            yield from _points(dots, inside, style)
            continue
        edge = f'fill="#fff" stroke="{style.colour}" stroke-width="{1 if many else 2.4}"'
        full = f'fill="{style.colour}" stroke="#fff" stroke-width="{0.3 if many else 1}"'
        yield f'<g {edge if style.ring else full} fill-opacity="{0.82 if many else 0.95}">\n'
        for at in inside:
            dot, node = dots[at], graph.nodes[at]
            told = content(shortened(node.title or node.id, 10, 160 if many else 500))
            place = f'cx="{number(dot.x, 1)}" cy="{number(dot.y, 1)}" r="{number(dot.radius, 1)}"'
            yield f"<circle {place}><title>{told}</title></circle>\n"
        yield "</g>\n"


def _points(dots: list[Dot], inside: list[int], style: Style) -> Iterator[str]:
    """Draw nodes as round ends of lines without length, one path for each size."""
    sizes: dict[float, list[str]] = defaultdict(list)
    for at in inside:
        dot = dots[at]
        sizes[round(dot.radius * 2)].append(f"M{number(dot.x, 1)} {number(dot.y, 1)}h0")
    for size, places in sizes.items():
        yield (
            f'<path d="{"".join(places)}" stroke="{style.colour}" stroke-width="{size}" stroke-linecap="round" '
            'stroke-opacity=".75"/>\n'
        )
