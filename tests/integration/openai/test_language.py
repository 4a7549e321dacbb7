"""A language model over real HTTP: what a server says is understood, and every way it can fail is told apart."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.integration.openai.asking import client_of
from tests.support.servers.openai import (
    API_KEY,
    CHAT_MODEL,
    Fault,
    OpenAiServer,
)

from academy.application.ports.models import (
    Message,
    ModelAnswerInvalid,
    ModelRefused,
    ModelUnavailable,
    Usage,
)
from academy.infrastructure.openai.language import OpenAiLanguageModel

pytestmark = pytest.mark.requirement("DOC-4")

ASKED = (Message("system", "Be brief."), Message("user", "안녕하세요?"))
SCHEMA = {
    "type": "object",
    "title": "Word",
    "properties": {"title": {"type": "string", "minLength": 1}},
    "required": ["title"],
    "additionalProperties": False,
}


@asynccontextmanager
async def language_of(server: OpenAiServer, key: str = API_KEY) -> AsyncIterator[OpenAiLanguageModel]:
    async with client_of(server, key) as client:
        yield OpenAiLanguageModel(client, CHAT_MODEL)


async def test_an_answer_comes_with_what_it_cost_and_who_gave_it(server: OpenAiServer) -> None:
    server.answer = lambda _: "네, 안녕하세요."
    async with language_of(server) as language:
        answer = await language.complete(ASKED, None, 300)
    assert (answer.text, answer.model, answer.cut, answer.degraded) == (
        "네, 안녕하세요.",
        "teacher-1-2026",
        False,
        (),
    )
    assert answer.usage == Usage(3, 2, 1)
    assert server.seen[0]["messages"][1] == {"role": "user", "content": "안녕하세요?"}
    assert server.seen[0]["max_tokens"] == 300
    assert "response_format" not in server.seen[0]


async def test_a_schema_goes_as_a_strict_one_without_what_strict_servers_do_not_know(
    server: OpenAiServer,
) -> None:
    async with language_of(server) as language:
        answer = await language.complete(ASKED, SCHEMA, 300)
    assert json.loads(answer.text) == {"title": "text 1"}
    told = server.seen[0]["response_format"]["json_schema"]
    assert told["strict"] is True
    assert told["schema"]["properties"] == {"title": {"type": "string"}}  # the field named title stays
    assert "title" not in told["schema"]


async def test_a_server_that_takes_no_schema_is_told_in_words_from_then_on_and_the_answer_says_so(
    server: OpenAiServer,
) -> None:
    server.unknown = {"response_format"}
    server.answer = lambda _: '{"title": "함수"}'
    async with language_of(server) as language:
        first = await language.complete(ASKED, SCHEMA, 300)
        second = await language.complete(ASKED, SCHEMA, 300)
    assert first.degraded == second.degraded == ("json_schema",)
    assert len(server.seen) == 3
    assert '"minLength": 1' in server.seen[2]["messages"][-1]["content"]


async def test_a_server_that_knows_the_newer_name_of_the_limit_gets_it(server: OpenAiServer) -> None:
    server.unknown = {"max_tokens"}
    async with language_of(server) as language:
        answer = await language.complete(ASKED, SCHEMA, 300)
    assert answer.degraded == ()
    assert server.seen[1]["max_completion_tokens"] == 300


async def test_a_server_that_does_not_count_is_counted_for_and_that_is_said(server: OpenAiServer) -> None:
    server.counts = False
    server.answer = lambda _: "가" * 30
    async with language_of(server) as language:
        usage = (await language.complete(ASKED, None, 300)).usage
    assert usage.estimated
    assert (usage.tokens_in > 0, usage.tokens_out) == (True, 31)


async def test_an_answer_that_ends_where_the_tokens_end_is_known_as_cut(server: OpenAiServer) -> None:
    server.answer = lambda _: "x" * 4000
    async with language_of(server) as language:
        answer = await language.complete(ASKED, None, 100)
    assert answer.cut
    assert len(answer.text) == 400


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.ERROR, Fault.GATEWAY, Fault.HALF, Fault.BUSY])
async def test_an_outage_of_a_moment_is_waited_out(server: OpenAiServer, fault: Fault) -> None:
    server.script(fault)
    server.answer = lambda _: "좋아요"
    async with language_of(server) as language:
        begun = time.monotonic()
        answer = await language.complete(ASKED, None, 300)
    assert answer.text == "좋아요"
    assert len(server.seen) == 2
    assert fault is not Fault.BUSY or time.monotonic() - begun >= 1.0  # as long as it asked for


@pytest.mark.parametrize(
    ("fault", "requests"),
    [
        (Fault.CUT, 3),
        (Fault.ERROR, 3),
        (Fault.GATEWAY, 3),
        (Fault.HALF, 3),
        (Fault.GARBAGE, 1),
        (Fault.SILENCE, 1),
    ],
)
async def test_an_outage_that_stays_is_one_and_costs_no_attempt(
    server: OpenAiServer, fault: Fault, requests: int
) -> None:
    server.script(*[fault] * 9)
    async with language_of(server) as language:
        with pytest.raises(ModelUnavailable) as raised:
            await language.complete(ASKED, None, 300)
    failure = raised.value.failure
    assert (failure.code, failure.retryable, failure.costs_attempt) == ("model_unavailable", True, False)
    assert len(server.seen) == requests


async def test_an_answer_that_is_slow_but_in_time_counts(server: OpenAiServer) -> None:
    server.script(Fault.SLOW)
    async with language_of(server) as language:
        assert (await language.complete(ASKED, SCHEMA, 300)).text
    assert len(server.seen) == 1


async def test_a_server_that_wants_rest_for_long_is_left_to_the_jobs_next_attempt(
    server: OpenAiServer,
) -> None:
    server.retry_after = 600
    server.script(*[Fault.BUSY] * 3)
    async with language_of(server) as language:
        with pytest.raises(ModelUnavailable):
            await asyncio.wait_for(language.complete(ASKED, None, 300), 5)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.UNAUTHORIZED, "model_key_refused"),
        (Fault.NO_QUOTA, "model_quota_exhausted"),
        (Fault.TOO_LONG, "model_request_refused"),
    ],
)
async def test_a_refusal_says_what_has_to_be_mended_and_is_not_asked_again(
    server: OpenAiServer, fault: Fault, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script(fault)
    async with language_of(server) as language:
        with pytest.raises(ModelRefused) as raised:
            await language.complete(ASKED, SCHEMA, 300)
    failure = raised.value.failure
    assert (failure.code, failure.retryable) == (code, False)
    assert failure.message_ko
    assert len(server.seen) == 1
    assert API_KEY not in f"{failure} {raised.value} {caplog.text}"


async def test_a_wrong_key_is_told_from_a_missing_model(server: OpenAiServer) -> None:
    async with language_of(server, "sk-wrong") as language:
        with pytest.raises(ModelRefused, match="model_key_refused"):
            await language.complete(ASKED, None, 300)
    async with client_of(server) as client:
        with pytest.raises(ModelRefused) as raised:
            await OpenAiLanguageModel(client, "nobody").complete(ASKED, None, 300)
    assert (raised.value.failure.code, raised.value.failure.retryable) == ("model_unavailable", False)


async def test_an_object_without_an_answer_in_it_is_no_answer(server: OpenAiServer) -> None:
    server.script(Fault.NO_CHOICES)
    async with language_of(server) as language:
        with pytest.raises(ModelAnswerInvalid):
            await language.complete(ASKED, None, 300)


async def test_a_request_that_is_cancelled_ends_at_once_and_the_next_one_gets_its_own_answer(
    server: OpenAiServer,
) -> None:
    server.script(Fault.SLOW)
    async with language_of(server) as language:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(language.complete(ASKED, None, 300), 0.05)
        server.answer = lambda _: "second"
        assert (await language.complete(ASKED, None, 300)).text == "second"
