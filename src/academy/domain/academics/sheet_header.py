"""Where the header of a roster is and what each column holds; what is unclear becomes a question, never a guess."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType

from academy.domain.academics.sheet_cells import Cell, column_letters, text_of
from academy.domain.academics.sheet_content import best_kind, blank, fit
from academy.domain.academics.sheet_words import FIELDS_KO, Field, Label, read_label
from academy.domain.failures import Failure

__all__ = ["HEADER_WITHIN", "ColumnUse", "Layout", "Question", "find_layout"]

HEADER_WITHIN = 30
"""Rows from the top among which the header is looked for."""
_SAMPLE = 200
_FEW = 3
_FITS = 0.5
_SURE = 0.9
_NO_LABEL = Label((), 0.0)

Range = tuple[tuple[int, int], tuple[int, int]]
"""Merged cells: (row, column) of the first and of the last, counted from 0."""


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """What a column holds.

    Attributes:
        index: from 0.
        label: its heading as it stands there, both rows of it; "" for none.
        field: None for a column that is not taken.
        confidence: 0 to 1 that this is right.
    """

    index: int
    label: str
    field: Field | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Question:
    """What a person has to say of a column before the roster can be taken; `failure` is the sentence. No field means: leave it out."""

    column: int
    fields: tuple[Field, ...]
    failure: Failure


@dataclass(frozen=True, slots=True)
class Layout:
    """How a sheet is read.

    Attributes:
        header: indexes of its rows from 0, one or two; empty where there is none.
        first_row: index of the first row under the header.
        columns: those that have a heading or a value, from the left.
    """

    header: tuple[int, ...]
    first_row: int
    columns: tuple[ColumnUse, ...]
    questions: tuple[Question, ...]


def find_layout(
    rows: Sequence[Sequence[Cell]],
    merged: Sequence[Range] = (),
    header: tuple[int, ...] | None = None,
    told: Mapping[int, Field | None] = MappingProxyType({}),
) -> Layout:
    """Return how a sheet is read, from its first rows; 200 rows under the header are looked at.

    A person may say which rows are the header (none: ()), and what columns hold; a column in `told` is not asked for any more.
    Without a header the content decides, and whatever it leaves open is asked.
    """
    if header is None:
        found = _best_header(rows, merged)
        header = found if found is not None else ()
    layout = _with_header(rows, header, merged) if header else _without_header(rows)
    return _as_told(layout, told) if told else layout


def _with_header(rows: Sequence[Sequence[Cell]], header: tuple[int, ...], merged: Sequence[Range]) -> Layout:
    first_row = header[-1] + 1
    uses, questions = _uses(_labels(rows, header, merged), _samples(rows, first_row))
    return Layout(header, first_row, tuple(uses), tuple(questions))


def _as_told(layout: Layout, told: Mapping[int, Field | None]) -> Layout:
    taken = {field for field in told.values() if field}
    uses = {
        use.index: replace(use, field=None, confidence=0.0) if use.field in taken else use
        for use in layout.columns
    }
    for index, field in told.items():
        before = uses.get(index, ColumnUse(index, "", None, 0.0))
        uses[index] = replace(before, field=field, confidence=1.0)
    questions = tuple(each for each in layout.questions if each.column not in told)
    return replace(layout, columns=tuple(uses[index] for index in sorted(uses)), questions=questions)


def _best_header(rows: Sequence[Sequence[Cell]], merged: Sequence[Range]) -> tuple[int, ...] | None:
    best, chosen = 0.0, None
    for index in range(min(len(rows), HEADER_WITHIN)):
        for header in ((index,), (index - 1, index)) if index else ((index,),):
            labels = _labels(rows, header, merged)
            score = _score(labels, len(header))
            if score > best:
                best, chosen = score, header
    return chosen


def _score(labels: Mapping[int, str], rows: int) -> float:
    """Return how much some texts look like a header: fields that are told apart, less what is no heading; 0 for none."""
    known = [label for text in labels.values() if (label := read_label(text))]
    fields = {label.fields for label in known if label.fields}
    names = any(Field.NAME in each for each in fields)
    if not names or (len(known) < len(labels) / 3 and len(fields) < _FEW):
        return 0.0
    twice = sum(1 for label in known if label.fields) - len(fields)
    sure = sum(max(label.confidence for label in known if label.fields == each) for each in fields)
    return (
        sure
        + 0.3 * (len(known) - len(fields))
        - 0.6 * twice
        - 0.25 * (len(labels) - len(known))
        - 0.05 * rows
    )


def _labels(
    rows: Sequence[Sequence[Cell]], header: tuple[int, ...], merged: Sequence[Range]
) -> Mapping[int, str]:
    """Return the heading of each column that has one; of two rows, what stands above a group and what stands below it."""
    lower = [text_of(cell) for cell in rows[header[-1]]] if header[-1] < len(rows) else []
    if len(header) == 1:
        return {index: text for index, text in enumerate(lower) if text}
    upper = _spread([text_of(cell) for cell in rows[header[0]]], lower, header[0], merged)
    width = max(len(upper), len(lower))
    pairs = zip(_wide(upper, width), _wide(lower, width), strict=True)
    both = {index: f"{above} {below}".strip() for index, (above, below) in enumerate(pairs)}
    return {index: text for index, text in both.items() if text}


def _spread(upper: list[str], lower: list[str], row: int, merged: Sequence[Range]) -> list[str]:
    """Let a heading stand above every column of its group: its merged cells, or blanks to its right with a heading below."""
    spread = _wide(upper, max(len(upper), len(lower)))
    ends = {first[1]: last[1] for first, last in merged if first[0] == row == last[0]}
    below = _wide(lower, len(spread))
    for index, text in enumerate(upper):
        if not text or not below[index]:
            continue
        column, last = index + 1, ends.get(index, len(spread) - 1 if not ends else index)
        while column <= last and column < len(spread) and not spread[column] and below[column]:
            spread[column] = text
            column += 1
    return spread


def _wide(texts: list[str], width: int) -> list[str]:
    return texts + [""] * (width - len(texts))


def _samples(rows: Sequence[Sequence[Cell]], first_row: int) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in islice(rows, first_row, first_row + _SAMPLE):
        for index, cell in enumerate(row):
            text = text_of(cell)
            if not blank(text):
                found.setdefault(index, []).append(text)
    return found


def _uses(
    labels: Mapping[int, str], samples: Mapping[int, list[str]]
) -> tuple[list[ColumnUse], list[Question]]:
    uses: dict[int, ColumnUse] = {}
    questions: list[Question] = []
    taken: set[Field] = set()
    read = {index: read_label(labels.get(index, "")) or _NO_LABEL for index in {*labels, *samples}}
    # The surest first, so that a doubtful heading takes what they leave.
    for index in sorted(read, key=lambda index: (-read[index].confidence, index)):
        use = ColumnUse(index, labels.get(index, ""), None, 0.0)
        uses[index], question = _use(use, read[index], samples.get(index, []), taken)
        taken |= {field for field in (uses[index].field,) if field}
        questions += [question] if question else []
    return [uses[index] for index in sorted(uses)], sorted(questions, key=lambda each: each.column)


def _use(
    use: ColumnUse, label: Label, values: Sequence[str], taken: Collection[Field]
) -> tuple[ColumnUse, Question | None]:
    free = [field for field in label.fields if field not in taken]
    if not free:
        return use, _twice(use, label.fields, taken) if label.fields and values else None
    fits = {field: fit(field, values) for field in free}
    field = max(free, key=lambda each: (fits[each] or 0.0, -free.index(each)))
    if use.label and field is Field.CLASS and label.confidence < _SURE and _only_numbers(values):
        return use, _question(use, (Field.CLASS,), *_CLASS_UNCLEAR)
    found = fits[field] if field not in {Field.SCHOOL, Field.GRADE, Field.CLASS} else None
    use = replace(
        use,
        field=field,
        confidence=round(label.confidence * (0.5 + 0.5 * (1.0 if found is None else found)), 2),
    )
    if found is None or found >= _FITS:
        return use, None
    other, _ = best_kind(values)
    if label.confidence < _SURE or (other is not None and fit(field, values) == 0.0):
        return replace(use, field=None), _question(use, (field,), *_MISFIT)
    return use, None


def _twice(use: ColumnUse, fields: tuple[Field, ...], taken: Collection[Field]) -> Question:
    others = [each for each in _ALIKE.get(fields[0], ()) if each not in taken]
    return _question(use, tuple(others), *_TWICE)


def _only_numbers(values: Sequence[str]) -> bool:
    return bool(values) and all(value.removesuffix("반").isdecimal() for value in values)


def _without_header(rows: Sequence[Sequence[Cell]]) -> Layout:
    first_row = _first_filled(rows)
    samples = _samples(rows, first_row)
    kinds = {index: best_kind(values) for index, values in samples.items()}
    count = {kind: sum(1 for each, _ in kinds.values() if each is kind) for kind in Field}
    uses, questions = [], []
    for index, (kind, share) in sorted(kinds.items()):
        use = ColumnUse(index, "", None, 0.0)
        if kind is None:
            uses.append(use)
        elif count[kind] == 1 and kind is not Field.PHONE:
            uses.append(replace(use, field=kind, confidence=round(_SURE * share, 2)))
        else:
            uses.append(use)
            questions.append(_question(use, _ALIKE.get(kind, (kind,)), *_WHOSE))
    return Layout((), first_row, tuple(uses), tuple(questions))


def _first_filled(rows: Sequence[Sequence[Cell]]) -> int:
    """Return the first of rows without a header that is no title: as many cells as half of the usual."""
    filled = [sum(1 for cell in row if text_of(cell)) for row in islice(rows, _SAMPLE)]
    usual = sorted(filled)[len(filled) // 2] if filled else 0
    return next((index for index, cells in enumerate(filled) if cells and cells >= usual / 2), 0)


def _question(use: ColumnUse, fields: tuple[Field, ...], code: str, english: str, korean: str) -> Question:
    told = {
        "column": column_letters(use.index),
        "fields": " / ".join(field.value for field in fields) or "-",
        "fields_ko": " / ".join(FIELDS_KO[field] for field in fields) or "-",
    }
    return Question(use.index, fields, Failure(code, english.format(**told), korean.format(**told)))


_NAMES = (Field.NAME, Field.PARENT_NAME, Field.MOTHER_NAME, Field.FATHER_NAME)
_PHONES = (Field.PHONE, Field.PARENT_PHONE, Field.MOTHER_PHONE, Field.FATHER_PHONE)
_ALIKE: Mapping[Field, tuple[Field, ...]] = dict.fromkeys(_NAMES, _NAMES) | dict.fromkeys(_PHONES, _PHONES)
_TWICE = (
    "column_twice",
    "Column {column} has the same heading as another; say what it holds ({fields}), or leave it out.",
    "{column}열의 제목이 다른 열과 같습니다. 무엇인지 골라 주세요({fields_ko}). 필요 없으면 제외해 주세요.",
)
_MISFIT = (
    "column_misfit",
    "The values of column {column} do not look like its heading; say whether it holds {fields}, or leave it out.",
    "{column}열의 값이 제목과 맞지 않습니다. {fields_ko} 열이 맞는지 확인하거나 제외해 주세요.",
)
_CLASS_UNCLEAR = (
    "column_class_unclear",
    "Column {column} may hold the class at school or at the academy; say whether it names classes of the academy, or leave it out.",
    "{column}열이 학교의 반인지 학원의 반인지 알 수 없습니다. 학원의 반이면 선택하고, 아니면 제외해 주세요.",
)
_WHOSE = (
    "column_unclear",
    "There is no heading above column {column}; say whose it is ({fields}), or leave it out.",
    "{column}열에 제목이 없습니다. 누구의 것인지 골라 주세요({fields_ko}). 필요 없으면 제외해 주세요.",
)
