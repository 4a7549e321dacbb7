"""Structured answers: checked against a contract; what is right is kept, and only what is missing or wrong is asked for again.

The budget counts the tokens of all requests together, those of the questions too. Nothing is made up for what the model did not say.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from academy.application.ports.models import (
    MODEL_ANSWER_INVALID,
    MODEL_BUDGET_EXCEEDED,
    Completion,
    LanguageModel,
    Message,
    ModelAnswerInvalid,
    ModelError,
    Usage,
)
from academy.contracts.answers import Checked, checked, schema_of
from academy.contracts.base import Contract

__all__ = ["Answered", "Items", "ModelSession", "answer_of", "items_of"]

C = TypeVar("C", bound=Contract)
_ITEMS = "items"
_LEAST_TOKENS = 64
_LONGEST_ECHO = 4_000
_SHOWN_FAULTS = 10
_GAP = re.compile(r"[\s,]*")
_FENCE = re.compile(r"^\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)


@dataclass(slots=True)
class ModelSession:
    """A model and what may still be spent on it.

    Attributes:
        budget: tokens, in and out, of all requests.
        usage: spent so far.
        model: name that the server gave last, "" before the first answer.
        degraded: what the server could not do.
    """

    language: LanguageModel
    budget: int
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    degraded: tuple[str, ...] = ()

    async def ask(self, messages: Sequence[Message], schema: Mapping[str, Any] | None) -> Completion:
        """Ask within the budget. Raises ModelError; `model_budget_exceeded` before a request that has no room."""
        asked = sum(_tokens(message.text) for message in messages) + (
            _tokens(json.dumps(schema)) if schema else 0
        )
        room = self.budget - self.usage.tokens - asked
        if room < _LEAST_TOKENS:
            spent = f"{self.usage.tokens} of {self.budget} tokens spent, the next question has about {asked}"
            raise ModelError(replace(MODEL_BUDGET_EXCEEDED, detail=spent))
        answer = await self.language.complete(messages, schema, room)
        self.usage += answer.usage
        self.model = answer.model
        self.degraded = tuple(dict.fromkeys((*self.degraded, *answer.degraded)))
        return answer


@dataclass(frozen=True, slots=True)
class Answered(Generic[C]):
    """An answer that fits its contract; `requests`: how often the model was asked for it."""

    value: C
    requests: int


async def answer_of(
    session: ModelSession, messages: Sequence[Message], contract: type[C], *, tries: int = 3
) -> Answered[C]:
    """Return an object that fits `contract`. Fields that were right are kept; the next request is for the others alone.

    Raises ModelError; ModelAnswerInvalid after `tries` requests.
    """
    schema = schema_of(contract)
    kept: dict[str, Any] = {}
    talk = list(messages)
    wanted: Mapping[str, Any] = schema
    faults: Mapping[str, str] = {}
    for request in range(1, tries + 1):
        answer = await session.ask(talk, wanted)
        said = read_json(answer.text)
        given = {name: value for name, value in said.items() if name in wanted["properties"]} if said else {}
        found = checked(contract, {**kept, **given})
        if not isinstance(found, Checked):
            return Answered(found, request)
        faults = found.faults
        whole = "" in faults  # the fields contradict one another: none of them is known to be right
        kept = {} if whole else {n: v for n, v in {**kept, **given}.items() if n not in faults}
        wanted = schema if whole else _narrowed(schema, set(schema["properties"]) - set(kept))
        talk = [*messages, _echo(answer), _again(faults, "a JSON object with exactly these fields", kept)]
    raise _invalid(faults)


@dataclass(frozen=True, slots=True)
class Items(Generic[C]):
    """What is wanted of a list.

    Attributes:
        contract: of one.
        refuse: why one that fits the contract is not taken beside those that are; "" takes it.
        portion: asked for at once, at most.
        rounds: requests in a row that may bring nothing new.
    """

    contract: type[C]
    refuse: Callable[[C, Sequence[C]], str]
    portion: int = 5
    rounds: int = 3


async def items_of(
    session: ModelSession,
    items: Items[C],
    count: int,
    ask: Callable[[int, Sequence[C]], Sequence[Message]],
    progress: Callable[[int], None],
) -> tuple[C, ...]:
    """Return exactly `count` items. Whole items of a cut answer count; each request is for so many as are still missing.

    Args:
        session: model and budget.
        items: see there.
        count: how many.
        ask: messages that ask for a number of further items, beside those there are.
        progress: told how many there are after each request.

    Raises ModelError; ModelAnswerInvalid when `items.rounds` requests in a row brought nothing.
    """
    taken: list[C] = []
    fruitless, reasons = 0, dict[str, str]()
    while len(taken) < count:
        wanted = min(items.portion, count - len(taken))
        messages = list(ask(wanted, taken))
        if reasons:
            messages.append(_again(reasons, f"{wanted} new items", {}))
        answer = await session.ask(messages, _list_schema(items.contract, wanted))
        before = len(taken)
        reasons = _take(items, whole_items(answer.text)[:wanted], taken)
        progress(len(taken))
        fruitless = 0 if len(taken) > before else fruitless + 1
        if fruitless >= items.rounds:
            raise _invalid(reasons or {"": "no item in the answer"})
    return tuple(taken)


def _take(items: Items[C], found: Sequence[object], taken: list[C]) -> dict[str, str]:
    """Add what is right to `taken`; return why the rest is not."""
    reasons = {} if found else {"": f'no JSON object with the list "{_ITEMS}"'}
    for number, each in enumerate(found, 1):
        item = checked(items.contract, each)
        if isinstance(item, Checked):
            reasons |= {f"item {number} {name}".strip(): why for name, why in item.faults.items()}
        elif why := items.refuse(item, taken):
            reasons[f"item {number}"] = why
        else:
            taken.append(item)
    return reasons


def read_json(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a text is, also in a fence of Markdown; None where it is none."""
    fenced = _FENCE.match(text)
    try:
        said = json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def whole_items(text: str) -> list[Any]:
    """Return the items of the list in a text; of one that was cut those that came whole."""
    said = read_json(text)
    if said is not None:
        found = said.get(_ITEMS)
        return found if isinstance(found, list) else []
    start = re.search(rf'"{_ITEMS}"\s*:\s*\[', text)
    decoder, items = json.JSONDecoder(), list[Any]()
    at = start.end() if start else len(text)
    while at < len(text):
        gap = _GAP.match(text, at)
        try:
            item, at = decoder.raw_decode(text, gap.end() if gap else at)
        except (ValueError, RecursionError):
            break
        items.append(item)
    return items


def _list_schema(contract: type[Contract], count: int) -> dict[str, Any]:
    item = schema_of(contract)
    definitions = item.pop("$defs", {})
    several = {"type": "array", "items": item, "minItems": count, "maxItems": count}
    whole = {"title": "Answer", "type": "object", "properties": {_ITEMS: several}}
    return {**whole, "required": [_ITEMS], "additionalProperties": False, "$defs": definitions}


def _narrowed(schema: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    properties = {name: value for name, value in schema["properties"].items() if name in names}
    return {**schema, "properties": properties, "required": list(properties)}


def _echo(answer: Completion) -> Message:
    return Message("assistant", answer.text[:_LONGEST_ECHO] or "(nothing)")


def _again(faults: Mapping[str, str], what: str, kept: Mapping[str, Any]) -> Message:
    listed = "\n".join(f"- {name or 'answer'}: {why}" for name, why in list(faults.items())[:_SHOWN_FAULTS])
    rest = f" Right already, and not to be repeated: {', '.join(kept)}." if kept else ""
    return Message(
        "user", f"The answer before could not be used as it is:\n{listed}\nAnswer with {what}.{rest}"
    )


def _invalid(faults: Mapping[str, str]) -> ModelAnswerInvalid:
    said = "; ".join(f"{name or 'answer'}: {why}" for name, why in list(faults.items())[:_SHOWN_FAULTS])
    return ModelAnswerInvalid(replace(MODEL_ANSWER_INVALID, detail=said[:500]))


def _tokens(text: str) -> int:
    """Return about how many tokens a text has: a Hangul syllable one or two, a word of English about one for 4 letters."""
    return len(text.encode()) // 3 + 4
