"""Why a spreadsheet, or a value in it, cannot be taken, and how to mend it."""

from academy.domain.academics.refusals import CLASS_NOT_FOUND, IDENTIFIER_TAKEN, IDENTIFIER_TWICE
from academy.domain.failures import Failure

__all__ = [
    "CELL_ERROR",
    "CELL_UNCALCULATED",
    "CHANGED",
    "EMPTY",
    "ENCODING",
    "ENCRYPTED",
    "FORMAT",
    "HIDDEN_ONLY",
    "LAYOUT_UNKNOWN",
    "MALFORMED",
    "NO_SUCH_SHEET",
    "PARENT_PHONE_MISSING",
    "QUESTIONS_OPEN",
    "ROWS_REFUSED",
    "TEXT_TOO_LONG",
    "TOO_LARGE",
    "class_named",
    "identifier_taken_by",
    "identifier_twice_with",
    "phone_with_words",
]

FORMAT = Failure(
    "sheet_format",
    "This is no spreadsheet that can be read; save it as .xlsx or .csv and send it again.",
    "읽을 수 없는 형식입니다. 엑셀에서 .xlsx 또는 .csv로 저장해 다시 올려 주세요.",
)
MALFORMED = Failure(
    "sheet_malformed",
    "The spreadsheet is damaged; open it, save it anew as .xlsx and send it again.",
    "파일이 손상되었습니다. 엑셀에서 열어 .xlsx로 다시 저장한 뒤 올려 주세요.",
)
ENCRYPTED = Failure(
    "sheet_encrypted",
    "The spreadsheet is locked with a password; take the password away and send it again.",
    "암호가 걸린 파일입니다. 암호를 해제하고 다시 올려 주세요.",
)
TOO_LARGE = Failure(
    "sheet_too_large",
    "The spreadsheet holds more than may be read; delete what is not needed, also empty rows that have a format, or split it.",
    "파일이 너무 큽니다. 필요 없는 내용과 서식만 있는 빈 행을 지우거나 파일을 나눠 주세요.",
)
ENCODING = Failure(
    "sheet_encoding",
    "The text of the file cannot be read; save it as CSV UTF-8.",
    "글자 인코딩을 알 수 없습니다. CSV UTF-8로 저장해 주세요.",
)
EMPTY = Failure("sheet_empty", "The spreadsheet holds no rows.", "내용이 없는 파일입니다.")
HIDDEN_ONLY = Failure(
    "sheet_hidden",
    "Every sheet with rows is hidden; show the one that is meant, or name it.",
    "내용이 있는 시트가 모두 숨겨져 있습니다. 시트 숨기기를 취소하거나 시트를 지정해 주세요.",
)
NO_SUCH_SHEET = Failure("sheet_not_found", "There is no sheet of this name.", "이 이름의 시트가 없습니다.")
LAYOUT_UNKNOWN = Failure(
    "sheet_layout_unknown",
    "No column can be told to hold the names of the students; say which one does.",
    "학생 이름 열을 찾지 못했습니다. 어느 열인지 지정해 주세요.",
)
QUESTIONS_OPEN = Failure(
    "sheet_questions_open",
    "Some columns are unclear; say what they hold, or leave them out.",
    "무엇인지 알 수 없는 열이 있습니다. 각 열의 내용을 지정하거나 제외해 주세요.",
)
CHANGED = Failure(
    "sheet_changed",
    "This is another file than the one that was previewed; preview it first.",
    "미리 본 파일과 다른 파일입니다. 먼저 미리보기를 해 주세요.",
)
ROWS_REFUSED = Failure(
    "sheet_rows_refused",
    "Some rows have faults, so none was taken; mend them, or ask for the others alone.",
    "잘못된 행이 있어 아무것도 등록하지 않았습니다. 고치거나 나머지만 등록해 주세요.",
)
CELL_ERROR = Failure(
    "cell_error",
    "The formula of this cell ends in an error; write the value itself.",
    "수식 오류가 있는 칸입니다. 값을 직접 입력해 주세요.",
)
CELL_UNCALCULATED = Failure(
    "cell_uncalculated",
    "The formula of this cell was never calculated; open and save the file in a spreadsheet program, or write the value itself.",
    "계산되지 않은 수식입니다. 엑셀에서 열어 저장하거나 값을 직접 입력해 주세요.",
)
TEXT_TOO_LONG = Failure(
    "text_too_long",
    "This text is too long: 100 characters at most, 2,000 for a note.",
    "글이 너무 깁니다. 100자 이하, 비고는 2,000자 이하로 입력해 주세요.",
)
PARENT_PHONE_MISSING = Failure(
    "parent_phone_missing",
    "The parent has a name and no phone number; give one, or leave the name out.",
    "학부모 이름만 있고 연락처가 없습니다. 연락처를 입력하거나 이름을 지워 주세요.",
)


def class_named(name: str) -> Failure:
    """Return the refusal of a class that there is not, where there is one whose name differs in blanks or case alone."""
    return Failure(
        CLASS_NOT_FOUND.code,
        f"There is no class of this name; write it as the academy does: '{name}'.",
        f"이 이름의 반이 없습니다. '{name}' 반이라면 그대로 적어 주세요.",
    )


def phone_with_words(words: str) -> Failure:
    """Return the refusal of a phone number with words in brackets that cannot be what the column says."""
    return Failure(
        "phone_with_words",
        f"The number is followed by '({words})', which does not fit this column; write the number alone, or into the column of"
        " that person.",
        f"전화번호 뒤의 '({words})'이(가) 이 열과 맞지 않습니다. 번호만 적거나 그 사람의 열에 적어 주세요.",
    )


def identifier_twice_with(row: int, name: str) -> Failure:
    """Return the refusal of a row whose identifier another row has; `row` counts from 1."""
    return Failure(
        IDENTIFIER_TWICE.code,
        f"Row {row} ({name}) has the same identifier; give one of them 8 other digits in a column 'identifier'.",
        f"{row}행({name})과 식별번호가 같습니다. 한 명에게 다른 8자리를 '식별번호' 열에 입력해 주세요.",
    )


def identifier_taken_by(name: str, *, active: bool) -> Failure:
    """Return the refusal of a row whose identifier is another student's of the academy."""
    left, left_ko = ("", "") if active else (", who has left,", "(퇴원생)")
    return Failure(
        IDENTIFIER_TAKEN.code,
        f"The student {name}{left} has this identifier; give 8 other digits in a column 'identifier'.",
        f"{name} 학생{left_ko}이 같은 식별번호를 씁니다. 다른 8자리를 '식별번호' 열에 입력해 주세요.",
    )
