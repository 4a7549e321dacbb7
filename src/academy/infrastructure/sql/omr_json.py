"""How readings, decisions and answer keys are stored: compact JSON values, and exactly the same objects out of them.

A reading is the bulk of it: its fields are arrays [name, state, marked, confidence, darkness], the state by its first letter and
darkness in thousandths, which is all that is kept of it.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from academy.domain.failures import Failure
from academy.domain.omr.decisions import Decision, FieldDecision, Mark, StudentDecision
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
from academy.domain.omr.reading import FieldReading, MarkState, PageReading, SheetCode

__all__ = [
    "decision_from",
    "decision_json",
    "key_from",
    "key_json",
    "reading_from",
    "reading_json",
]

Json = dict[str, Any]
_LETTERS = {state: state.value[0] for state in MarkState}
_STATES = {letter: state for state, letter in _LETTERS.items()}
_PLACES = 1000


def reading_json(reading: PageReading) -> Json:
    """Return a reading as JSON, without what an empty reading has too; darkness is rounded to three places."""
    code = reading.code
    full = {
        "number": reading.number,
        "problem": asdict(reading.problem) if reading.problem else None,
        "code": [code.spec_id, code.spec_version, code.exam_id, code.student_id, code.page] if code else None,
        "rotation": reading.rotation,
        "corners": [list(corner) for corner in reading.corners],
        "size": list(reading.size) if reading.size != (0, 0) else None,
        "fields": [_field_json(field) for field in reading.fields.values()],
        "warnings": list(reading.warnings),
    }
    return {name: value for name, value in full.items() if value}


def reading_from(value: Json) -> PageReading:
    """Return the reading that `reading_json` wrote."""
    fields = [_field(row) for row in value.get("fields", ())]
    return PageReading(
        number=value.get("number", 0),
        problem=Failure(**value["problem"]) if "problem" in value else None,
        code=SheetCode(*value["code"]) if "code" in value else None,
        rotation=value.get("rotation", 0),
        corners=tuple((x, y) for x, y in value.get("corners", ())),
        size=(value["size"][0], value["size"][1]) if "size" in value else (0, 0),
        fields={field.field: field for field in fields},
        warnings=tuple(value.get("warnings", ())),
    )


def decision_json(decision: Decision) -> Json:
    """Return what was decided as JSON, without number, person and time."""
    if isinstance(decision, StudentDecision):
        return {"was": decision.was, "student": decision.student_id}
    was, marked = decision.was, decision.marked
    return {
        "field": decision.field,
        "was": None if was is None else [_LETTERS[was.state], list(was.marked)],
        "marked": None if marked is None else list(marked),
    }


def decision_from(number: int, by: str, at: datetime, value: Json) -> Decision:
    """Return the decision that `decision_json` wrote."""
    if "field" not in value:
        return StudentDecision(number, by, at, value["was"], value["student"])
    was, marked = value["was"], value["marked"]
    mark = None if was is None else Mark(_STATES[was[0]], tuple(was[1]))
    chosen = None if marked is None else tuple(marked)
    return FieldDecision(number, by, at, value["field"], mark, chosen)


def key_json(key: AnswerKey) -> Json:
    """Return an answer key as JSON; decimals are texts, so that no place of them is lost."""
    return {"below_zero": key.below_zero, "items": [_item_json(item) for item in key.items]}


def key_from(value: Json) -> AnswerKey:
    """Return the answer key that `key_json` wrote."""
    return AnswerKey(tuple(_item(item) for item in value["items"]), value["below_zero"])


def _field_json(field: FieldReading) -> Sequence[Any]:
    darkness = [round(value * _PLACES) for value in field.darkness]
    return [field.field, _LETTERS[field.state], list(field.marked), field.confidence, darkness]


def _field(row: Sequence[Any]) -> FieldReading:
    name, letter, marked, confidence, darkness = row
    exact = tuple(value / _PLACES for value in darkness)
    return FieldReading(name, _STATES[letter], tuple(marked), confidence, exact)


def _item_json(item: KeyItem) -> Json:
    points, penalty = str(item.points), str(item.penalty)
    shown = {
        "question": item.question,
        "answer": _answer_json(item.answer),
        "points": points,
        "penalty": penalty,
    }
    return shown | {"explanation": item.explanation} if item.explanation else shown


def _item(value: Json) -> KeyItem:
    points, penalty = Decimal(value["points"]), Decimal(value["penalty"])
    return KeyItem(value["question"], _answer(value["answer"]), points, penalty, value.get("explanation", ""))


def _answer_json(answer: Answer) -> Json:
    match answer:
        case Single(choice):
            return {"single": choice}
        case Either(choices):
            return {"either": list(choices)}
        case AllRequired(choices, partial):
            points = [str(partial.per_right), str(partial.per_wrong), str(partial.least)] if partial else None
            return {"all": list(choices), "partial": points}
        case Number(accepted, tolerance):
            return {"number": [str(number) for number in accepted], "tolerance": str(tolerance)}
        case Void(mode):
            return {"void": mode.value}


def _answer(value: Json) -> Answer:
    """Return the answer of a JSON object, whose first name says which kind it is."""
    kind = next(iter(value))
    content = value[kind]
    match kind:
        case "single":
            return Single(content)
        case "either":
            return Either(tuple(content))
        case "all":
            partial = Partial(*map(Decimal, value["partial"])) if value["partial"] else None
            return AllRequired(tuple(content), partial)
        case "number":
            return Number(tuple(map(Decimal, content)), Decimal(value["tolerance"]))
        case "void":
            return Void(VoidMode(content))
        case _:
            raise ValueError(f"no kind of answer: {kind}")
