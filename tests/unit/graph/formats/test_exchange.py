"""GraphML and GEXF as networkx reads them: everything that was written comes back."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import networkx as nx
import pytest
from tests.support.graphs import graph_of, make_graph, node

from academy.application.graph.formats.gexf import write_gexf
from academy.application.graph.formats.graphml import write_graphml
from academy.contracts.graph_file import GraphFile

pytestmark = [pytest.mark.requirement("GRA-3")]

Write = Callable[[GraphFile, TextIO], None]
FORMATS = [(write_graphml, nx.read_graphml), (write_gexf, nx.read_gexf)]
AWKWARD = (
    'a/b & <c> "d"\'s\t한글 📚',
    "line\nbreak\r\nand tab\t",
    "notes/한글 폴더/파일.md",
    " space before and after ",
    "]]>",
)


def written(graph: GraphFile, write: Write, read: Callable[[Path], nx.Graph], folder: Path) -> nx.Graph:
    path = folder / "graph.xml"
    with path.open("w", encoding="utf-8") as file:
        write(graph, file)
    return read(path)


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_nodes_edges_and_values_come_back(
    write: Write, read: Callable[[Path], nx.Graph], tmp_path: Path
) -> None:
    graph = make_graph(120, 7)
    back = written(graph, write, read, tmp_path)
    assert not back.is_directed()
    assert set(back.nodes) == {each.id for each in graph.nodes}
    assert {frozenset(pair) for pair in back.edges} == {
        frozenset((edge.source, edge.target)) for edge in graph.edges
    }
    edge = graph.edges[3]
    told = back.edges[edge.source, edge.target]
    assert (float(told["weight"]), told["similarity"]) == (edge.weight, edge.similarity)
    names = {cluster.id: cluster.name for cluster in graph.clusters}
    for each in graph.nodes:
        values = back.nodes[each.id]
        assert values["title"] == each.title
        assert (values["cluster"], values["cluster_name"]) == (each.cluster, names[each.cluster])
        assert (values["degree"], values["characters"]) == (each.degree, 100)
        assert values["keywords"] == ", ".join(each.keywords)


@pytest.mark.parametrize(("write", "read"), FORMATS)
@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_ids_and_titles_come_back_as_they_were(
    write: Write, read: Callable[[Path], nx.Graph], text: str, tmp_path: Path
) -> None:
    graph = graph_of([node(text, title=text), node("other")], [(*sorted((text, "other")), 1.0, 0.5)])  # type: ignore[list-item]
    back = written(graph, write, read, tmp_path)
    assert set(back.nodes) == {text, "other"}
    assert back.nodes[text]["title"] == text
    assert back.has_edge(text, "other")


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_what_xml_cannot_hold_is_replaced_and_ids_stay_apart(
    write: Write, read: Callable[[Path], nx.Graph], tmp_path: Path
) -> None:
    ids = ["a\x00b", "a\x0bb", "a\ufffdb", "a\ufffeb"]
    graph = graph_of([node(each, title="\x01\x1b[31m\x7f") for each in ids], [("a\x00b", "a\x0bb", 1.0, 0.5)])
    back = written(graph, write, read, tmp_path)
    assert len(back.nodes) == 4
    assert "a\ufffdb" in back.nodes
    assert back.number_of_edges() == 1
    assert back.nodes["a\ufffdb"]["title"] == "\ufffd\ufffd[31m\x7f"


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_an_empty_graph_and_a_lonely_node_are_graphs(
    write: Write, read: Callable[[Path], nx.Graph], tmp_path: Path
) -> None:
    assert len(written(graph_of([]), write, read, tmp_path)) == 0
    assert list(written(graph_of([node("one", degree=0)]), write, read, tmp_path).nodes) == ["one"]


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_numbers_that_are_none_do_not_spoil_the_file(
    write: Write, read: Callable[[Path], nx.Graph], tmp_path: Path
) -> None:
    graph = graph_of([node("a", x=0.0, y=1e-12), node("b", x=-1e9, y=3.25)])
    broken = graph.model_copy(
        update={
            "nodes": (
                graph.nodes[0].model_copy(update={"x": float("nan"), "y": float("inf")}),
                graph.nodes[1],
            )
        }
    )
    assert set(written(broken, write, read, tmp_path).nodes) == {"a", "b"}


@pytest.mark.parametrize("write", [write_graphml, write_gexf])
def test_the_same_graph_is_the_same_file(write: Write) -> None:
    files = [io.StringIO(), io.StringIO()]
    for file in files:
        write(make_graph(200, 9), file)
    assert files[0].getvalue() == files[1].getvalue()


def test_gexf_has_colours_sizes_and_places_for_gephi(tmp_path: Path) -> None:
    graph = make_graph(60, 5)
    back = written(graph, write_gexf, nx.read_gexf, tmp_path)
    looks = {each.id: back.nodes[each.id]["viz"] for each in graph.nodes}
    colours = {each.cluster: tuple(sorted(looks[each.id]["color"].items())) for each in graph.nodes}
    assert len(set(colours.values())) == len(graph.clusters)
    assert all(look["size"] >= 4 for look in looks.values())
    assert max(abs(look["position"]["x"]) for look in looks.values()) <= 1000
