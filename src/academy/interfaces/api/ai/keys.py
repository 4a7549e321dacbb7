"""Answer keys between the contract of the API and the domain."""

from collections.abc import Iterator
from decimal import Decimal

from academy.application.academics.form import FieldsRefused
from academy.application.errors import Fault
from academy.contracts.rest.exam_sheets import ExamKeyView, KeyEntry, PartialPoints, SetKeyRequest
from academy.domain.failures import Failure
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.key import (
    AllRequired,
    Answer,
    AnswerKey,
    Either,
    KeyItem,
    Number,
    Partial,
    Single,
    Void,
    VoidMode,
)

__all__ = ["key_of", "key_view"]

_UNFIT = Failure(
    "key_field_unfit",
    "This does not belong to a question of its kind; leave it out, or choose another kind.",
    "이 유형의 문항에는 쓸 수 없는 항목입니다. 빼거나 문항 유형을 바꿔 주세요.",
)
_VOID = Failure(
    "key_void_unsaid",
    "Say of a void question whether everybody gets the points (full_points) or it is taken out (not_counted).",
    "무효 문항은 전원 정답(full_points)인지 채점 제외(not_counted)인지 정해 주세요.",
)
_ONE = Failure(
    "key_single_answer",
    "A question of kind single has exactly one answer; with several choose either or all_required.",
    "single 문항의 정답은 하나입니다. 여러 개면 either(복수 정답 인정)나 all_required(모두 고르기)를 선택해 주세요.",
)
_NUMBER = Failure(
    "key_number_unreadable",
    "The answer of a number question is a decimal number, such as 12 or 0.5.",
    "숫자 문항의 정답은 12나 0.5와 같은 수여야 합니다.",
)


def key_of(asked: SetKeyRequest) -> AnswerKey:
    """Return the key that a request describes. Raises FieldsRefused with everything that is wrong with its form."""
    faults = [
        Fault(("items", at, field), failure)
        for at, entry in enumerate(asked.items)
        for field, failure in _faults(entry)
    ]
    if faults:
        raise FieldsRefused(faults)
    items = tuple(
        KeyItem(entry.question, _answer(entry), exact(entry.points), exact(entry.penalty), entry.explanation)
        for entry in asked.items
    )
    return AnswerKey(items, asked.below_zero)


def key_view(sheet: ExamSheet, key: AnswerKey) -> ExamKeyView:
    """Return a key as a request would describe it."""
    return ExamKeyView(
        items=[_entry(item) for item in key.items],
        below_zero=key.below_zero,
        maximum=float(key.maximum),
        revision=sheet.revision,
    )


def exact(points: float) -> Decimal:
    """Return the decimal that somebody typed: 0.1 is a tenth."""
    return Decimal(repr(points))


def _faults(entry: KeyEntry) -> Iterator[tuple[str, Failure]]:
    if entry.partial is not None and entry.kind != "all_required":
        yield "partial", _UNFIT
    if entry.tolerance is not None and entry.kind != "number":
        yield "tolerance", _UNFIT
    if entry.void is not None and entry.kind != "void":
        yield "void", _UNFIT
    if entry.kind == "void":
        if entry.void is None:
            yield "void", _VOID
        if entry.answers:
            yield "answers", _UNFIT
    if entry.kind == "single" and len(entry.answers) > 1:
        yield "answers", _ONE
    if entry.kind == "number" and not all(_is_number(text) for text in entry.answers):
        yield "answers", _NUMBER


def _is_number(text: str) -> bool:
    whole, _, part = text.removeprefix("-").partition(".")
    return text.isascii() and whole.isdigit() and (part.isdigit() or "." not in text)


def _answer(entry: KeyEntry) -> Answer:
    choices = tuple(entry.answers)
    match entry.kind:
        case "single":
            # No answer at all is told with the key's other problems.
            return Single(choices[0]) if choices else Either(())
        case "either":
            return Either(choices)
        case "all_required":
            return AllRequired(choices, _partial(entry.partial))
        case "number":
            return Number(tuple(map(Decimal, choices)), Decimal(entry.tolerance or "0"))
        case "void":
            return Void(VoidMode(entry.void or ""))


def _partial(asked: PartialPoints | None) -> Partial | None:
    if asked is None:
        return None
    return Partial(exact(asked.per_right), exact(asked.per_wrong), exact(asked.least))


def _entry(item: KeyItem) -> KeyEntry:
    points, penalty = float(item.points), float(item.penalty)
    entry = KeyEntry(question=item.question, points=points, penalty=penalty, explanation=item.explanation)
    match item.answer:
        case Single(choice):
            changed: dict[str, object] = {"answers": [choice]}
        case Either(choices):
            changed = {"kind": "either", "answers": list(choices)}
        case AllRequired(choices, partial):
            changed = {"kind": "all_required", "answers": list(choices), "partial": _points(partial)}
        case Number(accepted, tolerance):
            shown = f"{tolerance:f}" if tolerance else None
            changed = {"kind": "number", "answers": [f"{one:f}" for one in accepted], "tolerance": shown}
        case Void(mode):
            changed = {"kind": "void", "void": mode.value}
    return entry.model_copy(update=changed)


def _points(partial: Partial | None) -> PartialPoints | None:
    if partial is None:
        return None
    return PartialPoints(
        per_right=float(partial.per_right), per_wrong=float(partial.per_wrong), least=float(partial.least)
    )
