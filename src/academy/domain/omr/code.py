"""What the QR code of a sheet says, as text (OMR-1).

The text is `AS1` and bytes written to base 41, two for three characters, in letters that a QR code holds most densely. The bytes are the
version of the specification, the page, then the ids of specification, exam and student, and a checksum. A UUID takes 17 bytes,
so that the usual text fits into a QR code of version 4 and level M, and the longest that is allowed into version 6.
"""

from uuid import UUID
from zlib import crc32

from academy.domain.omr.reading import SheetCode
from academy.domain.omr.refusal import SheetRefused

__all__ = ["MAX_CODE_LENGTH", "decode", "encode"]

MAX_CODE_LENGTH = 154
"""Characters that a QR code of version 6 and level M holds."""

_PREFIX = "AS"
_VERSION = "1"
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*+-./"
_BASE = len(_LETTERS)
_UUID = 0x80
_LONGEST_ID = 40
_MAX_VERSION, _MAX_PAGE = 65_535, 255


def encode(code: SheetCode) -> str:
    """Return the text of a QR code. Raises SheetRefused when an id or number does not fit."""
    body = _body(code)
    if body is None:
        raise _unfit()
    text = _PREFIX + _VERSION + _letters(body + crc32(body).to_bytes(4, "big"))
    if len(text) > MAX_CODE_LENGTH:
        raise _unfit()
    return text


def decode(text: str) -> SheetCode | None:
    """Return what a QR code says; None for one that is not of our sheets.

    Raises SheetRefused for one of ours that is damaged (`sheet_code_damaged`) or that a later version wrote (`sheet_code_unknown`).
    """
    if not text.startswith(_PREFIX) or len(text) > MAX_CODE_LENGTH:
        return None
    data = _bytes(text[len(_PREFIX) + 1 :])
    if data is None or len(text) <= len(_PREFIX):
        return None
    if text[len(_PREFIX)] != _VERSION:
        raise _unknown()
    body, checksum = data[:-4], data[-4:]
    if crc32(body).to_bytes(4, "big") != checksum:
        raise _damaged()
    code = _parsed(body)
    if code is None or _body(code) != body:
        raise _damaged()
    return code


def _body(code: SheetCode) -> bytes | None:
    """Return the bytes before the checksum, None where an id or number does not fit."""
    if not (0 < code.spec_version <= _MAX_VERSION and 0 < code.page <= _MAX_PAGE and code.spec_id):
        return None
    ids = [_id_bytes(text) for text in (code.spec_id, code.exam_id, code.student_id)]
    head = code.spec_version.to_bytes(2, "big") + code.page.to_bytes(1, "big")
    return head + b"".join(found for found in ids if found) if all(ids) else None


def _parsed(body: bytes) -> SheetCode | None:
    """Return what the bytes say, None where they end too early or hold what no id does."""
    ids: list[str] = []
    at = 3
    for _ in range(3):
        kind = body[at : at + 1]
        size = 16 if kind == bytes([_UUID]) else int.from_bytes(kind, "big")
        raw = body[at + 1 : at + 1 + size]
        if not kind or len(raw) < size or not (raw.isascii() or kind[0] == _UUID):
            return None
        ids.append(str(UUID(bytes=raw)) if kind[0] == _UUID else raw.decode("ascii"))
        at += 1 + size
    return SheetCode(ids[0], int.from_bytes(body[:2], "big"), ids[1], ids[2], body[2])


def _id_bytes(text: str) -> bytes | None:
    if len(text) == 36 and _is_uuid(text):
        return bytes([_UUID]) + UUID(text).bytes
    if len(text) > _LONGEST_ID or not (text.isascii() and text.isprintable()):
        return None
    return bytes([len(text)]) + text.encode()


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _letters(data: bytes) -> str:
    text = ""
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, _BASE)
            text += _LETTERS[digit]
    return text


def _bytes(text: str) -> bytes | None:
    """Return what the letters stand for, None where they are none of ours."""
    if not set(text) <= set(_LETTERS) or len(text) % 3 == 1:
        return None
    data = b""
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        value = 0
        for letter in reversed(group):
            value = value * _BASE + _LETTERS.index(letter)
        if value >= 256 ** (len(group) - 1):
            return None
        data += value.to_bytes(len(group) - 1, "big")
    return data


def _unfit() -> SheetRefused:
    return SheetRefused(
        "sheet_code_unfit",
        "The ids of this sheet do not fit into its QR code. Use plain letters and digits, at most 40 each and shorter together.",
        "QR 코드에 넣을 수 없는 식별자입니다. 영문자와 숫자로 각각 40자 이내, 합쳐서 더 짧게 지정해 주세요.",
    )


def _unknown() -> SheetRefused:
    return SheetRefused(
        "sheet_code_unknown",
        "The QR code was printed by a later version of this system. Update the system and read the sheet again.",
        "더 새로운 버전에서 인쇄한 답안지입니다. 시스템을 업데이트한 뒤 다시 읽어 주세요.",
    )


def _damaged() -> SheetRefused:
    return SheetRefused(
        "sheet_code_damaged",
        "The QR code of this sheet is damaged. Scan the sheet again, flat and clean, or choose the student by hand.",
        "답안지의 QR 코드가 손상되었습니다. 깨끗하게 펴서 다시 스캔하거나 학생을 직접 선택해 주세요.",
    )
