"""The MessageProvider port on every adapter: what is asked for goes out once, or never."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from tests.contract.message_provider.places import Place

from academy.application.ports.message_provider import (
    Carried,
    CarriedState,
    MessageProvider,
    OutgoingText,
    ProviderError,
    ProviderRefused,
)
from academy.domain.messaging.channel import Channel

TAKEN, DELIVERED, REFUSED = CarriedState.TAKEN, CarriedState.DELIVERED, CarriedState.REFUSED


def _texts(count: int, **changes: Any) -> list[OutgoingText]:
    made = [
        OutgoingText(
            uuid4().hex, f"010{index:08}", "0212345678", Channel.SMS, f"출석 안내 {uuid4().hex[:12]}"
        )
        for index in range(count)
    ]
    return [replace(one, **changes) for one in made]


async def _filled(provider: MessageProvider, texts: Sequence[OutgoingText]) -> str:
    group = await provider.open("batch-1")
    assert {one.state for one in (await provider.add(group, texts)).values()} == {TAKEN}
    return group


def _once(texts: Sequence[OutgoingText]) -> Counter[str]:
    return Counter(one.text for one in texts)


def _states(outcomes: Mapping[str, Carried]) -> dict[str, CarriedState]:
    return {key: one.state for key, one in outcomes.items()}


@pytest.mark.requirement("MSG-1")
async def test_a_group_goes_out_once_and_tells_what_became_of_each_message(place: Place) -> None:
    texts = [*_texts(3), *_texts(1, channel=Channel.LMS, text="긴 문자 " + "가" * 100, subject="안내")]
    group = await place.provider.open("batch-1")
    said = await place.provider.add(group, texts)
    assert _states(said) == {one.id: TAKEN for one in texts}
    assert not place.out()
    await place.provider.send(group)
    assert sum(place.out().values()) == 4
    outcomes = await place.provider.outcomes(group)
    assert _states(outcomes) == {one.id: DELIVERED for one in texts}
    assert {one.id: outcomes[one.id].channel for one in texts} == {one.id: one.channel for one in texts}
    assert {key: one.provider_id for key, one in outcomes.items()} == {
        key: one.provider_id for key, one in said.items()
    }
    assert len({one.provider_id for one in outcomes.values()}) == 4


@pytest.mark.requirement("MSG-3")
async def test_nothing_goes_out_before_send_and_nothing_after_it_was_withdrawn(place: Place) -> None:
    texts = _texts(2)
    group = await _filled(place.provider, texts)
    assert _states(await place.provider.outcomes(group)) == {one.id: TAKEN for one in texts}
    assert [await place.provider.withdraw(group) for _ in range(3)] == [False] * 3
    with pytest.raises(ProviderRefused):
        await place.provider.send(group)
    with pytest.raises(ProviderRefused):
        await place.provider.add(group, _texts(1))
    assert await place.provider.withdraw(group) is False
    assert await place.provider.outcomes(group) == {}
    assert not place.out()


@pytest.mark.requirement("MSG-3")
async def test_a_group_that_was_sent_says_so_for_ever_and_is_sent_no_second_time(place: Place) -> None:
    texts = _texts(2)
    group = await _filled(place.provider, texts)
    await place.provider.send(group)
    assert [await place.provider.withdraw(group) for _ in range(2)] == [True, True]
    for _ in range(2):
        with pytest.raises(ProviderRefused):
            await place.provider.send(group)
    with pytest.raises(ProviderRefused):
        await place.provider.add(group, _texts(1))
    assert _states(await place.provider.outcomes(group)) == {one.id: DELIVERED for one in texts}
    assert place.out() == _once(texts)


@pytest.mark.requirement("MSG-3")
async def test_another_process_finds_out_what_the_first_one_did(place: Place) -> None:
    sent, unsent = _texts(2), _texts(2)
    groups = [await _filled(place.provider, sent), await _filled(place.provider, unsent)]
    await place.provider.send(groups[0])
    other = place.another()
    assert [await other.withdraw(group) for group in groups] == [True, False]
    assert _states(await other.outcomes(groups[0])) == {one.id: DELIVERED for one in sent}
    assert await other.outcomes(groups[1]) == {}
    assert place.out() == _once(sent)


@pytest.mark.requirement("MSG-3")
async def test_another_process_sends_what_the_first_one_filled(place: Place) -> None:
    texts = _texts(3)
    group = await _filled(place.provider, texts)
    await place.another().send(group)
    with pytest.raises(ProviderRefused):
        await place.provider.send(group)
    assert place.out() == _once(texts)


@pytest.mark.requirement("MSG-1")
async def test_a_wrong_number_is_refused_and_the_others_go_out(place: Place) -> None:
    good, bad = _texts(2), _texts(1, to="0109876")
    group = await place.provider.open("batch-1")
    said = await place.provider.add(group, [good[0], *bad, good[1]])
    assert [said[one.id].state for one in (*good, *bad)] == [TAKEN, TAKEN, REFUSED]
    assert said[bad[0].id].failure is not None
    await place.provider.send(group)
    outcomes = await place.provider.outcomes(group)
    assert [outcomes[one.id].state for one in (*good, *bad)] == [DELIVERED, DELIVERED, REFUSED]
    failure = outcomes[bad[0].id].failure
    assert failure is not None
    assert failure.message_ko
    assert not failure.retryable
    assert "0109876" not in str(failure)
    assert place.out() == _once(good)


@pytest.mark.requirement("MSG-1")
async def test_alimtalk_goes_by_its_template_and_not_without_one(place: Place) -> None:
    good = _texts(1, channel=Channel.ALIMTALK, kakao_channel="PF1", kakao_template_id="TP1")
    bad = _texts(1, channel=Channel.ALIMTALK)
    group = await place.provider.open("batch-1")
    said = await place.provider.add(group, [*good, *bad])
    failure = said[bad[0].id].failure
    assert failure is not None
    assert failure.code == "template_refused"
    await place.provider.send(group)
    assert (await place.provider.outcomes(group))[good[0].id].channel is Channel.ALIMTALK
    assert place.out() == _once(good)


@pytest.mark.requirement("MSG-1")
async def test_two_messages_to_one_phone_both_go_out(place: Place) -> None:
    texts = _texts(2, to="01012345678")
    group = await _filled(place.provider, texts)
    await place.provider.send(group)
    assert place.out() == _once(texts)


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("group", ["", "G4VUNKNOWN", "../messages", "0" * 32, "a/b?c=d"])
async def test_a_group_that_never_was_is_no_error_to_withdraw_and_one_to_send(
    place: Place, group: str
) -> None:
    assert await place.provider.withdraw(group) is False
    assert await place.provider.outcomes(group) == {}
    for call in (place.provider.send(group), place.provider.add(group, _texts(1))):
        with pytest.raises(ProviderRefused):
            await call


@pytest.mark.requirement("MSG-6")
async def test_ten_thousand_messages_go_out_in_one_group(place: Place) -> None:
    assert place.provider.largest_group >= 10_000
    texts = _texts(10_000)
    group = await _filled(place.provider, texts)
    await place.provider.send(group)
    assert place.out() == _once(texts)
    assert _states(await place.provider.outcomes(group)) == {one.id: DELIVERED for one in texts}
    with pytest.raises(ValueError, match="at most"):
        await place.provider.add(group, _texts(place.provider.largest_group + 1))


@pytest.mark.requirement("MSG-3")
async def test_many_tasks_at_once_keep_their_groups_apart(place: Place) -> None:
    orders = [_texts(20) for _ in range(12)]

    async def one(texts: Sequence[OutgoingText]) -> bool:
        group = await place.provider.open("batch-1")
        await asyncio.gather(*(place.provider.add(group, texts[start::2]) for start in range(2)))
        await place.provider.send(group)
        return _states(await place.provider.outcomes(group)) == {text.id: DELIVERED for text in texts}

    assert all(await asyncio.gather(*map(one, orders)))
    assert place.out() == _once([text for texts in orders for text in texts])


@pytest.mark.requirement("MSG-3")
async def test_two_tasks_that_send_one_group_send_it_once(place: Place) -> None:
    texts = _texts(3)
    group = await _filled(place.provider, texts)
    results = await asyncio.gather(
        *(one.send(group) for one in (place.provider, place.another())), return_exceptions=True
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, ProviderError) for result in results) == 1
    assert place.out() == _once(texts)


@pytest.mark.requirement("MSG-3")
async def test_a_send_and_a_withdrawal_at_once_agree_on_what_happened(place: Place) -> None:
    sent: list[str] = []
    for turn in range(20):
        texts = _texts(2)
        group = await _filled(place.provider, texts)
        calls = [place.provider.send(group), place.another().withdraw(group)]
        results = await asyncio.gather(*(calls if turn % 2 else calls[::-1]), return_exceptions=True)
        was_sent = next(result for result in results if isinstance(result, bool))
        assert await place.provider.withdraw(group) is was_sent
        sent += [text.text for text in texts] if was_sent else []
        assert place.out() == Counter(sent)


async def test_it_says_its_name_and_what_is_left(place: Place) -> None:
    assert place.provider.name in {"console", "solapi"}
    assert await place.provider.balance() >= 0
    await place.provider.close()
