"""Rows of a roster as values."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.academics import typed
from academy.domain.academics.people import Relation
from academy.domain.academics.sheet_cells import Cell, CellProblem, column_letters, safe_to_show, text_of
from academy.domain.academics.sheet_rows import Skip, class_names, read_row, relation, skip
from academy.domain.academics.sheet_words import Field
from academy.domain.phone import PhoneInvalid, mobile

pytestmark = pytest.mark.requirement("XLS-1")
COLUMNS = {Field.NAME: 0, Field.PHONE: 1, Field.IDENTIFIER: 2, Field.GRADE: 3}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (3.0, "3"),
        (1.5, "1.5"),
        (1012345678.0, "1012345678"),
        ("1012345678.0", "1012345678"),
        ("010", "010"),
        ("  가 ", "가"),
        (True, "TRUE"),
        (date(2026, 3, 1), "2026-03-01"),
        (float("inf"), "inf"),
        (CellProblem.ERROR, ""),
    ],
)
def test_cells_as_texts(cell: Cell, text: str) -> None:
    assert text_of(cell) == text


def test_columns_have_letters() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize("cell", [1012345678.0, "1012345678.0", "1012345678", 1012345678])
def test_a_lost_zero_comes_back_and_is_told(cell: Cell) -> None:
    row = read_row(["김하늘", cell], COLUMNS)

    assert row.values[Field.PHONE] == "01012345678"
    assert [each for each, _ in row.restored] == [Field.PHONE]


def test_zeros_of_an_identifier_come_back_from_numbers_only() -> None:
    assert read_row(["가", "", 12345.0], COLUMNS).values[Field.IDENTIFIER] == "00012345"
    ((_, failure, _),) = read_row(["가", "", "12345"], COLUMNS).faults
    assert failure.code == "identifier_malformed"


def test_every_fault_of_a_row_is_told() -> None:
    row = read_row([CellProblem.ERROR, "02-123-4567", "1", CellProblem.UNCALCULATED], COLUMNS)

    assert [(each, failure.code) for each, failure, _ in row.faults] == [
        (Field.NAME, "cell_error"),
        (Field.PHONE, "phone_landline"),
        (Field.IDENTIFIER, "identifier_malformed"),
        (Field.GRADE, "cell_uncalculated"),
    ]


@pytest.mark.parametrize("text", ["-", "없음", "N/A", "x", ""])
def test_what_says_that_there_is_none_is_blank(text: str) -> None:
    assert read_row(["김하늘", text], COLUMNS).values == {Field.NAME: "김하늘"}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([], Skip.EMPTY),
        (["", " ", ""], Skip.EMPTY),
        (["예시) 김하늘", "010-1111-2222"], Skip.EXAMPLE),
        (["홍길동", "010-0000-0000"], Skip.EXAMPLE),
        (["홍길동", "010-1234-5678"], Skip.EXAMPLE),
        (["홍길동", ""], Skip.EXAMPLE),
        (["홍길동", "010-9876-1234"], None),
        (["합계", "", "", "12"], Skip.TOTAL),
        (["총 12명"], Skip.TOTAL),
        (["총명한", "010-1111-2222"], None),
        (["이름", "연락처"], Skip.HEADER),
        (["김하늘", "010-1111-2222"], None),
        ([CellProblem.ERROR], None),
    ],
)
def test_rows_that_are_no_students(cells: list[Cell], reason: Skip | None) -> None:
    assert skip(cells, COLUMNS) is reason


def test_classes_and_relations() -> None:
    assert class_names("고2 수학, 고2 영어\n고2 수학", {}) == ("고2 수학", "고2 영어")
    assert class_names("수학, 심화", {"수학, 심화": None}) == ("수학, 심화",)
    assert [relation(text) for text in ("모", "아빠", "이모", "")] == [
        Relation.MOTHER,
        Relation.FATHER,
        Relation.GUARDIAN,
        Relation.GUARDIAN,
    ]


@pytest.mark.parametrize(
    "text", ["010-1234-5678", "1012345678", "02-123-4567", "01012345", "tel 010 1234 5678 00"]
)
def test_nothing_that_is_shown_holds_a_phone(text: str) -> None:
    shown = safe_to_show(text)

    assert "1234" not in shown
    assert len(safe_to_show(text * 50)) <= 40


@given(st.from_regex(r"010-?[0-9]{4}-?[0-9]{4}|[가-힣]{1,101}|[0-9 .+-]{8,16}", fullmatch=True))
def test_the_quick_way_is_the_long_way(text: str) -> None:
    row = read_row([text, text], {Field.NAME: 0, Field.PHONE: 1})
    faulty = {each for each, _, _ in row.faults}
    if Field.PHONE in row.values:
        assert row.values[Field.PHONE] == mobile(text_of(text))
    elif Field.PHONE in faulty:
        with pytest.raises(PhoneInvalid):
            mobile(text_of(text))
    if Field.NAME in row.values:
        assert row.values[Field.NAME] == typed.name(text)
