"""What does not fit is refused, and nothing is changed by it (GRA-8)."""

import math
from array import array

import pytest
from tests.contract.vectors.adapters import SPACE, ids_of, vector

from academy.application.ports.vector_index import VectorIndex, VectorMismatch, VectorSpace

EAST, NORTH = vector(1, 0, 0, 0), vector(0, 1, 0, 0)


@pytest.mark.requirement("GRA-8")
@pytest.mark.parametrize(
    "other",
    [VectorSpace("another", 4), VectorSpace("lsa-1", 3), VectorSpace("lsa-1", 4, "ip")],
    ids=["model", "dimension", "metric"],
)
async def test_vectors_of_another_space_are_refused(index: VectorIndex, other: VectorSpace) -> None:
    await index.replace("t1", "u1", SPACE, ["a"], [EAST])
    given = vector(*[1.0] * other.dimension)
    with pytest.raises(VectorMismatch, match="lsa-1"):
        await index.upsert("t1", "u1", other, ["b"], [given])
    with pytest.raises(VectorMismatch, match="lsa-1"):
        await index.nearest("t1", "u1", other, given, 1)
    assert await index.space("t1", "u1") == (SPACE, 1)
    assert ids_of(await index.nearest("t1", "u1", SPACE, EAST, 9)) == ["a"]


@pytest.mark.requirement("GRA-8")
@pytest.mark.parametrize(
    ("ids", "vectors", "said"),
    [
        (["b"], [], "1 ids do not go with 0 vectors"),
        (["b", "b"], [EAST, NORTH], "named twice"),
        ([""], [EAST], "1 to 1000 characters, not 0"),
        (["x" * 1_001], [EAST], "1 to 1000 characters, not 1001"),
        (["b\ud800"], [EAST], "half a surrogate pair"),
        (["b"], [vector(1, 2)], "has 2 numbers, not 4"),
        (["c", "b"], [NORTH, vector(1, math.nan, 0, 0)], "not finite"),
        (["b"], [array("d", [math.inf, 0, 0, 0])], "not finite"),
        (["b"], [array("d", [1e300, 0, 0, 0])], "not finite"),
    ],
    ids=["missing", "twice", "no id", "long id", "surrogate", "short", "nan", "infinite", "too large"],
)
async def test_bad_input_changes_nothing(
    index: VectorIndex, ids: list[str], vectors: list["array[float]"], said: str
) -> None:
    await index.replace("t1", "u1", SPACE, ["a"], [EAST])
    for write in (index.replace, index.upsert):
        with pytest.raises(ValueError, match=said):
            await write("t1", "u1", SPACE, ids, vectors)
        with pytest.raises(ValueError, match=said):
            await write("t1", "nobody", SPACE, ids, vectors)
    assert await index.space("t1", "nobody") is None
    assert ids_of(await index.nearest("t1", "u1", SPACE, EAST, 9)) == ["a"]


@pytest.mark.requirement("GRA-8")
async def test_an_id_that_there_cannot_be_is_not_removed(index: VectorIndex) -> None:
    await index.replace("t1", "u1", SPACE, ["a"], [EAST])
    for name in ("", "b\ud800"):
        with pytest.raises(ValueError, match=r"1 to 1000|surrogate"):
            await index.remove("t1", "u1", ["a", name])
    assert await index.space("t1", "u1") == (SPACE, 1)


@pytest.mark.requirement("GRA-8")
async def test_only_vectors_that_fit_can_be_asked_for(index: VectorIndex) -> None:
    await index.replace("t1", "u1", SPACE, ["a"], [EAST])
    with pytest.raises(ValueError, match="has 2 numbers, not 4"):
        await index.nearest("t1", "u1", SPACE, vector(1, 2), 1)
    with pytest.raises(ValueError, match="not finite"):
        await index.nearest("t1", "u1", SPACE, vector(1, math.inf, 0, 0), 1)


@pytest.mark.requirement("GRA-8")
@pytest.mark.parametrize(
    "space", [VectorSpace("m", 4, "l2"), VectorSpace("m", 0)], ids=["metric", "dimension"]
)
async def test_a_space_that_there_is_none_of(index: VectorIndex, space: VectorSpace) -> None:
    with pytest.raises(ValueError, match=r"metric 'l2' is not known|at least one dimension"):
        await index.replace("t1", "u1", space, [], [])
    assert await index.space("t1", "u1") is None
