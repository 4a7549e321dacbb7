"""Clients that do not wait for long."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.servers.openai import API_KEY, OpenAiServer

from academy.infrastructure.http.client import HttpLimits
from academy.infrastructure.openai.client import OpenAiClient, Patience

QUICK = HttpLimits(connections=2, connect_seconds=2, answer_seconds=0.5, body_bytes=1 << 20)
HASTY = Patience(tries=3, first_seconds=0.02, longest_seconds=1.5)


@asynccontextmanager
async def client_of(
    server: OpenAiServer, key: str = API_KEY, patience: Patience = HASTY
) -> AsyncIterator[OpenAiClient]:
    client = OpenAiClient(server.url, key, QUICK, patience)
    try:
        yield client
    finally:
        await client.close()
