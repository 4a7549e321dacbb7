"""Names and identifiers as people type them."""

import pytest

from academy.domain.academics import typed

pytestmark = pytest.mark.requirement("ACA-1")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("김하늘", "김하늘"),
        ("  김하늘\u3000", "김하늘"),
        ("\u1100\u1175\u11b7하늘", "김하늘"),
        ("\ufeff김하늘 \u200b", "김하늘"),
        ("하늘🌤️", "하늘🌤️"),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ),
        ("👩‍👧 엄마", "👩‍👧 엄마"),
        ("Anne-Marie O'Neil", "Anne-Marie O'Neil"),
        ("김" * 100, "김" * 100),
        ("\u1100\u1175" * 100, "기" * 100),
    ],
)
def test_names_are_kept_as_people_mean_them(text: str, name: str) -> None:
    assert typed.name(text) == name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "name_blank"),
        (" \t\n\u3000", "name_blank"),
        ("\u3164\u3164", "name_blank"),
        ("\u200b\ufeff", "name_blank"),
        ("김" * 101, "name_too_long"),
        ("김" * 100_000, "name_too_long"),
        ("김\n하늘", "name_control_character"),
        ("김\x00하늘", "name_control_character"),
        ("김\u2028하늘", "name_control_character"),
        ("김\u202e하늘", "name_control_character"),
    ],
)
def test_what_is_no_name_is_refused(text: str, code: str) -> None:
    with pytest.raises(typed.Unreadable) as refused:
        typed.name(text)

    assert refused.value.failure.code == code
    assert refused.value.failure.message_ko


@pytest.mark.parametrize("text", ["12345678", " 12345678 ", "１２３４５６７８"])
def test_an_identifier_is_eight_digits(text: str) -> None:
    assert typed.identifier(text) == "12345678"


@pytest.mark.parametrize(
    "text", ["", "1234567", "123456789", "1234-5678", "일이삼사오육칠팔", "٠١٢٣٤٥٦٧", "x" * 10_000]
)
def test_anything_else_is_no_identifier(text: str) -> None:
    with pytest.raises(typed.Unreadable) as refused:
        typed.identifier(text)

    assert refused.value.failure.code == "identifier_malformed"
