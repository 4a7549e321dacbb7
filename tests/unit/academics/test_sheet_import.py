"""A roster is previewed, then taken as it was previewed, all or none."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from tests.unit.academics.conftest import Office

from academy.application.academics.people import StudentsWanted
from academy.application.academics.roster_outcome import (
    RosterApplied,
    RosterPreview,
    RowsRefused,
    SheetChoice,
)
from academy.application.academics.roster_plan import SheetFault
from academy.application.academics.roster_sheet import RosterSheet
from academy.application.errors import Refused
from academy.application.ports.spreadsheets import SheetInfo, SheetMarks, SheetUnreadable
from academy.domain.academics import sheet_refusals
from academy.domain.academics.sheet_cells import Cell, CellProblem
from academy.domain.academics.sheet_words import Field

pytestmark = pytest.mark.requirement("XLS-1")
HEADER: list[Cell] = ["번호", "이름", "학교", "학년", "연락처", "학부모 연락처", "비고"]
FIRST: list[Cell] = [1.0, "김하늘", "한빛고", "고2", 1011112222.0, "010-5555-6666", "=1+1"]
SECOND: list[Cell] = [2.0, "이바다", "", "", "010-3333-4444", "", ""]
NOTHING_SAID = SheetMarks()


@dataclass
class Book:
    """Sheets in memory; each has rows, and what is said of it."""

    content: Mapping[str, list[list[Cell]]]
    hidden: frozenset[str] = frozenset()
    said: SheetMarks = NOTHING_SAID
    macros: bool = False

    @property
    def sheets(self) -> Sequence[SheetInfo]:
        return [SheetInfo(name, name in self.hidden) for name in self.content]

    def marks(self, name: str) -> SheetMarks:
        if name not in self.content:
            raise KeyError(name)
        return self.said

    def rows(self, name: str) -> Iterator[Sequence[Cell]]:
        return iter(self.content[name])


@dataclass
class Shelf:
    """SpreadsheetReader: opens the book that lies on it."""

    book: Book

    @contextmanager
    def open(self, content: bytes) -> Iterator[Book]:
        if content == b"locked":
            raise SheetUnreadable(sheet_refusals.ENCRYPTED)
        yield self.book


class Desk:
    """Previews and applies one book at an office."""

    def __init__(self, office: Office, book: Book) -> None:
        self.office = office
        self.sheet = RosterSheet(Shelf(book), office.roster, office.people)

    def preview(self, choice: SheetChoice | None = None, content: bytes = b"file") -> RosterPreview:
        return self.office.do(lambda tx: self.sheet.preview(tx, self.office.staff, content, choice))

    def apply(self, seen: RosterPreview, content: bytes = b"file", **more: object) -> RosterApplied:
        choice = replace(seen.choice, **more)  # type: ignore[arg-type]
        return self.office.do(
            lambda tx: self.sheet.apply(tx, self.office.staff, content, seen.digest, choice)
        )

    def names(self) -> list[str]:
        wanted = StudentsWanted()
        page = self.office.do(lambda tx: self.office.people.list(tx, self.office.staff, wanted, "", 1000))
        return [record.student.name for record in page.items]


def desk(office: Office, *rows: list[Cell], header: list[Cell] = HEADER, **more: object) -> Desk:
    return Desk(office, Book({"명단": [header, *rows]}, **more))  # type: ignore[arg-type]


def told(faults: Sequence[SheetFault]) -> list[tuple[str, str, str]]:
    return [(f"{each.column}{each.row}", each.failure.code, each.value) for each in faults]


def codes(seen: RosterPreview) -> set[str]:
    return {note.code for note in seen.notes}


def test_a_preview_changes_nothing_and_apply_does_what_it_said(office: Office) -> None:
    here = desk(office, FIRST, SECOND)

    seen = here.preview()

    assert (seen.new, seen.refused, seen.ready) == (2, 0, True)
    assert (seen.choice.sheet, seen.choice.header) == ("명단", (0,))
    assert seen.first_rows[0].phone == "01011112222"
    assert {"phone_zero_restored", "parent_name_made", "columns_left_out"} == codes(seen)
    assert here.names() == []

    applied = here.apply(seen)

    assert (applied.added, applied.parents_created, applied.left_out) == (2, 1, 0)
    assert here.names() == ["김하늘", "이바다"]
    again = here.preview()
    assert (again.new, again.unchanged, again.refused) == (0, 2, 0)


def test_every_fault_is_told_by_row_and_column_and_nothing_is_taken(office: Office) -> None:
    office.add("있는 학생", "01077778888")
    here = desk(
        office,
        FIRST,
        [3.0, "", "", "", "02-123-4567", "", ""],
        [4.0, "박솔", "", CellProblem.ERROR, "", "", ""],
        [5.0, "다른 이름", "", "", "010-7777-8888", "", ""],
        [6.0, "쌍둥이", "", "", "010-1111-2222", "", ""],
    )

    seen = here.preview()

    assert told(seen.faults) == [
        ("B3", "name_blank", ""),
        ("E3", "phone_landline", "**-***-**67"),
        ("D4", "cell_error", ""),
        ("E5", "identifier_taken", "****8888"),
        ("E6", "identifier_twice", "****2222"),
    ]
    assert "있는 학생" in seen.faults[3].failure.message_ko
    assert "2행(김하늘)" in seen.faults[4].failure.message_ko
    assert (seen.new, seen.refused, seen.faults_total, seen.ready) == (1, 4, 5, False)
    with pytest.raises(RowsRefused) as refused:
        here.apply(seen)
    assert (len(refused.value.rows), refused.value.total) == (5, 5)
    assert here.names() == ["있는 학생"]


def test_the_good_rows_alone_if_one_asks_for_it(office: Office) -> None:
    here = desk(office, FIRST, [2.0, "", "한빛고", "", "", "", ""], [3.0, "", "", "", "-", "", ""])

    applied = here.apply(here.preview(), without_refused=True)

    assert (applied.added, applied.left_out) == (1, 1)


def test_a_fault_in_a_row_without_a_number_of_its_own(office: Office) -> None:
    seen = desk(office, ["가", "이엄마"], header=["이름", "학부모 성함"]).preview()

    assert (
        told(seen.faults) == [("2", "identifier_missing", "")]
        or told(seen.faults)[0][1] == "identifier_missing"
    )
    assert "parent_without_phone" in codes(seen)


def test_another_file_is_refused(office: Office) -> None:
    here = desk(office, FIRST)

    with pytest.raises(Refused) as refused:
        here.apply(here.preview(), content=b"another file")

    assert refused.value.failure.code == "sheet_changed"


def test_a_question_must_be_answered(office: Office) -> None:
    here = desk(office, ["김하늘", "010-1111-2222"], header=["이바다", "010-3333-4444"])
    seen = here.preview()

    assert "no_header" in codes(seen)
    assert [each.column for each in seen.layout.questions] == [1]
    with pytest.raises(Refused) as refused:
        here.apply(seen)
    assert refused.value.failure.code == "sheet_questions_open"

    answered = here.preview(replace(seen.choice, columns={**seen.choice.columns, 1: Field.PARENT_PHONE}))
    assert (answered.new, answered.ready) == (2, True)
    assert here.apply(answered).parents_created == 2


def test_a_sheet_without_names_is_no_roster(office: Office) -> None:
    here = Desk(office, Book({"Sheet1": [[1.0, 2.0], [3.0, 4.0]]}))

    seen = here.preview()

    assert (seen.ready, seen.new, seen.faults_total) == (False, 0, 0)
    with pytest.raises(Refused) as refused:
        here.apply(seen)
    assert refused.value.failure.code == "sheet_layout_unknown"


def test_the_likeliest_sheet_is_taken_and_the_others_are_named(office: Office) -> None:
    roster: list[list[Cell]] = [HEADER, FIRST]
    book = Book(
        {"안내": [["안내문"]], "옛 명단": roster, "명단": [*roster, SECOND]}, hidden=frozenset({"옛 명단"})
    )

    seen = Desk(office, book).preview()

    assert seen.choice.sheet == "명단"
    assert {"hidden_sheets", "other_sheets"} <= codes(seen)
    chosen = Desk(office, book).preview(SheetChoice(sheet="옛 명단"))
    assert (chosen.choice.sheet, chosen.new) == ("옛 명단", 1)


@pytest.mark.parametrize(
    ("book", "choice", "code"),
    [
        (Book({"a": []}), None, "sheet_empty"),
        (Book({"a": [[""]]}), SheetChoice(sheet="a"), "sheet_empty"),
        (Book({"a": [HEADER]}, hidden=frozenset({"a"})), None, "sheet_hidden"),
        (Book({"a": [HEADER]}), SheetChoice(sheet="b"), "sheet_not_found"),
        (Book({"a": [HEADER]}), SheetChoice(header=(400,)), "sheet_layout_unknown"),
    ],
)
def test_what_cannot_be_read_at_all(
    office: Office, book: Book, choice: SheetChoice | None, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        Desk(office, book).preview(choice)

    assert refused.value.failure.code == code


def test_a_locked_file_is_refused_as_it_is_said(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        desk(office, FIRST).preview(content=b"locked")

    assert refused.value.failure.code == "sheet_encrypted"


def test_hidden_rows_examples_totals_and_empty_rows_are_left_out_and_told(office: Office) -> None:
    example: list[Cell] = ["예시", "홍길동", "한빛고", "고1", "010-0000-0000", "", ""]
    rows: list[list[Cell]] = [example, FIRST, [], HEADER, SECOND, ["합계", "", "", "", 2.0, "", ""]]
    here = desk(office, *rows, said=SheetMarks(hidden_rows=frozenset({5}), formulas=True), macros=True)

    seen = here.preview()

    assert (seen.new, seen.refused) == (1, 0)
    wanted = {
        "hidden_rows",
        "formulas_as_saved",
        "macros_not_run",
        "example_skipped",
        "total_skipped",
        "header_again_skipped",
    }
    assert wanted <= codes(seen)
    assert next(note.rows for note in seen.notes if note.code == "example_skipped") == (2,)
    assert here.preview(SheetChoice(with_hidden=True)).new == 2


def test_known_students_stay_as_they_are_unless_asked(office: Office) -> None:
    office.add("김하늘", "01011112222", school="옛 학교", note="그대로")
    here = desk(office, [*FIRST[:-1], ""])

    seen = here.preview()

    assert (seen.new, seen.different) == (0, 1)
    assert here.apply(seen).changed == 0
    assert here.apply(seen, change_known=True).changed == 1
    after = here.preview()
    assert (after.different, after.unchanged) == (0, 1)


def test_a_student_in_two_classes_is_one(office: Office) -> None:
    for name in ("수학", "영어"):
        office.add_class(name)
    header: list[Cell] = ["이름", "연락처", "수강반"]
    rows: list[list[Cell]] = [["김하늘", "010-1111-2222", name] for name in ("수학", "영어")]
    here = desk(office, *rows, ["이바다", "010-3333-4444", "없는 반"], header=header)

    seen = here.preview()

    assert (seen.new, seen.refused) == (1, 1)
    assert told(seen.faults) == [("C4", "class_not_found", "없는 반")]
    applied = here.apply(seen, without_refused=True)
    assert (applied.added, applied.enrolments) == (1, 2)


def test_parents_of_every_kind(office: Office) -> None:
    header: list[Cell] = ["이름", "모 성함", "모 연락처", "부 연락처", "보호자 연락처"]
    here = desk(
        office,
        ["김하늘", "이엄마", "010-1111-2222", "010-3333-4444", "010-1111-2222"],
        ["박솔", "최엄마", "", "", ""],
        header=header,
    )

    seen = here.preview()

    assert [(each.name, each.relation.value) for each in seen.first_rows[0].parents] == [
        ("이엄마", "mother"),
        ("김하늘 아버지", "father"),
    ]
    assert told(seen.faults)[0] == ("C3", "parent_phone_missing", "")


def test_two_thousand_rows_are_taken_in_one_transaction(office: Office) -> None:
    rows: list[list[Cell]] = [[1.0, "김하늘", "", "", f"0101{number:07}", "", ""] for number in range(2000)]
    here = desk(office, *rows)
    seen = here.preview()
    office.add("먼저 온 학생", "01010001999")

    with pytest.raises(RowsRefused):
        here.apply(seen)

    assert here.names() == ["먼저 온 학생"]
    assert here.apply(seen, without_refused=True).added == 1999


def test_many_faults_are_counted_and_some_are_told(office: Office) -> None:
    rows: list[list[Cell]] = [[1.0, "가", "", "", "1", "", ""] for _ in range(500)]

    seen = desk(office, *rows).preview()

    assert (len(seen.faults), seen.faults_total, seen.refused) == (200, 500, 500)
