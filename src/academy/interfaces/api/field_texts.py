"""What is wrong with one field of a request, in words for people."""

from pydantic_core import ErrorDetails

from academy.contracts.field_words import BODIES, TEXTS, sentences
from academy.contracts.rest.common import FieldProblem, YearOutOfRange
from academy.contracts.times import FormWrong
from academy.interfaces.api.language import Language

__all__ = ["KNOWN", "body_problem", "field_problem"]

KNOWN = frozenset(TEXTS)
"""Kinds of error that have a sentence of ours."""
_LONGEST, _DEEPEST = 100, 20


def field_problem(item: ErrorDetails, language: Language) -> FieldProblem:
    """Return what is wrong with a field; the sentence holds limits and allowed values, never what was sent."""
    code, wrong = item["type"], item.get("ctx", {}).get("error")
    if isinstance(wrong, YearOutOfRange):
        code = "year_out_of_range"
        english, korean = sentences(item, code, {"first": wrong.first, "last": wrong.last})
    elif isinstance(wrong, FormWrong):
        code = wrong.code
        english, korean = sentences(item, code, {})
    else:
        english, korean = sentences(item)
    return FieldProblem(field=_field(item["loc"]), code=code, message=korean if language == "ko" else english)


def body_problem(code: str, language: Language) -> FieldProblem:
    """Return what is wrong with the form of a whole body; `code` is one of strict_json's."""
    english, korean = BODIES[code]
    return FieldProblem(field="", code=code, message=korean if language == "ko" else english)


def _field(path: tuple[int | str, ...]) -> str:
    """Return where a field stands; a name that was sent is cut, and what does not print is taken out."""
    names = ("".join(c if c.isprintable() else "\ufffd" for c in str(name)[: _LONGEST + 1]) for name in path)
    short = (name if len(name) <= _LONGEST else name[:_LONGEST] + "…" for name in names)
    return ".".join(list(short)[:_DEEPEST])
