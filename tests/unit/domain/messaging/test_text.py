"""How long a text is to a carrier, and what no text message can carry (MSG-1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.messaging.channel import Channel
from academy.domain.messaging.text import (
    TextRefused,
    byte_length,
    channel_of,
    check_line,
    sendable,
    unsendable,
)

pytestmark = pytest.mark.requirement("MSG-1")


def code(text: str) -> str:
    with pytest.raises(TextRefused) as caught:
        channel_of(text)
    return caught.value.failure.code


class TestBytes:
    @pytest.mark.parametrize(
        ("text", "length"),
        [
            ("", 0),
            ("a", 1),
            ("A1 !\n", 5),
            ("가", 2),
            ("결석", 4),
            ("ㅋㅋ", 4),
            ("①㎡★☎♥€…“”", 18),
            ("똠방각하", 8),
            ("뷁쀍햏", 6),
            ("한a글", 5),
            ("[Web발신]", 9),
        ],
    )
    def test_a_latin_letter_counts_one_and_all_else_two(self, text: str, length: int) -> None:
        assert byte_length(text) == length

    @given(st.text(alphabet=st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=60))
    def test_every_hangul_syllable_there_is_can_be_sent_and_counts_two(self, text: str) -> None:
        assert byte_length(text) == 2 * len(text)
        assert unsendable(text) == ()

    @given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60))
    def test_a_plain_letter_counts_one(self, text: str) -> None:
        assert byte_length(text) == len(text)

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_two_texts_are_as_long_together_as_apart(self, one: str, other: str) -> None:
        if not unsendable(one + other):
            assert byte_length(one + other) == byte_length(one) + byte_length(other)


class TestChannel:
    @pytest.mark.parametrize(
        ("text", "channel"),
        [
            ("a" * 90, Channel.SMS),
            ("가" * 45, Channel.SMS),
            ("가" * 44 + "ab", Channel.SMS),
            ("a" * 91, Channel.LMS),
            ("가" * 45 + "a", Channel.LMS),
            ("똠" * 46, Channel.LMS),
            ("a" * 2000, Channel.LMS),
            ("가" * 1000, Channel.LMS),
        ],
    )
    def test_ninety_bytes_are_an_sms_and_one_more_is_an_lms(self, text: str, channel: Channel) -> None:
        assert channel_of(text) is channel

    @pytest.mark.parametrize("text", ["a" * 2001, "가" * 1000 + "a", "가" * 50_000])
    def test_more_than_two_thousand_bytes_are_refused_and_counted(self, text: str) -> None:
        assert code(text) == "text_too_long"
        with pytest.raises(TextRefused) as caught:
            channel_of(text)
        assert str(byte_length(text)) in caught.value.failure.message
        assert str(byte_length(text)) in caught.value.failure.message_ko

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "\n\t ",
            "\u3000",
            "\u3164",
            "\u115f\u1160",
            "\uffa0",
            "\u00ad",
            "\u200b\u200d\ufeff",
            "\ufe0f\u2060\u2800",
        ],
    )
    def test_a_text_that_says_nothing_is_refused(self, text: str) -> None:
        assert code(text) == "text_empty"


class TestLettersThatCannotBeSent:
    @pytest.mark.parametrize(
        ("text", "letters"),
        [
            ("축하해요 😀🎉😀", ("😀", "🎉")),
            ("나이 👍🏽", ("👍", "🏽")),
            ("caf\u00e9", ("é",)),
            ("값 100₩", ("₩",)),
            ("체크 ✓", ("✓",)),
            ("简体中文", ("简", "体")),
        ],
    )
    def test_they_are_named_each_once_in_order(self, text: str, letters: tuple[str, ...]) -> None:
        assert unsendable(text) == letters
        with pytest.raises(TextRefused) as caught:
            channel_of(text)
        failure = caught.value.failure
        assert failure.code == "text_not_encodable"
        assert " ".join(letters) in failure.message
        assert " ".join(letters) in failure.message_ko

    @pytest.mark.parametrize(
        ("text", "name"), [("a\u00a0b", "U+00A0"), ("가\u200d나\ufe0f", "U+200D U+FE0F")]
    )
    def test_those_that_nobody_can_see_are_named_by_their_number(self, text: str, name: str) -> None:
        with pytest.raises(TextRefused) as caught:
            channel_of(text)
        assert name in caught.value.failure.message

    def test_a_long_list_is_cut(self) -> None:
        with pytest.raises(TextRefused) as caught:
            channel_of("".join(chr(0x1F600 + n) for n in range(60)))
        assert len(caught.value.failure.message) < 200

    def test_the_error_itself_holds_no_word_of_the_text(self) -> None:
        with pytest.raises(TextRefused) as caught:
            channel_of("김민수 학생 😀")
        assert "김민수" not in f"{caught.value!s}{caught.value!r}{caught.value.failure}"

    @given(st.text(max_size=100))
    def test_any_text_has_a_channel_or_a_reason(self, text: str) -> None:
        try:
            channel = channel_of(text)
        except TextRefused as error:
            refused = error.failure
        else:
            assert (byte_length(text) <= 90) == (channel is Channel.SMS)
            return
        assert refused.message_ko
        assert not refused.retryable


class TestControlCharacters:
    @pytest.mark.parametrize("letter", ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\r", "\t"])
    def test_a_text_with_one_is_refused_and_it_is_named(self, letter: str) -> None:
        assert code(f"결석{letter}입니다") == "text_control"
        with pytest.raises(TextRefused) as caught:
            channel_of(f"결석{letter}입니다")
        assert f"U+{ord(letter):04X}" in caught.value.failure.message
        assert f"U+{ord(letter):04X}" in caught.value.failure.message_ko

    def test_lines_are_welcome_however_they_end_and_a_tab_is_a_blank(self) -> None:
        assert sendable("가\r\n나\r다\n라\t마") == "가\n나\n다\n라 마"
        assert channel_of("가\n나") is Channel.SMS

    @pytest.mark.parametrize("letter", ["\n", "\r", "\x1b", "\t"])
    def test_a_note_is_one_line(self, letter: str) -> None:
        check_line("3월 이체")
        check_line("")
        with pytest.raises(TextRefused) as caught:
            check_line(f"3월{letter}이체")
        assert caught.value.failure.code == "text_control"
