"""A Solapi server for each test, and the adapter that asks it."""

from collections.abc import AsyncIterator

import pytest
from tests.integration.solapi.asking import provider_of
from tests.support.servers.solapi import SolapiServer, solapi_server

from academy.infrastructure.solapi.provider import SolapiMessageProvider


@pytest.fixture
async def server() -> AsyncIterator[SolapiServer]:
    async with solapi_server() as served:
        yield served


@pytest.fixture
async def provider(server: SolapiServer) -> AsyncIterator[SolapiMessageProvider]:
    made = provider_of(server.url)
    yield made
    await made.close()
