"""A model server for each test."""

from collections.abc import AsyncIterator

import pytest
from tests.support.servers.openai import OpenAiServer, openai_server


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as served:
        yield served
