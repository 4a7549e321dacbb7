"""What stands beside the picture: title, numbers, the clusters by name, how to read it."""

from collections.abc import Iterator, Mapping

from academy.application.graph.formats.escape import content, number
from academy.application.graph.formats.lettering import shortened, width_of
from academy.application.graph.formats.palette import Style
from academy.application.graph.tongue import tongue_of
from academy.contracts.graph_file import FileCluster, GraphFile

__all__ = ["heading", "korean", "legend", "reading_help"]

_LEFT, _RIGHT, _TOP, _ROW = 1290.0, 1556.0, 128.0, 37.0
_MOST_ROWS, _BAR, _NAME = 21, 150.0, 205.0
INK, GREY, LINE = "#1B2430", "#667180", "#E3E7EC"


def korean(graph: GraphFile) -> bool:
    """Return whether the picture speaks Korean."""
    return tongue_of(graph) == "ko"


def heading(graph: GraphFile) -> Iterator[str]:
    """Write title and numbers."""
    ko = korean(graph)
    title = "지식 지도" if ko else "Knowledge map"
    nodes, edges, clusters = len(graph.nodes), len(graph.edges), len(graph.clusters)
    told = (
        f"문서 {nodes:,}개 · 연결 {edges:,}개 · 묶음 {clusters:,}개"
        if ko
        else f"{_count(nodes, 'document')} · {_count(edges, 'link')} · {_count(clusters, 'cluster')}"
    )
    yield f'<text x="44" y="58" font-size="30" font-weight="700" fill="{INK}">{title}</text>\n'
    yield f'<text x="44" y="86" font-size="15" fill="{GREY}">{told}</text>\n'


def legend(graph: GraphFile, styles: Mapping[str, Style]) -> Iterator[str]:
    """Write a row for each cluster, the largest first: how its nodes look, name, size, share of all."""
    if not graph.clusters:
        return
    ko = korean(graph)
    yield f'<text x="{_LEFT:g}" y="86" font-size="15" font-weight="700" fill="{INK}">{"묶음" if ko else "Clusters"}</text>\n'
    yield f'<path d="M{_LEFT:g} 100H{_RIGHT:g}" stroke="{LINE}" stroke-width="1"/>\n'
    shown = graph.clusters[:_MOST_ROWS] if len(graph.clusters) > _MOST_ROWS + 1 else graph.clusters
    largest = max(cluster.size for cluster in graph.clusters)
    for row, cluster in enumerate(shown):
        yield from _row(cluster, styles[cluster.id], _TOP + row * _ROW, largest)
    rest = graph.clusters[len(shown) :]
    if rest:
        count = sum(cluster.size for cluster in rest)
        told = (
            f"그 밖의 묶음 {len(rest):,}개 · 문서 {count:,}개"
            if ko
            else f"{len(rest):,} more clusters · {_count(count, 'document')}"
        )
        y = _TOP + len(shown) * _ROW + 4
        yield f'<text x="{_LEFT:g}" y="{y:g}" font-size="13" fill="{GREY}">{told}</text>\n'


def reading_help(graph: GraphFile, shown: int) -> str:
    """Write how the picture is to be read; of edges that were left out it tells how many."""
    if not graph.nodes:
        return ""
    ko, edges = korean(graph), len(graph.edges)
    if ko:
        part = f" (강한 것부터 {edges:,}개 중 {shown:,}개)" if shown < edges else ""
        told = f"원의 크기: 연결 수 · 선: 내용이 가까운 문서{part} · 색: 묶음"
    else:
        part = f" (the strongest {shown:,} of {edges:,})" if shown < edges else ""
        told = f"Circle size: number of links · Lines: documents alike{part} · Colour: cluster"
    return f'<text x="44" y="978" font-size="13" fill="{GREY}">{told}</text>\n'


def _row(cluster: FileCluster, style: Style, y: float, largest: int) -> Iterator[str]:
    told = cluster.name or cluster.id
    size = 15 if width_of(told, 15) <= _NAME else 13
    name = content(shortened(told, size, _NAME))
    wide = _BAR * cluster.size / largest
    fill = f'fill="#fff" stroke="{style.colour}" stroke-width="3"' if style.ring else f'fill="{style.colour}"'
    yield f'<circle cx="{_LEFT + 8:g}" cy="{y - 5:g}" r="{5.5 if style.ring else 7:g}" {fill}/>\n'
    yield f'<text x="{_LEFT + 24:g}" y="{y:g}" font-size="{size}" fill="{INK}">{name}</text>\n'
    yield (
        f'<text x="{_RIGHT:g}" y="{y:g}" font-size="14" fill="{GREY}" text-anchor="end" '
        f'style="font-variant-numeric:tabular-nums">{cluster.size:,}</text>\n'
    )
    yield (
        f'<path d="M{_LEFT + 24:g} {y + 9:g}h{number(max(1.0, wide), 1)}" stroke="{style.colour}" '
        'stroke-width="3" opacity=".45"/>\n'
    )


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
