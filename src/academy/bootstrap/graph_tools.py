"""What the graph worker needs of its machine beside the services: the libraries of its extra."""

from collections.abc import Awaitable, Callable
from importlib.util import find_spec

__all__ = ["graph_tool_checks", "missing_graph_libraries"]

LIBRARIES = (
    "chromadb",
    "docx",
    "graspologic_native",
    "ijson",
    "kiwipiepy",
    "numpy",
    "pptx",
    "pypdfium2",
    "scipy",
    "sklearn",
)
"""Modules that the extra worker-graph brings."""


def missing_graph_libraries() -> list[str]:
    """Return the modules that are not installed, without loading any."""
    return [name for name in LIBRARIES if find_spec(name) is None]


def graph_tool_checks() -> dict[str, Callable[[], Awaitable[str]]]:
    """Return how each tool is asked whether it can work; an answer says what there is, and raises for what is missing."""
    return {"libraries": _libraries}


async def _libraries() -> str:
    missing = missing_graph_libraries()
    if missing:
        raise RuntimeError(f"not installed: {', '.join(missing)}")
    return f"{len(LIBRARIES)} libraries of the extra worker-graph"
