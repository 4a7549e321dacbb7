"""The summary: numbers that can be counted by hand, sentences that rest on nodes that are there (GRA-4)."""

from typing import Any

import pytest
from tests.support.graphs import graph_of, make_graph, node

from academy.application.graph.summary import summarise
from academy.contracts.graph_file import GraphFile
from academy.contracts.graph_summary import Claim, GraphSummary, Insight

pytestmark = [pytest.mark.requirement("GRA-4")]


def claims_of(summary: GraphSummary) -> list[Claim]:
    return [
        *([summary.headline] if summary.headline else []),
        *(claim for cluster in summary.clusters for claim in cluster.claims),
        *(insight.claim for insight in summary.insights),
    ]


def of_kind(graph: GraphFile, kind: str, texts: dict[str, str] | None = None) -> list[Insight]:
    return [insight for insight in summarise(graph, texts or {}).insights if insight.kind == kind]


def two_clusters(**more: Any) -> GraphFile:
    """Four nodes about cells, linked in a ring, and two about stars, linked; one link between."""
    nodes = [node(f"cell{at}", "c-1", degree=2, **more) for at in range(4)]
    nodes += [node(f"star{at}", "c-2", **more) for at in range(2)]
    edges = [
        ("cell0", "cell1"),
        ("cell1", "cell2"),
        ("cell2", "cell3"),
        ("cell0", "cell3"),
        ("star0", "star1"),
    ]
    edges.append(("cell3", "star0"))
    return graph_of(nodes, [(*pair, 0.5, 0.5) for pair in edges], {"c-1": "cells", "c-2": "stars"})


def test_sizes_shares_and_density_are_counted() -> None:
    summary = summarise(two_clusters(), {})
    assert (summary.nodes, summary.edges) == (6, 6)
    cells, stars = summary.clusters
    assert cells.size == 4
    assert (cells.share, cells.density) == pytest.approx((4 / 6, 4 / 6), abs=1e-6)
    assert (stars.size, stars.density) == (2, 1.0)
    assert cells.claims[0].text == (
        "4 documents, 67% of all, such as “cell0”, “cell1”, “cell2”. Main words: cells."
    )
    assert summary.headline is not None
    assert summary.headline.text == "6 documents in 2 clusters; the largest, “cells”, holds 4 (67%)."
    assert summary.headline.node_ids == ("cell0", "star0")


@pytest.mark.parametrize("count", [1, 2, 10, 300, 3000])
def test_every_claim_cites_nodes_that_are_there(count: int) -> None:
    graph = make_graph(count, 12)
    there = {each.id for each in graph.nodes}
    claims = claims_of(summarise(graph, {name: f"이것은 {name} 문서의 긴 문장입니다. 끝." for name in there}))
    assert claims
    for claim in claims:
        assert claim.node_ids
        assert there.issuperset(claim.node_ids)
        assert len(set(claim.node_ids)) == len(claim.node_ids)


def test_representatives_that_are_gone_are_not_cited() -> None:
    graph = two_clusters()
    gone = graph.clusters[0].model_copy(update={"representatives": ("left", "cell2")})
    summary = summarise(
        graph.model_copy(update={"clusters": (gone, graph.clusters[1])}), {"left": "Cells are gone now."}
    )
    assert "left" not in {name for claim in claims_of(summary) for name in claim.node_ids}


def test_sentences_are_taken_letter_by_letter_from_the_node_they_cite() -> None:
    texts = {
        "cell0": "# Notes\n\n- Some words first. All living things are made of cells, as far as we know. Bye.",
        "cell1": "for (cells = 0; cells < 9; cells++) { print(cells); }\nhttps://host/cells and cells",
        "cell2": "The cells of plants have walls, and those of animals do not.",
    }
    taken = [claim for claim in summarise(two_clusters(), texts).clusters[0].claims if claim.by == "extract"]
    assert [(claim.text, claim.node_ids) for claim in taken] == [
        ("All living things are made of cells, as far as we know.", ("cell0",)),
        ("The cells of plants have walls, and those of animals do not.", ("cell2",)),
    ]


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        (
            "1번에서 말한 세포(cells)는 생물의 가장 작은 단위이다.",
            "1번에서 말한 세포(cells)는 생물의 가장 작은 단위이다.",
        ),
        ("1. 세포(cells)는 생물의 가장 작은 단위이다.", "세포(cells)는 생물의 가장 작은 단위이다."),
        ("- 2) **세포(cells)는 생물의 가장 작은 단위이다**", "세포(cells)는 생물의 가장 작은 단위이다"),
        (
            "3.5 billion years ago the first cells came to be.",
            "3.5 billion years ago the first cells came to be.",
        ),
        ("# 세포(cells)는 생물의 가장 작은 단위이다", None),
    ],
)
def test_signs_of_lists_go_and_numbers_of_a_sentence_stay(line: str, taken: str | None) -> None:
    claims = summarise(two_clusters(), {"cell0": f"# Notes\n\n{line}\n"}).clusters[0].claims
    assert [claim.text for claim in claims if claim.by == "extract"] == ([taken] if taken else [])


def test_a_sentence_of_two_nodes_is_taken_once() -> None:
    same = "All living things are made of cells, as far as we know."
    cluster = summarise(two_clusters(), {"cell0": same, "cell1": same}).clusters[0]
    assert [claim.node_ids for claim in cluster.claims if claim.by == "extract"] == [("cell0",)]


def days(first: int, count: int, month: int, cluster: str) -> list[Any]:
    return [
        node(f"{cluster}-{month}-{day}", cluster, created_at=f"2026-{month:02}-{day:02}T09:00:00Z")
        for day in range(first, first + count)
    ]


def test_what_grows_and_what_sleeps_is_told_by_dates() -> None:
    graph = graph_of(
        [*days(1, 6, 1, "old"), *days(1, 1, 2, "old"), *days(1, 2, 1, "new"), *days(10, 5, 8, "new")]
    )
    (growing,) = of_kind(graph, "growing")
    assert growing.value == 5
    assert growing.claim.node_ids == tuple(f"new-8-{day}" for day in (14, 13, 12, 11, 10))
    assert "“new” is growing: 5 documents (71% of it) came in the last 56 days." in growing.claim.text
    (dormant,) = of_kind(graph, "dormant")
    assert (dormant.value, dormant.claim.node_ids) == (194, ("old-2-1",))
    by_name = {cluster.cluster: cluster for cluster in summarise(graph, {}).clusters}
    assert (by_name["old"].first_at, by_name["old"].last_at) == (
        "2026-01-01T09:00:00Z",
        "2026-02-01T09:00:00Z",
    )


@pytest.mark.parametrize("when", ["", "yesterday", "2026-13-45", "2026-01-01"])
def test_dates_that_are_none_or_all_the_same_say_nothing(when: str) -> None:
    graph = two_clusters(created_at=when)
    assert not of_kind(graph, "growing")
    assert not of_kind(graph, "dormant")


def test_dates_with_and_without_a_zone_stand_in_one_graph() -> None:
    nodes = [node("a", created_at="2026-01-01T00:00:00"), node("b", created_at="2026-01-01T00:00:00+09:00")]
    (cluster,) = summarise(graph_of(nodes), {}).clusters
    assert (cluster.first_at, cluster.last_at) == ("2026-01-01T00:00:00+09:00", "2026-01-01T00:00:00")


def test_a_bridge_is_a_node_that_links_several_clusters() -> None:
    nodes = [node(f"{cluster}{at}", cluster) for cluster in ("a", "b", "c") for at in range(3)]
    edges = [("a0", "b1", 0.9, 0.5), ("a0", "b2", 0.4, 0.5), ("a0", "c0", 0.8, 0.5), ("a1", "c1", 0.9, 0.5)]
    (bridge,) = of_kind(graph_of(nodes, edges), "bridge")
    assert (bridge.value, bridge.claim.node_ids) == (2, ("a0", "b1", "c0"))
    assert bridge.claim.text == "“a0” links its cluster with 2 others: “b”, “c”."


def test_links_much_weaker_than_those_inside_of_the_clusters_bridge_nothing() -> None:
    nodes = [node(f"{cluster}{at}", cluster) for cluster in ("a", "b", "c") for at in range(3)]
    inside = [(f"{cluster}0", f"{cluster}{at}", 0.9, 0.6) for cluster in "abc" for at in (1, 2)]
    near, far = (
        [("a0", "b1", 0.5, 0.4), ("a0", "c0", 0.5, 0.4)],
        [("a0", "b1", 0.5, 0.21), ("a0", "c0", 0.5, 0.16)],
    )
    assert len(of_kind(graph_of(nodes, inside + near), "bridge")) == 1
    assert of_kind(graph_of(nodes, inside + far), "bridge") == []


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "6 documents in 3 clusters: “a”, “b”, “c”."),
        ("ko", "문서 6개가 3개 묶음으로 나뉩니다: 'a', 'b', 'c'."),
    ],
)
def test_of_clusters_of_one_size_none_is_called_the_largest(language: Any, told: str) -> None:
    graph = graph_of([node(f"{cluster}{at}", cluster) for cluster in "abc" for at in range(2)], [])
    summary = summarise(graph, {}, language)
    assert summary.headline is not None
    assert summary.headline.text == told
    assert not [insight for insight in summary.insights if insight.kind == "largest"]


@pytest.mark.parametrize(
    "request_of_a_learner",
    [
        "세포(cells)가 나뉘는 과정을 순서대로 자세히 알려 줘.",
        "Can you explain what cells are made of, and why they divide?",
        "Explain to me how cells divide in plants and animals.",
    ],
)
def test_what_a_learner_asks_for_is_no_statement_of_a_cluster(request_of_a_learner: str) -> None:
    said = "All living things are made of cells, as far as we know."
    cluster = summarise(two_clusters(), {"cell0": f"{request_of_a_learner}\n\n{said}"}).clusters[0]
    assert [claim.text for claim in cluster.claims if claim.by == "extract"] == [said]


def test_who_is_alone_is_told() -> None:
    nodes = [node("a"), node("b"), node("alone", degree=0)]
    (isolated,) = of_kind(graph_of(nodes, [("a", "b", 1.0, 0.5)]), "isolated")
    assert (isolated.value, isolated.claim.node_ids) == (1, ("alone",))
    assert isolated.claim.text == "1 document is linked to no other."


def test_nearly_equal_texts_are_duplicates_and_short_ones_of_long_ones_are_not() -> None:
    nodes = [
        *(node("a", digest="same"), node("b", digest="same")),
        *(node("c", characters=1000), node("d", characters=990), node("e", characters=10), node("f")),
        *(node("x", characters=0, digest="empty"), node("y", characters=0, digest="empty")),
    ]
    edges = [("c", "d", 1.0, 0.995), ("c", "e", 1.0, 0.995), ("d", "f", 1.0, 0.9)]
    (duplicate,) = of_kind(graph_of(nodes, edges), "duplicate")
    assert (duplicate.value, duplicate.claim.node_ids) == (4, ("a", "b", "c", "d"))


def test_a_word_of_many_clusters_recurs() -> None:
    nodes = [node(f"n{at}", f"c-{at % 3}", keywords=("time", f"w{at}")) for at in range(6)]
    (recurring,) = of_kind(graph_of(nodes), "recurring")
    assert recurring.value == 6
    assert recurring.claim.text == "The word “time” recurs in 6 documents of 3 clusters."


def test_two_large_clusters_that_nothing_links_are_a_gap_where_most_are_linked() -> None:
    nodes = [node(f"{cluster}{at}", cluster) for cluster in "abc" for at in range(5)]
    linked = [("a0", "b0", 1.0, 0.5), ("b1", "c1", 1.0, 0.5)]
    (gap,) = of_kind(graph_of(nodes, linked), "gap")
    assert gap.claim.text == "Nothing links the large clusters “a” and “c”."
    assert set(gap.claim.node_ids) == {f"{cluster}{at}" for cluster in "ac" for at in range(5)}
    assert not of_kind(graph_of(nodes, linked[:1]), "gap")


@pytest.mark.parametrize(
    ("nodes", "wanted", "language"),
    [
        (["ko", "ko", "en"], "auto", "ko"),
        (["ko", "en", "en", "other"], "auto", "en"),
        (["other"], "auto", "en"),
        (["en"], "ko", "ko"),
        (["ko"], "en", "en"),
    ],
)
def test_the_language_is_the_one_asked_for_or_of_most_nodes(
    nodes: list[str], wanted: Any, language: str
) -> None:
    graph = graph_of([node(f"n{at}", language=each) for at, each in enumerate(nodes)])
    summary = summarise(graph, {}, wanted)
    assert summary.language == language
    assert summary.headline is not None
    assert ("문서" in summary.headline.text) == (language == "ko")


def test_korean_sentences_fit_any_name() -> None:
    nodes = [node(f"n{at}", f"c-{at % 3}", language="ko", keywords=("시간",)) for at in range(15)]
    edges = [("n0", "n1", 1.0, 0.99), ("n1", "n2", 1.0, 0.5)]
    told = " ".join(claim.text for claim in claims_of(summarise(graph_of(nodes, edges), {})))
    assert "되풀이되는 낱말 '시간': 묶음 3개의 문서 15개에 나옵니다." in told
    assert "큰 두 묶음 'c-0', 'c-2' 사이에는 연결이 하나도 없습니다." in told
    assert "(와" not in told


def test_an_empty_graph_says_nothing() -> None:
    summary = summarise(graph_of([]), {})
    assert (summary.headline, summary.clusters, summary.insights, summary.nodes) == (None, (), (), 0)


def test_names_as_long_as_can_be_fit_into_claims() -> None:
    graph = graph_of(
        [node(f"n{at}", f"c-{at % 3}", title="긴 제목 " * 100) for at in range(15)],
        [("n0", "n1", 1.0, 0.5), ("n0", "n2", 1.0, 0.5)],
        {f"c-{at}": "길고 긴 이름 " * 300 for at in range(3)},
    )
    assert all(len(claim.text) <= 1000 for claim in claims_of(summarise(graph, {})))


def test_it_is_the_same_every_time() -> None:
    assert summarise(make_graph(500, 9), {}) == summarise(make_graph(500, 9), {})
