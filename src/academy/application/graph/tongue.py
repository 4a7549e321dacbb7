"""The language a graph is told in."""

from typing import Literal

from academy.contracts.graph import Language
from academy.contracts.graph_file import GraphFile

__all__ = ["tongue_of"]


def tongue_of(graph: GraphFile, wanted: Language = "auto") -> Literal["ko", "en"]:
    """Return the language that is wanted; of itself, the one of most nodes that are Korean or English (English without any)."""
    if wanted != "auto":
        return wanted
    ours = [node.language for node in graph.nodes if node.language in {"ko", "en"}]
    return "ko" if 2 * ours.count("ko") >= len(ours) > 0 else "en"
