"""Ids of clusters stay what they were as long as most of their nodes do (GRA-3)."""

import pytest

from academy.domain.graph.matching import stable_ids

pytestmark = pytest.mark.requirement("GRA-3")


def ids(*groups: str, before: dict[str, str] | None = None) -> list[str]:
    return stable_ids([list(group) for group in groups], before or {}, "c-")


def test_equal_groups_get_equal_ids_whatever_their_order() -> None:
    assert ids("abc", "de") == [*reversed(ids("ed", "cab"))]
    assert len(set(ids("abc", "de"))) == 2
    assert all(name.startswith("c-") for name in ids("abc"))


def test_a_group_keeps_its_id_when_it_grows_and_shrinks() -> None:
    before = dict.fromkeys("abcd", "c-old")
    assert ids("abcdefgh", before=before) == ["c-old"]
    assert ids("abc", before=before) == ["c-old"]


def test_of_a_group_that_was_split_the_larger_part_keeps_the_id() -> None:
    first, second = ids("abc", "de", before=dict.fromkeys("abcde", "c-old"))
    assert first == "c-old"
    assert second != "c-old"


def test_of_groups_that_became_one_the_larger_one_s_id_stays() -> None:
    before = dict.fromkeys("abc", "c-1") | dict.fromkeys("de", "c-2")
    assert ids("abcde", before=before) == ["c-1"]


def test_an_id_is_not_given_to_a_group_of_other_nodes() -> None:
    before = dict.fromkeys("abcdefgh", "c-old")
    (name,) = ids("axyzuvwt", before=before)
    assert name != "c-old"


def test_a_new_id_is_none_that_was_used_before() -> None:
    (taken,) = ids("xyz")
    assert ids("xyz", before={"a": taken, "b": taken})[0] != taken
