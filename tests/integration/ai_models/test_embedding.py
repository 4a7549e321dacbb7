"""The embedding job: a document with the vectors, and a result that says which model made them."""

import io
import json

import numpy as np
import pytest
from tests.integration.ai_models.desk import Desk
from tests.support.servers.openai import API_KEY, VECTOR_MODEL, Fault, openai_server

from academy.application.ai.embedding import EmbeddingHandler
from academy.application.errors import WorkFailed
from academy.contracts.ai_models import EmbedTexts, TextsEmbedded
from academy.contracts.base import InvalidMessage, validate
from academy.infrastructure.bigrams.embedder import BigramEmbedder
from academy.infrastructure.http.client import HttpLimits
from academy.infrastructure.openai.client import OpenAiClient, Patience
from academy.infrastructure.openai.embedder import OpenAiEmbedder

pytestmark = pytest.mark.requirement("DOC-4")

TEXTS = tuple(f"이차방정식의 근 {number}" for number in range(130))


async def test_vectors_are_made_offline_and_say_so_in_the_result_and_in_the_document(desk: Desk) -> None:
    handler = EmbeddingHandler(desk.files, BigramEmbedder())
    result = await desk.run(handler, EmbedTexts(texts=TEXTS), TextsEmbedded)
    assert (result.model, result.dimension, result.metric) == ("char-bigram-hash-v1-512", 512, "cosine")
    assert (result.count, result.usage.tokens_in, result.document.content_type) == (
        130,
        0,
        "application/json",
    )
    said = json.loads(await desk.made(result.document.id))
    assert {name: said[name] for name in ("model", "dimension", "metric", "count")} == {
        "model": result.model,
        "dimension": 512,
        "metric": "cosine",
        "count": 130,
    }
    alone = await BigramEmbedder().embed(TEXTS[129:])
    assert np.allclose(said["vectors"][129], list(alone.vectors[0]))
    assert desk.reports == [("embed", 64 / 130), ("embed", 128 / 130), ("embed", 1.0), ("store", 1.0)]


async def test_numpy_opens_the_other_format(desk: Desk) -> None:
    handler = EmbeddingHandler(desk.files, BigramEmbedder(64))
    result = await desk.run(handler, EmbedTexts(texts=TEXTS, format="npy"), TextsEmbedded)
    found = np.load(io.BytesIO(await desk.made(result.document.id)), allow_pickle=False)
    assert found.shape == (130, 64)
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    assert result.document.file_name == "embeddings char-bigram-hash-v1-64 64.npy"


async def test_a_server_that_is_down_is_an_outage_and_nobody_takes_its_place(desk: Desk) -> None:
    async with openai_server() as server:
        client = OpenAiClient(server.url, API_KEY, HttpLimits(answer_seconds=5), Patience(first_seconds=0.02))
        handler = EmbeddingHandler(desk.files, OpenAiEmbedder(client, VECTOR_MODEL))
        result = await desk.run(handler, EmbedTexts(texts=TEXTS), TextsEmbedded)
        assert (result.model, result.dimension, result.usage.requests) == (VECTOR_MODEL, 8, 3)
        server.script(None, *[Fault.CUT] * 9)
        with pytest.raises(WorkFailed) as raised:
            await desk.run(handler, EmbedTexts(texts=TEXTS), TextsEmbedded)
        await client.close()
    failure = raised.value.failure
    assert (failure.code, failure.retryable, failure.costs_attempt) == ("model_unavailable", True, False)


async def test_a_model_that_changes_in_the_middle_is_refused(desk: Desk) -> None:
    async with openai_server() as server:
        client = OpenAiClient(server.url, API_KEY)
        handler = EmbeddingHandler(desk.files, OpenAiEmbedder(client, VECTOR_MODEL))
        server.vectors = lambda texts: [
            {"index": at, "embedding": [1.0] * (3 if len(texts) == 64 else 4)} for at in range(len(texts))
        ]
        with pytest.raises(WorkFailed, match="model_answer_invalid"):
            await desk.run(handler, EmbedTexts(texts=TEXTS), TextsEmbedded)
        await client.close()


@pytest.mark.parametrize(
    "fields", [{"texts": []}, {"texts": [""]}, {"texts": ["a"] * 1001}, {"texts": ["a"], "format": "csv"}]
)
def test_an_order_that_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidMessage):
        validate(EmbedTexts, fields)
