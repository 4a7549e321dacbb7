"""Korean phone numbers in every spelling that people, spreadsheets and address books know (ACA-1, MSG-1), and what is shown of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.phone import (
    PhoneInvalid,
    PhoneProblem,
    identifier_of,
    mask_phones,
    masked,
    mobile,
    phones_in,
    shown,
)

NUMBER = "01012345678"


def problem(text: str) -> PhoneProblem:
    with pytest.raises(PhoneInvalid) as caught:
        mobile(text)
    assert text not in str(caught.value) or not text
    return caught.value.problem


@pytest.mark.requirement("ACA-1", "MSG-1")
class TestSpellings:
    @pytest.mark.parametrize(
        "text",
        [
            "01012345678",
            "010-1234-5678",
            "010.1234.5678",
            "010 1234 5678",
            " 010 - 1234 - 5678 ",
            "010)1234-5678",
            "(010) 1234-5678",
            "010·1234·5678",
            "010–1234—5678",
            "010‑1234−5678",
            "010\t1234\u00a05678\n",
            "\u202a010-1234-5678\u202c",
            "\ufeff010\u200b12345678",
            "０１０－１２３４－５６７８",
            "010　1234　5678",
            "+82 10-1234-5678",
            "+82-010-1234-5678",
            "+82(0)10-1234-5678",
            "+821012345678",
            "＋８２１０１２３４５６７８",
            "0082 10 1234 5678",
            "008201012345678",
            "821012345678",
            "82-10-1234-5678",
            "1012345678",
            "10-1234-5678",
        ],
    )
    def test_one_number_however_it_is_written(self, text: str) -> None:
        assert mobile(text) == NUMBER

    @pytest.mark.parametrize(
        ("text", "digits"),
        [
            ("011-123-4567", "0111234567"),
            ("016-1234-5678", "01612345678"),
            ("+82 19 123 4567", "0191234567"),
            ("010-0000-0000", "01000000000"),
        ],
    )
    def test_older_mobile_numbers(self, text: str, digits: str) -> None:
        assert mobile(text) == digits

    @pytest.mark.parametrize("text", ["", " ", "--", "\u200b", "( ) - ."])
    def test_nothing_is_no_number(self, text: str) -> None:
        assert problem(text) is PhoneProblem.EMPTY

    @pytest.mark.parametrize(
        "text",
        [
            "010-1234-567",
            "010-123-4567",
            "010-1234-56789",
            "10-1234-567",
            "012-1234-5678",
            "공일공-일이삼사-오육칠팔",
            "010-일이삼사-5678",
            "0l0-1234-5678",
            "010-1234-5678/010-2345-6789",
            "010-1234-5678, 010-2345-6789",
            "٠١٠١٢٣٤٥٦٧٨",
            "010_1234_5678",
            "+",
            "0",
            "00",
            "++821012345678",
            "+82 10 1234 567",
            "8210123456",
            "12345678",
            "-1",
            "1e10",
            "1" * 1000,
            "0" * 41,
            " " * 1000 + NUMBER,
            "학부모 010-1234-5678",
        ],
    )
    def test_what_is_no_number_is_not_guessed_at(self, text: str) -> None:
        assert problem(text) in {PhoneProblem.MALFORMED, PhoneProblem.FOREIGN}

    @pytest.mark.parametrize(
        "text",
        [
            "02-123-4567",
            "02-1234-5678",
            "031-123-4567",
            "064-1234-5678",
            "070-1234-5678",
            "050-1234-5678",
            "0507-1234-5678",
            "1588-1234",
            "1644-1234",
            "1899-1234",
            "+82 2 123 4567",
            "+82 31-123-4567",
            "0082-70-1234-5678",
        ],
    )
    def test_what_rings_but_reads_no_text_is_told_apart(self, text: str) -> None:
        assert problem(text) is PhoneProblem.LANDLINE

    @pytest.mark.parametrize(
        "text", ["+1 202-555-0143", "+81 90-1234-5678", "0086 138 0013 8000", "+850 2 123 4567"]
    )
    def test_a_foreign_number_is_told_apart(self, text: str) -> None:
        assert problem(text) is PhoneProblem.FOREIGN

    @given(st.text(max_size=60))
    def test_any_text_is_a_mobile_number_or_refused(self, text: str) -> None:
        try:
            digits = mobile(text)
        except PhoneInvalid:
            return
        assert digits.isascii()
        assert digits.isdecimal()
        assert digits.startswith("01")
        assert mobile(digits) == digits

    @given(
        st.integers(0, 99_999_999),
        st.sampled_from(["010", "10", "+8210", "82010", "0082 10", "+82 (0)10"]),
        st.lists(st.sampled_from(["", "-", " ", ".", "\u2011"]), min_size=8, max_size=8),
    )
    def test_marks_between_the_digits_change_nothing(
        self, number: int, prefix: str, marks: list[str]
    ) -> None:
        digits = f"{number:08d}"
        text = prefix + "".join(mark + digit for mark, digit in zip(marks, digits, strict=True))
        assert mobile(text) == f"010{digits}"

    @given(st.integers(0, 99_999_999))
    def test_what_is_shown_is_the_same_number(self, number: int) -> None:
        digits = f"010{number:08d}"
        assert mobile(shown(digits)) == digits
        assert identifier_of(digits) == f"{number:08d}"

    def test_a_number_is_shown_as_people_write_it(self) -> None:
        assert shown("01012345678") == "010-1234-5678"
        assert shown("0111234567") == "011-123-4567"


@pytest.mark.requirement("SEC-3")
class TestMasking:
    @pytest.mark.parametrize(
        ("digits", "lists"), [("01012345678", "010-****-5678"), ("0111234567", "011-***-4567")]
    )
    def test_the_last_four_digits_are_left(self, digits: str, lists: str) -> None:
        assert masked(digits) == lists

    @given(st.integers(0, 99_999_999))
    def test_of_a_persons_own_digits_four_are_shown_at_most(self, number: int) -> None:
        text = masked(f"010{number:08d}")
        assert sum(letter.isdecimal() for letter in text.removeprefix("010")) == 4

    @pytest.mark.parametrize(
        "text",
        [
            *("", "5678", "12345678", "공일공일이삼사오육칠팔", "학부모 010-1234-5678", "0" * 41, "x" * 1000),
            *("010-1234-5678", "+821012345678", "0212345678", "01012345678\n", "０１０１２３４５６７８"),
        ],
    )
    def test_what_is_no_number_shows_nothing_of_itself(self, text: str) -> None:
        assert masked(text) == "***"

    @given(st.text(max_size=60))
    def test_of_any_other_text_nothing_is_shown(self, text: str) -> None:
        if len(text) > 11 or not text.isdecimal():
            assert masked(text) == "***"

    def test_an_error_names_the_problem_and_never_the_number(self) -> None:
        for text in ("010-1234-567", "02-1234-5678", "+1 202-555-0143"):
            with pytest.raises(PhoneInvalid) as caught:
                mobile(text)
            assert not any(letter.isdecimal() for letter in f"{caught.value!s}{caught.value!r}")


class TestNumbersInTexts:
    @pytest.mark.parametrize(
        "written",
        [
            "01012345678",
            "010-1234-5678",
            "010.1234.5678",
            "010 1234 5678",
            "(010)1234-5678",
            "(010) 1234-5678",
            "+82 10-1234-5678",
            "+821012345678",
            "+82 (0)10 1234 5678",
            "+82-(0)10-1234-5678",
            "00821012345678",
            "0082 10 1234 5678",
            "82-10-1234-5678",
            "1012345678",
            "０１０-１２３４-５６７８",
            "＋８２１０１２３４５６７８",
            "０１０－１２３４－５６７８",
            *(f"010{hyphen}1234{hyphen}5678" for hyphen in "\u2010\u2011\u2012\u2013\u2014\u2015"),
        ],
    )
    @pytest.mark.parametrize(
        "around", ["{}", "전화{}번", "sent to {}, then", "['{}']", "tel:{}!", "a={}&b=1"]
    )
    def test_they_are_masked_however_they_are_written(self, written: str, around: str) -> None:
        assert mask_phones(around.format(written)) == around.format("010-****-5678")

    def test_all_of_them_are_found(self) -> None:
        text = "(010-1234-5678) ① 011-234-5678 02-123-4567"
        assert mask_phones(text) == "(010-****-5678) ① 011-***-5678 ***"
        assert phones_in(text) == ["010-****-5678", "011-***-5678", "***"]

    @pytest.mark.parametrize(
        "kept",
        [
            "",
            "가나다 ㎡ ①",
            "1763690000",
            "2026-11-21 10:12:34.567",
            "2026-11-21T01:00:00+09:00",
            "20101234567890",
            "job 0192f0c4-0101-1234",
            "01961234-567a-7d20-8a11-2f6b1c9e4a02",
            "0191f0c4-0102-7123-0101-234567890abc",
            "2026-03-02:20391",
            "3.14159265358979",
            "took 0.1034567890 s",
            "M4V20260302090000ABCDEFGH01012345",
        ],
    )
    def test_ids_and_times_stay(self, kept: str) -> None:
        assert mask_phones(kept) == kept
        assert phones_in(kept) == []
