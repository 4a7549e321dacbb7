"""What the values of a column look like, where no heading says it or to see whether it is true."""

import re
from collections.abc import Callable, Sequence

from academy.domain.academics.sheet_words import Field
from academy.domain.phone import PhoneInvalid, PhoneProblem, mobile

__all__ = ["best_kind", "blank", "fit"]

_NAME = re.compile(r"[가-힣]{2,4}[A-Z1-9]?")
_NOT_A_NAME = re.compile(
    r".*(학교|학년|초등|중등|고등|[초중고]|[가-힣]반|수학|영어|국어|과학)|남자?|여자?|없음|재원|휴원|퇴원"
)
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z'.-]*( [A-Za-z][A-Za-z'.-]*){1,3}")
_GRADE = re.compile(
    r"(예비)?\s*(초등?|중등?|고등?|초등학교|중학교|고등학교|[emh])\s*[1-6](학년)?|[1-6]\s*학년|N수생?|재수생?|[1-6]"
)
_SCHOOL = re.compile(
    r"[가-힣A-Za-z0-9\s]{1,20}(초|중|고|초교|초등학교|중학교|고등학교|여중|여고|국제학교|school)",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r"\d{8}")
_CLASS = re.compile(r".*[가-힣A-Za-z0-9]반|.*class.*", re.IGNORECASE)
_BLANKS = frozenset({"", "-", "--", "없음", "x", "해당없음", "미정", "n/a", "na", "none", "null", "."})
_PHONES = frozenset({Field.PHONE, Field.PARENT_PHONE, Field.MOTHER_PHONE, Field.FATHER_PHONE})
_NAMES = frozenset({Field.NAME, Field.PARENT_NAME, Field.MOTHER_NAME, Field.FATHER_NAME})
_CLEAR = 0.8


def blank(text: str) -> bool:
    """Return whether a value says that there is none: "", "-", "없음"."""
    return not text or (len(text) <= 4 and text.casefold() in _BLANKS)


def fit(field: Field, values: Sequence[str]) -> float | None:
    """Return which part of some values, none of them blank, can be such a field's; None where any text can, or there are none."""
    test = _test(field)
    if test is None or not values:
        return None
    return sum(map(test, values)) / len(values)


def best_kind(values: Sequence[str]) -> tuple[Field | None, float]:
    """Return what values look like (PHONE and NAME for anybody's) and which part of them does; None where nothing is clear."""
    for field in (Field.PHONE, Field.IDENTIFIER, Field.GRADE, Field.SCHOOL, Field.CLASS, Field.NAME):
        found = fit(field, values)
        if found is not None and found >= _CLEAR and not (field is Field.GRADE and _counts(values)):
            return field, found
    return None, 0.0


def _test(field: Field) -> Callable[[str], bool] | None:
    if field in _PHONES:
        return _phone
    if field in _NAMES:
        return _name
    return _TESTS.get(field)


def _phone(text: str) -> bool:
    try:
        mobile(text)
    except PhoneInvalid as wrong:
        return wrong.problem is PhoneProblem.LANDLINE
    return True


def _name(text: str) -> bool:
    if _NAME.fullmatch(text):
        return not _NOT_A_NAME.fullmatch(text)
    return bool(_LATIN_NAME.fullmatch(text))


def _counts(values: Sequence[str]) -> bool:
    """Return whether values are bare numbers, which may number the rows, or anything."""
    return all(value.isdecimal() for value in values)


def _like(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


_TESTS = {
    Field.IDENTIFIER: _like(_IDENTIFIER),
    Field.GRADE: _like(_GRADE),
    Field.SCHOOL: _like(_SCHOOL),
    Field.CLASS: _like(_CLASS),
}
