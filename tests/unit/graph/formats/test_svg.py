"""The picture: readable with few and with very many nodes, names never over names, colours that everybody can tell apart."""

import io
import math
import re
from collections import Counter
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from tests.support.graphs import graph_of, make_graph, node

from academy.application.graph.formats.lettering import shortened, width_of
from academy.application.graph.formats.palette import COLOURS, darker, rgb, styles_of
from academy.application.graph.formats.svg import write_svg
from academy.contracts.graph_file import GraphFile

pytestmark = [pytest.mark.requirement("GRA-3")]

SVG = "{http://www.w3.org/2000/svg}"
MAP = (44.0, 112.0, 1246.0, 948.0)


def drawn(graph: GraphFile) -> str:
    file = io.StringIO()
    write_svg(graph, file)
    return file.getvalue()


def elements(graph: GraphFile, kind: str) -> list[ET.Element]:
    return list(ET.fromstring(drawn(graph)).iter(SVG + kind))


def texts(graph: GraphFile) -> list[str]:
    return [each.text or "" for each in elements(graph, "text")]


def names_on_the_map(graph: GraphFile) -> list[tuple[float, float, float, float]]:
    """Return left, top, right and bottom of each name on the map, by its own width."""
    boxes = []
    root = ET.fromstring(drawn(graph))
    for group in root.iter(SVG + "g"):
        if "font-size" not in group.attrib:
            continue
        size, bold = float(group.attrib["font-size"]), "font-weight" in group.attrib
        for each in group.iter(SVG + "text"):
            width = width_of(each.text or "", size, bold=bold)
            left = (
                float(each.attrib["x"])
                - {"middle": 0.5, "end": 1.0}.get(each.get("text-anchor", ""), 0.0) * width
            )
            middle = float(each.attrib["y"]) - 0.36 * size
            boxes.append((left, middle - size / 2, left + width, middle + size / 2))
    return boxes


@pytest.mark.parametrize(("count", "clusters"), [(10, 3), (300, 12), (3000, 40)])
def test_no_name_covers_another_and_all_stay_on_the_map(count: int, clusters: int) -> None:
    boxes = names_on_the_map(make_graph(count, clusters))
    assert len(boxes) >= min(count, 20)
    for one, other in combinations(boxes, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)
    assert all(box[0] >= MAP[0] - 1 and box[2] <= MAP[2] + 1 for box in boxes)


def test_every_name_of_a_small_graph_is_there() -> None:
    graph = make_graph(10, 3)
    assert {each.title for each in graph.nodes} <= set(texts(graph))
    assert {each.name for each in graph.clusters} <= set(texts(graph))


@pytest.mark.parametrize(("count", "clusters"), [(10, 3), (300, 12), (10_000, 60)])
def test_every_node_is_a_circle_on_the_map_larger_with_more_links(count: int, clusters: int) -> None:
    graph = make_graph(count, clusters)
    circles = [each for each in elements(graph, "circle") if each.find(SVG + "title") is not None]
    assert len(circles) == count
    by_title = {(each.findtext(SVG + "title") or ""): each for each in circles}
    ordered = sorted(graph.nodes, key=lambda each: each.degree)
    few, many = by_title[ordered[0].title], by_title[ordered[-1].title]
    assert float(few.attrib["r"]) < float(many.attrib["r"])
    for each in circles:
        assert MAP[0] <= float(each.attrib["cx"]) <= MAP[2]
        assert MAP[1] <= float(each.attrib["cy"]) <= MAP[3]


def test_circles_of_a_small_graph_hide_none_other() -> None:
    graph = graph_of([node(f"n{at}", x=1.0, y=1.0) for at in range(40)])
    circles = [each.attrib for each in elements(graph, "circle") if each.find(SVG + "title") is not None]
    for one, other in combinations(circles, 2):
        distance = math.dist(*((float(each["cx"]), float(each["cy"])) for each in (one, other)))
        assert distance > 0.9 * (float(one["r"]) + float(other["r"]))


@pytest.mark.parametrize("count", [10_000, 30_000])
def test_a_large_graph_is_a_small_file_that_says_what_it_leaves_out(count: int) -> None:
    graph = make_graph(count, 60, links=5)
    picture = drawn(graph)
    assert len(picture.encode()) <= 3 << 20
    lines = len(re.findall(r"M[\d.]+ [\d.]+L[\d.]+ [\d.]+(?=[M\"])", picture))
    assert lines == 12_000
    assert f"{len(graph.edges):,}개 중 12,000개" in picture


def test_long_titles_in_korean_do_not_make_a_large_file() -> None:
    graph = make_graph(10_000, 60)
    long = tuple(
        each.model_copy(update={"title": "가나다라마바사아자차카타파하" * 30}) for each in graph.nodes
    )
    assert len(drawn(graph.model_copy(update={"nodes": long})).encode()) <= 3 << 20


def test_edges_are_kept_so_that_every_linked_node_shows_one() -> None:
    graph = make_graph(8000, 30, links=6)
    picture = drawn(graph)
    ends = set(re.findall(r"[ML]([\d.]+ [\d.]+)(?=[ML\"])", picture))
    circles = [each.attrib for each in elements(graph, "circle") if each.find(SVG + "title") is not None]
    shown = sum(f"{each['cx']} {each['cy']}" in ends for each in circles)
    assert shown >= 0.99 * sum(each.degree > 0 for each in graph.nodes)


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", ["지식 지도", "묶음", "문서 300개"]), ("en", ["Knowledge map", "Clusters", "300 documents"])],
)
def test_the_picture_speaks_the_language_of_most_nodes(language: str, words: list[str]) -> None:
    told = " | ".join(texts(make_graph(300, 12, language=language)))
    assert all(word in told for word in words)


def test_the_legend_names_and_counts_the_largest_clusters_and_sums_up_the_rest() -> None:
    graph = make_graph(5000, 60)
    told = texts(graph)
    for cluster in graph.clusters[:21]:
        assert cluster.name in told
        assert f"{cluster.size:,}" in told
    rest = graph.clusters[21:]
    assert f"그 밖의 묶음 {len(rest)}개 · 문서 {sum(each.size for each in rest):,}개" in told


def test_an_empty_graph_and_a_lonely_node_are_pictures() -> None:
    assert "0 documents · 0 links · 0 clusters" in texts(graph_of([]))
    told = texts(graph_of([node("only", degree=0)]))
    assert {"1 document · 0 links · 1 cluster", "only"} <= set(told)


def test_two_nodes_stand_together_and_their_names_beside_their_line() -> None:
    graph = graph_of([node("왼쪽"), node("오른쪽", x=1.2)], [("왼쪽", "오른쪽", 1.0, 0.5)])
    (one, _), (other, _) = sorted(
        (float(each.attrib["cx"]), float(each.attrib["cy"]))
        for each in elements(graph, "circle")
        if each.find(SVG + "title") is not None
    )
    assert 100 < other - one < 300
    for left, _, right, _ in names_on_the_map(graph):
        assert right <= one or left >= other


def test_the_legend_has_room_for_the_name_of_a_cluster_in_english() -> None:
    name = "cell · glucose · mitochondria"
    assert name in texts(graph_of([node("a"), node("b", x=1.0)], [("a", "b", 1.0, 0.5)], {"c-1": name}))


@pytest.mark.requirement("SEC-2")
def test_a_hostile_title_is_only_text() -> None:
    hostile = "</text><script>alert(1)</script>\x00\x1b\"'&<![CDATA["
    graph = graph_of([node("a", title=hostile), node("b", "c-2")], [("a", "b", 1.0, 0.5)], {"c-2": hostile})
    root = ET.fromstring(drawn(graph))
    assert not list(root.iter(SVG + "script"))
    assert any("<script>" in (each.text or "") for each in root.iter(SVG + "text"))


def test_a_node_that_is_in_no_cluster_and_places_that_are_none_are_drawn() -> None:
    odd = node("a", "").model_copy(update={"x": float("nan"), "y": float("inf")})
    graph = graph_of([odd, node("b", x=5.0)], [("a", "b", 1.0, 0.5)])
    assert len([each for each in elements(graph, "circle") if each.find(SVG + "title") is not None]) == 2


def test_the_same_graph_is_the_same_picture() -> None:
    assert drawn(make_graph(900, 30)) == drawn(make_graph(900, 30))


EYES = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}
"""How linear light is seen (Machado, Oliveira and Fernandes 2009, severity 1)."""


def linear(colour: str) -> list[float]:
    parts = [part / 255 for part in rgb(colour)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def seen(colour: str, eyes: str) -> tuple[float, float, float]:
    """Return the colour in CIELAB as these eyes see it."""
    light = linear(colour)
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in EYES[eyes]
    )
    x, y, z = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
    )
    cube = [value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in (x, y, z)]
    return 116 * cube[1] - 16, 500 * (cube[0] - cube[1]), 200 * (cube[1] - cube[2])


@pytest.mark.parametrize("eyes", EYES)
def test_everybody_can_tell_the_colours_apart(eyes: str) -> None:
    for one, other in combinations(COLOURS, 2):
        assert math.dist(seen(one, eyes), seen(other, eyes)) > 13, (one, other)


def test_names_in_a_clusters_colour_can_be_read_on_white() -> None:
    for colour in COLOURS:
        red, green, blue = linear(darker(colour))
        assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


def test_two_dozen_clusters_look_different_each() -> None:
    graph = make_graph(2000, 24)
    looks = Counter(styles_of(graph.clusters[:24]).values())
    assert set(looks.values()) == {1}


@pytest.mark.parametrize(
    "text", ["가나다라마바사아자차카타파하" * 4, "A title that is much too long " * 9, "짧은"]
)
def test_what_is_shortened_fits(text: str) -> None:
    short = shortened(text, 12, 190)
    assert width_of(short, 12) <= 190
    assert short == text or short.endswith("…")
