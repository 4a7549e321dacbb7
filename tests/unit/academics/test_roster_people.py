"""A roster says who may be the same person, and what is wrong in words that can be mended (XLS-1)."""

import pytest
from tests.unit.academics.conftest import Office
from tests.unit.academics.test_sheet_import import Desk, codes, desk, told

from academy.application.academics.roster import NewStudent
from academy.domain.academics.people import Relation
from academy.domain.academics.sheet_cells import Cell

pytestmark = pytest.mark.requirement("XLS-1")
HEADER: list[Cell] = ["이름", "학생 연락처", "학부모 연락처", "반"]


def known(office: Office) -> None:
    """Have a student in the class whose identifier was given by hand: nothing in a sheet says it."""
    office.do(lambda tx: office.classes.add(tx, office.staff, "수학 A", ""))
    wish = NewStudent(name="김하늘", identifier="10203001", class_names=("수학 A",))
    office.do(lambda tx: office.roster.add(tx, office.staff, wish))


def sheet(office: Office, *rows: list[Cell]) -> Desk:
    return desk(office, *rows, header=HEADER)


def test_somebody_of_that_name_in_that_class_is_not_added_again_unless_it_is_said(office: Office) -> None:
    known(office)
    given = sheet(
        office, ["김 하늘", "", "010-5555-6666", "수학 A"], ["이바다", "010-3333-4444", "", "수학 A"]
    )
    seen = given.preview()
    assert (seen.new, seen.unchanged, seen.ready) == (1, 1, True)
    (note,) = [each for each in seen.notes if each.code == "namesakes_left_out"]
    assert note.rows == (2,)
    assert given.apply(seen).added == 1
    assert given.names() == ["김하늘", "이바다"]
    again = given.preview()
    assert (again.new, again.unchanged) == (0, 2)
    assert given.apply(again, other_people=(2,)).added == 1
    assert sorted(given.names()) == ["김 하늘", "김하늘", "이바다"]


def test_a_namesake_whom_the_sheet_names_as_well_is_somebody_else(office: Office) -> None:
    known(office)
    header: list[Cell] = ["이름", "식별번호", "반"]
    given = desk(office, ["김하늘", "10203001", "수학 A"], ["김하늘", "10203009", "수학 A"], header=header)
    seen = given.preview()
    assert (seen.new, seen.unchanged) == (1, 1)
    assert "namesakes_left_out" not in codes(seen)


def test_a_relation_in_brackets_after_a_parents_number_is_taken(office: Office) -> None:
    known(office)
    given = sheet(office, ["이바다", "010-3333-4444(본인)", "01055556666(모)", "수학 A"])
    seen = given.preview()
    assert (told(seen.faults), "relation_from_phone" in codes(seen)) == ([], True)
    (wish,) = seen.first_rows
    assert wish.phone == "01033334444"
    assert [(each.phone, each.relation) for each in wish.parents] == [("01055556666", Relation.MOTHER)]


@pytest.mark.parametrize(
    ("student", "parent", "where"),
    [("01033334444(모)", "", "B2"), ("010-3333-4444", "01055556666(이모네 가게)", "C2")],
)
def test_a_number_of_somebody_else_says_what_is_wrong(
    office: Office, student: str, parent: str, where: str
) -> None:
    known(office)
    seen = sheet(office, ["이바다", student, parent, "수학 A"]).preview()
    (fault,) = [each for each in seen.faults if each.failure.code == "phone_with_words"]
    words = (student if where == "B2" else parent).partition("(")[2]
    assert f"{fault.column}{fault.row}" == where
    assert f"({words}" in fault.failure.message_ko
    assert fault.value.endswith(f"*44({words}" if where == "B2" else f"*66({words}")


def test_a_class_that_is_written_otherwise_is_named(office: Office) -> None:
    known(office)
    (fault,) = sheet(office, ["이바다", "010-3333-4444", "", "수학A"]).preview().faults
    assert (fault.failure.code, "'수학 A'" in fault.failure.message_ko) == ("class_not_found", True)


def test_a_name_with_words_in_brackets_is_told(office: Office) -> None:
    known(office)
    seen = sheet(office, ["이영희(휴원)", "010-3333-4444", "", "수학 A"]).preview()
    assert (seen.new, [each.rows for each in seen.notes if each.code == "name_with_words"]) == (1, [(2,)])


def test_a_label_with_a_dot_ends_the_sentence_with_one(office: Office) -> None:
    known(office)
    given = desk(office, ["1", "이바다", "010-3333-4444"], header=["No.", "이름", "연락처"])
    (note,) = [each for each in given.preview().notes if each.code == "columns_left_out"]
    assert ".." not in note.message + note.message_ko
