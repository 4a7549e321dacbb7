"""SolapiMessageProvider against a server and a network that misbehave: no message goes out twice, and none is lost unnoticed."""

import asyncio
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from tests.integration.solapi.asking import PATIENCE, provider_of, settled, texts_of
from tests.support.servers.solapi import API_KEY, API_SECRET, SolapiServer
from tests.support.servers.solapi_faults import Fault

from academy.application.ports.message_provider import (
    CarriedState,
    OutgoingText,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from academy.infrastructure.solapi.provider import SolapiMessageProvider

UNDONE = (Fault.CUT, Fault.ERROR, Fault.GATEWAY, Fault.LATE)
DONE = (Fault.REPLY_LOST, Fault.ERROR_AFTER, Fault.SLOW, Fault.GARBAGE, Fault.HALF, Fault.REPEATED)


@pytest.fixture(autouse=True)
def _slower_than_patience(server: SolapiServer) -> None:
    server.faults.slow_seconds = PATIENCE * 1.5


async def _filled(provider: SolapiMessageProvider, texts: Sequence[OutgoingText]) -> str:
    group = await provider.open("batch-1")
    await provider.add(group, texts)
    return group


def _once(texts: Sequence[OutgoingText]) -> Counter[tuple[str, str, str]]:
    return Counter((one.to, one.text, one.id) for one in texts)


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("fault", [*DONE, Fault.TWICE])
async def test_a_send_that_was_done_in_spite_of_its_answer_is_found_to_be_sent(
    server: SolapiServer, provider: SolapiMessageProvider, fault: Fault
) -> None:
    texts = texts_of(3)
    group = await _filled(provider, texts)
    server.faults.script("send", fault)
    with pytest.raises(ProviderUnavailable):
        await provider.send(group)
    assert await provider.withdraw(group) is True
    assert {one.state for one in (await provider.outcomes(group)).values()} == {CarriedState.DELIVERED}
    assert server.account.counts() == _once(texts)


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("fault", UNDONE)
async def test_a_send_that_was_cut_before_its_effect_never_comes_to_anything(
    server: SolapiServer, provider: SolapiMessageProvider, fault: Fault
) -> None:
    group = await _filled(provider, texts_of(3))
    server.faults.script("send", fault)
    with pytest.raises(ProviderUnavailable):
        await provider.send(group)
    assert await provider.withdraw(group) is False
    late = server.deliver_late()
    assert late == ([400] if fault is Fault.LATE else [])
    assert await provider.withdraw(group) is False
    assert await provider.outcomes(group) == {}
    assert not server.account.went_out


@pytest.mark.requirement("MSG-3")
async def test_a_send_that_arrives_before_the_withdrawal_is_found_to_be_sent(
    server: SolapiServer, provider: SolapiMessageProvider
) -> None:
    texts = texts_of(3)
    group = await _filled(provider, texts)
    server.faults.script("send", Fault.LATE)
    with pytest.raises(ProviderUnavailable):
        await provider.send(group)
    assert server.deliver_late() == [200]
    assert await provider.withdraw(group) is True
    assert server.account.counts() == _once(texts)


@pytest.mark.requirement("MSG-3")
async def test_a_send_that_arrives_between_look_and_deletion_is_found_to_be_sent(
    server: SolapiServer, provider: SolapiMessageProvider
) -> None:
    texts = texts_of(3)
    group = await _filled(provider, texts)
    server.faults.script("send", Fault.LATE)
    with pytest.raises(ProviderUnavailable):
        await provider.send(group)
    # The look sees an unsent group; its deletion waits while the send is carried out.
    server.faults.slow_seconds = PATIENCE / 3
    server.faults.script("withdraw", Fault.STALLED)
    withdrawal = asyncio.create_task(provider.withdraw(group))
    await server.came["withdraw"].wait()
    assert server.deliver_late() == [200]
    assert await withdrawal is True
    assert await provider.withdraw(group) is True
    assert {one.state for one in (await provider.outcomes(group)).values()} == {CarriedState.DELIVERED}
    assert server.account.counts() == _once(texts)


@pytest.mark.requirement("MSG-3")
async def test_a_send_that_is_carried_out_after_nobody_waits_comes_to_nothing_once_withdrawn(
    server: SolapiServer, provider: SolapiMessageProvider
) -> None:
    group = await _filled(provider, texts_of(1))
    server.faults.script("send", Fault.STALLED)
    with pytest.raises(ProviderUnavailable):
        await provider.send(group)
    assert await provider.withdraw(group) is False
    await asyncio.sleep(server.faults.slow_seconds)
    assert not server.account.went_out
    assert await provider.withdraw(group) is False


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("kind", ["look", "withdraw"])
@pytest.mark.parametrize("fault", [*UNDONE, *DONE, Fault.TWICE, Fault.BUSY])
async def test_a_withdrawal_that_went_wrong_tells_the_truth_when_asked_again(
    server: SolapiServer, provider: SolapiMessageProvider, sent: bool, kind: str, fault: Fault
) -> None:
    texts = texts_of(2)
    group = await _filled(provider, texts)
    if sent:
        await provider.send(group)
    server.faults.script(kind, fault)
    assert await settled(provider, group) is sent
    assert await provider.withdraw(group) is sent
    assert len(server.deliver_late()) <= 1
    assert await provider.withdraw(group) is sent
    assert server.account.counts() == (_once(texts) if sent else Counter())


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("fault", [*UNDONE, *DONE])
async def test_an_add_without_an_answer_is_an_error_and_sends_nothing(
    server: SolapiServer, provider: SolapiMessageProvider, fault: Fault
) -> None:
    group = await provider.open("batch-1")
    server.faults.script("add", fault)
    with pytest.raises(ProviderUnavailable):
        await provider.add(group, texts_of(2))
    assert server.requests.count("add") == 1
    assert await provider.withdraw(group) is False
    assert not server.account.went_out


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("shown", [5, 6, 7])
async def test_a_list_that_lags_is_no_answer_however_many_were_refused(
    server: SolapiServer, provider: SolapiMessageProvider, shown: int
) -> None:
    """Three of eight were refused; a list of these and of fewer than five others is not whole."""
    texts = texts_of(8)
    server.account.refused = {one.to: "1060" for one in texts[:3]}
    group = await _filled(provider, texts)
    server.faults.script("send", Fault.REPLY_LOST)
    with pytest.raises(ProviderUnavailable):
        await provider.send(group)
    assert await provider.withdraw(group) is True
    server.account.lagging[group] = len(texts) - shown
    with pytest.raises(ProviderUnavailable, match="fewer"):
        await provider.outcomes(group)
    server.account.lagging.clear()
    said = await provider.outcomes(group)
    assert Counter(one.state for one in said.values()) == {
        CarriedState.REFUSED: 3,
        CarriedState.DELIVERED: 5,
    }


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("names", [True, False])
async def test_a_group_that_was_filled_twice_on_the_way_is_not_sent(
    server: SolapiServer, provider: SolapiMessageProvider, names: bool
) -> None:
    server.account.names_in_results = names
    texts = texts_of(2)
    group = await provider.open("batch-1")
    server.faults.script("add", Fault.TWICE)
    await provider.add(group, texts)
    for sender in (provider, other := provider_of(server.url)):
        with pytest.raises(ProviderUnavailable, match="twice"):
            await sender.send(group)
    await other.close()
    assert await provider.withdraw(group) is False
    assert not server.account.went_out


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("fault", [*UNDONE, *DONE])
async def test_a_group_whose_opening_went_wrong_is_an_error(
    server: SolapiServer, provider: SolapiMessageProvider, fault: Fault
) -> None:
    server.faults.script("open", fault)
    with pytest.raises(ProviderUnavailable):
        await provider.open("batch-1")
    assert await provider.open("batch-1") in server.account.groups


@pytest.mark.requirement("MSG-1")
@pytest.mark.parametrize("names", [True, False])
async def test_an_add_that_is_refused_in_part_says_so_of_each_message(
    server: SolapiServer, provider: SolapiMessageProvider, names: bool
) -> None:
    server.account.names_in_results = names
    texts = texts_of(4)
    group = await provider.open("batch-1")
    server.faults.script("add", Fault.PARTLY)
    said = await provider.add(group, texts)
    taken, refused = CarriedState.TAKEN, CarriedState.REFUSED
    assert [said[one.id].state for one in texts] == [taken, refused, taken, refused]
    await provider.send(group)
    outcomes = await provider.outcomes(group)
    assert [outcomes[one.id].state for one in texts] == [CarriedState.DELIVERED, refused] * 2
    assert server.account.counts() == _once(texts[::2])


@pytest.mark.requirement("MSG-1")
@pytest.mark.parametrize("kind", ["open", "add", "send", "withdraw", "look", "list", "balance"])
async def test_too_many_requests_say_when_to_come_again(
    server: SolapiServer, provider: SolapiMessageProvider, kind: str
) -> None:
    group = await _filled(provider, texts_of(1))
    calls: dict[str, Callable[[], object]] = {
        "open": lambda: provider.open("batch-1"),
        "add": lambda: provider.add(group, texts_of(1)),
        "send": lambda: provider.send(group),
        "list": lambda: provider.outcomes(group),
        "balance": provider.balance,
    }
    server.faults.retry_after = 7
    server.faults.script(kind, Fault.BUSY)
    with pytest.raises(ProviderBusy) as caught:
        await calls.get(kind, lambda: provider.withdraw(group))()  # type: ignore[misc]
    assert caught.value.retry_after.total_seconds() == 7
    assert not server.account.went_out


async def _order(provider: SolapiMessageProvider, texts: Sequence[OutgoingText]) -> None:
    """Send as the port says: whoever does not know withdraws, and begins anew only when nothing was sent."""
    while True:
        group = ""
        try:
            group = await provider.open("batch-1")
            said = await provider.add(group, texts)
            if any(one.state is CarriedState.REFUSED for one in said.values()):
                await settled(provider, group)
                continue
            await provider.send(group)
        except ProviderError:
            if group and await settled(provider, group):
                return
        else:
            return


async def _stragglers(server: SolapiServer) -> None:
    while True:
        await asyncio.sleep(0.02)
        server.deliver_late()


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("seed", range(6))
async def test_whatever_goes_wrong_each_message_goes_out_once(
    server: SolapiServer, provider: SolapiMessageProvider, seed: int
) -> None:
    server.account.names_in_results = seed % 2 == 0
    server.account.largest_page = 7
    orders = [texts_of(10) for _ in range(8)]
    server.faults.by_chance(dict.fromkeys(Fault, 0.35 / len(Fault)), seed)
    straggling = asyncio.create_task(_stragglers(server))
    await asyncio.gather(*(_order(provider, texts) for texts in orders))
    straggling.cancel()
    server.faults.by_chance({}, seed)
    server.deliver_late()
    await asyncio.sleep(server.faults.slow_seconds)
    assert server.account.counts() == _once([one for texts in orders for one in texts])
    assert server.faults.seen


@pytest.mark.requirement("SEC-3")
async def test_no_error_and_no_log_line_holds_a_number_a_text_or_a_key(
    server: SolapiServer, provider: SolapiMessageProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    texts, shown = texts_of(2, to="01012345678"), [""]
    for kind in ("open", "add", "look", "list", "send", "withdraw"):
        for fault in Fault:
            server.faults.script(kind, fault)
            try:
                group = await provider.open("batch-1")
                await provider.add(group, texts)
                await provider.send(group)
                await provider.withdraw(group)
            except ProviderError as error:
                shown += traceback.format_exception(error)
    server.guard.api_secret = "another"
    with pytest.raises(ProviderRefused) as caught:
        await provider.balance()
    everything = "\n".join([*shown, *traceback.format_exception(caught.value), caplog.text, repr(provider)])
    assert "ProviderUnavailable" in everything
    for secret in ("01012345678", "0212345678", texts[0].text, "비밀", API_KEY, API_SECRET, "signature="):
        assert secret not in everything
