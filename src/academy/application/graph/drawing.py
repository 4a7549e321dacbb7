"""The files that people and other programs look at: GraphML, GEXF and a picture."""

from collections.abc import Callable
from pathlib import Path

from academy.application.graph.formats.gexf import write_gexf
from academy.application.graph.formats.graphml import write_graphml
from academy.application.graph.formats.svg import write_svg
from academy.contracts.children.graph import ChildAnswer, DrawGraph
from academy.contracts.graph_file import GraphFile

__all__ = ["DRAWN", "draw", "draw_file"]

DRAWN = {"graph.graphml": "application/xml", "graph.gexf": "application/xml", "graph.svg": "image/svg+xml"}


def draw(graph: GraphFile, folder: Path) -> None:
    """Write the three files into a folder."""
    for name, write in (
        ("graph.graphml", write_graphml),
        ("graph.gexf", write_gexf),
        ("graph.svg", write_svg),
    ):
        with (folder / name).open("w", encoding="utf-8") as file:
            write(graph, file)


def draw_file(request: DrawGraph, report: Callable[[str, float], None]) -> ChildAnswer:
    """Draw a graph that is stored, in a process of its own; see DrawGraph."""
    graph = GraphFile.model_validate_json(Path(request.graph).read_bytes())
    report("draw", 0.3)
    draw(graph, Path(request.folder))
    report("draw", 1.0)
    return ChildAnswer()
