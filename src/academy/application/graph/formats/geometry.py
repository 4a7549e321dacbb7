"""Where everything of the picture stands, in its units (pixels of the drawing)."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from academy.contracts.graph_file import FileEdge, GraphFile

__all__ = ["Box", "Dot", "dots_of", "hull_of", "shown_edges"]

FEW, MANY = 1500, 5000
"""Up to FEW nodes are moved apart so that none hides another; over MANY are drawn as small as can be."""
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
_ROUNDS = 60
_STRETCH = 1.4
_SPARSE, _NEXT = 60, 250.0
"""Of up to so many nodes the middle one is at most so far from its next: a few stay together in the middle of the drawing."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the drawing."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Return whether they share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def crossed(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """Return whether a straight line passes through (Liang and Barsky, 1984)."""
        first, last = 0.0, 1.0
        for axis, low, high in ((0, self.left, self.right), (1, self.top, self.bottom)):
            way = end[axis] - start[axis]
            if way == 0:
                if not low < start[axis] < high:
                    return False
                continue
            enters, leaves = sorted(((low - start[axis]) / way, (high - start[axis]) / way))
            first, last = max(first, enters), min(last, leaves)
        return first < last

    def holds(self, other: "Box") -> bool:
        """Return whether the other lies inside."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


@dataclass(slots=True)
class Dot:
    """A node as a circle."""

    x: float
    y: float
    radius: float


def dots_of(graph: GraphFile, box: Box) -> list[Dot]:
    """Return a circle for each node, in their order: as they were laid out, to the size of the box, larger with more links."""
    places = [_finite(node.x, node.y) for node in graph.nodes]
    smallest, largest = _radii(len(places), box)
    most = max((node.degree for node in graph.nodes), default=0) or 1
    radii = [
        smallest + (largest - smallest) * math.sqrt(min(1.0, node.degree / most)) for node in graph.nodes
    ]
    dots = [Dot(x, y, radius) for (x, y), radius in zip(_fitted(places, box, largest), radii, strict=True)]
    if len(dots) <= FEW:
        _move_apart(dots, box)
    return dots


def shown_edges(graph: GraphFile, most: int) -> list[FileEdge]:
    """Return the edges to draw: each node's strongest, then the strongest of all, `most` of them, in the order of the file."""
    if len(graph.edges) <= most:
        return list(graph.edges)
    order = sorted(range(len(graph.edges)), key=lambda at: (-graph.edges[at].weight, at))
    first: list[int] = []
    later: list[int] = []
    met: set[str] = set()
    for at in order:
        edge = graph.edges[at]
        (later if edge.source in met and edge.target in met else first).append(at)
        met.update((edge.source, edge.target))
    return [graph.edges[at] for at in sorted((first + later)[:most])]


def hull_of(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the corners around points (Andrew's monotone chain) but for the tenth of them farthest from their middle."""
    middle = _median([x for x, _ in points]), _median([y for _, y in points])
    near = sorted(points, key=lambda point: (math.dist(point, middle), point))
    near = sorted(set(near[: max(3, math.ceil(len(near) * 0.9))]))
    if len(near) < 3:
        return near
    return _half(near) + _half(near[::-1])


def _half(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    chain: list[tuple[float, float]] = []
    for x, y in points:
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            chain.pop()
        chain.append((x, y))
    return chain[:-1]


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _finite(x: float, y: float) -> tuple[float, float]:
    return (x, y) if math.isfinite(x) and math.isfinite(y) else (0.0, 0.0)


def _radii(count: int, box: Box) -> tuple[float, float]:
    """Return the smallest and the largest radius for so many nodes."""
    room = math.sqrt((box.right - box.left) * (box.bottom - box.top) / max(1, count))
    return max(1.3, min(8.0, room * 0.075)), max(3.6, min(24.0, room * 0.22))


def _fitted(places: Sequence[tuple[float, float]], box: Box, margin: float) -> list[tuple[float, float]]:
    """Return places moved and stretched into the box, those far from all others drawn nearer.

    Across and down may be stretched differently, but not by much.
    """
    if not places:
        return []
    share = 0.01 if len(places) > 200 else 0.0
    bands = [(box.right - box.left) * 8 * share, (box.bottom - box.top) * 8 * share]
    spans = [_span([place[axis] for place in places], share) for axis in (0, 1)]
    room = [box.right - box.left - 2 * margin, box.bottom - box.top - 2 * margin]
    scales = [(room[axis] - 2 * bands[axis]) / max(spans[axis][1] - spans[axis][0], 1e-9) for axis in (0, 1)]
    most = _largest_scale(places)
    scales = [min(scales[0], scales[1] * _STRETCH, most), min(scales[1], scales[0] * _STRETCH, most)]
    middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2

    def fitted(value: float, axis: int) -> float:
        low, high = spans[axis]
        moved = (value - (low + high) / 2) * scales[axis]
        beyond = abs(moved) - (high - low) / 2 * scales[axis]
        if beyond > 0 and bands[axis]:
            moved -= math.copysign(beyond - bands[axis] * beyond / (beyond + bands[axis]), moved)
        return middle[axis] + moved

    return [(fitted(x, 0), fitted(y, 1)) for x, y in places]


def _largest_scale(places: Sequence[tuple[float, float]]) -> float:
    """Return by what few places may be stretched."""
    if not 1 < len(places) <= _SPARSE:
        return math.inf
    nearest = [
        min(math.dist(one, other) for to, other in enumerate(places) if to != at)
        for at, one in enumerate(places)
    ]
    return _NEXT / max(_median(nearest), 1e-9)


def _span(values: list[float], share: float) -> tuple[float, float]:
    """Return between which numbers all values lie but for a share at either end."""
    values = sorted(values)
    left_out = int(len(values) * share)
    return values[left_out], values[-1 - left_out]


def _move_apart(dots: list[Dot], box: Box) -> None:
    """Push circles that overlap away from each other, a little each round, and keep them in the box."""
    reach = 2 * max((dot.radius for dot in dots), default=1.0) + 4
    for _ in range(_ROUNDS):
        cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for at, dot in enumerate(dots):
            cells[int(dot.x // reach), int(dot.y // reach)].append(at)
        moved = False
        for (column, row), members in sorted(cells.items()):
            near = [
                other
                for across in (-1, 0, 1)
                for down in (-1, 0, 1)
                for other in cells.get((column + across, row + down), ())
            ]
            for at in members:
                for other in near:
                    if at < other and _push(dots[at], dots[other], other):
                        moved = True
        for dot in dots:
            dot.x = min(max(dot.x, box.left + dot.radius), box.right - dot.radius)
            dot.y = min(max(dot.y, box.top + dot.radius), box.bottom - dot.radius)
        if not moved:
            return


def _push(one: Dot, other: Dot, number: int) -> bool:
    """Move two circles apart when they are nearer than a gap allows; return whether they were."""
    wanted = one.radius + other.radius + 3
    across, down = other.x - one.x, other.y - one.y
    distance = math.hypot(across, down)
    if distance >= wanted:
        return False
    if distance < 1e-6:  # in the very same place: any direction will do, as long as it is always the same
        across, down, distance = math.cos(number * _GOLDEN_ANGLE), math.sin(number * _GOLDEN_ANGLE), 1.0
        step = wanted / 2
    else:
        step = (wanted - distance) / 2
    across, down = across / distance * step, down / distance * step
    one.x, one.y, other.x, other.y = one.x - across, one.y - down, other.x + across, other.y + down
    return True
