"""What a collection becomes: neighbours, groups, words, places."""

import hashlib
import os
import random
import subprocess
import sys
from array import array
from pathlib import Path

import numpy as np
import pytest
from tests.unit.infrastructure.statistics.topical import ENGLISH, KOREAN, collection, english

from academy.application.ports.graph_maths import Analysed, TextItem
from academy.infrastructure.statistics import StatisticalGraphMaths

pytestmark = pytest.mark.requirement("GRA-3")


def _analyse(items: list[TextItem], folder: Path, seed: int = 1) -> Analysed:
    return StatisticalGraphMaths().analyse(items, seed=seed, folder=folder)


def _sound(found: Analysed, many: int) -> None:
    """What holds for every answer."""
    assert list(found.ids) == sorted(found.ids)
    assert len(found.ids) == len(found.placed) == len(found.vectors) == many
    assert all(len(vector) == found.dimension for vector in found.vectors)
    assert all(abs(sum(number**2 for number in vector) - 1) < 1e-4 for vector in found.vectors)
    clusters = [one for one in found.communities if one.parent < 0]
    assert sorted(text for one in clusters for text in one.members) == list(range(many))
    for at, place in enumerate(found.placed):
        assert at in found.communities[place.cluster].members
        if place.subcluster >= 0:
            assert at in found.communities[place.subcluster].members
            assert found.communities[place.subcluster].parent == place.cluster
    for edge in found.neighbours:
        assert edge.source < edge.target
        assert 0 < edge.weight <= 1
        assert -1 <= edge.similarity <= 1
    assert np.isfinite([(one.x, one.y) for one in (*found.placed, *found.communities)]).all()
    with np.load(found.features, allow_pickle=False) as file:
        assert file.files


def test_topics_become_clusters_in_both_languages(analysed: Analysed) -> None:
    _sound(analysed, 100)
    for one in analysed.communities:
        topics = {analysed.ids[text].split("/")[0] for text in one.members}
        assert len(topics) == 1
    assert {analysed.ids[one.members[0]].split("/")[0] for one in analysed.communities} == {*ENGLISH, *KOREAN}
    assert analysed.modularity > 0.5


def test_keywords_are_words_of_the_topic_without_particles(analysed: Analysed) -> None:
    for one in analysed.communities:
        topic = analysed.ids[one.members[0]].split("/")[0]
        words = {**ENGLISH, **KOREAN}[topic].split()
        assert set(one.keywords[:3]) <= {*words, topic}
    for identity, place in zip(analysed.ids, analysed.placed, strict=True):
        topic = identity.split("/")[0]
        assert place.keywords
        if topic in KOREAN:
            assert {word for words in place.keywords for word in words.split()} <= set(KOREAN[topic].split())


def test_large_clusters_have_parts_that_hold_all_their_texts(analysed: Analysed) -> None:
    for at, one in enumerate(analysed.communities):
        parts = [part for part in analysed.communities if part.parent == at]
        if one.parent < 0 and len(one.members) >= 12:
            assert sorted(text for part in parts for text in part.members) == sorted(one.members)


def test_clusters_lie_apart_and_their_texts_within(analysed: Analysed) -> None:
    clusters = [one for one in analysed.communities if one.parent < 0]
    for at, one in enumerate(clusters):
        reach = len(one.members) ** 0.5
        for text in one.members:
            place = analysed.placed[text]
            assert np.hypot(place.x - one.x, place.y - one.y) <= reach + 1e-3
        for other in clusters[at + 1 :]:
            apart = np.hypot(one.x - other.x, one.y - other.y)
            assert apart >= reach + len(other.members) ** 0.5


def test_neighbours_stand_nearer_on_the_plane_than_others_of_their_cluster(tmp_path: Path) -> None:
    found = _analyse([english("space", number) for number in range(150)], tmp_path)
    places = np.array([(one.x, one.y) for one in found.placed])
    clusters = np.array([one.cluster for one in found.placed])
    near = [
        np.hypot(*(places[edge.source] - places[edge.target]))
        for edge in found.neighbours
        if clusters[edge.source] == clusters[edge.target]
    ]
    rows, columns = np.nonzero(np.triu(clusters[:, None] == clusters[None, :], 1))
    assert np.mean(near) < 0.8 * np.hypot(*(places[rows] - places[columns]).T).mean()


def test_one_document(tmp_path: Path) -> None:
    found = _analyse([TextItem("only", "Rust", "Ownership and borrowing in Rust")], tmp_path)
    _sound(found, 1)
    assert not found.neighbours
    assert found.modularity == 0.0
    assert "Rust" in found.placed[0].keywords


def test_no_document_is_no_error(tmp_path: Path) -> None:
    found = _analyse([], tmp_path)
    assert found.ids == found.communities == found.neighbours == ()


def test_two_documents(tmp_path: Path) -> None:
    found = _analyse([english("space", 1), english("space", 2)], tmp_path)
    _sound(found, 2)
    assert [(edge.source, edge.target, edge.weight) for edge in found.neighbours] == [(0, 1, 1.0)]
    assert found.placed[0].cluster == found.placed[1].cluster


@pytest.mark.parametrize("many", [3, 40])
def test_all_documents_equal(tmp_path: Path, many: int) -> None:
    text = english("music", 1).text
    found = _analyse([TextItem(f"{number}", "", text) for number in range(many)], tmp_path)
    _sound(found, many)
    assert {round(edge.similarity, 3) for edge in found.neighbours} == {1.0}


def test_empty_texts_share_a_cluster_and_have_no_neighbours(tmp_path: Path) -> None:
    empty = [
        TextItem(f"empty-{number}", "", text)
        for number, text in enumerate(["", " \n", "!?", "😀😀", "the of and"])
    ]
    found = _analyse([*empty, *collection(5)], tmp_path)
    _sound(found, 30)
    where = {found.placed[found.ids.index(item.id)].cluster for item in empty}
    assert len(where) == 1
    assert len(found.communities[where.pop()].members) == 5
    edges = {end for edge in found.neighbours for end in (edge.source, edge.target)}
    assert not edges & {found.ids.index(item.id) for item in empty}


def test_nothing_but_empty_texts(tmp_path: Path) -> None:
    found = _analyse([TextItem(str(number), "", "") for number in range(4)], tmp_path)
    _sound(found, 4)
    assert len(found.communities) == 1


def test_three_documents_in_three_languages_stay_apart(tmp_path: Path) -> None:
    texts = ["어머니는 시장에서 사과를 샀다", "The engine burns hydrogen", "夜の図書館で猫が眠る"]
    found = _analyse([TextItem(str(at), "", text) for at, text in enumerate(texts)], tmp_path)
    _sound(found, 3)
    assert len(found.communities) == 3
    assert not found.neighbours


def test_ids_come_back_as_they_went_in(tmp_path: Path) -> None:
    ids = ["a/b/../c", "한글 노트/운영 체제.md", "line\nbreak", "\ud800 alone", "😀", "é", "e\u0301"]
    found = _analyse([TextItem(one, "", english("space", at).text) for at, one in enumerate(ids)], tmp_path)
    assert found.ids == tuple(sorted(ids))


def test_an_id_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="id"):
        _analyse([TextItem("a", "", "x"), TextItem("a", "", "y")], tmp_path)
    assert not list(tmp_path.iterdir())


def test_hostile_texts_are_just_texts(tmp_path: Path) -> None:
    texts = [
        "가" * 200_000,
        "a" * 200_000,
        "\x00\x1f\u202e" * 1000,
        "\ud800\udfff lone",
        "1 " * 5000,
        "x_y-z" * 3000,
    ]
    found = _analyse([TextItem(str(at), "", text) for at, text in enumerate(texts)], tmp_path)
    _sound(found, len(texts))


def _digest(found: Analysed) -> str:
    said = repr(
        (found.ids, found.placed, found.neighbours, found.communities, found.modularity, found.recipe)
    )
    vectors = b"".join(vector.tobytes() for vector in found.vectors)
    return hashlib.sha256(said.encode() + vectors + found.features.read_bytes()).hexdigest()


def test_the_order_of_the_documents_does_not_matter(analysed: Analysed, tmp_path: Path) -> None:
    items = collection()
    random.Random(5).shuffle(items)
    assert _digest(_analyse(items, tmp_path)) == _digest(analysed)


@pytest.mark.parametrize("threads", ["1", "4"])
def test_another_process_with_other_threads_gives_the_same_bytes(
    analysed: Analysed, tmp_path: Path, threads: str
) -> None:
    code = (
        "import sys, pathlib\n"
        "from tests.unit.infrastructure.statistics.test_analysis import _analyse, _digest, collection\n"
        "print(_digest(_analyse(collection(), pathlib.Path(sys.argv[1]))))"
    )
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
    environment = {
        **os.environ,
        **dict.fromkeys(names, threads),
        "PYTHONHASHSEED": threads,
        "PYTHONPATH": "src:.",
    }
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == _digest(analysed)


def test_a_neural_vector_is_fused_and_replaces_nothing(tmp_path: Path) -> None:
    """Texts without a common word lie together by their vectors; equal words still count."""
    draw = np.random.default_rng(1)
    sides = [np.zeros(8), np.zeros(8)]
    sides[0][0] = sides[1][1] = 1
    words = ["apfel birne", "pomme poire", "mela pera", "auto strasse", "voiture route", "macchina strada"]
    items = [
        TextItem(
            str(at),
            "",
            text,
            array("f", (sides[at // 3] + draw.normal(0, 0.05, 8)).astype(np.float32).tobytes()),
        )
        for at, text in enumerate(words)
    ]
    found = _analyse(items, tmp_path)
    _sound(found, 6)
    assert [place.cluster for place in found.placed[:3]] == [found.placed[0].cluster] * 3
    assert found.placed[0].cluster != found.placed[3].cluster
    assert found.dimension == 96 + 8
    assert "neural" in found.recipe["vectors"]


def test_vectors_of_two_lengths_are_refused(tmp_path: Path) -> None:
    items = [TextItem("a", "", "x", array("f", [1])), TextItem("b", "", "y", array("f", [1, 2]))]
    with pytest.raises(ValueError, match="length"):
        _analyse(items, tmp_path)
