"""Bytes into text: UTF-8, UTF-16 and UTF-32 with a byte order mark, CP949 (EUC-KR). A doubtful guess is refused."""

import codecs
import re

from academy.infrastructure.sources.refusals import refused

__all__ = ["decoded", "encoding_of"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
_FOREIGN = re.compile("[^\x00-\x7f]")
_SYLLABLE = re.compile("[가-힣]")
_RUN = re.compile(
    "[\x80-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]{2,}"
)
# Four in ten syllables of Korean prose are among these; of syllables drawn by chance one in sixty.
_COMMON = frozenset(
    "이다는에의을가고를하은로지한기사도자아서어시인대나정리일수니해그있라과들만면요것게안여스"
)
_ENOUGH_TO_COUNT = 24
_SAMPLE = 200_000
_FEWEST_RUNS = 8


def decoded(data: bytes) -> str:
    """Return the text. Raises SourceUnreadable not_text for binary data, unknown encodings and text that was garbled before."""
    text = _by_mark(data)
    if text is None:
        text = _tried(data, "utf-8")
    if text is None:
        text = _tried(data, "cp949")
        if text is None or not _is_korean(text[:_SAMPLE]):
            raise refused("not_text")
    sample = text[:_SAMPLE]
    raw = sample.encode("utf-8", "surrogatepass")
    if len(raw) - len(raw.translate(None, _CONTROL)) > len(sample) // 200:
        raise refused("not_text", "it holds control characters")
    if sample.count("\ufffd") > 4 + len(sample) // 100 or _is_garbled(sample):
        raise refused("not_text", "it was saved with the wrong encoding before")
    return text


def encoding_of(head: bytes) -> str:
    """Return the encoding of a long text by its first bytes: by its mark, CP949 where it is Korean in that, else UTF-8."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    for end in range(len(head), len(head) - 4, -1):  # the last character may be cut
        if _tried(head[:end], "utf-8") is not None:
            return "utf-8"
        text = _tried(head[:end], "cp949")
        if text is not None and _is_korean(text):
            return "cp949"
    return "utf-8"


def _by_mark(data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _tried(data, encoding)
            if text is None:
                raise refused("not_text", f"it is broken {encoding.removesuffix('-sig').upper()}")
            return text
    return None


def _tried(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_korean(text: str) -> bool:
    """Return whether text that decodes as CP949 is likely to be meant so: other encodings give rare syllables and Hanja."""
    foreign = len(_FOREIGN.findall(text))
    syllables = _SYLLABLE.findall(text)
    rare = sum(1 for one in syllables if _tried_back(one) is None)
    if len(syllables) * 2 < foreign or rare * 20 > len(syllables):
        return False
    common = sum(1 for one in syllables if one in _COMMON)
    return len(syllables) < _ENOUGH_TO_COUNT or common * 10 >= len(syllables)


def _tried_back(syllable: str) -> bytes | None:
    try:
        return syllable.encode("euc-kr")
    except UnicodeEncodeError:
        return None


def _is_garbled(text: str) -> bool:
    """Return whether this is Korean whose bytes were once taken for Latin letters."""
    if text.isascii():
        return False
    runs = _RUN.findall(text)
    in_runs = sum(map(len, runs))
    if in_runs < _FEWEST_RUNS or in_runs * 2 < len(_FOREIGN.findall(text)):
        return False
    whole = b" ".join(_as_bytes(run) for run in runs)
    if any(
        "\uac00" <= one <= "\ud7a3" or "\u3040" <= one <= "\u9fff" for one in whole.decode("utf-8", "ignore")
    ):
        return True
    back = _tried(whole, "cp949")
    return back is not None and _is_korean(back)


def _as_bytes(run: str) -> bytes:
    """Return the bytes that Windows shows as this; Latin-1 where Windows has no letter."""
    return b"".join(
        one.encode("latin-1") if one < "\u0100" else one.encode("cp1252", "replace") for one in run
    )
