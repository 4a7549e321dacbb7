"""What a model is given of a summary, which of its sentences hold, and what becomes of a summary when it does not answer (GRA-4, GRA-7)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from tests.support.graphs import graph_of, make_graph, node

from academy.application.graph.retelling import Retold, retold, with_words
from academy.application.graph.retelling_checks import held
from academy.application.graph.retelling_parts import parts_of
from academy.application.graph.summary import summarise
from academy.application.graph.tally import Tally
from academy.application.ports.models import Completion, Message, Usage
from academy.contracts.graph_retelling import (
    KeptPart,
    ModelPart,
    ModelPartSentence,
    PartNode,
    SummaryPart,
    SummaryParts,
)
from academy.infrastructure.memory.clock import ManualClock

pytestmark = [pytest.mark.requirement("GRA-4"), pytest.mark.requirement("GRA-7")]
PART = SummaryPart(
    kind="theme",
    at=0,
    facts=("CPU · 스케줄링: 1,204", "2026-01-03 – 2026-03-01"),
    nodes=(
        PartNode(id="a", title="라운드 로빈", text="시간을 4밀리초씩 나눈다."),
        PartNode(id="b", title="FIFO", text="먼저 온 것이 먼저 간다."),
    ),
)
NUMBERS = {1: "a", 2: "b", 3: "elsewhere"}


def said(text: str, *documents: int) -> ModelPart:
    return ModelPart(part=1, sentences=(ModelPartSentence(text=text, documents=documents),))


@pytest.mark.parametrize(
    "text",
    [
        "CPU를 나누어 쓰는 방법을 다룹니다.",
        "문서는 1204개입니다.",
        "문서는 1,204개이고 3월 1일까지 이어집니다.",
        "시간을 4밀리초씩 나누는\n라운드 로빈을 설명합니다.",
    ],
)
def test_a_sentence_that_facts_and_cited_nodes_bear_out_holds(text: str) -> None:
    (claim,) = held(said(text, 1), PART, NUMBERS, "ko").claims
    assert (claim.text, claim.node_ids, claim.by) == (" ".join(text.split()), ("a",), "model")


@pytest.mark.parametrize(
    ("text", "documents", "why"),
    [
        ("나누어 쓰는 방법입니다.", (), "cites no document"),
        ("나누어 쓰는 방법입니다.", (3,), "cites no document"),
        ("나누어 쓰는 방법입니다.", (0, -1, 1 << 60), "cites no document"),
        ("문서는 1205개입니다.", (1,), "number"),
        ("시간을 4밀리초씩 나눕니다.", (2,), "number"),
        ("This is about scheduling.", (1,), "language"),
        ("자세한 것은 http://a.example 에 있습니다.", (1,), "address"),
        ("[여기](누르세요)를 보세요.", (1,), "address"),
        ("굵게 <script>가 있는 문장입니다.", (1,), "address"),
        ("지우는 \x1b[2J 글자입니다.", (1,), "line of text"),
        ("   ", (1,), "line of text"),
    ],
)
def test_what_nothing_bears_out_is_dropped_with_the_reason(
    text: str, documents: tuple[int, ...], why: str
) -> None:
    found = held(said(text, *documents), PART, NUMBERS, "ko")
    assert found.claims == ()
    assert why in found.dropped[0]


def test_an_english_sentence_may_name_korean_titles_and_not_be_korean() -> None:
    assert held(said("It deals with “라운드 로빈” and related ideas.", 1), PART, NUMBERS, "en").claims
    assert not held(said("라운드 로빈을 다룹니다.", 1), PART, NUMBERS, "en").claims


def test_citations_of_other_nodes_are_struck_and_doubled_ones_counted_once() -> None:
    (claim,) = held(said("나누어 쓰는 방법입니다.", 3, 2, 9, 2, 1), PART, NUMBERS, "ko").claims
    assert claim.node_ids == ("b", "a")


def test_a_model_is_given_nodes_of_the_theme_alone_and_beginnings_of_texts() -> None:
    graph = make_graph(3000, 60)
    texts = {each.id: f"{each.id} 이야기. " * 200 for each in graph.nodes}
    parts = parts_of(graph, summarise(graph, texts), texts)
    home = {each.id: each.cluster for each in graph.nodes}
    themes = [part for part in parts.parts if part.kind == "theme"]
    assert [part.at for part in themes] == list(range(30))
    assert parts.left_out == len(graph.clusters) - 30 > 0
    for part in themes:
        assert {home[each.id] for each in part.nodes} == {graph.clusters[part.at].id}
    assert parts.parts[0].kind == "headline"
    assert all(0 < len(part.nodes) <= 5 for part in parts.parts)
    assert max(len(each.text) for part in parts.parts for each in part.nodes) < 700


def test_without_texts_and_without_nodes_there_is_nothing_to_make_up() -> None:
    graph = graph_of([node("a"), node("b")])
    parts = parts_of(graph, summarise(graph, {}), {})
    assert {each.text for part in parts.parts for each in part.nodes} == {""}
    empty = graph_of([])
    assert parts_of(empty, summarise(empty, {}), {}).parts == ()


class Slow:
    """A model that takes ten minutes for each request."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.asked: list[list[int]] = []

    async def complete(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        budget_tokens: int,
    ) -> Completion:
        self._clock.advance(600)
        parts = json.loads(messages[1].text)["parts"]
        self.asked.append([part["part"] for part in parts])
        items = [
            {
                "part": part["part"],
                "sentences": [{"text": "함께 다룹니다.", "documents": [part["documents"][0]["number"]]}],
            }
            for part in parts
        ]
        return Completion(json.dumps({"items": items}), Usage(10, 10, 1), "slow-1")


async def nothing_kept(_: Retold) -> None:
    return


async def test_a_model_that_is_too_slow_is_not_waited_for_and_what_it_said_stays() -> None:
    clock = ManualClock()
    graph = make_graph(3000, 60)
    summary = summarise(graph, {})
    asked = parts_of(graph, summary, {})
    tally, model, told = Tally(clock), Slow(clock), list[float]()
    found = await retold(model, "slow", 100_000, tally, asked, {}, nothing_kept, told.append)
    assert model.asked == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert sorted(found.words) == list(range(8))
    assert [each.code for each in tally.degraded] == ["model_too_slow", "small_themes_left_out"]
    assert f"{len(asked.parts) - 8} of {len(asked.parts)} parts" in tally.degraded[0].message
    assert tally.used.requests == 2
    assert told == sorted(told)
    whole = with_words(summary, asked, found)
    assert whole.model == "slow-1"
    assert [bool(each.words) for each in whole.clusters][:8] == [True] * 7 + [False]
    assert whole.model_copy(update={"words": (), "model": ""}).insights == summary.insights


async def test_words_of_another_model_are_not_taken_for_this_ones() -> None:
    clock = ManualClock()
    graph = graph_of([node("a", language="ko"), node("b", language="ko")])
    asked = parts_of(graph, summarise(graph, {}), {})
    model = Slow(clock)
    first = await retold(model, "one", 100_000, Tally(clock), asked, {}, nothing_kept, lambda _: None)
    kept: dict[str, KeptPart] = {each.of: each for each in first.words.values()}
    requests = len(model.asked)
    again = await retold(model, "one", 100_000, Tally(clock), asked, kept, nothing_kept, lambda _: None)
    assert (len(model.asked), again.words) == (requests, first.words)
    english = SummaryParts(language="en", parts=asked.parts)
    for name, parts in (("two", asked), ("one", english)):
        await retold(model, name, 100_000, Tally(clock), parts, kept, nothing_kept, lambda _: None)
        assert len(model.asked) > requests
        requests = len(model.asked)
