"""Documents join a graph file; what does not change is written as it stood (GRA-5)."""

import json
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.support.steps import LINEAR, steps

from academy.application.graph.graph_text import GraphText
from academy.application.graph.joining import KeptGraph, join
from academy.application.ports.graph_maths import Analysed, Joined, TextItem
from academy.contracts.children.graph import Join
from academy.contracts.graph_file import GraphFile

pytestmark = pytest.mark.requirement("GRA-5")


def node(name: str, cluster: str, degree: int, digest: str = "old") -> dict[str, Any]:
    return {
        "id": name, "kind": "note", "title": name, "source_key": "k1", "created_at": "", "updated_at": "",
        "language": "ko", "characters": 3, "digest": digest, "keywords": [], "cluster": cluster, "subcluster": "",
        "degree": degree, "x": 0.5, "y": 0.5,
    }  # fmt: skip


def graph() -> dict[str, Any]:
    return {
        "v": 1,
        "user_id": "u",
        "recipe": {
            "vectors": "bm25+lsa/1",
            "dimension": 2,
            "metric": "cosine",
            "communities": "x",
            "keywords": "x",
            "seed": 0,
        },
        "statistics": {
            "nodes": 3,
            "edges": 2,
            "clusters": 2,
            "subclusters": 0,
            "modularity": 0.5,
            "isolated": 0,
            "languages": {"ko": 3},
            "kinds": {"note": 3},
        },
        "nodes": [node("a", "c-1", 1), node("z", "c-2", 1), node("가/1", "c-1", 2)],
        "edges": [
            {"source": "a", "target": "가/1", "weight": 1.0, "similarity": 0.9},
            {"source": "z", "target": "가/1", "weight": 0.5, "similarity": 0.4},
        ],
        "clusters": [
            {
                "id": "c-1",
                "name": "n",
                "keywords": [],
                "size": 2,
                "representatives": ["a"],
                "subclusters": [],
                "x": 0.0,
                "y": 0.0,
            },
            {
                "id": "c-2",
                "name": "m",
                "keywords": [],
                "size": 1,
                "representatives": ["z"],
                "subclusters": [],
                "x": 0.0,
                "y": 0.0,
            },
        ],
        "inputs": [{"key": "k1", "digest": "d", "nodes": 3}],
    }


class Near:
    """Every new document is near the node `near`, in its cluster."""

    def __init__(self, near: str, groups: tuple[int, ...] | None = None) -> None:
        self.near, self.groups = near, groups
        self.asked: list[str] = []
        self.kept: set[str] = set()

    def analyse(self, items: Sequence[TextItem], *, seed: int, folder: Path) -> Analysed:
        raise AssertionError("nothing is analysed anew")

    def keeps(self, name: str) -> bool:
        return bool(name) and name in self.kept

    def join(
        self,
        features: Sequence[Path],
        items: Sequence[TextItem],
        members: Mapping[str, tuple[str, str, float, float]],
        *,
        kept: str = "",
        keep: str = "",
    ) -> tuple[Joined, Sequence[Path]]:
        self.kept = {keep}
        self.asked = [item.id for item in items]
        cluster, subcluster, x, y = members[self.near] if self.near else ("", "", 2.0, 2.0)
        joined = Joined(
            ids=tuple(self.asked),
            neighbours=tuple((name, self.near, 0.25, 0.75) for name in self.asked if self.near),
            clusters=tuple((cluster, subcluster) for _ in self.asked),
            groups=self.groups or tuple(-1 if self.near else at for at, _ in enumerate(self.asked)),
            keywords=tuple(("새말",) for _ in self.asked),
            places=tuple((x, y) for _ in self.asked),
            vectors=[array("f", [1.0, 0.0]) for _ in self.asked],
        )
        return joined, features


def joined(folder: Path, near: str, *documents: tuple[str, str]) -> tuple[GraphFile, Near]:
    handed_in(folder, *documents)
    maths = Near(near)
    request = Join(
        folder=str(folder),
        graph=str(folder / "before.json"),
        features=(str(folder / "before.npz"),),
        build="b",
    )
    join(request, maths, KeptGraph(), lambda _step, _done: None)
    return GraphFile.model_validate_json((folder / "graph_final.json").read_bytes()), maths


def handed_in(folder: Path, *documents: tuple[str, str]) -> None:
    (folder / "before.json").write_text(json.dumps(graph(), ensure_ascii=False), encoding="utf-8")
    (folder / "before.npz").write_bytes(b"features")
    lines = [
        {
            "id": name, "kind": "note", "title": name, "text": "글", "source_key": "k2", "created_at": "",
            "updated_at": "", "digest": digest,
        }
        for name, digest in documents
    ]  # fmt: skip
    (folder / "documents.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (folder / "read.jsonl").write_text(
        json.dumps({"key": "k2", "digest": "e", "nodes": len(lines)}), encoding="utf-8"
    )


def test_a_document_joins_beside_its_neighbour(tmp_path: Path) -> None:
    after, _ = joined(tmp_path, "가/1", ("m", "new"))
    assert [each.id for each in after.nodes] == ["a", "m", "z", "가/1"]
    new = next(each for each in after.nodes if each.id == "m")
    assert (new.cluster, new.degree, new.keywords) == ("c-1", 1, ("새말",))
    assert [(edge.source, edge.target) for edge in after.edges] == [
        ("a", "가/1"),
        ("m", "가/1"),
        ("z", "가/1"),
    ]
    assert (after.statistics.nodes, after.statistics.edges) == (4, 3)
    assert {cluster.id: cluster.size for cluster in after.clusters} == {"c-1": 3, "c-2": 1}
    assert {each.id: each.degree for each in after.nodes} == {"a": 1, "m": 1, "z": 1, "가/1": 3}
    assert [each.key for each in after.inputs] == ["k1", "k2"]


def test_what_is_there_keeps_its_place_and_its_edges(tmp_path: Path) -> None:
    after, _ = joined(tmp_path, "가/1", ("m", "new"))
    before = GraphFile.model_validate(graph())
    for each in before.nodes:
        now = next(node for node in after.nodes if node.id == each.id)
        assert now.model_copy(update={"degree": each.degree}) == each
    assert set(before.edges) <= set(after.edges)


def test_a_changed_document_takes_its_old_place_and_an_equal_one_changes_nothing(tmp_path: Path) -> None:
    after, maths = joined(tmp_path, "a", ("z", "changed"), ("가/1", "old"))
    assert maths.asked == ["z"]
    assert [(edge.source, edge.target) for edge in after.edges] == [("a", "z"), ("a", "가/1")]
    moved = next(each for each in after.nodes if each.id == "z")
    assert (moved.cluster, moved.digest) == ("c-1", "changed")
    assert after.statistics.nodes == 3


def test_the_text_of_a_graph_that_nothing_joined_is_the_same_byte_for_byte() -> None:
    whole = GraphFile.model_validate(graph()).model_dump_json().encode()
    assert b"".join(GraphText(whole).pieces()) == whole


def test_documents_near_nobody_are_clusters_of_their_own(tmp_path: Path) -> None:
    after, _ = joined(tmp_path, "", ("m", "new"), ("n", "new"))
    clusters = {each.id: each.cluster for each in after.nodes}
    assert clusters["m"] != clusters["n"]
    own = next(cluster for cluster in after.clusters if cluster.id == clusters["m"])
    assert (own.size, own.representatives, own.keywords) == (1, ("m",), ("새말",))
    assert after.statistics.clusters == 4
    assert after.statistics.isolated == 2


def test_documents_near_each_other_alone_share_a_new_cluster(tmp_path: Path) -> None:
    handed_in(tmp_path, ("m", "new"), ("n", "new"), ("o", "new"))
    files = {"graph": str(tmp_path / "before.json"), "features": (str(tmp_path / "before.npz"),)}
    maths = Near("", groups=(0, 1, 0))
    join(Join(folder=str(tmp_path), **files, build="b"), maths, KeptGraph(), quiet)
    after = GraphFile.model_validate_json((tmp_path / "graph_final.json").read_bytes())
    clusters = {each.id: each.cluster for each in after.nodes}
    assert clusters["m"] == clusters["o"] != clusters["n"]
    own = next(cluster for cluster in after.clusters if cluster.id == clusters["m"])
    assert (own.size, own.representatives, own.name, own.keywords) == (2, ("m", "o"), "새말", ("새말",))
    assert after.statistics.clusters == 4


def test_a_thousand_new_clusters_cost_as_much_each_as_a_few(tmp_path: Path) -> None:
    def many(clusters: int) -> None:
        after, _ = joined(tmp_path, "", *((f"new {at:05}", "new") for at in range(clusters)))
        assert len(after.clusters) == len({each.cluster for each in after.nodes}) == clusters + 2

    many(1)
    assert steps(lambda: many(1_000)) <= LINEAR * steps(lambda: many(250))


def test_what_is_kept_in_memory_gives_the_same_file_as_what_is_read_again(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "warm", "cold")]
    for folder, name in zip(folders, "mnn", strict=True):
        folder.mkdir()
        handed_in(folder, (name, "new"))
    first, warm, cold = folders
    kept, maths = KeptGraph(), Near("가/1")
    files = {"graph": str(first / "before.json"), "features": (str(first / "before.npz"),)}
    join(Join(folder=str(first), **files, build="b", becomes="b1"), maths, kept, quiet)
    answer = join(Join(folder=str(warm), build="b1", becomes="b2"), maths, kept, quiet)
    assert (answer.missing, answer.nodes) == (False, 5)
    files = {"graph": str(first / "graph_final.json"), "features": (str(cold / "before.npz"),)}
    join(Join(folder=str(cold), **files, build="b1"), Near("가/1"), KeptGraph(), quiet)
    assert (warm / "graph_final.json").read_bytes() == (cold / "graph_final.json").read_bytes()


@pytest.mark.parametrize("build", ["", "b2"])
def test_a_graph_that_is_not_in_memory_is_asked_for(tmp_path: Path, build: str) -> None:
    handed_in(tmp_path, ("m", "new"))
    kept, maths = KeptGraph(), Near("가/1")
    files = {"graph": str(tmp_path / "before.json"), "features": (str(tmp_path / "before.npz"),)}
    join(Join(folder=str(tmp_path), **files, build="b", becomes="b1"), maths, kept, quiet)
    (tmp_path / "graph_final.json").unlink()
    answer = join(Join(folder=str(tmp_path), build=build, becomes="b3"), maths, kept, quiet)
    assert answer.missing
    assert not (tmp_path / "graph_final.json").exists()


def quiet(_step: str, _done: float) -> None:
    """Nobody follows."""
