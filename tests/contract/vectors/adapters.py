"""The indexes on which the contract of vectors is run, by name, and what its tests share."""

import random
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from academy.application.ports.vector_index import Near, VectorIndex, VectorSpace
from academy.infrastructure.chroma.index import ChromaVectorIndex
from academy.infrastructure.memory.vectors import MemoryVectorIndex
from academy.infrastructure.pgvector.index import PgVectorIndex

__all__ = ["NAMES", "SPACE", "ids_of", "index_on", "named", "plain_url", "random_vectors", "vector"]

NAMES = ("memory", "chroma", "pgvector")
SPACE = VectorSpace("lsa-1", 4)


@asynccontextmanager
async def index_on(name: str, request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[VectorIndex]:
    """Open an index that holds nothing."""
    if name == "memory":
        yield MemoryVectorIndex()
    elif name == "chroma":
        async with ChromaVectorIndex.open(folder / "vectors") as chroma:
            yield chroma
    else:
        async with PgVectorIndex.open(request.getfixturevalue("vector_database")) as server:
            yield server


def plain_url(url: str) -> str:
    """Return a URL as the driver itself takes it."""
    return url.replace("+psycopg", "", 1)


def emptied(url: str) -> None:
    with psycopg.connect(plain_url(url), autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS academy_vectors CASCADE")


def vector(*numbers: float) -> "array[float]":
    return array("f", numbers)


def random_vectors(count: int, dimension: int, seed: int = 7) -> list["array[float]"]:
    chance = random.Random(seed)
    return [array("f", [chance.gauss(0, 1) for _ in range(dimension)]) for _ in range(count)]


def named(count: int) -> list[str]:
    return [f"문서/{number:05}" for number in range(count)]


def ids_of(found: Sequence[Near]) -> list[str]:
    return [each.id for each in found]
