"""What a QR code says, there and back; strangers' codes; damage."""

from uuid import UUID
from zlib import crc32

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.omr.code import MAX_CODE_LENGTH, _letters, decode, encode
from academy.domain.omr.reading import SheetCode
from academy.domain.omr.refusal import SheetRefused

pytestmark = pytest.mark.requirement("OMR-1")

EXAM = "0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01"
STUDENT = "0196a0c0-0000-7000-8000-00000000aca1"
USUAL = SheetCode("a4-p-100x5-n10x3", 1, EXAM, STUDENT, 1)


def outcome(text: str) -> SheetCode | str | None:
    """Return what a text says, or the code of its refusal."""
    try:
        return decode(text)
    except SheetRefused as refused:
        return refused.failure.code


@given(
    st.builds(
        SheetCode,
        st.text(st.sampled_from("abcXYZ019._-"), min_size=1, max_size=40),
        st.integers(1, 65_535),
        st.one_of(st.just(""), st.uuids().map(str), st.text(st.sampled_from("aZ9-"), max_size=12)),
        st.one_of(st.just(""), st.uuids().map(str), st.text(st.sampled_from("aZ9-"), max_size=12)),
        st.integers(1, 255),
    )
)
def test_a_code_says_what_was_written(code: SheetCode) -> None:
    assert decode(encode(code)) == code


@pytest.mark.parametrize(
    ("code", "largest"), [(USUAL, 4), (SheetCode("x" * 40, 65_535, EXAM, STUDENT, 255), 6)]
)
def test_a_code_is_small_enough_to_be_read_at_16_mm(code: SheetCode, largest: int) -> None:
    made = segno.make(encode(code), error="m", boost_error=False, micro=False)
    assert made.mode == "alphanumeric"
    assert int(made.version) <= largest


def test_two_versions_of_one_uuid_stay_apart() -> None:
    upper, bare = SheetCode("s", 1, EXAM.upper()), SheetCode("s", 1, UUID(EXAM).hex)
    assert decode(encode(upper)) == upper
    assert decode(encode(bare)) == bare


@pytest.mark.parametrize(
    "code",
    [
        SheetCode("", 1),
        SheetCode("s", 0),
        SheetCode("s", 65_536),
        SheetCode("s", 1, page=0),
        SheetCode("s", 1, page=256),
        SheetCode("s", 1, "e" * 41),
        SheetCode("s", 1, "시험"),
        SheetCode("s", 1, "a\nb"),
        SheetCode("s" * 40, 1, "e" * 40, "t" * 40),
    ],
)
def test_ids_that_do_not_fit_are_refused(code: SheetCode) -> None:
    with pytest.raises(SheetRefused) as caught:
        encode(code)
    assert caught.value.failure.code == "sheet_code_unfit"
    assert caught.value.failure.message_ko


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AS",
        "AS1",
        "A",
        "https://example.com/AS1",
        "AS12",
        "ASPIRIN 500",
        "as1abc",
        "AS1시험",
        "AS1" + "0" * 200,
        "0" * 90,
    ],
)
def test_codes_of_strangers_are_ignored_or_refused_but_never_taken(text: str) -> None:
    assert outcome(text) in {None, "sheet_code_damaged", "sheet_code_unknown"}


@given(st.text(max_size=MAX_CODE_LENGTH))
def test_no_text_of_a_stranger_makes_trouble(rest: str) -> None:
    assert not isinstance(outcome(rest), SheetCode)
    assert not isinstance(outcome("AS1" + rest), SheetCode)


def forged(body: bytes) -> str:
    """Return a text of our form with a right checksum."""
    return "AS1" + _letters(body + crc32(body).to_bytes(4, "big"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        bytes([0, 1, 1]),
        bytes([0, 1, 1, 9]) + b"ab",
        bytes([0, 1, 1, 1]) + b"s" + bytes([0x80, 1]),
        bytes([0, 1, 1, 2, 0xFF, 0xFE, 0, 0]),
        bytes([0, 1, 1, 1]) + b"s" + bytes([0, 0]) + b"more",
        bytes([0, 0, 1, 1]) + b"s" + bytes([0, 0]),
        bytes([0, 1, 0, 1]) + b"s" + bytes([0, 0]),
        bytes([0, 1, 1, 0, 0, 0]),
        bytes([0, 1, 1, 1]) + b"\n" + bytes([0, 0]),
        bytes([0, 1, 1, 36]) + EXAM.encode() + bytes([0, 0]),
    ],
)
def test_a_forged_code_with_a_right_checksum_is_damaged(body: bytes) -> None:
    assert outcome(forged(body)) == "sheet_code_damaged"


def test_the_forger_of_these_tests_can_write_a_right_code() -> None:
    assert outcome(forged(bytes([0, 3, 2, 1]) + b"s" + bytes([0, 0]))) == SheetCode("s", 3, page=2)


@given(st.binary(max_size=90))
def test_no_forged_code_makes_trouble(body: bytes) -> None:
    found = outcome(forged(body))
    assert not isinstance(found, SheetCode) or encode(found) == forged(body)


@pytest.mark.parametrize("at", range(3, len(encode(USUAL))))
def test_every_changed_letter_is_noticed(at: int) -> None:
    text = encode(USUAL)
    changed = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]
    assert outcome(changed) in {None, "sheet_code_damaged"}


def test_a_cut_code_is_damaged() -> None:
    with pytest.raises(SheetRefused) as caught:
        decode(encode(USUAL)[:-3])
    assert caught.value.failure.code == "sheet_code_damaged"


def test_a_code_of_a_later_version_says_so() -> None:
    with pytest.raises(SheetRefused) as caught:
        decode("AS2" + encode(USUAL)[3:])
    assert caught.value.failure.code == "sheet_code_unknown"
