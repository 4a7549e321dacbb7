"""A graph is searched by words, and by the vectors of its model where it was made with one (GRA-3, GRA-7)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.graph.library import NOTES, TENANT, USER, Library, open_library
from tests.support.servers.openai import API_KEY, VECTOR_MODEL, Fault, OpenAiServer, openai_server

from academy.application.graph.job_types import SEARCH
from academy.bootstrap.models import open_models
from academy.contracts.graph_search import NodesFound, SearchGraph
from academy.domain.job.states import JobState

pytestmark = [pytest.mark.requirement("GRA-3"), pytest.mark.requirement("GRA-7")]
PREFIX = f"tenants/{TENANT}/notes/"


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as served:
        yield served


async def found(library: Library, text: str, user: str = USER) -> NodesFound:
    job = await library.ended(library.order(SEARCH, SearchGraph(user_id=user, text=text, limit=3)))
    assert job.state is JobState.SUCCEEDED, job.failure
    return NodesFound.model_validate(job.result)


async def test_the_question_is_embedded_by_the_model_of_the_graph(
    tmp_path: Path, server: OpenAiServer
) -> None:
    given = {"embedding_url": server.url, "embedding_api_key": API_KEY, "embedding_model": VECTOR_MODEL}
    async with (
        open_library(tmp_path, **given) as library,
        open_models(library.backends.settings) as models,
    ):
        library.models = models
        await library.put(NOTES)
        async with library.working():
            await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
            told = await found(library, "교착 상태를 막는 방법")
            assert server.seen[-1]["input"] == ["교착 상태를 막는 방법"]
            server.script(*[Fault.NO_QUOTA] * 3)
            alone = await found(library, "교착 상태를 막는 방법")
    assert told.nodes[0].id == f"{PREFIX}os/deadlock.md"
    assert (told.degraded, told.usage.tokens_in > 0) == ((), True)
    assert alone.nodes[0].id == f"{PREFIX}os/deadlock.md"
    assert [each.code for each in alone.degraded] == ["model_quota_exhausted"]


async def test_a_search_waits_for_no_change_and_has_nothing_of_other_users(tmp_path: Path) -> None:
    async with open_library(tmp_path) as library:
        await library.put(NOTES)
        async with library.working():
            await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
            library.backends.database.run_sync(lambda tx: tx.graphs.reserve(TENANT, USER, "another job"))
            told = await found(library, "함수의 접선의 기울기")
            assert told.nodes[0].title == "미분"
            job = await library.ended(library.order(SEARCH, SearchGraph(user_id="nobody", text="미분")))
    assert job.failure is not None
    assert job.failure.code == "no_graph"
