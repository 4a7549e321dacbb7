"""Where the header of a roster is, and what its columns hold."""

import pytest

from academy.domain.academics.sheet_header import Layout, find_layout
from academy.domain.academics.sheet_words import FIELDS_KO, Field, read_label

pytestmark = pytest.mark.requirement("XLS-1")
ROWS = [["김하늘", "010-1111-2222"], ["이바다", "010-3333-4444"], ["박솔", "010-5555-6666"]]


def fields(layout: Layout) -> dict[int, str]:
    return {use.index: use.field.value for use in layout.columns if use.field}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("이름", Field.NAME),
        ("성명", Field.NAME),
        ("학생명", Field.NAME),
        ("학생 이름*", Field.NAME),
        ("성  명", Field.NAME),
        ("이름(필수)", Field.NAME),
        ("Student Name", Field.NAME),
        ("학교", Field.SCHOOL),
        ("재학 학교", Field.SCHOOL),
        ("학년", Field.GRADE),
        ("연락처", Field.PHONE),
        ("휴대폰", Field.PHONE),
        ("H.P", Field.PHONE),
        ("핸드폰 번호(- 없이)", Field.PHONE),
        ("학생 휴대전화", Field.PHONE),
        ("연락처(본인)", Field.PHONE),
        ("학부모 연락처", Field.PARENT_PHONE),
        ("부모님 전화", Field.PARENT_PHONE),
        ("보호자 휴대폰", Field.PARENT_PHONE),
        ("HP(학부모)", Field.PARENT_PHONE),
        ("Parent phone", Field.PARENT_PHONE),
        ("모 연락처", Field.MOTHER_PHONE),
        ("연락처(모)", Field.MOTHER_PHONE),
        ("어머니 성함", Field.MOTHER_NAME),
        ("부 HP", Field.FATHER_PHONE),
        ("아버지 핸드폰", Field.FATHER_PHONE),
        ("학부모 성함", Field.PARENT_NAME),
        ("보호자 관계", Field.RELATION),
        ("비고", Field.NOTE),
        ("식별번호", Field.IDENTIFIER),
        ("수강반", Field.CLASS),
    ],
)
def test_headings_are_known_in_korean_and_english(text: str, field: Field) -> None:
    label = read_label(text)

    assert label is not None
    assert label.fields[0] is field


@pytest.mark.parametrize("text", ["", "김하늘", "010-1111-2222", "2026 여름 특강 명단", "x" * 1000, "부산고"])
def test_what_is_no_heading_is_none(text: str) -> None:
    assert read_label(text) is None


def test_every_field_has_a_korean_name() -> None:
    assert set(FIELDS_KO) == set(Field)


def test_titles_above_the_header_and_any_order() -> None:
    rows = [["2026 명단"], [], ["연락처", "비고", "이름", "성별"], ["010-1111-2222", "", "김하늘", "여"]]

    layout = find_layout(rows)

    assert (layout.header, layout.first_row) == ((2,), 3)
    assert fields(layout) == {0: "phone", 1: "note", 2: "name"}
    assert not layout.questions


def test_two_header_rows_are_one_heading() -> None:
    rows = [
        ["여름 특강", "", "", "", ""],
        ["번호", "학생", "", "학부모", ""],
        ["", "이름", "학교", "이름", "연락처"],
        ["1", "김하늘", "한빛고", "이엄마", "010-1111-2222"],
    ]

    for merged in ((), (((1, 1), (1, 2)), ((1, 3), (1, 4)), ((1, 0), (2, 0)))):
        layout = find_layout(rows, merged)

        assert layout.header == (1, 2)
        assert fields(layout) == {1: "name", 2: "school", 3: "parent_name", 4: "parent_phone"}
        assert not layout.questions


def test_a_heading_that_may_be_a_name_or_a_number_is_told_by_its_values() -> None:
    rows = [["학생", "학부모", "보호자"], ["김하늘", "010-1111-2222", "이엄마"]]

    assert fields(find_layout(rows)) == {0: "name", 1: "parent_phone", 2: "parent_name"}


def test_a_header_below_the_first_thirty_rows_is_none() -> None:
    rows = [*[["안내문"]] * 30, ["이름", "연락처"], *ROWS]

    assert find_layout(rows).header == ()


def test_the_same_heading_twice_is_asked() -> None:
    layout = find_layout([["이름", "연락처", "연락처"], ["김하늘", "010-1111-2222", "010-3333-4444"]])

    assert fields(layout) == {0: "name", 1: "phone"}
    (question,) = layout.questions
    assert (question.column, question.failure.code) == (2, "column_twice")
    assert Field.PARENT_PHONE in question.fields
    assert "C열" in question.failure.message_ko


def test_a_class_of_bare_numbers_is_asked() -> None:
    layout = find_layout([["이름", "학년", "반"], ["김하늘", "2", "3반"], ["이바다", "1", "11"]])

    (question,) = layout.questions
    assert (question.column, question.failure.code) == (2, "column_class_unclear")


def test_values_that_do_not_look_like_a_sure_heading_are_asked() -> None:
    layout = find_layout([["이름", "연락처"], *[[phone, name] for name, phone in ROWS]])

    assert {each.failure.code for each in layout.questions} == {"column_misfit"}


def test_without_a_header_the_content_decides_and_whose_phone_it_is_is_asked() -> None:
    rows = [["한빛고", name, "고2", phone] for name, phone in ROWS]

    layout = find_layout(rows)

    assert (layout.header, layout.first_row) == ((), 0)
    assert fields(layout) == {0: "school", 1: "name", 2: "grade"}
    (question,) = layout.questions
    assert question.column == 3
    assert question.fields[:2] == (Field.PHONE, Field.PARENT_PHONE)
    assert all(0 < use.confidence <= 0.9 for use in layout.columns if use.field)


def test_what_a_person_says_counts() -> None:
    rows = [["한빛고", name, "고2", phone] for name, phone in ROWS]

    layout = find_layout(rows, told={3: Field.MOTHER_PHONE, 2: None})

    assert fields(layout) == {0: "school", 1: "name", 3: "mother_phone"}
    assert not layout.questions


def test_a_field_that_a_person_gives_to_another_column_leaves_the_first() -> None:
    layout = find_layout([["이름", "별명"], ["김하늘", "하늘이"]], told={1: Field.NAME})

    assert fields(layout) == {1: "name"}


@pytest.mark.parametrize("rows", [[], [[]], [["", ""]], [[1.0, 2.0]]])
def test_nothing_at_all_is_no_layout(rows: list[list[object]]) -> None:
    assert fields(find_layout(rows)) == {}  # type: ignore[arg-type]
