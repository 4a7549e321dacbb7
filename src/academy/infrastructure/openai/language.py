"""`LanguageModel` over `/chat/completions`.

Not every server takes every field. What one refuses is left out from then on, and the answer says so where it matters:
`response_format` (the schema is told in words instead, "json_schema" in `degraded`), and `max_tokens`, which newer models call
`max_completion_tokens`.
Source: https://platform.openai.com/docs/api-reference/chat/create, https://platform.openai.com/docs/guides/structured-outputs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from academy.application.ports.models import (
    MODEL_ANSWER_INVALID,
    Completion,
    Message,
    ModelAnswerInvalid,
    Usage,
)
from academy.infrastructure.openai.client import OpenAiClient, RequestRefused

__all__ = ["OpenAiLanguageModel", "plain_schema"]

MOST_TOKENS = 16_384
"""Of one answer: many models refuse to be allowed more."""
_UNKNOWN_TO_STRICT = frozenset({"default", "maxLength", "minLength", "title", "uniqueItems"})
_LIMITS = ("max_tokens", "max_completion_tokens")


class OpenAiLanguageModel:
    """See the port."""

    def __init__(self, client: OpenAiClient, model: str) -> None:
        """Ask `model` through `client`, which the caller closes."""
        self._client = client
        self._model = model
        self._limit = _LIMITS[0]
        self._takes_schema = True

    async def complete(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, budget_tokens: int
    ) -> Completion:
        """See the port."""
        while True:
            told = schema is not None and not self._takes_schema
            body = self._body(messages, schema, budget_tokens)
            try:
                said = await self._client.post("/chat/completions", body)
            except RequestRefused as error:
                if not self._gave_in(error, schema):
                    raise
            else:
                return self._completion(said, messages, ("json_schema",) if told else ())

    def _gave_in(self, error: RequestRefused, schema: Mapping[str, Any] | None) -> bool:
        """Leave out what the server does not know; return whether there was something."""
        if error.parameter == _LIMITS[0] and self._limit == _LIMITS[0]:
            self._limit = _LIMITS[1]
        elif schema is not None and self._takes_schema and error.parameter in {"", "response_format"}:
            self._takes_schema = False
        else:
            return False
        return True

    def _body(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, budget_tokens: int
    ) -> dict[str, Any]:
        turns = [{"role": message.role, "content": message.text} for message in messages]
        body: dict[str, Any] = {"model": self._model, "messages": turns}
        body[self._limit] = min(budget_tokens, MOST_TOKENS)
        if schema is not None and self._takes_schema:
            plain = {"name": "answer", "strict": True, "schema": plain_schema(schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": plain}
        elif schema is not None:
            words = "Answer with one JSON object and nothing else. It has to fit this JSON Schema:\n"
            turns.append({"role": "user", "content": words + json.dumps(schema, ensure_ascii=False)})
        return body

    def _completion(
        self, said: Mapping[str, Any], messages: Sequence[Message], degraded: tuple[str, ...]
    ) -> Completion:
        match said.get("choices"):
            case [{"message": {"refusal": str(words)}}, *_] if words:
                raise _invalid("the model refuses to answer")
            case [{"message": {"content": str(text)}} as choice, *_]:
                cut = choice.get("finish_reason") == "length"
            case _:
                raise _invalid("no text in the answer")
        model = said.get("model")
        named = model if isinstance(model, str) and model else self._model
        return Completion(text, _usage(said, messages, text), named[:100], cut, degraded)


def plain_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without what strict structured output does not know; our own check knows it all the same."""
    cleaned = _cleaned(schema)
    assert isinstance(cleaned, dict)
    return cleaned


def _cleaned(value: object, *, names: bool = False) -> object:
    if isinstance(value, Mapping):
        return {
            name: _cleaned(inner, names=not names and name in {"$defs", "properties"})
            for name, inner in value.items()
            if names or name not in _UNKNOWN_TO_STRICT
        }
    return [_cleaned(inner) for inner in value] if isinstance(value, list) else value


def _usage(said: Mapping[str, Any], messages: Sequence[Message], text: str) -> Usage:
    match said.get("usage"):
        case {"prompt_tokens": int(given), "completion_tokens": int(made)} if given >= 0 and made >= 0:
            return Usage(given, made, 1)
    asked = sum(len(message.text.encode()) for message in messages)
    return Usage(asked // 3 + 1, len(text.encode()) // 3 + 1, 1, estimated=True)


def _invalid(detail: str) -> ModelAnswerInvalid:
    return ModelAnswerInvalid(replace(MODEL_ANSWER_INVALID, detail=detail))
