"""From a wording and recipients to messages (MSG-1, MSG-6)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.messaging.channel import Channel, Prices
from academy.domain.messaging.compose import Composition, Recipient, Wording, compose
from academy.domain.messaging.settings import MessagingSettings

pytestmark = pytest.mark.requirement("MSG-1", "MSG-6")
LONG = "가" * 46
AD = "(광고) 특강 무료수신거부 0801234567"


def settings(**changes: Any) -> MessagingSettings:
    fields: dict[str, Any] = {
        "tenant_id": "t1",
        "enabled": True,
        "sender": "0212345678",
        "kakao_channel": "pf-1",
        "alimtalk_first": True,
        "prices": Prices(sms=10, lms=30, alimtalk=8),
        "updated_at": datetime(2026, 3, 2, tzinfo=UTC),
    }
    return MessagingSettings(**{**fields, **changes})


def composed(text: str, *phones: str, **changes: Any) -> Composition:
    return compose(settings(**changes), Wording(text), [Recipient(phone) for phone in phones])


def test_every_recipient_reads_their_own_words() -> None:
    people = [
        Recipient("010-1234-0001", "어머니", {"이름": "민수"}),
        Recipient("010-1234-0002", "아버지", {"이름": "영희"}),
    ]
    made = compose(settings(), Wording("#{이름} 결석"), people)
    assert [(each.at, each.to, each.name, each.text) for each in made.drafts] == [
        (0, "01012340001", "어머니", "민수 결석"),
        (1, "01012340002", "아버지", "영희 결석"),
    ]
    assert made.cost == 20


def test_the_same_text_to_the_same_phone_is_sent_once_however_it_is_written() -> None:
    made = composed("결석", "010-1234-5678", "+82 10 1234 5678", "1012345678", "010-9999-9999")
    assert [each.at for each in made.drafts] == [0, 3]
    assert made.duplicates == [1, 2]
    assert made.cost == 20


def test_brother_and_sister_are_two_messages_to_one_mother() -> None:
    people = [Recipient("010-1234-5678", variables={"이름": name}) for name in ("민수", "영희", "민수")]
    made = compose(settings(), Wording("#{이름} 결석"), people)
    assert [each.text for each in made.drafts] == ["민수 결석", "영희 결석"]
    assert made.duplicates == [2]


def test_the_length_of_the_filled_text_counts() -> None:
    people = [
        Recipient("01012340001", variables={"a": "가"}),
        Recipient("01012340002", variables={"a": LONG}),
    ]
    made = compose(settings(), Wording("#{a}"), people)
    assert [(each.channel, each.price) for each in made.drafts] == [(Channel.SMS, 10), (Channel.LMS, 30)]


@pytest.mark.parametrize(
    ("phone", "text", "code"),
    [
        ("", "a", "phone_missing"),
        ("010-12", "a", "phone_malformed"),
        ("02-1234-5678", "a", "phone_landline"),
        ("+1 202-555-0143", "a", "phone_foreign"),
        ("01012345678", "#{이름}", "variables_missing"),
        ("01012345678", " ", "text_empty"),
        ("01012345678", "a" * 2001, "text_too_long"),
        ("01012345678", "😀", "text_not_encodable"),
    ],
)
def test_what_is_wrong_with_a_recipient_is_said_of_that_one(phone: str, text: str, code: str) -> None:
    made = composed(text, phone)
    ((at, failure),) = made.problems
    assert (at, failure.code, made.drafts, made.cost) == (0, code, [], 0)
    assert failure.message
    assert failure.message_ko


def test_a_problem_of_one_stops_no_other() -> None:
    made = composed("결석", "02-1234-5678", "01012345678", "x")
    assert [at for at, _ in made.problems] == [0, 2]
    assert [each.at for each in made.drafts] == [1]


def test_a_missing_variable_is_named_and_nobodys_number_is() -> None:
    made = composed("#{반} #{이름}", "01012345678")
    ((_, failure),) = made.problems
    assert "#{반}, #{이름}" in failure.message
    assert "#{반}, #{이름}" in failure.message_ko
    assert "1234" not in failure.message + failure.message_ko


@pytest.mark.parametrize(("text", "fallback", "price"), [("결석", Channel.SMS, 10), (LONG, Channel.LMS, 30)])
def test_alimtalk_goes_first_at_the_price_of_the_dearer_way(text: str, fallback: Channel, price: int) -> None:
    made = compose(settings(), Wording(text, "tpl-1"), [Recipient("01012345678")])
    (draft,) = made.drafts
    assert (draft.channel, draft.fallback, draft.price) == (Channel.ALIMTALK, fallback, price)


def test_alimtalk_that_is_dearer_than_the_text_has_its_own_price() -> None:
    dear = settings(prices=Prices(sms=10, lms=30, alimtalk=50))
    assert compose(dear, Wording("결석", "tpl-1"), [Recipient("01012345678")]).cost == 50


@pytest.mark.parametrize(
    ("template", "changes"),
    [("", {}), ("tpl-1", {"kakao_channel": ""}), ("tpl-1", {"alimtalk_first": False})],
)
def test_without_template_channel_or_wish_it_is_a_plain_text(template: str, changes: dict[str, Any]) -> None:
    made = compose(settings(**changes), Wording("결석", template), [Recipient("01012345678")])
    (draft,) = made.drafts
    assert (draft.channel, draft.fallback, draft.price) == (Channel.SMS, None, 10)


def test_who_wants_no_advertising_gets_none_and_gets_all_else() -> None:
    people, out = [Recipient("01012340001"), Recipient("010-1234-0002")], {"01012340002"}
    advertised = compose(settings(), Wording(AD, advertising=True), people, out)
    assert (advertised.opted_out, [each.at for each in advertised.drafts]) == ([1], [0])
    assert not compose(settings(), Wording("결석"), people, out).opted_out


@pytest.mark.parametrize(
    ("text", "code"), [("특강 수신거부", "advertising_unmarked"), ("(광고) 특강", "advertising_no_opt_out")]
)
def test_advertising_that_breaks_the_rules_reaches_nobody(text: str, code: str) -> None:
    made = compose(settings(), Wording(text, advertising=True), [Recipient("01012345678")])
    assert [failure.code for _, failure in made.problems] == [code]


def test_a_price_of_nothing_is_a_price() -> None:
    free = settings(prices=Prices(0, 0, 0))
    assert (made := compose(free, Wording("결석"), [Recipient("01012345678")])).drafts
    assert made.cost == 0
    with pytest.raises(ValueError, match="whole won"):
        Prices(-1, 0, 0)


PHONES = st.sampled_from(["010-1234-0001", "01012340001", "010-1234-0002", "02-123-4567", "x", ""])
PEOPLE = st.builds(Recipient, PHONES, variables=st.dictionaries(st.just("이름"), st.sampled_from("가나 ")))


@given(
    st.lists(PEOPLE, max_size=12),
    st.sampled_from(["결석", "#{이름}", AD, "😀"]),
    st.booleans(),
    st.sets(st.sampled_from(["01012340001"])),
)
def test_each_recipient_stands_in_exactly_one_list_and_nobody_reads_the_same_twice(
    people: list[Recipient], text: str, advertising: bool, out: set[str]
) -> None:
    made = compose(settings(), Wording(text, advertising=advertising), people, out)
    places = [each.at for each in made.drafts] + [at for at, _ in made.problems]
    places += [*made.duplicates, *made.opted_out]
    assert sorted(places) == list(range(len(people)))
    sent = [(each.to, each.text) for each in made.drafts]
    assert len(set(sent)) == len(sent)
    assert made.cost == sum(each.price for each in made.drafts)


def test_advertising_goes_as_a_text_whatever_template_it_is_of() -> None:
    made = compose(settings(), Wording(AD, "tpl-1", advertising=True), [Recipient("010-1234-5678")])
    (draft,) = made.drafts
    assert (draft.channel, draft.fallback, draft.price) == (Channel.SMS, None, 10)


def test_a_control_character_is_refused_wherever_it_comes_from() -> None:
    people = [
        Recipient("010-1234-5678", "", {"이름": "민\x1b수"}),
        Recipient("010-1234-5679", "", {"이름": "민수"}),
    ]
    made = compose(settings(), Wording("#{이름} 결석"), people)
    assert [(at, failure.code) for at, failure in made.problems] == [(0, "text_control")]
    assert [draft.at for draft in made.drafts] == [1]
