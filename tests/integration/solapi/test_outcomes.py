"""What SolapiMessageProvider makes of reports: by which way a message went, why it did not arrive, over as many pages as there are."""

from collections.abc import Callable

import pytest
from tests.integration.solapi.asking import provider_of, texts_of
from tests.support.servers.solapi import SolapiServer

from academy.application.ports.message_provider import Carried, CarriedState, OutgoingText
from academy.domain.messaging.channel import Channel
from academy.infrastructure.solapi.provider import SolapiMessageProvider

KAKAO = {"channel": Channel.ALIMTALK, "kakao_channel": "PF1", "kakao_template_id": "TP1"}
NEVER = float("inf")


async def _sent(provider: SolapiMessageProvider, *texts: OutgoingText) -> str:
    group = await provider.open("batch-1")
    await provider.add(group, texts)
    await provider.send(group)
    return group


async def _only(provider: SolapiMessageProvider, group: str) -> Carried:
    (outcome,) = (await provider.outcomes(group)).values()
    return outcome


@pytest.mark.requirement("MSG-1")
async def test_a_message_is_taken_until_the_carrier_reports_it(
    server: SolapiServer, provider: SolapiMessageProvider
) -> None:
    server.account.report_after = NEVER
    group = await _sent(provider, *texts_of(1))
    before = await _only(provider, group)
    assert (before.state, before.channel) == (CarriedState.TAKEN, Channel.SMS)
    assert await provider.withdraw(group) is True
    server.account.report_after = 0
    after = await _only(provider, group)
    assert (after.state, after.provider_id) == (CarriedState.DELIVERED, before.provider_id)


@pytest.mark.requirement("MSG-1")
@pytest.mark.parametrize(("text", "way"), [("짧은 글", Channel.SMS), ("긴 글 " * 30, Channel.LMS)])
async def test_alimtalk_that_cannot_arrive_goes_as_a_text_of_its_length(
    server: SolapiServer, provider: SolapiMessageProvider, text: str, way: Channel
) -> None:
    message = texts_of(1, fallback=True, text=text, **KAKAO)[0]
    server.account.without_kakao = {message.to}
    server.account.report_after = NEVER
    group = await _sent(provider, message)
    for moment in (0.0, 1.0):
        # Accepted, then refused by KakaoTalk while the text in its place has not gone yet: still open.
        server.account.monotonic = lambda moment=moment: server.account.groups[group].sent_at + moment
        server.account.report_after = 1.5
        before = await _only(provider, group)
        assert (before.state, before.channel, before.failure) == (CarriedState.TAKEN, None, None)
    server.account.report_after = 0
    after = await _only(provider, group)
    assert (after.state, after.channel) == (CarriedState.DELIVERED, way)


@pytest.mark.requirement("MSG-1", "MSG-2")
@pytest.mark.parametrize("kakao", [True, False])
@pytest.mark.parametrize("keep_type", [True, False])
@pytest.mark.parametrize("written", [bool, int])
async def test_the_way_it_went_is_told_however_a_replaced_message_is_listed(
    server: SolapiServer,
    provider: SolapiMessageProvider,
    kakao: bool,
    keep_type: bool,
    written: Callable[[bool], object],
) -> None:
    message = texts_of(1, fallback=True, **KAKAO)[0]
    server.account.without_kakao = set() if kakao else {message.to}
    server.account.replaced_keep_type, server.account.replacement_said = keep_type, written
    outcome = await _only(provider, await _sent(provider, message))
    assert outcome.state is CarriedState.DELIVERED
    assert outcome.channel is (Channel.ALIMTALK if kakao else Channel.SMS)


@pytest.mark.requirement("MSG-1", "MSG-2")
@pytest.mark.parametrize("written", [None, str, lambda _replaced: 2])
async def test_alimtalk_that_does_not_say_whether_it_was_replaced_went_by_an_unknown_way(
    server: SolapiServer, provider: SolapiMessageProvider, written: Callable[[bool], object] | None
) -> None:
    either, single = texts_of(1, fallback=True, **KAKAO)[0], texts_of(1, **KAKAO)[0]
    server.account.replacement_said = written
    group = await _sent(provider, either, single)
    outcomes = await provider.outcomes(group)
    assert {one.state for one in outcomes.values()} == {CarriedState.DELIVERED}
    assert outcomes[either.id].channel is None
    assert outcomes[single.id].channel is Channel.ALIMTALK


@pytest.mark.requirement("MSG-1")
async def test_alimtalk_without_a_second_way_says_why_it_did_not_arrive(
    server: SolapiServer, provider: SolapiMessageProvider
) -> None:
    message = texts_of(1, **KAKAO)[0]
    server.account.without_kakao = {message.to}
    outcome = await _only(provider, await _sent(provider, message))
    assert outcome.state is CarriedState.UNDELIVERED
    assert outcome.channel is Channel.ALIMTALK
    assert outcome.failure is not None
    assert outcome.failure.code == "kakao_unreached"


@pytest.mark.requirement("MSG-1")
@pytest.mark.parametrize(
    ("status", "state", "code", "retryable"),
    [
        ("3042", CarriedState.UNDELIVERED, "recipient_unreached", False),
        ("3010", CarriedState.UNDELIVERED, "recipient_refused", False),
        ("3054", CarriedState.UNDELIVERED, "taken_for_spam", False),
        ("3999", CarriedState.UNDELIVERED, "provider_refused", False),
        ("2230", CarriedState.REFUSED, "provider_balance_exhausted", True),
        ("2062", CarriedState.REFUSED, "sender_not_registered", False),
        ("2061", CarriedState.REFUSED, "recipient_refused", False),
    ],
)
async def test_a_message_that_did_not_arrive_says_why_in_two_languages(
    server: SolapiServer,
    provider: SolapiMessageProvider,
    status: str,
    state: CarriedState,
    code: str,
    retryable: bool,
) -> None:
    message = texts_of(1)[0]
    server.account.undeliverable = {message.to: status}
    outcome = await _only(provider, await _sent(provider, message))
    assert outcome.state is state
    failure = outcome.failure
    assert failure is not None
    assert (failure.code, failure.retryable, failure.detail) == (code, retryable, f"Solapi: {status}")
    assert failure.message
    assert failure.message_ko
    assert message.to not in str(failure)


@pytest.mark.requirement("MSG-6")
@pytest.mark.parametrize("page", [1, 7, 100])
async def test_outcomes_come_from_every_page(
    server: SolapiServer, provider: SolapiMessageProvider, page: int
) -> None:
    server.account.largest_page = page
    texts = texts_of(100)
    outcomes = await provider.outcomes(await _sent(provider, *texts))
    assert outcomes.keys() == {one.id for one in texts}
    assert {one.state for one in outcomes.values()} == {CarriedState.DELIVERED}


@pytest.mark.requirement("MSG-6")
async def test_long_texts_are_handed_over_in_requests_of_a_size_that_solapi_takes(
    server: SolapiServer,
) -> None:
    server.account.names_in_results = True
    provider = provider_of(server.url, patience=30)
    texts = texts_of(6_000, channel=Channel.LMS, text="가" * 1000, subject="안내")
    group = await provider.open("batch-1")
    assert len(await provider.add(group, texts)) == 6_000
    assert server.requests.count("add") == 2
    await provider.send(group)
    assert len(server.account.went_out) == 6_000
    await provider.close()


@pytest.mark.requirement("MSG-2")
async def test_the_balance_counts_money_and_points(
    server: SolapiServer, provider: SolapiMessageProvider
) -> None:
    server.account.balance, server.account.point = 1_000, 30
    assert await provider.balance() == 1_030
    await _sent(provider, *texts_of(2))
    assert await provider.balance() == 990
    assert server.account.spent() == 40
