"""Fields of graph requests as their producers write them: names in two spellings, one value for a list of one, ids as numbers."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    ValidationError,
)

from academy.contracts.base import InvalidMessage, misfit
from academy.contracts.field_words import TASK_ID_FORM
from academy.contracts.graph import TaskText
from academy.contracts.incoming_fields import PRINTABLE, as_text
from academy.contracts.times import FormWrong

__all__ = [
    "MOST_LEFT_OUT",
    "Documents",
    "Flag",
    "Keys",
    "LooseTaskId",
    "OneDocument",
    "Prefixes",
    "Whole",
    "either",
    "left_out",
    "names_of",
    "nearest",
    "unfit",
]

MOST_LEFT_OUT = 10
_MOST_MEANT = 3
_LONGEST_NAME = 60
_LONGEST_TASK_ID = 200
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def either(*names: str) -> AliasChoices:
    """Return the names under which a field is taken, each in snake_case as well; the first is the one that is published."""
    return AliasChoices(*dict.fromkeys([*names, *map(_snake, names)]))


def _snake(name: str) -> str:
    return _HUMP.sub("_", name).lower()


def _one_or_more(value: object) -> object:
    """Take one text for a list of one, and nothing for none."""
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, str) else value


def _whole(value: object) -> object:
    """Take 7.0 for 7: in JSON they are the same number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _task_id(value: object) -> object:
    value = _whole(value)
    fits = isinstance(value, int) and not isinstance(value, bool)
    if isinstance(value, str):
        fits = len(value) <= _LONGEST_TASK_ID and re.fullmatch(PRINTABLE, value) is not None
    if value is not None and not fits:
        raise FormWrong(TASK_ID_FORM, "a text of at most 200 characters or a whole number")
    return value


def _id_or_none(value: object) -> object:
    return None if value == "" else as_text(_whole(value))


_Name = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=PRINTABLE)]
_Alone = Annotated[str, StringConstraints(max_length=1024, pattern=PRINTABLE)]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
_AloneId = Annotated[str, StringConstraints(max_length=1024)]
_MANY, _FEW, _SOME = Field(max_length=20_000), Field(max_length=100), Field(max_length=500)

Keys = Annotated[
    tuple[_Name, ...],
    _MANY,
    BeforeValidator(_one_or_more, json_schema_input_type=_Alone | Annotated[tuple[_Name, ...], _MANY] | None),
]
Prefixes = Annotated[
    tuple[_Name, ...],
    _FEW,
    BeforeValidator(_one_or_more, json_schema_input_type=_Alone | Annotated[tuple[_Name, ...], _FEW] | None),
]
Documents = Annotated[
    tuple[_Id, ...],
    _SOME,
    BeforeValidator(_one_or_more, json_schema_input_type=_AloneId | Annotated[tuple[_Id, ...], _SOME] | None),
]
OneDocument = Annotated[
    _Id | None, BeforeValidator(_id_or_none, json_schema_input_type=_AloneId | int | None)
]
Flag = StrictBool
Whole = Annotated[StrictInt, BeforeValidator(_whole)]
LooseTaskId = Annotated[
    str | int | None,
    BeforeValidator(_task_id, json_schema_input_type=TaskText | int | None),
]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like one that is not known, "" where none is like it."""
    if len(name) > _LONGEST_NAME:
        return ""
    import difflib  # noqa: PLC0415 - a request without a mistake does without

    lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower(), sorted(lower), n=1, cutoff=0.7)
    return lower[found[0]] if found else ""


def names_of(model: type[BaseModel]) -> dict[str, str]:
    """Return every name under which a field of a payload is taken, and the one that is published."""
    return {name: names[0] for names in _fields(model) for name in names}


def left_out(model: type[BaseModel], given: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the names in a payload that are no field's, or a second name of a field that was given: `{name, nearest}`, sorted."""
    taken = {next((name for name in names if name in given), "") for names in _fields(model)}
    known = names_of(model)
    found = sorted(set(given) - taken)[:MOST_LEFT_OUT]
    return [
        {"name": _shown(name), "nearest": known.get(name) or nearest(name, known.values())} for name in found
    ]


def unfit(error: ValidationError, model: type[BaseModel], payload: Mapping[str, Any]) -> InvalidMessage:
    """Return what is wrong with a payload, and which of its fields may be a misspelt one."""
    told = misfit(error, "payload.")
    meant = [each for each in left_out(model, payload) if each["nearest"]][:_MOST_MEANT]
    english = "".join(f" payload.{each['name']}: Was {each['nearest']} meant?" for each in meant)
    korean = "".join(f" payload.{each['name']}: {each['nearest']}인지 확인해 주세요." for each in meant)
    return InvalidMessage(told.reason + english, korean=told.korean + korean)


def _fields(model: type[BaseModel]) -> list[list[str]]:
    aliases = [(name, field.validation_alias) for name, field in model.model_fields.items()]
    return [[str(c) for c in a.choices] if isinstance(a, AliasChoices) else [n] for n, a in aliases]


def _shown(name: str) -> str:
    """Return a name that a stranger chose, cut and made printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:_LONGEST_NAME])
