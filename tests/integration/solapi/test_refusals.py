"""What SolapiMessageProvider makes of errors: what a person can mend, what passes, and what says nothing at all."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.integration.solapi.asking import provider_of, texts_of
from tests.support.fault_server import Answer, Request, fault_server
from tests.support.servers.solapi import SolapiServer

from academy.application.ports.message_provider import (
    AccountRefused,
    CarriedState,
    ProviderBusy,
    ProviderRefused,
    ProviderUnavailable,
)
from academy.domain.failures import Failure
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.solapi.provider import SolapiMessageProvider

Break = Callable[[SolapiServer], None]


def _set(where: str, name: str, value: Any) -> Break:
    return lambda server: setattr(getattr(server, where), name, value)


async def _failure(provider: SolapiMessageProvider) -> Failure:
    group = await provider.open("batch-1")
    await provider.add(group, texts_of(2))
    with pytest.raises(ProviderRefused) as caught:
        await provider.send(group)
    assert await provider.withdraw(group) is False
    return caught.value.failure


@pytest.mark.requirement("MSG-1")
@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (_set("account", "balance", 39), "provider_balance_exhausted"),
        (_set("account", "quota_left", 1), "provider_quota_reached"),
    ],
)
async def test_an_account_that_can_send_no_more_is_told_and_can_be_tried_again(
    server: SolapiServer, provider: SolapiMessageProvider, broken: Break, code: str
) -> None:
    broken(server)
    failure = await _failure(provider)
    assert (failure.code, failure.retryable) == (code, True)
    assert failure.message_ko
    assert not server.account.went_out


@pytest.mark.requirement("MSG-1")
@pytest.mark.parametrize(
    "broken",
    [
        _set("guard", "api_key", "NCSANOTHER"),
        _set("guard", "api_secret", "another"),
        _set("guard", "now", lambda: datetime.now(UTC) + timedelta(minutes=16)),
        _set("guard", "now", lambda: datetime.now(UTC) - timedelta(minutes=16)),
    ],
)
async def test_credentials_or_a_clock_that_are_wrong_are_for_a_person_to_mend(
    server: SolapiServer, provider: SolapiMessageProvider, broken: Break
) -> None:
    broken(server)
    with pytest.raises(AccountRefused) as caught:
        await provider.open("batch-1")
    failure = caught.value.failure
    assert failure.code == "provider_credentials_refused"
    # Mended, it goes on by itself; nothing fails for it meanwhile.
    assert (failure.retryable, failure.costs_attempt) == (True, False)


@pytest.mark.requirement("MSG-1")
@pytest.mark.parametrize("key", ["", "with space", "with,comma", "줄"])
def test_a_key_that_is_none_is_refused_at_the_start(key: str) -> None:
    with pytest.raises(ValueError, match="API key"):
        SolapiMessageProvider("https://api.solapi.com", key, "secret", SystemClock())


@pytest.mark.requirement("MSG-1")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sender": "0299999999"}, "sender_not_registered"),
        ({"to": "010"}, "provider_refused"),
        ({"text": "🙂"}, "provider_refused"),
        ({"id": "x" * 101}, "provider_refused"),
    ],
)
async def test_a_message_that_solapi_does_not_take_is_refused_alone(
    provider: SolapiMessageProvider, changes: dict[str, Any], code: str
) -> None:
    good, bad = texts_of(1)[0], texts_of(1, **changes)[0]
    group = await provider.open("batch-1")
    said = await provider.add(group, [good, bad])
    assert said[good.id].state is CarriedState.TAKEN
    assert said[bad.id].state is CarriedState.REFUSED
    failure = said[bad.id].failure
    assert failure is not None
    assert failure.code == code


@pytest.mark.requirement("MSG-1")
async def test_a_number_that_solapi_blocks_is_the_recipients_affair(
    server: SolapiServer, provider: SolapiMessageProvider
) -> None:
    message = texts_of(1)[0]
    server.account.refused = {message.to: "1061"}
    group = await provider.open("batch-1")
    failure = (await provider.add(group, [message]))[message.id].failure
    assert failure is not None
    assert failure.code == "recipient_refused"


@pytest.mark.requirement("MSG-3")
async def test_a_deleted_group_that_solapi_no_longer_knows_was_withdrawn(
    server: SolapiServer, provider: SolapiMessageProvider
) -> None:
    server.account.forgets_deleted = True
    group = await provider.open("batch-1")
    await provider.add(group, texts_of(1))
    assert [await provider.withdraw(group) for _ in range(2)] == [False, False]
    assert await provider.outcomes(group) == {}
    with pytest.raises(ProviderRefused):
        await provider.send(group)
    assert not server.account.went_out


@pytest.mark.requirement("MSG-3")
async def test_a_sent_group_is_never_deleted(server: SolapiServer, provider: SolapiMessageProvider) -> None:
    # Whatever Solapi does with deleted groups: that this one was sent must stay to be seen.
    server.account.forgets_deleted = True
    texts = texts_of(1)
    group = await provider.open("batch-1")
    await provider.add(group, texts)
    await provider.send(group)
    assert [await provider.withdraw(group) for _ in range(2)] == [True, True]
    assert (await provider.outcomes(group)).keys() == {texts[0].id}


PENDING = {"groupId": "G1", "status": "PENDING", "dateSent": None, "count": {"registeredSuccess": 1}}
SENT = PENDING | {"status": "SENDING", "dateSent": "2026-03-02T00:00:00.000Z"}
MESSAGE = {"messageId": "M1", "statusCode": "2000", "type": "SMS", "customFields": {"id": "m1"}}
NOTHING = [
    Answer(200, b""),
    Answer(200, b"[]"),
    Answer(200, b"{}"),
    Answer(200, b'{"status": 7, "groupId": 7, "resultList": 7, "messageList": 7, "balance": "7"}'),
    Answer(200, b'{"status": "PENDING", "dateSent": 7, "resultList": [7, {}], "messageList": []}'),
    Answer(200, b"\xff\xfe\x00"),
    Answer(200, b"[" * 100_000),
    Answer(204, b""),
    Answer(302, b"", {"location": "/"}),
    Answer(403, b"<html>a proxy</html>"),
    Answer(404, b"<html>a proxy</html>"),
    Answer(404, b"{}"),
    Answer(400, b'{"errorCode": 7}'),
    Answer(408, b'{"errorCode": "Timeout"}'),
    Answer(503, b'{"errorCode": "Maintenance"}'),
]


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("answer", NOTHING, ids=lambda one: f"{one.status} {one.body[:24]!r}")
async def test_an_answer_that_says_nothing_is_never_taken_for_one(answer: Answer) -> None:
    async with fault_server(lambda _: answer) as server:
        provider = provider_of(server.url)
        for call in (
            provider.open("batch-1"),
            provider.add("G1", texts_of(1)),
            provider.send("G1"),
            provider.withdraw("G1"),
            provider.outcomes("G1"),
            provider.balance(),
        ):
            with pytest.raises(ProviderUnavailable):
                await call
        await provider.close()


def _json(value: object) -> Answer:
    return Answer(200, json.dumps(value).encode())


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize(
    "said",
    [
        b'{"balance": %s}' % (b"9" * 4000),
        b'{"balance": -%s}' % (b"9" * 4000),
        b'{"balance": 1e308, "point": 1e308}',
        b'{"balance": 1, "point": 1e999}',
        b'{"balance": NaN}',
    ],
    ids=lambda said: said[:20].decode(),
)
async def test_a_balance_that_nobody_has_is_none(said: bytes) -> None:
    async with fault_server(lambda _: Answer(200, said)) as server:
        provider = provider_of(server.url)
        with pytest.raises(ProviderUnavailable):
            await provider.balance()
        await provider.close()


@pytest.mark.requirement("MSG-3")
async def test_a_group_whose_name_is_no_text_is_none() -> None:
    async with fault_server(lambda _: _json({"groupId": "G\ud800"})) as server:
        provider = provider_of(server.url)
        with pytest.raises(ProviderUnavailable):
            await provider.open("batch-1")
        await provider.close()


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (_json(PENDING), ProviderUnavailable),
        (_json(PENDING | {"status": "FAILED"}), ProviderRefused),
        (Answer(400, b'{"errorCode": "SomethingNew"}'), ProviderRefused),
        (Answer(403, b'{"errorCode": "DuplicatedSignature"}'), ProviderUnavailable),
    ],
)
async def test_a_send_is_done_only_when_its_answer_says_so(answer: Answer, error: type[Exception]) -> None:
    def answered(request: Request) -> Answer:
        return answer if request.method == "POST" else _json(PENDING | {"messageList": {"M1": MESSAGE}})

    async with fault_server(answered) as server:
        provider = provider_of(server.url)
        with pytest.raises(error):
            await provider.send("G1")
        await provider.close()


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize(
    ("deletion", "sent"),
    [
        (_json(SENT | {"status": "DELETED"}), True),
        (_json(PENDING | {"status": "DELETED"}), False),
        (Answer(404, b'{"errorCode": "ResourceNotFound"}'), False),
        (Answer(404, b'{"errorCode": "NotFoundAPI"}'), None),
        (Answer(404, b'{"errorCode": "MessageNotFound"}'), None),
        (Answer(401, b'{"errorCode": "Unauthorized"}'), None),
        (Answer(403, b'{"errorCode": "Forbidden"}'), None),
        (Answer(400, b'{"errorCode": "GroupAlreadySent"}'), None),
        (_json(PENDING), None),
    ],
)
async def test_a_deletion_is_believed_only_by_what_it_shows(deletion: Answer, sent: bool | None) -> None:
    def answered(request: Request) -> Answer:
        return deletion if request.method == "DELETE" else _json(PENDING)

    async with fault_server(answered) as server:
        provider = provider_of(server.url)
        if sent is None:
            with pytest.raises((ProviderRefused, ProviderUnavailable)):
                await provider.withdraw("G1")
        else:
            assert await provider.withdraw("G1") is sent
        await provider.close()


@pytest.mark.requirement("MSG-3")
async def test_pages_without_an_end_are_no_answer() -> None:
    page = _json(SENT | {"messageList": {}, "nextKey": "M1"})
    async with fault_server(lambda _: page) as server:
        provider = provider_of(server.url)
        with pytest.raises(ProviderUnavailable, match="end"):
            await provider.outcomes("G1")
        await provider.close()


@pytest.mark.requirement("MSG-1")
@pytest.mark.parametrize(
    ("said", "seconds"),
    [("", 1), ("0", 1), ("30", 30), ("soon", 1), ("-5", 1), ("9" * 40, 1), ("99999", 600)],
)
async def test_the_wait_after_too_many_requests_is_within_reason(said: str, seconds: int) -> None:
    busy = Answer(429, b"", {"retry-after": said} if said else {})
    async with fault_server(lambda _: busy) as server:
        provider = provider_of(server.url)
        with pytest.raises(ProviderBusy) as caught:
            await provider.balance()
        assert caught.value.retry_after == timedelta(seconds=seconds)
        await provider.close()


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("count", [{"registeredSuccess": 2}, {}, None])
async def test_a_list_that_lacks_messages_of_a_sent_group_is_no_answer(count: object) -> None:
    lagging = _json(SENT | {"count": count, "messageList": {}})
    async with fault_server(lambda _: lagging) as server:
        provider = provider_of(server.url)
        with pytest.raises(ProviderUnavailable, match="fewer"):
            await provider.outcomes("G1")
        await provider.close()
