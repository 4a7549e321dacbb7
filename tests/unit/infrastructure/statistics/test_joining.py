"""New and changed texts beside a graph that is there (GRA-5)."""

import dataclasses
import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.unit.infrastructure.statistics.topical import ENGLISH, KOREAN, english, korean

from academy.application.ports.graph_maths import Analysed, FeaturesUnreadable, TextItem
from academy.infrastructure.statistics import StatisticalGraphMaths

pytestmark = pytest.mark.requirement("GRA-5")
Members = dict[str, tuple[str, str, float, float]]


def _members(found: Analysed) -> Members:
    def name(group: int) -> str:
        return found.ids[found.communities[group].members[0]].split("/")[0] + f" {group}"

    return {
        one: (name(place.cluster), name(place.subcluster) if place.subcluster >= 0 else "", place.x, place.y)
        for one, place in zip(found.ids, found.placed, strict=True)
    }


def _features(found: Analysed, folder: Path) -> list[Path]:
    return [Path(shutil.copy(found.features, folder / "features.npz"))]


def test_a_new_text_joins_the_cluster_of_its_topic(analysed: Analysed, tmp_path: Path) -> None:
    items = [english(topic, 900) for topic in ENGLISH] + [korean(topic, 900) for topic in KOREAN]
    members = _members(analysed)
    joined, _ = StatisticalGraphMaths().join(_features(analysed, tmp_path), items, members)
    assert joined.ids == tuple(sorted(item.id for item in items))
    for identity, (cluster, part), words, place in zip(
        joined.ids, joined.clusters, joined.keywords, joined.places, strict=True
    ):
        topic = identity.split("/")[0]
        assert cluster.startswith(f"{topic} ")
        assert (cluster, part) in {where[:2] for where in members.values()}
        assert set(words[:3]) <= {*{**ENGLISH, **KOREAN}[topic].split(), topic}
        near = [where[2:] for where in members.values() if where[0] == cluster]
        middle = np.mean(near, axis=0)
        assert np.hypot(*(middle - place)) <= max(np.hypot(*(middle - one)) for one in near) + 1
    for item in items:
        mine = [edge for edge in joined.neighbours if edge[0] == item.id]
        assert max(mine, key=lambda edge: edge[2])[1].split("/")[0] == item.id.split("/")[0]
        assert all(0 < weight <= 1 and 0 < alike <= 1 for _, _, weight, alike in mine)


def test_the_features_that_were_there_stay_and_the_new_ones_hold_all(
    analysed: Analysed, tmp_path: Path
) -> None:
    files = _features(analysed, tmp_path)
    before = files[0].read_bytes()
    maths = StatisticalGraphMaths()
    members = _members(analysed)
    marked = dataclasses.replace(english("space", 900), title="quokka")
    joined, after = maths.join(files, [marked], members)
    assert files[0].read_bytes() == before
    assert after[0] == files[0]
    members |= {joined.ids[0]: (*joined.clusters[0], *joined.places[0])}
    again, last = maths.join(after, [english("space", 901)], members)
    assert last[-1] not in {files[0], after[-1]}
    assert [one.id for one in maths.search(last, ["quokka"], 3)[0]] == ["space/900"]
    assert {other for _, other, _, _ in again.neighbours} <= set(members)


def test_the_same_from_memory_and_from_the_file(analysed: Analysed, tmp_path: Path) -> None:
    items = [
        english("music", 900),
        korean("역사", 900),
        TextItem("new/words", "", "zyzzyva quokka guitar chord"),
    ]
    members = _members(analysed)
    warm = StatisticalGraphMaths()
    first, path = warm.join(_features(analysed, tmp_path), items, members)
    members |= {
        one: (*where, *place)
        for one, where, place in zip(first.ids, first.clusters, first.places, strict=True)
    }
    more = [english("music", 901), TextItem("new/more", "", "zyzzyva quokka")]
    kept, kept_path = warm.join(path, more, members)
    kept_bytes = kept_path[-1].read_bytes()
    cold, cold_path = StatisticalGraphMaths().join(path, more, members)
    assert cold == kept
    assert cold_path[-1].read_bytes() == kept_bytes
    assert ("new/more", "new/words") in {edge[:2] for edge in kept.neighbours}


def test_a_changed_document_replaces_its_row(analysed: Analysed, tmp_path: Path) -> None:
    maths = StatisticalGraphMaths()
    moved = dataclasses.replace(english("music", 900), id="space/003", title="quokka")
    members = _members(analysed)
    joined, path = maths.join(_features(analysed, tmp_path), [moved], members)
    assert joined.clusters[0][0].startswith("music ")
    assert "space/003" not in {other for _, other, _, _ in joined.neighbours}
    by_word, by_old_text = maths.search(path, ["quokka", "space 3 " + ENGLISH["space"]], 200)
    assert [one.id for one in by_word] == ["space/003"]
    assert "space/003" not in [one.id for one in by_old_text[:20]]
    assert len({one.id for one in by_old_text}) == len(by_old_text)


def test_the_same_document_again_keeps_its_place_among_its_neighbours(
    analysed: Analysed, tmp_path: Path
) -> None:
    joined, _ = StatisticalGraphMaths().join(
        _features(analysed, tmp_path), [english("space", 3)], _members(analysed)
    )
    at = analysed.ids.index("space/003")
    before = {
        analysed.ids[edge.source + edge.target - at]
        for edge in analysed.neighbours
        if at in {edge.source, edge.target}
    }
    after = {other for _, other, _, _ in joined.neighbours}
    assert len(before & after) >= 0.8 * len(before)
    assert joined.clusters[0][0] == _members(analysed)["space/003"][0]


def test_a_duplicate_is_the_nearest(analysed: Analysed, tmp_path: Path) -> None:
    twin = dataclasses.replace(english("cooking", 4), id="twin/한글 사본")
    joined, _ = StatisticalGraphMaths().join(_features(analysed, tmp_path), [twin], _members(analysed))
    nearest = max(joined.neighbours, key=lambda edge: edge[3])
    assert nearest[:2] == ("twin/한글 사본", "cooking/004")
    assert nearest[3] > 0.99
    assert nearest[2] == 1.0


def test_what_is_near_nobody_has_no_cluster_of_those(analysed: Analysed, tmp_path: Path) -> None:
    strange = [TextItem("strange", "", "zyzzyva quokka xylem"), TextItem("empty", "", "")]
    joined, _ = StatisticalGraphMaths().join(_features(analysed, tmp_path), strange, _members(analysed))
    assert joined.clusters == (("", ""), ("", ""))
    assert joined.neighbours == ()
    assert all(abs(sum(number**2 for number in vector) - 1) < 1e-3 for vector in joined.vectors)
    discs = [(where[2], where[3]) for where in _members(analysed).values()]
    assert all(min(np.hypot(x - a, y - b) for a, b in discs) > 0.5 for x, y in joined.places)


def _strange(topic: str, number: int) -> TextItem:
    """Return a text whose words nobody there has."""
    words = [f"{topic}{letter}" for letter in "qwxyzvkj"]
    return TextItem(f"{topic}/{number}", "", " ".join(random.Random(number).choices(words, k=30)))


def test_new_texts_of_one_topic_that_nobody_has_belong_together(analysed: Analysed, tmp_path: Path) -> None:
    items = [_strange(topic, number) for topic in ("vuvuzela", "xylem") for number in range(9)]
    members = _members(analysed)
    maths = StatisticalGraphMaths()
    joined, files = maths.join(_features(analysed, tmp_path), items, members)
    assert set(joined.clusters) == {("", "")}
    topics = [one.split("/")[0] for one in joined.ids]
    assert len(set(zip(topics, joined.groups, strict=True))) == len(set(joined.groups)) == 2
    members |= {
        one: (f"own {group}", "", *place)
        for one, group, place in zip(joined.ids, joined.groups, joined.places, strict=True)
    }
    later, _ = maths.join(files, [_strange("xylem", 77)], members)
    assert later.clusters[0][0] == members["xylem/0"][0]
    assert later.groups == (-1,)


def test_a_large_group_of_new_texts_is_divided_by_topic(analysed: Analysed, tmp_path: Path) -> None:
    topics = ("vuvuzela", "xylem", "quokka")
    items = [_strange(topic, number) for topic in topics for number in range(20)]
    bridge = TextItem("bridge", "", " ".join(f"{topic}q {topic}w" for topic in topics))
    joined, _ = StatisticalGraphMaths().join(
        _features(analysed, tmp_path), [*items, bridge], _members(analysed)
    )
    group = dict(zip(joined.ids, joined.groups, strict=True))
    found = [{group[f"{topic}/{number}"] for number in range(20)} for topic in topics]
    assert sum(map(len, found)) == len(set().union(*found)) <= 6, "no group has texts of two topics"


def test_texts_that_join_at_once_rank_each_other_as_those_that_were_there(
    analysed: Analysed, tmp_path: Path
) -> None:
    items = [english("space", 900 + number) for number in range(40)]
    joined, _ = StatisticalGraphMaths().join(_features(analysed, tmp_path), items, _members(analysed))
    weight = {edge[:2]: edge[2] for edge in joined.neighbours}
    new = {item.id for item in items}
    both = [(pair, value) for pair, value in weight.items() if set(pair) <= new]
    assert both
    assert all(weight[pair[1], pair[0]] == value for pair, value in both)
    assert min(value for _, value in both) < 0.2, "the least of twelve ranks, not the first"


def test_additions_are_kept_apart_until_they_are_many(analysed: Analysed, tmp_path: Path) -> None:
    maths = StatisticalGraphMaths()
    members = _members(analysed)
    base = _features(analysed, tmp_path)
    marked = dataclasses.replace(english("space", 999), title="quokka")
    few_items = [marked, *(english("space", 900 + number) for number in range(60))]
    _, few = maths.join(base, few_items, members)
    assert few[0] == base[0]
    assert few[1].stat().st_size < base[0].stat().st_size
    _, many = maths.join(few, [english("space", 960 + number) for number in range(10)], members)
    assert len(many) == 1
    cold = StatisticalGraphMaths()
    for files in (few, many):
        assert [one.id for one in cold.search(files, ["quokka"], 1)[0]] == ["space/999"]


def test_an_addition_to_another_file_says_so(analysed: Analysed, tmp_path: Path) -> None:
    maths = StatisticalGraphMaths()
    _, files = maths.join(_features(analysed, tmp_path), [english("space", 900)], _members(analysed))
    folder = tmp_path / "other"
    folder.mkdir()
    other = maths.analyse([english("space", number) for number in range(5)], seed=1, folder=folder)
    with pytest.raises(FeaturesUnreadable, match="anew"):
        StatisticalGraphMaths().join([other.features, files[1]], [english("space", 901)], {})
    files[1].write_bytes(files[1].read_bytes()[:200])
    with pytest.raises(FeaturesUnreadable, match="anew"):
        StatisticalGraphMaths().join(files, [english("space", 901)], {})


def test_documents_that_left_the_graph_are_nobodys_neighbours(analysed: Analysed, tmp_path: Path) -> None:
    members = {one: where for one, where in _members(analysed).items() if not one.startswith("space/")}
    joined, _ = StatisticalGraphMaths().join(_features(analysed, tmp_path), [english("space", 900)], members)
    assert not any(other.startswith("space/") for _, other, _, _ in joined.neighbours)


def test_joining_to_a_graph_of_one_document_and_to_none(tmp_path: Path) -> None:
    maths = StatisticalGraphMaths()
    for many in (0, 1):
        folder = tmp_path / str(many)
        folder.mkdir()
        found = maths.analyse([english("space", number) for number in range(many)], seed=1, folder=folder)
        joined, path = maths.join(
            [found.features], [english("space", 8), english("space", 9)], _members(found)
        )
        assert len(joined.ids) == 2
        assert maths.search(path, [english("space", 8).text], 1)[0][0].id == "space/008"


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 broken", b"not a zip"])
def test_damaged_features_say_so(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "features.npz"
    path.write_bytes(damage)
    with pytest.raises(FeaturesUnreadable, match="anew"):
        StatisticalGraphMaths().join([path], [english("space", 1)], {})


def test_a_missing_file_and_pickled_arrays_say_so(tmp_path: Path) -> None:
    with pytest.raises(FeaturesUnreadable):
        StatisticalGraphMaths().join([tmp_path / "none.npz"], [english("space", 1)], {})
    path = tmp_path / "pickled.npz"
    np.savez(path, about=np.array([{"format": 1}], dtype=object))
    with pytest.raises(FeaturesUnreadable):
        StatisticalGraphMaths().join([path], [english("space", 1)], {})


def test_features_that_are_in_memory_are_not_read_again(analysed: Analysed, tmp_path: Path) -> None:
    """Of a hundred documents; the benchmark says what that spares with 10,000."""
    maths = StatisticalGraphMaths()
    members = _members(analysed)
    (path,) = _features(analysed, tmp_path)
    first, _ = maths.join([path], [english("space", 900)], members)
    before = path.stat()
    path.write_bytes(b"x" * before.st_size)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(FeaturesUnreadable):
        StatisticalGraphMaths().join([path], [english("space", 900)], members)
    again, _ = maths.join([path], [english("space", 900)], members)
    assert again == first
