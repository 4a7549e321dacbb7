"""Vectors over real HTTP: in order, of length 1, and never made up."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.openai.asking import client_of
from tests.support.servers.openai import (
    VECTOR_MODEL,
    OpenAiServer,
)

from academy.application.ports.models import (
    ModelAnswerInvalid,
    Usage,
)
from academy.infrastructure.openai.embedder import OpenAiEmbedder

pytestmark = pytest.mark.requirement("DOC-4")


async def test_vectors_come_in_the_order_of_their_texts_and_have_length_1(server: OpenAiServer) -> None:
    texts = [f"문장 {number}" for number in range(7)]
    async with client_of(server) as client:
        made = await OpenAiEmbedder(client, VECTOR_MODEL, portion=3).embed(texts)
        one = await OpenAiEmbedder(client, VECTOR_MODEL).embed([texts[4]])
    assert [len(body["input"]) for body in server.seen] == [3, 3, 1, 1]
    assert made.vectors[4] == one.vectors[0] != made.vectors[3]
    assert (made.model, made.dimension, made.metric) == (VECTOR_MODEL, 8, "cosine")
    assert all(abs(math.hypot(*vector) - 1) < 1e-6 for vector in made.vectors)
    assert made.usage == Usage(sum(map(len, texts)), 0, 3)


def _with(**fields: Any) -> Callable[[list[str]], list[dict[str, Any]]]:
    return lambda texts: [
        {"index": at, "embedding": [1.0, 2.0]} | (fields if at == 0 else {}) for at in range(len(texts))
    ]


@pytest.mark.parametrize(
    "vectors",
    [
        lambda _: [],
        _with(index=1),
        _with(embedding=[1.0]),
        _with(embedding=[0.0, 0.0]),
        _with(embedding=["a", None]),
        _with(embedding=[1e308, 1e308]),
        _with(embedding="1, 2"),
    ],
)
async def test_vectors_that_are_none_are_never_made_up(
    server: OpenAiServer, vectors: Callable[[list[str]], list[dict[str, Any]]]
) -> None:
    server.vectors = vectors
    async with client_of(server) as client:
        with pytest.raises(ModelAnswerInvalid) as raised:
            await OpenAiEmbedder(client, VECTOR_MODEL).embed(["하나", "둘"])
    assert raised.value.failure.code == "model_answer_invalid"
