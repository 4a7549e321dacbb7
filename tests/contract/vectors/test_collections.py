"""What is put into a collection is found there, by its owner alone (GRA-3, GRA-8)."""

import pytest
from tests.contract.vectors.adapters import SPACE, ids_of, named, random_vectors, vector

from academy.application.ports.vector_index import VectorIndex, VectorSpace

EAST, NORTH, UP = vector(1, 0, 0, 0), vector(0, 1, 0, 0), vector(0, 0, 1, 0)


@pytest.mark.requirement("GRA-3")
async def test_the_nearest_come_first_with_their_cosine(index: VectorIndex) -> None:
    await index.replace(
        "t1", "u1", SPACE, ["far", "like", "same"], [vector(-3, 0, 0, 0), vector(1, 1, 0, 0), EAST]
    )
    found = await index.nearest("t1", "u1", SPACE, vector(7, 0, 0, 0), 3)
    assert ids_of(found) == ["same", "like", "far"]
    assert [each.similarity for each in found] == pytest.approx([1, 0.5**0.5, -1], abs=1e-6)
    assert all(-1 <= each.similarity <= 1 for each in found)


@pytest.mark.requirement("GRA-3")
async def test_an_owner_without_a_collection_has_no_neighbours(index: VectorIndex) -> None:
    assert list(await index.nearest("t1", "u1", SPACE, EAST, 3)) == []
    assert await index.space("t1", "u1") is None
    await index.remove("t1", "u1", ["a"])
    await index.erase("t1", "u1")


@pytest.mark.requirement("GRA-3")
async def test_asked_for_more_than_there_are_all_come(index: VectorIndex) -> None:
    await index.replace("t1", "u1", SPACE, ["a", "b"], [EAST, NORTH])
    assert ids_of(await index.nearest("t1", "u1", SPACE, EAST, 1_000)) == ["a", "b"]
    assert list(await index.nearest("t1", "u1", SPACE, EAST, 0)) == []


@pytest.mark.requirement("GRA-3")
@pytest.mark.parametrize(
    "name",
    [
        "과목/수학 1강/2024.pdf",
        "../../etc/passwd",
        "x" * 1_000,
        "가" * 1_000,
        "a\x00b",
        "'; DROP --",
        "😀\n",
        " ",
    ],
    ids=["slashes", "up", "long", "long Korean", "zero", "quote", "line", "blank"],
)
async def test_any_id_comes_out_as_it_went_in(index: VectorIndex, name: str) -> None:
    await index.replace("t1", "u1", SPACE, [name, "other"], [EAST, NORTH])
    await index.upsert("t1", "u1", SPACE, [name], [UP])
    assert ids_of(await index.nearest("t1", "u1", SPACE, UP, 1)) == [name]
    await index.remove("t1", "u1", [name])
    assert ids_of(await index.nearest("t1", "u1", SPACE, UP, 9)) == ["other"]


@pytest.mark.requirement("GRA-8")
async def test_a_replaced_collection_holds_nothing_stale(index: VectorIndex) -> None:
    await index.replace("t1", "u1", SPACE, ["a", "b", "c"], [EAST, NORTH, UP])
    await index.nearest("t1", "u1", SPACE, EAST, 1)
    other = VectorSpace("lsa-2", 2)
    await index.replace("t1", "u1", other, ["b", "d"], [vector(0, 1), vector(1, 0)])
    assert await index.space("t1", "u1") == (other, 2)
    assert ids_of(await index.nearest("t1", "u1", other, vector(1, 0), 9)) == ["d", "b"]


@pytest.mark.requirement("GRA-8")
async def test_a_collection_can_be_replaced_by_an_empty_one(index: VectorIndex) -> None:
    await index.replace("t1", "u1", SPACE, ["a"], [EAST])
    await index.replace("t1", "u1", SPACE, [], [])
    assert await index.space("t1", "u1") == (SPACE, 0)
    assert list(await index.nearest("t1", "u1", SPACE, EAST, 3)) == []
    await index.upsert("t1", "u1", SPACE, ["b"], [NORTH])
    assert ids_of(await index.nearest("t1", "u1", SPACE, EAST, 3)) == ["b"]


@pytest.mark.requirement("GRA-5")
async def test_upsert_adds_and_overwrites_and_is_seen_at_once(index: VectorIndex) -> None:
    await index.upsert("t1", "u1", SPACE, ["a", "b"], [EAST, NORTH])
    assert ids_of(await index.nearest("t1", "u1", SPACE, EAST, 1)) == ["a"]
    await index.upsert("t1", "u1", SPACE, ["c", "a"], [vector(5, 0.1, 0, 0), UP])
    assert await index.space("t1", "u1") == (SPACE, 3)
    assert ids_of(await index.nearest("t1", "u1", SPACE, EAST, 1)) == ["c"]
    assert ids_of(await index.nearest("t1", "u1", SPACE, UP, 1)) == ["a"]


@pytest.mark.requirement("GRA-5")
async def test_removed_ids_are_found_no_more(index: VectorIndex) -> None:
    names = named(40)
    await index.replace("t1", "u1", SPACE, names, random_vectors(40, 4))
    await index.nearest("t1", "u1", SPACE, EAST, 1)
    await index.remove("t1", "u1", [*names[5:30], "never there", names[5]])
    await index.remove("t1", "u1", [])
    await index.upsert("t1", "u1", SPACE, ["new", names[6]], [EAST, NORTH])
    found = ids_of(await index.nearest("t1", "u1", SPACE, EAST, 100))
    assert found[0] == "new"
    assert sorted(found) == sorted([*names[:5], names[6], *names[30:], "new"])


@pytest.mark.requirement("GRA-8")
async def test_the_same_user_id_in_two_academies_never_meets(index: VectorIndex) -> None:
    for tenant, user, name in (
        ("t1", "u", "one"),
        ("t2", "u", "two"),
        ("t1", "v", "three"),
        ("t", "1u", "four"),
    ):
        await index.upsert(tenant, user, SPACE, [name], [EAST])
    assert ids_of(await index.nearest("t1", "u", SPACE, EAST, 9)) == ["one"]
    await index.remove("t1", "u", ["two"])
    await index.erase("t1", "u")
    assert list(await index.nearest("t1", "u", SPACE, EAST, 9)) == []
    assert ids_of(await index.nearest("t2", "u", SPACE, EAST, 9)) == ["two"]
    assert ids_of(await index.nearest("t1", "v", SPACE, EAST, 9)) == ["three"]
    assert ids_of(await index.nearest("t", "1u", SPACE, EAST, 9)) == ["four"]


@pytest.mark.requirement("GRA-8")
async def test_an_erased_owner_can_begin_again(index: VectorIndex) -> None:
    await index.replace("t1", "u1", SPACE, ["a", "b"], [EAST, NORTH])
    await index.erase("t1", "u1")
    await index.erase("t1", "u1")
    assert await index.space("t1", "u1") is None
    other = VectorSpace("another", 2)
    await index.upsert("t1", "u1", other, ["b"], [vector(1, 1)])
    assert ids_of(await index.nearest("t1", "u1", other, vector(0, 1), 9)) == ["b"]


@pytest.mark.requirement("GRA-3")
async def test_a_working_index_says_so(index: VectorIndex) -> None:
    await index.ping()
