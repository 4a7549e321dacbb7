"""What spelling alone tells in any language: times, amounts and titles of works."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from academy.infrastructure.morphology.word_lists import COUNTED_IN

__all__ = ["Kind", "Spot", "spelled_spots"]

Kind = Literal["person", "organisation", "place", "time", "quantity", "term", "work", "other"]


class Spot(NamedTuple):
    """A name at `text[start:end]`; of two that overlap the higher rank stays, then the longer, the first."""

    start: int
    end: int
    kind: Kind
    confidence: float
    rank: int


_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_SEASON = r"봄|여름|가을|겨울|초반|초|중반|중순|상순|하순|후반|말기|말|상반기|하반기"
_TIME = re.compile(
    rf"(?:기원전 ?|서기 ?)?(?<![\d.,])\d{{1,4}}년(?:대)?(?! ?(?:간|동안|만에)|여)(?: ?(?:\d{{1,2}}월(?: ?\d{{1,2}}일)?|"
    rf"(?:{_SEASON})(?![가-힣]{{2}})))*"
    rf"|(?<!\d)\d{{1,2}}월(?: ?\d{{1,2}}일)?(?: ?(?:초|말|중순)(?![가-힣]{{2}}))?"
    r"|(?<!\d)\d{1,2}일(?![가-힣]*(?:간|동안))"
    r"|(?:오전|오후|새벽|밤|낮|저녁) ?\d{1,2}시(?: ?\d{1,2}분|\s?반)?|(?<!\d)\d{1,2}시(?: ?\d{1,2}분)(?: ?\d{1,2}초)?"
    r"|(?:기원전 ?)?\d{1,2}세기(?: ?(?:초반|초|중반|중엽|후반|말))?"
    r"|(?<![\d.])\d{4}[-./] ?\d{1,2}[-./] ?\d{1,2}(?!\d)"
    r"|(?:지난해|올해|작년|내년|지난달|이듬해|어제|오늘|내일)"
    rf"|\b(?:\d{{1,2}}(?:st|nd|rd|th)? )?{_MONTH}\.?(?: \d{{1,2}}(?:st|nd|rd|th)?)?,? \d{{4}}\b|"
    rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?! ?%)"
    r"|\b\d{1,2}(?:st|nd|rd|th) century\b|\b(?:in|since|until|by|from|In|Since|By|From|after|"
    r"before) (?P<year>1[0-9]\d\d|20\d\d)\b"
    r"|\b(?P<years>1[0-9]\d0s|20\d0s)\b|\b\d{1,2}:\d{2}(?: ?[ap]\.?m\b)?"
)
_NUMBER = r"(?<![\d.,A-Za-z])\d[\d,]*(?:\.\d+)?"
_LARGE = r"(?: ?(?:여|수)?[십백천만억조](?: ?\d[\d,]*[천만억])?)*(?:여)?"
_WORDS = (
    r"thousand|million|billion|trillion|percent|per cent|dollars?|euros?|pounds|won|kilomet(?:er|re)s?|"
    r"met(?:er|re)s?|miles?|feet|inches|tons?|grams?"
)
_UNITS = (
    rf"{_WORDS}|hours?|minutes?|seconds?|days?|weeks?|months?|years?|bytes?|bits?|people|percent|"
    rf"[kKMGT]i?B|[kcmn]?m|[kKmM]?g|[kKMG]?Hz|ms|%"
)
_QUANTITY = re.compile(
    rf"(?:약 )?(?P<amount>{_NUMBER}(?:[~∼-]\d[\d.,]*)?{_LARGE} ?{COUNTED_IN}"
    rf"(?:[~∼-] ?\d[\d.,]*{_LARGE} ?{COUNTED_IN})?"
    r"(?: ?(?:동안|간))?)(?![A-Za-z])"
    r"|(?<!\d)\d+ ?(?:대|:) ?\d+(?![\d년월일])"
    rf"|(?P<plain>{_NUMBER} ?[십백천만억조]+(?:여)?)(?= |$|[을를이가은는에의])"
    r"|(?<![가-힣])(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|수십|수백|수천) ?(?:번째|가지|차례|마리|사람|시간|명|개|번|배|권|살|곳|달|편|척|"
    r"채)(?![가-힣]{2})"
    rf"|[$€£¥₩]\d[\d,.]*\d(?: (?:million|billion|trillion))?|"
    rf"\b\d[\d,]*(?:\.\d+)? ?(?:(?:{_WORDS}) )?(?:{_UNITS})(?![A-Za-z])"
)
_WORK = re.compile(r"[《『〈「]([^《》『』〈〉「」\n]{1,60})[》』〉」]")
_QUOTED = re.compile(r"[\"“‘']([^\"“”‘’'\n]{2,30})[\"”’']")
_SAID = re.compile(r"[다요까죠네라오나][.?!]?$|[.,!?]$|^[^\w]|[은는을를고며지]$")
_SAID_AFTER = re.compile(r"\s?(?:고|라고|라는|라며|며|면서|는|이라고|이라는|이라며) ")


def spelled_spots(text: str) -> Iterator[Spot]:
    """Yield times, amounts and titles; they may overlap."""
    for found in _TIME.finditer(text):
        group = found.lastgroup
        start, end = found.span(group) if group else found.span()
        yield Spot(start, end, "time", 0.9, 8)
    for found in _QUANTITY.finditer(text):
        group = found.lastgroup
        start, end = found.span(group) if group else found.span()
        yield Spot(start, end, "quantity", 0.85, 7)
    for found in _WORK.finditer(text):
        yield Spot(*found.span(1), "work", 0.9, 9)
    for found in _QUOTED.finditer(text):
        words = found.group(1)
        if words.strip() == words and not _SAID.search(words) and not _SAID_AFTER.match(text, found.end()):
            yield Spot(*found.span(1), "work", 0.4, 2)
