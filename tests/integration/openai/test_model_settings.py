"""The settings choose the models."""

import pytest
from tests.support.servers.openai import (
    API_KEY,
    CHAT_MODEL,
    VECTOR_MODEL,
    OpenAiServer,
)

from academy.application.ports.models import (
    Message,
    ModelError,
)
from academy.bootstrap.models import check_models, open_models
from academy.bootstrap.settings import Settings, SettingsInvalid
from academy.infrastructure.bigrams.embedder import BigramEmbedder

pytestmark = pytest.mark.requirement("DOC-4")

ASKED = (Message("system", "Be brief."), Message("user", "안녕하세요?"))
SCHEMA = {
    "type": "object",
    "title": "Word",
    "properties": {"title": {"type": "string", "minLength": 1}},
    "required": ["title"],
    "additionalProperties": False,
}


async def test_the_settings_choose_the_models_and_the_check_asks_them(server: OpenAiServer) -> None:
    settings = Settings(
        llm_url=server.url, llm_api_key=API_KEY, llm_model=CHAT_MODEL,  # type: ignore[arg-type]
        embedding_url=server.url, embedding_api_key=API_KEY, embedding_model="nobody",  # type: ignore[arg-type]
    )  # fmt: skip
    async with open_models(settings) as models:
        assert models.language is not None
        assert (await models.language.complete(ASKED, SCHEMA, 300)).usage.requests == 1
        with pytest.raises(ModelError):
            await models.embedder.embed(["하나"])
        found = dict(await check_models(models))
    assert found["ACADEMY_LLM_URL"] == "ok"
    assert "nobody" in found["ACADEMY_EMBEDDING_URL"]
    assert VECTOR_MODEL in found["ACADEMY_EMBEDDING_URL"]


async def test_without_settings_there_is_no_language_model_and_vectors_are_made_offline() -> None:
    async with open_models(Settings()) as models:
        assert models.language is None
        assert isinstance(models.embedder, BigramEmbedder)
        assert await check_models(models) == []


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"llm_url": "https://models.example/v1"}, "ACADEMY_LLM_MODEL"),
        ({"embedding_url": "https://models.example/v1"}, "ACADEMY_EMBEDDING_MODEL"),
        ({"llm_url": "http://models.example/v1", "llm_model": "m", "llm_api_key": "sk-1"}, "https"),
        ({"llm_url": "https://models.example/v1?a=b", "llm_model": "m"}, "path"),
        ({"llm_url": "https://models.example/v1", "llm_model": "m", "llm_api_key": "sk 1"}, "spaces"),
    ],
)
async def test_settings_that_do_not_add_up_are_refused_at_the_start_without_the_key(
    given: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsInvalid, match=named) as raised:
        async with open_models(Settings(**given)):  # type: ignore[arg-type]
            pass
    assert "sk" not in str(raised.value).replace("ask", "")
