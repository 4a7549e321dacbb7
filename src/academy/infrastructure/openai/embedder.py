"""`Embedder` over `/embeddings` (https://platform.openai.com/docs/api-reference/embeddings/create)."""

import asyncio
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from academy.application.ports.models import MODEL_ANSWER_INVALID, Embedded, ModelAnswerInvalid, Usage
from academy.infrastructure.openai.client import OpenAiClient

__all__ = ["OpenAiEmbedder"]

_PORTION = 64
"""Texts of one request: servers take from 32 (many local ones) to 2,048; with these an answer stays under 8 MiB."""


class OpenAiEmbedder:
    """See the port. Vectors are brought to length 1, so that "cosine" is right whatever the server's model."""

    def __init__(self, client: OpenAiClient, model: str, portion: int = _PORTION) -> None:
        """Ask `model` through `client`, which the caller closes; `portion` texts at once."""
        self._client = client
        self._model = model
        self._portion = portion

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """See the port."""
        vectors: list[array[float]] = []
        usage = Usage()
        for start in range(0, len(texts), self._portion):
            part = list(texts[start : start + self._portion])
            asked = {"model": self._model, "input": part, "encoding_format": "float"}
            said = await self._client.post("/embeddings", asked)
            vectors += await asyncio.to_thread(_vectors, said, len(part))
            usage += _usage(said, part)
        sizes = {len(vector) for vector in vectors}
        if len(sizes) > 1:
            raise _invalid(f"vectors of {len(sizes)} sizes")
        return Embedded(vectors, self._model, sizes.pop() if sizes else 0, "cosine", usage)


def _vectors(said: Mapping[str, Any], count: int) -> list["array[float]"]:
    """Return the vectors in the order of their texts. Raises ModelAnswerInvalid unless there is one for each."""
    data = said.get("data")
    found: dict[int, array[float]] = {}
    for each in data if isinstance(data, list) else []:
        match each:
            case {"index": int(index), "embedding": [_, *_] as numbers}:
                found[index] = _unit(numbers)
    if sorted(found) != list(range(count)):
        raise _invalid(f"{len(found)} vectors for {count} texts")
    return [found[index] for index in range(count)]


def _unit(numbers: Sequence[Any]) -> "array[float]":
    try:
        length = math.sqrt(math.fsum(float(x) * float(x) for x in numbers))
        if not 0 < length < math.inf:
            raise _invalid("a vector without a direction")
        return array("f", (float(x) / length for x in numbers))
    except (TypeError, ValueError, OverflowError):
        raise _invalid("a vector that holds something other than numbers") from None


def _usage(said: Mapping[str, Any], texts: Sequence[str]) -> Usage:
    match said.get("usage"):
        case {"prompt_tokens": int(tokens)} if tokens >= 0:
            return Usage(tokens, 0, 1)
    return Usage(sum(len(text.encode()) for text in texts) // 3 + 1, 0, 1, estimated=True)


def _invalid(detail: str) -> ModelAnswerInvalid:
    return ModelAnswerInvalid(replace(MODEL_ANSWER_INVALID, detail=detail))
