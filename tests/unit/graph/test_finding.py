"""What a search finds is told with names, and fits into a result whatever ids a graph has (GRA-3, QUE-7)."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.graphs import graph_of, node

from academy.application.graph.finding import find_nodes
from academy.application.graph.refusals import DocumentUnreadable
from academy.application.jobs.failures import MAX_RESULT_BYTES
from academy.application.ports.graph_maths import FeaturesUnreadable
from academy.application.ports.graph_search import Found
from academy.contracts.children.graph import FindNodes
from academy.contracts.graph_file import GraphFile

pytestmark = [pytest.mark.requirement("GRA-3")]


class Search:
    """Finds these ids, the first best."""

    def __init__(self, *ids: str) -> None:
        self._ids = ids

    def search(
        self, _features: object, _texts: object, count: int, vectors: object = None
    ) -> tuple[tuple[Found, ...], ...]:
        assert vectors is None
        return (tuple(Found(each, 1 / (1 + at)) for at, each in enumerate(self._ids[:count])),)


class Broken:
    """Has features that cannot be read."""

    def search(self, *_given: object) -> tuple[tuple[Found, ...], ...]:
        raise FeaturesUnreadable("no features")


def asked(folder: Path, graph: GraphFile, limit: int = 50) -> FindNodes:
    file = folder / "graph.json"
    file.write_text(graph.model_dump_json(), encoding="utf-8")
    return FindNodes(folder=str(folder), graph=str(file), features=("f.npz",), text="?", limit=limit)


def test_nodes_are_told_with_title_and_cluster_and_gone_ones_are_not(tmp_path: Path) -> None:
    graph = graph_of(
        [node("a", "c-1", title="A!", keywords=tuple("abcdefg")), node("b", "c-2")], names={"c-1": "cells"}
    )
    answer = find_nodes(asked(tmp_path, graph), Search("b", "left", "a"), lambda *_: None)
    told = [(each.id, each.title, each.cluster, each.cluster_name) for each in answer.nodes]
    assert told == [("b", "b", "c-2", "c-2"), ("a", "A!", "c-1", "cells")]
    assert answer.nodes[1].keywords == tuple("abcde")
    assert not answer.shortened


def test_the_longest_ids_fit_and_it_is_told_that_some_are_left_out(tmp_path: Path) -> None:
    ids: Sequence[str] = [f"{at:03}" + "가" * 997 for at in range(50)]
    names = {"c-1": "묶음" * 400}
    graph = graph_of([node(each, title="긴" * 500) for each in ids], names=names)
    answer = find_nodes(asked(tmp_path, graph), Search(*ids), lambda *_: None)
    assert answer.shortened
    assert [each.id for each in answer.nodes] == ids[: len(answer.nodes)]
    assert len(answer.nodes) > 10
    assert len(answer.model_dump_json().encode()) < MAX_RESULT_BYTES


def test_features_that_cannot_be_read_say_how_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(DocumentUnreadable) as refused:
        find_nodes(asked(tmp_path, graph_of([node("a")])), Broken(), lambda *_: None)
    assert refused.value.failure.code == "features_unreadable"
