"""Rows of a roster as values of fields: what is restored on the way, what is skipped, and what is wrong with a value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from academy.domain.academics import sheet_refusals, typed
from academy.domain.academics.people import Relation
from academy.domain.academics.sheet_cells import Cell, CellProblem, text_of
from academy.domain.academics.sheet_content import blank
from academy.domain.academics.sheet_words import Field, read_label
from academy.domain.failures import Failure
from academy.domain.phone import PhoneInvalid, mobile

__all__ = ["PHONES", "ReadRow", "Restored", "Skip", "class_names", "read_row", "relation", "skip"]

PHONES = frozenset({Field.PHONE, Field.PARENT_PHONE, Field.MOTHER_PHONE, Field.FATHER_PHONE})
_NAMES = frozenset({Field.NAME, Field.PARENT_NAME, Field.MOTHER_NAME, Field.FATHER_NAME})
_LONGEST = {Field.NOTE: 2000}
_LONGEST_LINE = 100
_FEWEST_DIGITS = 8
# Nearly every value is one of these, and needs no closer look.
_USUAL_PHONE = re.compile(r"010-?([0-9]{4})-?([0-9]{4})")
_USUAL_NAME = re.compile(r"[가-힣]{1,100}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_BRACKETED = re.compile(r"(.*\d)\s*[(\[（]\s*([^\d()\[\]（）]{1,20}?)\s*[)\]）]", re.DOTALL)
_WORDS_AFTER_NAME = re.compile(r"[^()（）]+[(（][^()（）]+[)）]\s*")
_STUDENT_WORDS = frozenset(["본인", "학생", "자녀", "student", "self"])
_EXAMPLE = re.compile(r"[(\[<※*\s]*(예\)|예시|예제|샘플|example|sample|e\.g\.|ex\))", re.IGNORECASE)
_EXAMPLE_NAMES = frozenset({"홍길동", "홍길순", "아무개", "johndoe", "janedoe"})
_EXAMPLE_PHONE = re.compile(r"010(0000\d{4}|1234\d{4}|[xX*○0]{8}|(\d)\2{7})")
_TOTAL = re.compile(
    r"(합\s*계|총\s*계|소\s*계|총\s*원|총\s*인원|인원\s*수?|계|total|sum|subtotal)[\s:：]*([\d,]+\s*명?)?|총\s*[\d,]+\s*명",
    re.IGNORECASE,
)
_RELATIONS = {
    Relation.MOTHER: frozenset(["모", "어머니", "어머님", "엄마", "모친", "mother", "mom"]),
    Relation.FATHER: frozenset(["부", "아버지", "아버님", "아빠", "부친", "father", "dad"]),
}


_GUARDIANS = frozenset(["보호자", "학부모", "부모", "부모님", "guardian", "parent"])


class Restored(StrEnum):
    """What was put right in a value or seems odd, and is told."""

    PHONE_ZERO = "phone_zero_restored"
    IDENTIFIER_ZERO = "identifier_zero_restored"
    RELATION = "relation_from_phone"
    NAME_WORDS = "name_with_words"


class Skip(StrEnum):
    """Why a row is no student."""

    EMPTY = "empty"
    EXAMPLE = "example"
    TOTAL = "total"
    HEADER = "header_again"


@dataclass(slots=True)
class ReadRow:
    """One row.

    Attributes:
        values: cleaned texts by field; phones as digits; blank ones and those with a fault are not there.
        faults: fields whose value cannot be taken, with the value as it stands there.
        restored: fields whose value was put right, or taken though it seems odd.
    """

    values: dict[Field, str] = field(default_factory=dict)
    faults: list[tuple[Field, Failure, str]] = field(default_factory=list)
    restored: list[tuple[Field, Restored]] = field(default_factory=list)


def skip(cells: Sequence[Cell], columns: Mapping[Field, int]) -> Skip | None:
    """Return why a row is no student, None for one."""
    first = next((text for cell in cells if cell != "" and (text := text_of(cell))), "")
    if not first:
        return None if any(isinstance(cell, CellProblem) for cell in cells) else Skip.EMPTY
    name = _at(cells, columns.get(Field.NAME))
    if _EXAMPLE.match(first) or _EXAMPLE.match(name):
        return Skip.EXAMPLE
    if name.replace(" ", "").casefold() in _EXAMPLE_NAMES:
        return Skip.EXAMPLE if all(map(_EXAMPLE_PHONE.fullmatch, _phones(cells, columns))) else None
    if (_TOTAL.fullmatch(first) or _TOTAL.fullmatch(name)) and not _has_phone(cells, columns):
        return Skip.TOTAL
    if not name and _nothing_taken(cells, columns):
        # The numbers of rows to come are often there already.
        return Skip.EMPTY
    label = read_label(name)
    if label and Field.NAME in label.fields and not _has_phone(cells, columns):
        return Skip.HEADER
    return None


def read_row(cells: Sequence[Cell], columns: Mapping[Field, int]) -> ReadRow:
    """Return the values of a row; a column that the row does not reach is blank."""
    row = ReadRow()
    width = len(cells)
    for each, index in columns.items():
        cell = cells[index] if index < width else ""
        if type(cell) is str:
            # Most cells by far; nothing of them is to be changed but the blanks around them.
            text = cell.strip()
            if text.endswith("0") and "." in text:
                text = text_of(text)
            if text and not blank(text):
                _read(row, each, text, number=False)
            continue
        if isinstance(cell, CellProblem):
            failure = (
                sheet_refusals.CELL_ERROR if cell is CellProblem.ERROR else sheet_refusals.CELL_UNCALCULATED
            )
            row.faults.append((each, failure, ""))
            continue
        text = text_of(cell)
        if not blank(text):
            _read(row, each, text, number=not isinstance(cell, str))
    return row


def class_names(text: str, known: Mapping[str, object]) -> tuple[str, ...]:
    """Return the classes that a cell names, separated by commas, semicolons or lines unless the whole is the name of one."""
    if text in known:
        return (text,)
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[,;\n]", text) if part.strip()))


def relation(text: str) -> Relation:
    """Return what a parent is to a student; GUARDIAN for whatever is neither mother nor father."""
    if not text:
        return Relation.GUARDIAN
    word = text.strip().casefold()
    return next((each for each, words in _RELATIONS.items() if word in words), Relation.GUARDIAN)


def _read(row: ReadRow, each: Field, text: str, *, number: bool) -> None:
    try:
        if each in PHONES:
            text = _without_words(row, each, text)
            usual = _USUAL_PHONE.fullmatch(text)
            row.values[each] = f"010{usual[1]}{usual[2]}" if usual else mobile(text)
            if text.startswith("1"):
                row.restored.append((each, Restored.PHONE_ZERO))
        elif each in _NAMES:
            row.values[each] = text if _USUAL_NAME.fullmatch(text) else typed.name(text)
            if each is Field.NAME and _WORDS_AFTER_NAME.fullmatch(text):
                row.restored.append((each, Restored.NAME_WORDS))
        elif each is Field.IDENTIFIER:
            row.values[each] = typed.identifier(text.zfill(8) if number and text.isdecimal() else text)
            if number and text != row.values[each]:
                row.restored.append((each, Restored.IDENTIFIER_ZERO))
        else:
            _read_text(row, each, text)
    except (PhoneInvalid, typed.Unreadable) as wrong:
        row.faults.append((each, wrong.failure, text))


def _without_words(row: ReadRow, each: Field, text: str) -> str:
    """Return a phone number without whose it is in brackets. Raises Unreadable for words that do not fit the column."""
    found = _BRACKETED.fullmatch(text)
    if found is None:
        return text
    number, words = found[1], found[2]
    whose = relation(words)
    if each is Field.PHONE:
        fits = words.casefold() in _STUDENT_WORDS
    elif each is Field.PARENT_PHONE:
        said = row.values.get(Field.RELATION)
        fits = whose is not Relation.GUARDIAN or words in _GUARDIANS
        fits = fits and (said is None or relation(said) is whose)
        if fits and said is None:
            row.values[Field.RELATION] = words
            row.restored.append((each, Restored.RELATION))
    else:
        fits = whose is (Relation.MOTHER if each is Field.MOTHER_PHONE else Relation.FATHER)
    if not fits:
        raise typed.Unreadable(sheet_refusals.phone_with_words(words))
    return number


def _read_text(row: ReadRow, each: Field, text: str) -> None:
    keep_lines = each in {Field.NOTE, Field.CLASS}
    cleaned = (
        text if text.isprintable() else _CONTROL.sub(lambda found: _blank_of(found[0], keep_lines), text)
    )
    if len(cleaned) > _LONGEST.get(each, _LONGEST_LINE) and each is not Field.CLASS:
        row.faults.append((each, sheet_refusals.TEXT_TOO_LONG, text))
    else:
        row.values[each] = cleaned


def _blank_of(control: str, keep_lines: bool) -> str:
    return "\n" if keep_lines and "\n" in control else " "


def _at(cells: Sequence[Cell], index: int | None) -> str:
    return "" if index is None or index >= len(cells) else text_of(cells[index])


def _phones(cells: Sequence[Cell], columns: Mapping[Field, int]) -> list[str]:
    found = (_digits(_at(cells, index)) for each, index in columns.items() if each in PHONES)
    return [phone for phone in found if phone]


def _has_phone(cells: Sequence[Cell], columns: Mapping[Field, int]) -> bool:
    return any(len(phone) >= _FEWEST_DIGITS and phone.isdecimal() for phone in _phones(cells, columns))


def _nothing_taken(cells: Sequence[Cell], columns: Mapping[Field, int]) -> bool:
    taken = [cells[index] for index in columns.values() if index < len(cells)]
    return all(blank(text_of(cell)) and not isinstance(cell, CellProblem) for cell in taken)


def _digits(text: str) -> str:
    digits = re.sub(r"[\s.-]+", "", text)
    return "0" + digits if digits.startswith("10") and len(digits) == 10 else digits
