"""Structured answers: what is right is kept, what is missing is asked for again, and nothing is spent beyond the budget."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pydantic import Field, model_validator

from academy.application.models.structured import Items, ModelSession, answer_of, items_of, whole_items
from academy.application.ports.models import Completion, Message, ModelAnswerInvalid, ModelError, Usage
from academy.contracts.base import Contract

pytestmark = pytest.mark.requirement("DOC-4")


class Span(Contract):
    title: str = Field(min_length=1)
    low: int
    high: int
    tags: tuple[str, ...] = Field((), strict=False)

    @model_validator(mode="after")
    def _ordered(self) -> "Span":
        if self.low > self.high:
            raise ValueError("low is over high")
        return self


class Scripted:
    """A model that answers with what the test wrote, in turn, and remembers what it was asked."""

    def __init__(self, *answers: str, cost: int = 10) -> None:
        self.answers = list(answers)
        self.cost = cost
        self.asked: list[tuple[Sequence[Message], Mapping[str, Any] | None, int]] = []

    async def complete(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, budget_tokens: int
    ) -> Completion:
        self.asked.append((messages, schema, budget_tokens))
        return Completion(self.answers.pop(0), Usage(self.cost, self.cost, 1), "scripted-1")

    def fields(self, request: int) -> set[str]:
        schema = self.asked[request][1]
        assert schema is not None
        return set(schema["properties"])


ASK = [Message("user", "A span, please.")]


async def _span(model: Scripted, budget: int = 10_000, tries: int = 3) -> Span:
    return (await answer_of(ModelSession(model, budget), ASK, Span, tries=tries)).value


async def test_a_right_answer_is_taken_at_once_also_in_a_fence_of_markdown() -> None:
    model = Scripted('```json\n{"title": "a", "low": 1, "high": 2, "tags": ["x"]}\n```')
    assert await _span(model) == Span(title="a", low=1, high=2, tags=("x",))
    assert len(model.asked) == 1


async def test_only_the_fields_that_are_missing_or_wrong_are_asked_for_again() -> None:
    model = Scripted('{"title": "a", "low": "one", "tags": ["x"]}', '{"low": 1, "high": 2, "title": "other"}')
    assert await _span(model) == Span(title="a", low=1, high=2, tags=("x",))
    assert model.fields(0) == {"title", "low", "high", "tags"}
    assert model.fields(1) == {"low", "high"}
    told = model.asked[1][0][-1].text
    assert "low" in told
    assert "Right already, and not to be repeated: title, tags" in told


async def test_fields_that_contradict_one_another_are_all_asked_for_again() -> None:
    model = Scripted('{"title": "a", "low": 3, "high": 2}', '{"title": "a", "low": 2, "high": 3}')
    assert (await _span(model)).low == 2
    assert model.fields(1) == {"title", "low", "high", "tags"}
    assert "low is over high" in model.asked[1][0][-1].text


async def test_fields_nobody_asked_for_do_no_harm() -> None:
    assert (await _span(Scripted('{"title": "a", "low": 1, "high": 2, "note": "!"}'))).title == "a"


@pytest.mark.parametrize("text", ["", "Gladly!", "[1]", '{"title": "a", "lo', '{"title": NaN}', "[" * 5000])
async def test_what_never_becomes_an_answer_is_a_failure_and_nothing_is_made_up(text: str) -> None:
    model = Scripted(text, text, text)
    with pytest.raises(ModelAnswerInvalid) as raised:
        await _span(model)
    assert raised.value.failure.code == "model_answer_invalid"
    assert raised.value.failure.message_ko
    assert len(model.asked) == 3


async def test_the_budget_counts_all_requests_and_ends_them_before_it_is_passed() -> None:
    model = Scripted(*['{"title": "a"}'] * 9, cost=300)
    session = ModelSession(model, 1300)
    with pytest.raises(ModelError) as raised:
        await answer_of(session, ASK, Span, tries=9)
    assert raised.value.failure.code == "model_budget_exceeded"
    assert session.usage == Usage(600, 600, 2)
    allowed = [budget for _, _, budget in model.asked]
    assert allowed[1] < allowed[0] < 1300


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Word(Contract):
    word: str = Field(min_length=1)


def _words(*words: str) -> str:
    return json.dumps({"items": [{"word": word} for word in words]})


async def _listed(model: Scripted, count: int, portion: int = 3) -> tuple[list[str], list[int]]:
    told: list[int] = []

    def ask(wanted: int, taken: Sequence[Word]) -> list[Message]:
        return [Message("user", f"{wanted} beside {len(taken)}")]

    def refuse(item: Word, taken: Sequence[Word]) -> str:
        return "there already" if item in taken else ""

    items = Items(Word, refuse, portion=portion)
    found = await items_of(ModelSession(model, 100_000), items, count, ask, told.append)
    return [each.word for each in found], told


async def test_a_list_comes_in_portions_of_exactly_as_many_as_are_missing() -> None:
    model = Scripted(_words("a", "b", "c"), _words("d", "e"))
    assert await _listed(model, 5) == (["a", "b", "c", "d", "e"], [3, 5])
    assert [asked[0][0].text for asked in model.asked] == ["3 beside 0", "2 beside 3"]


async def test_more_than_was_asked_for_is_left_aside() -> None:
    assert (await _listed(Scripted(_words("a", "b", "c", "d")), 2))[0] == ["a", "b"]


async def test_wrong_and_repeated_items_are_replaced_and_the_model_is_told_why() -> None:
    model = Scripted(_words("a", "a", ""), _words("b", "c"))
    assert (await _listed(model, 3))[0] == ["a", "b", "c"]
    why = model.asked[1][0][-1].text
    assert "item 2: there already" in why
    assert "item 3 word" in why


async def test_of_a_cut_answer_the_whole_items_count_and_the_rest_is_asked_for() -> None:
    model = Scripted(_words("a", "b", "c")[:-12], _words("d"))
    assert (await _listed(model, 3))[0] == ["a", "b", "d"]


async def test_three_answers_in_a_row_that_bring_nothing_end_it() -> None:
    model = Scripted(_words("a"), "no", "{}", _words("a"))
    with pytest.raises(ModelAnswerInvalid) as raised:
        await _listed(model, 2)
    assert "there already" in raised.value.failure.detail
    assert len(model.asked) == 4


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('{"items": [{"a": 1}, {"a": 2}', 2),
        ('{"items": [{"a": 1}, {"a": "x}, {', 1),
        ('{"items": [', 0),
        ('{"items": 5}', 0),
        ('{"items": [[[[', 0),
        ("nothing", 0),
    ],
)
def test_whole_items_of_broken_texts(text: str, count: int) -> None:
    assert len(whole_items(text)) == count
