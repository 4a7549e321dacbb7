"""Equal texts: each a node of its own, all in one place."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.infrastructure.statistics.topical import collection, english

from academy.application.ports.graph_maths import Analysed, TextItem
from academy.infrastructure.statistics import StatisticalGraphMaths

pytestmark = pytest.mark.requirement("GRA-3")
TEXT = english("music", 1).text


def analyse(items: list[TextItem], folder: Path) -> Analysed:
    return StatisticalGraphMaths().analyse(items, seed=1, folder=folder)


def copies(many: int, title: str = "copy") -> list[TextItem]:
    return [TextItem(f"equal-{number:03}", f"{title} {number}", TEXT) for number in range(many)]


def neighbours(found: Analysed) -> dict[str, set[str]]:
    near: dict[str, set[str]] = {one: set() for one in found.ids}
    for edge in found.neighbours:
        one, other = found.ids[edge.source], found.ids[edge.target]
        assert edge.source < edge.target
        assert other not in near[one], "an edge stands there once"
        near[one].add(other)
        near[other].add(one)
    return near


def reached(near: dict[str, set[str]], start: str, among: set[str]) -> set[str]:
    found = {start}
    new = [start]
    while new:
        new = [each for one in new for each in near[one] & among - found]
        found.update(new)
    return found


def clusters(found: Analysed, leave: set[str] | None = None) -> set[frozenset[str]]:
    groups: dict[int, set[str]] = {}
    for one, place in zip(found.ids, found.placed, strict=True):
        if one not in (leave or set()):
            groups.setdefault(place.cluster, set()).add(one)
    return {frozenset(group) for group in groups.values()}


@pytest.mark.parametrize("many", [2, 3, 4, 50, 500])
def test_nothing_but_equal_texts_is_one_cluster_that_hangs_together(tmp_path: Path, many: int) -> None:
    found = analyse(copies(many), tmp_path)
    near = neighbours(found)
    assert len(clusters(found)) == 1
    assert reached(near, found.ids[0], set(found.ids)) == set(found.ids)
    assert max(map(len, near.values())) <= 9
    assert {edge.similarity for edge in found.neighbours} == {1.0}
    assert len({(place.x, place.y) for place in found.placed}) == many
    assert [list(one.members) for one in found.communities if one.parent < 0] == [list(range(many))]


def test_equal_texts_stay_together_among_others_and_leave_those_as_they_are(tmp_path: Path) -> None:
    others = [item for item in collection() if item.id != "music/001"]
    equal = copies(50)
    names = {item.id for item in equal}
    found = analyse([*others, *equal], tmp_path)
    near = neighbours(found)
    together = [place.cluster for one, place in zip(found.ids, found.placed, strict=True) if one in names]
    assert len(set(together)) == 1
    assert reached(near, "equal-000", names) == names
    assert sum(len(near[one]) for one in names) / 50 <= 8
    assert near["equal-000"] - names, "the first of them stands where the text belongs"
    assert found.ids.index("music/002") in found.communities[together[0]].members
    once = analyse([*others, *copies(1)], tmp_path)
    assert clusters(found, names) == clusters(once, names)


def test_copies_of_two_texts_are_tied_like_these(tmp_path: Path) -> None:
    items = collection(8)
    doubled = [*items, *(replace(item, id=f"{item.id}-again") for item in items)]
    near = neighbours(analyse(doubled, tmp_path))
    for one, others in neighbours(analyse(items, tmp_path)).items():
        assert near[one] == {*others, f"{one}-again"}
        assert near[f"{one}-again"] == {*(f"{other}-again" for other in others), one}


def test_two_words_under_titles_that_say_more_are_not_equal(tmp_path: Path) -> None:
    notes = [TextItem(f"note-{at}", item.text, "to do") for at, item in enumerate(collection(6))]
    assert len(clusters(analyse(notes, tmp_path))) > 1


@pytest.mark.slow
def test_thousands_of_equal_texts_have_no_crowd_around_one(tmp_path: Path) -> None:
    found = analyse([*collection(20), *copies(3000)], tmp_path)
    degrees = Counter(one for one, near in neighbours(found).items() for _ in near)
    assert max(degrees.values()) <= 40
    assert (
        len({place.cluster for one, place in zip(found.ids, found.placed, strict=True) if "equal" in one})
        == 1
    )
