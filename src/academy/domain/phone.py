"""Korean phone numbers: what was typed, as digits; who can be reached by a text message; what may be shown of it.

Source of the number ranges: 전기통신번호 관리세칙 (mobile 010, older 011, 016 to 019; area codes 02 and 031 to 064; 070 internet;
050 and 15xx, 16xx, 18xx services).
"""

import re
import unicodedata
from enum import StrEnum
from types import MappingProxyType

from academy.domain.failures import Failure

__all__ = [
    "PHONE_FAILURES",
    "PhoneInvalid",
    "PhoneProblem",
    "identifier_of",
    "mask_phones",
    "masked",
    "mobile",
    "phones_in",
    "shown",
]

IDENTIFIER_DIGITS = 8
_LONGEST = 40
_SEPARATORS = re.compile(r"[\s.()\-‐-―−·\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
"""Blanks and marks that people write, and the invisible ones that address books put around a number that is copied from them."""
_MOBILE = re.compile(r"010\d{8}|01[16789]\d{7,8}")
_GAP = r"[\s.()（）\-\u2010-\u2015\u2212\u00b7\uff0d]{0,3}"
"""What people write between the groups of a phone number."""
_IN_TEXT = re.compile(
    # Neither in the midst of digits nor where an id in hexadecimal digits goes on.
    rf"(?<!\d)(?<![0-9a-f]{{4}}-)(?:[(（](?=[0０][1１]\d\s?[)）]))?"
    rf"(?:(?:(?:[+＋]|[0０]{{2}})?[8８][2２]{_GAP}[0０]?{_GAP}|[0０])[1１][016789０１６７８９]{_GAP}\d{{3,4}}{_GAP}\d{{4}}"
    r"|(?<!\.)10\d{8}|0(?:2|[3-6]\d|70)-\d{3,4}-\d{4})"
    r"(?!\d|[a-fA-F][0-9a-fA-F]*-[0-9a-fA-F]{4})"
)
_LANDLINE = re.compile(r"(02\d{7,8}|0[3-6]\d{8,9}|070\d{8}|050\d{8,9}|1[568]\d{6})")


class PhoneProblem(StrEnum):
    """What is wrong with a number; a stable code."""

    EMPTY = "phone_missing"
    MALFORMED = "phone_malformed"
    FOREIGN = "phone_foreign"
    LANDLINE = "phone_landline"


PHONE_FAILURES = MappingProxyType(
    {
        PhoneProblem.EMPTY: Failure(
            PhoneProblem.EMPTY.value,
            "There is no phone number; enter one.",
            "전화번호가 없습니다. 입력해 주세요.",
        ),
        PhoneProblem.MALFORMED: Failure(
            PhoneProblem.MALFORMED.value,
            "This is no phone number; write it like 010-2345-6789.",
            "전화번호가 아닙니다. 010-2345-6789처럼 입력해 주세요.",
        ),
        PhoneProblem.FOREIGN: Failure(
            PhoneProblem.FOREIGN.value,
            "This is a number of another country; give a Korean mobile number.",
            "해외 번호입니다. 국내 휴대전화 번호를 입력해 주세요.",
        ),
        PhoneProblem.LANDLINE: Failure(
            PhoneProblem.LANDLINE.value,
            "This is no mobile number, and text messages reach mobile phones only; give one.",
            "휴대전화 번호가 아니어서 문자를 받을 수 없습니다. 휴대전화 번호를 입력해 주세요.",
        ),
    }
)
"""What is wrong, for people."""


class PhoneInvalid(ValueError):
    """A text that names no Korean mobile phone; never holds the text itself."""

    def __init__(self, problem: PhoneProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.failure = PHONE_FAILURES[problem]


def mobile(text: str) -> str:
    """Return the digits of a Korean mobile number ("01012345678") however it is written. Raises PhoneInvalid.

    Taken are blanks, dots, hyphens and brackets, full-width digits, and +82, 0082 or 82 in place of the leading zero. A leading
    zero that a spreadsheet has lost (1012345678) is put back, for no other number has that form.
    """
    if len(text) > _LONGEST:
        raise PhoneInvalid(PhoneProblem.MALFORMED)
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not digits:
        raise PhoneInvalid(PhoneProblem.EMPTY)
    international = digits.startswith(("+", "00"))
    digits = digits.removeprefix("+").removeprefix("00") if international else digits
    if not (digits.isascii() and digits.isdecimal()):
        raise PhoneInvalid(PhoneProblem.MALFORMED)
    if digits.startswith("82") and (international or len(digits) > IDENTIFIER_DIGITS + 2):
        digits = "0" + digits[2:].removeprefix("0")
    elif international:
        raise PhoneInvalid(PhoneProblem.FOREIGN)
    elif re.fullmatch(r"10\d{8}", digits):
        digits = "0" + digits
    if _MOBILE.fullmatch(digits):
        return digits
    raise PhoneInvalid(PhoneProblem.LANDLINE if _LANDLINE.fullmatch(digits) else PhoneProblem.MALFORMED)


def identifier_of(phone: str) -> str:
    """Return the last 8 digits, by which a student is named on answer sheets."""
    return phone[-IDENTIFIER_DIGITS:]


def shown(phone: str) -> str:
    """Return a mobile number as people write it: 010-1234-5678."""
    return f"{phone[:3]}-{phone[3:-4]}-{phone[-4:]}"


def masked(phone: str) -> str:
    """Return a mobile number for lists and logs: 010-****-5678; what is none shows nothing of itself."""
    if not _MOBILE.fullmatch(phone):
        return "***"
    return f"{phone[:3]}-{'*' * (len(phone) - 7)}-{phone[-4:]}"


def mask_phones(text: str) -> str:
    """Return a text with every Korean phone number in it masked, however it is written; ids and times stay.

    Masked are mobile numbers as `mobile` reads them, and landlines that are written with hyphens.
    """
    return _IN_TEXT.sub(_masked_match, text)


def phones_in(text: str) -> list[str]:
    """Return the numbers that `mask_phones` finds, each masked, in order."""
    return [_masked_match(found) for found in _IN_TEXT.finditer(text)]


def _masked_match(found: re.Match[str]) -> str:
    try:
        return masked(mobile(found[0]))
    except PhoneInvalid:
        return "***"
