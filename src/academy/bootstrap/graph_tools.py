"""What the graph worker needs of its machine beside the services: the libraries of its extra, a place for vectors."""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path

from academy.bootstrap.settings import Settings, Vectors

__all__ = ["graph_tool_checks", "missing_graph_libraries", "vectors_check"]

LIBRARIES = (
    "chromadb",
    "docx",
    "graspologic_native",
    "kiwipiepy",
    "numpy",
    "pptx",
    "pypdfium2",
    "scipy",
    "threadpoolctl",
)
"""Modules that the extra worker-graph brings."""


def missing_graph_libraries() -> list[str]:
    """Return the modules that are not installed, without loading any."""
    return [name for name in LIBRARIES if find_spec(name) is None]


def graph_tool_checks() -> dict[str, Callable[[], Awaitable[str]]]:
    """Return how each tool is asked whether it can work; an answer says what there is, and raises for what is missing."""
    return {"libraries": _libraries}


async def vectors_check(settings: Settings) -> str:
    """Say where vectors are kept, without getting in the way of the worker that has the folder open.

    Raises VectorIndexUnavailable, OSError.
    """
    if settings.vectors_backend is Vectors.PGVECTOR:
        from academy.infrastructure.pgvector.index import PgVectorIndex  # noqa: PLC0415 -- only where it is chosen

        async with PgVectorIndex.open(settings.database) as index:
            await index.ping()
        return "kept in PostgreSQL by pgvector"
    await asyncio.to_thread(_check_folder, settings.vectors_dir)
    return f"the folder {settings.vectors_dir} can be written"


def _check_folder(folder: Path) -> None:
    """Write something into a folder that is there; of one that a worker has yet to make, see whether it may. Raises OSError."""
    if folder.is_dir():
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"doctor")
        return
    above = next(each for each in folder.absolute().parents if each.exists())
    if folder.exists() or not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise NotADirectoryError(f"{folder} is no folder and cannot be made")


async def _libraries() -> str:
    missing = missing_graph_libraries()
    if missing:
        raise RuntimeError(f"not installed: {', '.join(missing)}")
    return f"{len(LIBRARIES)} libraries of the extra worker-graph"
