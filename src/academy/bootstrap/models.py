"""Which models a process asks: chosen by the settings alone, never by what happens to answer."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from academy.application.ports.models import Embedder, LanguageModel, ModelError
from academy.bootstrap.settings import Settings, SettingsInvalid
from academy.infrastructure.openai.client import LIMITS, OpenAiClient
from academy.infrastructure.openai.embedder import OpenAiEmbedder
from academy.infrastructure.openai.language import OpenAiLanguageModel

__all__ = ["Models", "check_models", "offline_models", "open_models"]


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a process.

    Attributes:
        language: None where none is configured.
        embedder: the server's, else the statistical one.
        clients: what is asked over the network, by the name of its setting and model.
    """

    language: LanguageModel | None
    embedder: Embedder
    clients: tuple[tuple[str, str, OpenAiClient], ...]


@asynccontextmanager
async def open_models(settings: Settings, trust: ssl.SSLContext | None = None) -> AsyncIterator[Models]:
    """Open the models that the settings name; nothing is sent. Raises SettingsInvalid."""
    language = _client("LLM", settings.llm_url, settings.llm_api_key, settings.llm_model, trust)
    vectors = _client(
        "EMBEDDING", settings.embedding_url, settings.embedding_api_key, settings.embedding_model, trust
    )
    named = (
        ("ACADEMY_LLM_URL", settings.llm_model, language),
        ("ACADEMY_EMBEDDING_URL", settings.embedding_model, vectors),
    )
    clients = tuple((name, model, client) for name, model, client in named if client is not None)
    try:
        yield Models(
            OpenAiLanguageModel(language, settings.llm_model) if language else None,
            OpenAiEmbedder(vectors, settings.embedding_model) if vectors else _statistical(),
            clients,
        )
    finally:
        for _, _, client in clients:
            await client.close()


def offline_models() -> Models:
    """Return what works without any server: the statistical embedder and no language model."""
    return Models(None, _statistical(), ())


async def check_models(models: Models) -> list[tuple[str, str]]:
    """Ask every server for its models; return (setting, "ok" or what is wrong and how to fix it)."""
    found = []
    for name, model, client in models.clients:
        try:
            offered = await client.models()
        except ModelError as error:
            found.append((name, f"{error.failure.message} ({error.failure.detail})"))
            continue
        missing = bool(offered) and model not in offered
        found.append(
            (
                name,
                f"the server does not offer {model}; it has {', '.join(offered[:10])}" if missing else "ok",
            )
        )
    return found


def _client(
    name: str, url: str, key: SecretStr, model: str, trust: ssl.SSLContext | None
) -> OpenAiClient | None:
    if not url:
        return None
    if not model:
        raise SettingsInvalid(
            f"set ACADEMY_{name}_MODEL: the server at ACADEMY_{name}_URL has to be told which model"
        )
    try:
        return OpenAiClient(url, key.get_secret_value(), LIMITS, trust=trust)
    except ValueError as error:
        raise SettingsInvalid(f"ACADEMY_{name}_URL, ACADEMY_{name}_API_KEY: {error}") from None


def _statistical() -> Embedder:
    from academy.infrastructure.bigrams.embedder import BigramEmbedder  # noqa: PLC0415 - whoever asks a server needs no NumPy

    return BigramEmbedder()
