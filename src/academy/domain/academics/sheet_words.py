"""What people write above the columns of a roster, in Korean and English."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

__all__ = ["FIELDS_KO", "Field", "Label", "read_label"]


class Field(StrEnum):
    """What a column of a roster holds."""

    NAME = "name"
    PHONE = "phone"
    IDENTIFIER = "identifier"
    SCHOOL = "school"
    GRADE = "grade"
    CLASS = "class"
    NOTE = "note"
    RELATION = "relation"
    PARENT_NAME = "parent_name"
    PARENT_PHONE = "parent_phone"
    MOTHER_NAME = "mother_name"
    MOTHER_PHONE = "mother_phone"
    FATHER_NAME = "father_name"
    FATHER_PHONE = "father_phone"


FIELDS_KO = MappingProxyType(
    {
        Field.NAME: "학생 이름",
        Field.PHONE: "학생 연락처",
        Field.IDENTIFIER: "식별번호",
        Field.SCHOOL: "학교",
        Field.GRADE: "학년",
        Field.CLASS: "반",
        Field.NOTE: "비고",
        Field.RELATION: "관계",
        Field.PARENT_NAME: "학부모 이름",
        Field.PARENT_PHONE: "학부모 연락처",
        Field.MOTHER_NAME: "어머니 이름",
        Field.MOTHER_PHONE: "어머니 연락처",
        Field.FATHER_NAME: "아버지 이름",
        Field.FATHER_PHONE: "아버지 연락처",
    }
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a heading says.

    Attributes:
        fields: what the column may hold, the likeliest first; empty for one that a roster does not need (성별, 순번).
        confidence: 0 to 1.
    """

    fields: tuple[Field, ...]
    confidence: float


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KINDS = {
    "name": _words("이름 성명 성함 명 name fullname"),
    "phone": _words(
        "연락처 휴대폰 휴대폰번호 휴대전화 휴대전화번호 핸드폰 핸드폰번호 전화 전화번호 폰 폰번호 hp 연락번호 모바일 휴대번호 "
        "mobile mobilephone mobilenumber phone phonenumber phoneno cell cellphone tel telephone contact contactnumber"
    ),
    "relation": _words("관계 relation relationship"),
}
_PLAIN = {
    Field.IDENTIFIER: _words("식별번호 식별 식별자 식별번호8자리 identifier"),
    Field.SCHOOL: _words("학교 학교명 학교이름 재학학교 재학중인학교 출신학교 소속학교 school schoolname"),
    Field.GRADE: _words("학년 현재학년 grade"),
    Field.CLASS: _words(
        "반명 반이름 수강반 소속반 학원반 배정반 클래스 강좌 강좌명 수강과목 class classname classes course"
    ),
    Field.NOTE: _words(
        "비고 메모 특이사항 참고 참고사항 기타 기타사항 note notes memo remark remarks comment"
    ),
    Field.RELATION: _words("학생과의관계 학생과관계 보호자구분"),
}
_UNSURE = {
    "반": (Field.CLASS,),
    "학번": (Field.IDENTIFIER,),
    "수험번호": (Field.IDENTIFIER,),
    "고유번호": (Field.IDENTIFIER,),
    "출결번호": (Field.IDENTIFIER,),
    "학생번호": (Field.IDENTIFIER, Field.PHONE),
    "id": (Field.IDENTIFIER,),
    "studentid": (Field.IDENTIFIER,),
    "학생": (Field.NAME, Field.PHONE),
}
_NOT_NEEDED = _words(
    "번호 순번 연번 no 순서 성별 생년월일 생일 나이 주소 이메일 메일 email gender birthday address 등록일 입학일 입회일 날짜 date "
    "결제 수강료 원비 담당 담임 담당선생님 요일 시간 과목 상태 구분 집전화 자택 차량 형제"
)
_OWNERS = {
    "mother": _words("어머니 어머님 엄마 모친 모 mother mom"),
    "father": _words("아버지 아버님 아빠 부친 부 father dad"),
    "parent": _words("학부모님 학부모 부모님 부모 보호자 parent parents guardian"),
    "student": _words("학생 원생 자녀 본인 수강생 student"),
}
_FIELDS = {
    ("mother", "name"): Field.MOTHER_NAME,
    ("mother", "phone"): Field.MOTHER_PHONE,
    ("father", "name"): Field.FATHER_NAME,
    ("father", "phone"): Field.FATHER_PHONE,
    ("parent", "name"): Field.PARENT_NAME,
    ("parent", "phone"): Field.PARENT_PHONE,
    ("parent", "relation"): Field.RELATION,
    ("student", "name"): Field.NAME,
    ("student", "phone"): Field.PHONE,
    ("", "name"): Field.NAME,
    ("", "phone"): Field.PHONE,
    ("", "relation"): Field.RELATION,
}
_BY_WORD = {word: field for field, words in _PLAIN.items() for word in words}
_KIND_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words}
_OWNER_BY_WORD = {word: owner for owner, words in _OWNERS.items() for word in words}
_OWNERS_LONGEST_FIRST = sorted(_OWNER_BY_WORD, key=len, reverse=True)
_LONGEST = 40
_BRACKETS = re.compile(r"[(\[<{]([^()\[\]<>{}]*)[)\]>}]")
_NO_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def read_label(text: str) -> Label | None:
    """Return what a heading says, None where it is none that is known: "학부모 연락처*", "HP(모)", "Student name"."""
    if not text or len(text) > _LONGEST:
        return None
    word = _squeezed(text)
    return _read(word) or _read(word.rstrip("0123456789"))


def _read(word: str) -> Label | None:
    if word in _BY_WORD:
        return Label((_BY_WORD[word],), 1.0)
    if word in _UNSURE:
        return Label(_UNSURE[word], 0.7)
    if word in _NOT_NEEDED:
        return Label((), 1.0)
    if word in _KIND_BY_WORD:
        # A phone of nobody in particular is most often the student's.
        kind = _KIND_BY_WORD[word]
        return Label((_FIELDS["", kind],), 0.8 if kind == "phone" else 1.0)
    return _owned(word)


def _owned(word: str) -> Label | None:
    for owner_word in _OWNERS_LONGEST_FIRST:
        if word.startswith(owner_word):
            rest = word.removeprefix(owner_word).removeprefix("의").removeprefix("님")
        elif word.endswith(owner_word):
            rest = word.removesuffix(owner_word)
        else:
            continue
        owner = _OWNER_BY_WORD[owner_word]
        found = _of(owner, rest)
        if found:
            return found
    return None


def _of(owner: str, rest: str) -> Label | None:
    if not rest:
        return Label((_FIELDS[owner, "phone"], _FIELDS[owner, "name"]), 0.7)
    field = _FIELDS.get((owner, _KIND_BY_WORD.get(rest, "")))
    if field is None and owner == "student":
        field = _BY_WORD.get(rest)
    if field is not None:
        return Label((field,), 0.95)
    return Label((), 0.9) if rest in _NOT_NEEDED else None


def _squeezed(text: str) -> str:
    """Return the letters of a heading, in small letters; of what stands in brackets only whose it is."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _BRACKETS.sub(lambda found: _owner_in(found[1]), plain)
    return _NO_WORD.sub("", plain)


def _owner_in(text: str) -> str:
    word = _NO_WORD.sub("", text)
    return word if word in _OWNER_BY_WORD else ""
