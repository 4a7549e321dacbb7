"""Korean verbs as a question and a text write them: endings off, the forms of a stem, and verbs that say nearly the same."""

import re
from functools import cache

__all__ = ["forms_of", "near_forms", "stem_of_verb"]

_ASKS = re.compile(
    r"(?:(?:는|은|던|인)가요?|[었았]는지|는지|나요|[었았습]니까|니까|을까요?|까요|까|는데요?|는거야|는걸까|나|니|냐|지|죠|요|다)$"
)
_PAST = re.compile(r"(?<=..)[었았였]$")
_LIGHT = re.compile(r"(?<=[가-힣]{2})(?:하|했|한|할|함|하였|되|된|될|됐|되었|됩|시키|시켰|시킨|당하|당했)$")
_FIRST, _VOWELS, _ENDS = ord("가"), 21, 28
_CONTRACTED = {20: 6, 13: 14, 18: 4, 8: 9}
"""Vowels of syllables before 어: ㅣ as ㅕ, ㅜ as ㅝ, ㅡ as ㅓ, ㅗ as ㅘ."""
_N, _L, _SS = 4, 8, 20
_GROUPS = (
    "만들어지- 생기- 이루어지- 나타나- 형성 생성 발생",
    "끝나- 끝내- 마치- 종료 종결",
    "시작 일어나- 벌어지- 터지- 발발 개시",
    "죽- 숨지- 사망 전사 별세 서거",
    "태어나- 출생 탄생",
    "세우- 건국 건립 설립 창립 창건 창설",
    "만들- 제작 창제 발명 고안 개발",
    "쓰- 짓- 저술 집필",
    "때문 까닭 이유 원인",
    "바꾸- 바뀌- 변하- 변화 전환",
    "이기- 무찌르- 물리치- 승리 격파 대파",
    "옮기- 이동 천도",
    "줄이- 줄어들- 감소",
    "늘리- 늘어나- 증가",
    "나누- 나뉘- 구분 분류",
    "구하- 계산",
    "부르- 일컫- 불리-",
)
"""Verbs, with a hyphen, and nouns that make verbs, by line of nearly the same meaning."""


def stem_of_verb(word: str) -> str:
    """Return a verb without the end that asks: 끝났는가 as 끝났, 이끌었나 as 이끌, 사용했나 as 사용; "" where none asks."""
    cut = _ASKS.sub("", word)
    if cut == word or len(cut) < 2:
        return ""
    bare = _LIGHT.sub("", _PAST.sub("", cut))
    return bare if len(bare) > 1 else cut


@cache
def forms_of(stem: str) -> tuple[str, ...]:
    """Return how the letters of a verb's stem look before its endings: 끝나, 끝난, 끝날, 끝났; 생기, 생긴, 생겨, 생겼."""
    last = ord(stem[-1]) - _FIRST
    if not 0 <= last < 11172:
        return (stem,)
    first, vowel, end = last // (_VOWELS * _ENDS), last // _ENDS % _VOWELS, last % _ENDS
    made = [stem]
    if end == _L:
        made += [_with(stem, first, vowel, other) for other in (0, _N)]
    elif end == 0:
        joined = _CONTRACTED.get(vowel, vowel)
        made += [
            _with(stem, first, vowel, _N),
            _with(stem, first, joined, 0),
            _with(stem, first, joined, _SS),
        ]
    elif end == _SS:
        made += [_with(stem, first, vowel, 0), _with(stem, first, vowel, _N)]
    return tuple(dict.fromkeys(form for form in made if len(form) > 1))


def near_forms(word: str) -> tuple[str, ...]:
    """Return the forms of all verbs that say nearly what this one does, none for a word of no group."""
    for length in range(len(word), 1, -1):
        group = _near().get(word[:length])
        if group is not None:
            return group
    return ()


@cache
def _near() -> dict[str, tuple[str, ...]]:
    """Return each form of a verb to the forms of its group; the first group that has a form keeps it."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _GROUPS:
        forms = [form for word in line.split() for form in _inflected(word)]
        group = tuple(
            form for form in dict.fromkeys(forms) if not any(_holds(form, other) for other in forms)
        )
        for form in forms:
            found.setdefault(form, group)
    return found


def _inflected(word: str) -> tuple[str, ...]:
    stem = word.removesuffix("-")
    if stem == word:
        return (word,)
    short = (f"{stem}었", f"{stem}은", f"{stem}어") if len(stem) == 1 else ()
    return (*short, *forms_of(stem))


def _holds(form: str, other: str) -> bool:
    return other != form and other in form


def _with(stem: str, first: int, vowel: int, end: int) -> str:
    return stem[:-1] + chr(_FIRST + (first * _VOWELS + vowel) * _ENDS + end)
