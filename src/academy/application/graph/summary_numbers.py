"""The numbers of a graph that a summary rests on (GRA-4). Nothing here reads a clock: the newest node says what is recent."""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from statistics import median

from academy.application.graph.summary_alike import alike
from academy.contracts.graph_file import FileCluster, FileNode, GraphFile

__all__ = ["Bridge", "Dormant", "Figures", "Growth", "Recurring", "figures_of"]

_SHORTEST_WINDOW, _LONGEST_WINDOW = timedelta(days=7), timedelta(days=90)
_LEAST_NEW = 3
_MOST_OF_A_KIND = 3
_LARGE_CLUSTERS = 8
_LEAST_RECURRING = 5
_LIKE_ITS_OWN = 0.6
"""What a link across clusters must have of the likeness that is usual inside of them to be one that connects."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A cluster that grew faster than the whole within the last `days`; `nodes` are the new ones, the newest first."""

    cluster: FileCluster
    days: int
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dormant:
    """A cluster to which nothing was added for `days` before the newest node of all; `newest` is its own newest node."""

    cluster: FileCluster
    days: int
    newest: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """A node with links into other clusters, those with the most links first; `ends`: its strongest neighbour in each."""

    node: str
    clusters: tuple[FileCluster, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recurring:
    """A keyword that nodes of several clusters share."""

    keyword: str
    clusters: int
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """All numbers; lists hold the most striking first.

    Attributes:
        members: nodes of each cluster by its id.
        inside: links inside of each cluster.
        dates: first and last date of each cluster as its nodes tell them; clusters without dates are missing.
        duplicates: groups of nodes that say nearly the same.
        gaps: two large clusters without any link between them, where most have one.
    """

    members: dict[str, tuple[str, ...]]
    inside: dict[str, int]
    dates: dict[str, tuple[str, str]]
    growing: tuple[Growth, ...]
    dormant: tuple[Dormant, ...]
    bridges: tuple[Bridge, ...]
    isolated: tuple[str, ...]
    recurring: tuple[Recurring, ...]
    duplicates: tuple[tuple[str, ...], ...]
    gaps: tuple[tuple[FileCluster, FileCluster], ...]


def figures_of(graph: GraphFile) -> Figures:
    """Return the numbers of a graph, in time linear in its nodes and links."""
    members: dict[str, list[str]] = defaultdict(list)
    for node in graph.nodes:
        members[node.cluster].append(node.id)
    home = {node.id: node.cluster for node in graph.nodes}
    inside = Counter(home[edge.source] for edge in graph.edges if home[edge.source] == home[edge.target])
    dated = {node.id: when for node in graph.nodes if (when := _when(node)) is not None}
    linked = {node for edge in graph.edges for node in (edge.source, edge.target)}
    return Figures(
        members={cluster: tuple(ids) for cluster, ids in members.items()},
        inside=dict(inside),
        dates=_dates(graph, dated),
        growing=_growing(graph, members, dated),
        dormant=_dormant(graph, members, dated),
        bridges=_bridges(graph, home),
        isolated=tuple(node.id for node in graph.nodes if node.id not in linked)
        if len(graph.nodes) > 1
        else (),
        recurring=_recurring(graph),
        duplicates=alike(graph),
        gaps=_gaps(graph, home),
    )


def _when(node: FileNode) -> datetime | None:
    """Return when a node was made; None when it does not say."""
    try:
        when = datetime.fromisoformat(node.created_at or node.updated_at)
    except ValueError:
        return None
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def _dates(graph: GraphFile, dated: dict[str, datetime]) -> dict[str, tuple[str, str]]:
    found: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for node in graph.nodes:
        if node.id in dated:
            found[node.cluster].append((dated[node.id], node.created_at or node.updated_at))
    return {cluster: (min(dates)[1], max(dates)[1]) for cluster, dates in found.items()}


def _window(dated: dict[str, datetime]) -> tuple[datetime, timedelta, timedelta]:
    """Return the newest date, how long "recent" is, and the time from the oldest to the newest."""
    newest, oldest = max(dated.values()), min(dated.values())
    span = newest - oldest
    return newest, min(_LONGEST_WINDOW, max(_SHORTEST_WINDOW, span / 4)), span


def _growing(
    graph: GraphFile, members: dict[str, list[str]], dated: dict[str, datetime]
) -> tuple[Growth, ...]:
    if not dated:
        return ()
    newest, window, span = _window(dated)
    if span <= window:
        return ()
    recent = {node for node, when in dated.items() if when > newest - window}
    common = len(recent) / len(dated)
    found: list[tuple[float, Growth]] = []
    for cluster in graph.clusters:
        known = [node for node in members[cluster.id] if node in dated]
        new = sorted(
            (node for node in known if node in recent), key=lambda node: (-dated[node].timestamp(), node)
        )
        if len(new) >= _LEAST_NEW and len(new) / len(known) > 1.5 * common:
            found.append((len(new) / len(known), Growth(cluster, window.days, tuple(new))))
    found.sort(key=lambda each: (-len(each[1].nodes), -each[0], each[1].cluster.id))
    return tuple(growth for _, growth in found[:_MOST_OF_A_KIND])


def _dormant(
    graph: GraphFile, members: dict[str, list[str]], dated: dict[str, datetime]
) -> tuple[Dormant, ...]:
    if not dated:
        return ()
    newest, window, span = _window(dated)
    found = []
    for cluster in graph.clusters:
        known = [node for node in members[cluster.id] if node in dated]
        if len(known) < _LEAST_NEW:
            continue
        last = max(known, key=lambda node: (dated[node], node))
        quiet = newest - dated[last]
        if quiet > window and quiet >= span / 2:
            found.append(Dormant(cluster, quiet.days, last))
    found.sort(key=lambda each: (-each.days, each.cluster.id))
    return tuple(found[:_MOST_OF_A_KIND])


def _bridges(graph: GraphFile, home: dict[str, str]) -> tuple[Bridge, ...]:
    """Return the nodes whose links reach the most other clusters by the most evenly strong links."""
    reach: dict[str, dict[str, list[tuple[float, str]]]] = defaultdict(lambda: defaultdict(list))
    usual = _usual_likeness(graph, home)
    for edge in graph.edges:
        floor = _LIKE_ITS_OWN * min(usual.get(home[node], 0.0) for node in (edge.source, edge.target))
        if home[edge.source] != home[edge.target] and edge.similarity >= floor:
            reach[edge.source][home[edge.target]].append((edge.weight, edge.target))
            reach[edge.target][home[edge.source]].append((edge.weight, edge.source))
    clusters = {cluster.id: cluster for cluster in graph.clusters}
    best = sorted(
        (node for node, others in reach.items() if len(others) >= 2),
        key=lambda node: (-math.fsum(max(ends)[0] for ends in reach[node].values()), node),
    )
    found = []
    for node in best[:_MOST_OF_A_KIND]:
        others = sorted(
            (other for other in reach[node] if other in clusters),
            key=lambda other: (-math.fsum(weight for weight, _ in reach[node][other]), other),
        )
        ends = tuple(max(reach[node][other])[1] for other in others)
        if len(others) >= 2:
            found.append(Bridge(node, tuple(clusters[other] for other in others), ends))
    return tuple(found)


def _usual_likeness(graph: GraphFile, home: dict[str, str]) -> dict[str, float]:
    """Return the middle likeness of the links inside of each cluster; one without links is missing."""
    inside: dict[str, list[float]] = defaultdict(list)
    for edge in graph.edges:
        if home[edge.source] == home[edge.target]:
            inside[home[edge.source]].append(edge.similarity)
    return {cluster: median(likeness) for cluster, likeness in inside.items()}


def _recurring(graph: GraphFile) -> tuple[Recurring, ...]:
    nodes: dict[str, list[FileNode]] = defaultdict(list)
    for node in graph.nodes:
        for keyword in dict.fromkeys(node.keywords):
            nodes[keyword].append(node)
    found = [
        Recurring(keyword, count, tuple(node.id for node in having))
        for keyword, having in nodes.items()
        if len(having) >= _LEAST_RECURRING and (count := len({node.cluster for node in having})) >= 3
    ]
    found.sort(key=lambda each: (-each.clusters, -len(each.nodes), each.keyword))
    return tuple(found[:_MOST_OF_A_KIND])


def _gaps(graph: GraphFile, home: dict[str, str]) -> tuple[tuple[FileCluster, FileCluster], ...]:
    linked = {frozenset((home[edge.source], home[edge.target])) for edge in graph.edges}
    large = [cluster for cluster in graph.clusters[:_LARGE_CLUSTERS] if cluster.size >= 5]
    pairs = list(combinations(large, 2))
    apart = [(one, other) for one, other in pairs if frozenset((one.id, other.id)) not in linked]
    if 2 * len(apart) > len(pairs):  # where most stand apart, it is nothing to speak of
        return ()
    apart.sort(key=lambda pair: (-pair[0].size * pair[1].size, pair[0].id, pair[1].id))
    return tuple(apart[:1])
