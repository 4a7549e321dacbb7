"""The names in the picture: of clusters, and of as many nodes as there is room for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import median

from academy.application.graph.formats.escape import content, number
from academy.application.graph.formats.geometry import FEW, MANY, Box, Dot
from academy.application.graph.formats.lettering import Board, Placing, box_of, shortened, width_of
from academy.application.graph.formats.palette import Style, darker
from academy.contracts.graph_file import FileCluster, GraphFile

__all__ = ["cluster_labels", "node_labels"]

_MOST_CLUSTERS = 60
_WIDEST_CLUSTER, _WIDEST_NODE = 320.0, 190.0
_INK = "#2B3542"
_TURNS = (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5)


def cluster_labels(
    graph: GraphFile, dots: Sequence[Dot], styles: dict[str, Style], box: Box
) -> tuple[Board, list[str]]:
    """Return names of clusters, the largest first, and a board on which they and all circles are taken."""
    board = Board(box)
    for dot in dots:
        board.take(_round(dot))
    members: dict[str, list[Dot]] = defaultdict(list)
    for node, dot in zip(graph.nodes, dots, strict=True):
        members[node.cluster].append(dot)
    labels: list[str] = []
    if len(graph.clusters) < 2:  # the legend says it
        return board, labels
    size = 19.0 if len(graph.clusters) <= 20 else 16.0 if len(graph.clusters) <= 60 else 14.0
    for cluster in graph.clusters[:_MOST_CLUSTERS]:
        label = _cluster_label(board, cluster, members[cluster.id], styles[cluster.id], size)
        if label:
            labels.append(label)
    return board, labels


def node_labels(graph: GraphFile, dots: Sequence[Dot], board: Board) -> Iterator[str]:
    """Write names of nodes: those that stand for a cluster, then those with the most links, where there is room."""
    count = len(dots)
    size = 15.0 if count <= 40 else 12.0 if count <= FEW else 11.0
    most = count if count <= 60 else 110 if count <= FEW else 40 if count <= MANY else 0
    if not most:
        return
    tries = most * 4
    lines = _lines(graph, dots)
    yield f'<g font-size="{number(size)}" fill="{_INK}" stroke-width="3">\n'
    for at in _by_weight(graph)[:tries]:
        node, dot = graph.nodes[at], dots[at]
        text = shortened(node.title or node.id, size, _WIDEST_NODE * size / 12)
        width, line = width_of(text, size) + 6, size * 1.25
        around = sorted(
            _around(dot, size), key=lambda one: _crossed(box_of(one, width, line), dot, lines[at])
        )
        placing = board.place(around, width, line, own=_round(dot))
        if placing is not None:
            yield _text(placing, size, text)
            most -= 1
        if most == 0:
            break
    yield "</g>\n"


def _cluster_label(board: Board, cluster: FileCluster, dots: Sequence[Dot], style: Style, size: float) -> str:
    """Return the name of a cluster beside its nodes or, where there is no room, on them; "" where other names stand."""
    if not dots or not cluster.name:
        return ""
    text = shortened(cluster.name, size, _WIDEST_CLUSTER * size / 19, bold=True)
    xs, ys = sorted(dot.x for dot in dots), sorted(dot.y for dot in dots)
    middle, high = median(xs), median(ys)
    top, bottom = ys[len(ys) // 20] - dots[0].radius, ys[-1 - len(ys) // 20] + dots[0].radius
    beside = [top - size, bottom + size, top - 2 * size, bottom + 2 * size]
    upon = [high + 1.3 * size * turn for turn in _TURNS]
    shifts = (0, -40, 40, -80, 80, -120, 120)
    width, line = width_of(text, size, bold=True) + 8, size * 1.35
    sides = (Placing(xs[-1] + 24, high, "start"), Placing(xs[0] - 24, high, "end"))
    free = [*(Placing(middle + shift, row, "middle") for row in beside for shift in shifts), *sides]
    over = (Placing(middle + shift, row, "middle") for row in upon for shift in shifts)
    placing = board.place(free, width, line) or board.place_over(over, width, line)
    if placing is None:
        return ""
    colour = darker(style.colour)
    return (
        f'<g font-size="{number(size)}" font-weight="700" fill="{colour}" stroke-width="5">'
        f"{_text(placing, size, text).rstrip()}</g>\n"
    )


def _by_weight(graph: GraphFile) -> list[int]:
    """Return nodes by index: what stands for its cluster first, in turn, then by links."""
    at = {node.id: place for place, node in enumerate(graph.nodes)}
    turns = [
        (turn, cluster_at, at[name])
        for cluster_at, cluster in enumerate(graph.clusters)
        for turn, name in enumerate(cluster.representatives)
        if name in at
    ]
    first = [place for _, _, place in sorted(turns)]
    rest = sorted(range(len(graph.nodes)), key=lambda place: (-graph.nodes[place].degree, place))
    return list(dict.fromkeys([*first, *rest]))


def _around(dot: Dot, size: float) -> tuple[Placing, ...]:
    gap = dot.radius + 2
    high = dot.radius + size * 0.72 + 1
    return (
        Placing(dot.x + gap, dot.y, "start"),
        Placing(dot.x - gap, dot.y, "end"),
        Placing(dot.x, dot.y + high, "middle"),
        Placing(dot.x, dot.y - high, "middle"),
        Placing(dot.x + gap * 0.7, dot.y + high * 0.8, "start"),
        Placing(dot.x + gap * 0.7, dot.y - high * 0.8, "start"),
        Placing(dot.x - gap * 0.7, dot.y + high * 0.8, "end"),
        Placing(dot.x - gap * 0.7, dot.y - high * 0.8, "end"),
        Placing(dot.x, dot.y + high + size, "middle"),
        Placing(dot.x, dot.y - high - size, "middle"),
    )


def _lines(graph: GraphFile, dots: Sequence[Dot]) -> dict[int, list[Dot]]:
    """Return where the lines of each node lead, by its index."""
    at = {node.id: place for place, node in enumerate(graph.nodes)}
    lines: dict[int, list[Dot]] = defaultdict(list)
    for edge in graph.edges:
        lines[at[edge.source]].append(dots[at[edge.target]])
        lines[at[edge.target]].append(dots[at[edge.source]])
    return lines


def _crossed(box: Box, dot: Dot, others: Sequence[Dot]) -> int:
    """Return how many lines from a circle to others cross a box."""
    return sum(box.crossed((dot.x, dot.y), (other.x, other.y)) for other in others)


def _round(dot: Dot) -> Box:
    return Box(dot.x - dot.radius, dot.y - dot.radius, dot.x + dot.radius, dot.y + dot.radius)


def _text(placing: Placing, size: float, text: str) -> str:
    """Write a text whose line has its middle at the place."""
    anchor = "" if placing.anchor == "start" else f' text-anchor="{placing.anchor}"'
    aside = {"start": 3, "middle": 0, "end": -3}[placing.anchor]
    return f'<text x="{number(placing.x + aside, 1)}" y="{number(placing.y + size * 0.36, 1)}"{anchor}>{content(text)}</text>\n'
