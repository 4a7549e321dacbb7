"""The nearest are the nearest: compared with a search through all of them (GRA-3)."""

import math
from array import array
from operator import mul

import pytest
from tests.contract.vectors.adapters import SPACE, ids_of, named, random_vectors, vector

from academy.application.ports.vector_index import VectorIndex, VectorSpace

COUNT, DIMENSION = 2_000, 24
WIDE = VectorSpace("random", DIMENSION)


def _cosine(first: "array[float]", second: "array[float]") -> float:
    return sum(map(mul, first, second)) / (math.hypot(*first) * math.hypot(*second))


def _truth(asked: "array[float]", vectors: list["array[float]"], count: int) -> list[float]:
    return sorted((_cosine(asked, each) for each in vectors), reverse=True)[:count]


@pytest.mark.requirement("GRA-3")
async def test_as_good_as_a_search_through_all(index: VectorIndex) -> None:
    vectors = random_vectors(COUNT, DIMENSION)
    names = named(COUNT)
    await index.replace("t1", "u1", WIDE, names, vectors)
    hits = 0
    for asked in random_vectors(20, DIMENSION, seed=8):
        found = await index.nearest("t1", "u1", WIDE, asked, 10)
        truth = sorted(range(COUNT), key=lambda at, asked=asked: -_cosine(asked, vectors[at]))[:10]
        hits += len({names[at] for at in truth} & set(ids_of(found)))
    assert hits >= 0.99 * 200


@pytest.mark.requirement("GRA-3")
async def test_equal_documents_do_not_hide_the_others(index: VectorIndex) -> None:
    """Two thirds are one and the same document, handed in again and again."""
    vectors = random_vectors(900, DIMENSION)
    vectors[100:700] = [vectors[100]] * 600
    await index.replace("t1", "u1", WIDE, named(900), vectors)
    for asked in (vectors[3], vectors[100], vectors[800]):
        for count in (1, 10, 650, 900):
            found = await index.nearest("t1", "u1", WIDE, asked, count)
            told = [each.similarity for each in found]
            assert told == pytest.approx(_truth(asked, vectors, count), abs=1e-5)
            assert len(set(ids_of(found))) == count


@pytest.mark.requirement("GRA-3")
async def test_only_equal_documents(index: VectorIndex) -> None:
    await index.replace("t1", "u1", SPACE, named(50), [vector(1, 2, 3, 4)] * 50)
    found = await index.nearest("t1", "u1", SPACE, vector(1, 2, 3, 4), 5)
    assert ids_of(found) == named(5)
    assert [each.similarity for each in found] == pytest.approx([1] * 5, abs=1e-6)


@pytest.mark.requirement("GRA-3")
async def test_an_empty_document_is_like_nothing(index: VectorIndex) -> None:
    zeros = vector(0, 0, 0, 0)
    await index.replace(
        "t1", "u1", SPACE, ["like", "none", "opposite"], [vector(1, 0, 0, 0), zeros, vector(-1, 0, 0, 0)]
    )
    found = await index.nearest("t1", "u1", SPACE, vector(2, 0, 0, 0), 3)
    assert [(each.id, round(each.similarity, 6)) for each in found] == [
        ("like", 1),
        ("none", 0),
        ("opposite", -1),
    ]
    assert [each.similarity for each in await index.nearest("t1", "u1", SPACE, zeros, 3)] == [0, 0, 0]


@pytest.mark.requirement("GRA-3")
@pytest.mark.parametrize("length", [1e-30, 1e30])
async def test_only_the_direction_counts(index: VectorIndex, length: float) -> None:
    long = [array("d", [length * number for number in each]) for each in random_vectors(30, 4)]
    await index.replace("t1", "u1", SPACE, named(30), long)
    found = await index.nearest("t1", "u1", SPACE, random_vectors(1, 4)[0], 1)
    assert ids_of(found) == named(1)
    assert found[0].similarity == pytest.approx(1, abs=1e-6)
