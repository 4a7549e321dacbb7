"""The files that people and other programs look at: GraphML, GEXF and a picture."""

from pathlib import Path

from academy.application.graph.formats.gexf import write_gexf
from academy.application.graph.formats.graphml import write_graphml
from academy.application.graph.formats.svg import write_svg
from academy.contracts.graph_file import GraphFile

__all__ = ["DRAWN", "draw"]

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
