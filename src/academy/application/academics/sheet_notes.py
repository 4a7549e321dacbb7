"""What a person should know of a roster that was read, though nothing is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from academy.application.academics.roster_plan import RosterPlan
from academy.application.ports.spreadsheets import OpenSpreadsheet, SheetMarks
from academy.domain.academics.sheet_cells import column_letters
from academy.domain.academics.sheet_header import Layout

__all__ = ["Note", "notes"]

_MOST_ROWS = 20
_TEXTS = MappingProxyType(
    {
        "macros_not_run": (
            "The file holds macros; they were not run, only values were read.",
            "매크로가 있는 파일입니다. 매크로는 실행하지 않고 값만 읽었습니다.",
        ),
        "formulas_as_saved": (
            "Formulas count with the value that they had when the file was saved.",
            "수식은 파일을 저장할 때 계산된 값으로 읽었습니다.",
        ),
        "hidden_rows": (
            "Hidden rows were left out; ask for them if they are meant.",
            "숨겨진 행은 제외했습니다. 필요하면 숨긴 행 포함을 선택해 주세요.",
        ),
        "hidden_sheets": ("Hidden sheets were left out: {names}.", "숨겨진 시트는 제외했습니다: {names}."),
        "other_sheets": (
            "The file has other sheets, which were not read: {names}.",
            "읽지 않은 다른 시트가 있습니다: {names}.",
        ),
        "no_header": (
            "No header was found; what the columns hold was taken from their values.",
            "제목 행을 찾지 못해 값으로 열을 판단했습니다.",
        ),
        "columns_left_out": (
            "These columns are not taken: {names}.",
            "다음 열은 가져오지 않습니다: {names}.",
        ),
        "example_skipped": ("Rows that are examples were skipped.", "예시 행은 건너뛰었습니다."),
        "total_skipped": ("Rows of totals were skipped.", "합계 행은 건너뛰었습니다."),
        "header_again_skipped": (
            "Headers that stand there again were skipped.",
            "반복된 제목 행은 건너뛰었습니다.",
        ),
        "phone_zero_restored": (
            "Phone numbers that had lost their leading zero got it back.",
            "맨 앞의 0이 사라진 전화번호를 복원했습니다.",
        ),
        "identifier_zero_restored": (
            "Identifiers that had lost their leading zeros got them back.",
            "맨 앞의 0이 사라진 식별번호를 8자리로 복원했습니다.",
        ),
        "parent_name_made": (
            "Parents without a name were named after the student.",
            "이름이 없는 학부모는 학생 이름을 붙여 등록합니다.",
        ),
        "parent_without_phone": (
            "Parents without a phone number are not taken.",
            "연락처가 없는 학부모는 가져오지 않습니다.",
        ),
        "repeated_rows": (
            "Students who stand there more than once count once, with all their classes.",
            "여러 번 나온 학생은 한 명으로 합치고 반을 모두 등록합니다.",
        ),
        "relation_from_phone": (
            "Whose a parent's number is was taken from the word in brackets after it.",
            "전화번호 뒤 괄호 안의 말로 학부모와의 관계를 정했습니다.",
        ),
        "name_with_words": (
            "Names with words in brackets are taken as they stand; mend them if the words are no part of the name.",
            "괄호가 붙은 이름은 그대로 등록합니다. 이름이 아닌 말(예: 휴원)이면 지워 주세요.",
        ),
        "namesakes_left_out": (
            "Students of this name are in that class already: taken for the same and not added. Others are named in `other_people`.",
            "같은 반에 같은 이름의 학생이 이미 있어 같은 사람으로 보고 새로 등록하지 않습니다. 다른 사람이면 그 행을 '다른 사람'으로 지정해 주세요.",
        ),
        "namesakes_new": (
            "In the same class there is a student of this name already: added as somebody else, as you asked.",
            "같은 반에 같은 이름의 학생이 있지만 지정한 대로 다른 사람으로 등록합니다.",
        ),
        "known_differ": (
            "Students whom the academy has stand there with other values; they stay as they are unless you ask to change them.",
            "이미 등록된 학생의 정보가 다릅니다. 변경을 선택하지 않으면 그대로 둡니다.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to know; `rows` holds the first 20 numbers, from 1, of `total` rows; 0 where none in particular is meant."""

    code: str
    message: str
    message_ko: str
    rows: tuple[int, ...] = ()
    total: int = 0


def notes(
    book: OpenSpreadsheet, sheet: str, marks: SheetMarks, layout: Layout, plan: RosterPlan
) -> list[Note]:
    """Return what there is to know of a sheet that was read."""
    others = [each for each in book.sheets if each.name != sheet]
    asked = {question.column for question in layout.questions}
    left_out = [
        f"{column_letters(use.index)} {use.label[:30]}".strip().rstrip(".")
        for use in layout.columns
        if use.field is None and use.index not in asked
    ]
    found = [
        _note("macros_not_run") if book.macros else None,
        _note("formulas_as_saved") if marks.formulas else None,
        _rows("hidden_rows", sorted(index + 1 for index in marks.hidden_rows)),
        _named("hidden_sheets", [each.name for each in others if each.hidden]),
        _named("other_sheets", [each.name for each in others if not each.hidden]),
        None if layout.header else _note("no_header"),
        _named("columns_left_out", left_out),
        *(_rows(code, rows) for code, rows in plan.notes.items()),
        _rows("known_differ", [row for row, _, _ in plan.different]),
    ]
    return [each for each in found if each]


def _note(code: str, names: str = "") -> Note:
    english, korean = _TEXTS[code]
    return Note(code, english.format(names=names), korean.format(names=names))


def _named(code: str, names: Sequence[str]) -> Note | None:
    return _note(code, ", ".join(names[:_MOST_ROWS])) if names else None


def _rows(code: str, rows: Sequence[int]) -> Note | None:
    if not rows:
        return None
    english, korean = _TEXTS[code]
    return Note(code, english, korean, tuple(dict.fromkeys(rows))[:_MOST_ROWS], len(set(rows)))
