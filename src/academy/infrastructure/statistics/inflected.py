"""Korean verbs and adjectives among words: no dictionary, the other forms that a collection has of them decide.

"이긴" is a form of a verb where "이긴다" or "이기려고" stands somewhere too; "사진" is a noun where "사진을" does.
"""

import re
from collections.abc import Collection, Iterator

__all__ = ["verb_forms"]

_FIRST, _LAST, _CODAS, _VOWELS = ord("가"), ord("힣"), 28, 21
_OPEN, _N, _R, _B, _SS = 0, 4, 8, 17, 20
_SURE = (
    *(
        "던",
        "도록",
        "거나",
        "려고",
        "려면",
        "지만",
        "면서",
        "는데",
        "는다",
        "었다",
        "았다",
        "었고",
        "았고",
        "었던",
    ),
    *("았던", "어서", "아서", "어야", "아야", "으며", "으면", "으려고", "고자", "었으며", "았으며"),
)
"""What only verbs have after their root."""
_LIKELY = ("고", "며", "면", "지", "게", "기", "다", "어", "아")
"""What nouns may end in too: few of them tell nothing, and of a root of one syllable none does."""
_AFTER_PAST = ("다", "고", "던", "으며", "으나", "지만", "는데")
_PAST_VOWEL = {0: 0, 1: 1, 4: 4, 5: 5, 8: 9, 11: 10, 13: 14, 18: 4, 20: 6}
"""Numbers of vowels at the end of a root, and of those that the past makes of them: "이기" and "었다" are "이겼다"."""
_ENOUGH, _ENOUGH_OF_ROOT = 2, 5
_PARTICLES = ("을", "를", "의", "에", "에서", "으로", "로", "과", "와")
_MORE_PARTICLES = ("이", "가", "은", "는", "도")
_JOINING = re.compile(r"(?:고|지|게|어|아|며|면|어서|아서|은|는)$")
_ADNOMINAL = re.compile(r"[가-힣]+[눈낸른힌]|[가-힣][은는]")
"""Ends that hardly any noun has: "나눈", "빠른", "작은"."""
_LONGEST = 6


def verb_forms(words: Collection[str], seen: Collection[str]) -> frozenset[str]:
    """Return which words are forms of Korean verbs or adjectives.

    Args:
        seen: all words of the collection as they stand, endings and particles still on; a set.
    """
    begun = {
        word[:end]
        for word in seen
        if _FIRST <= ord(word[0]) <= _LAST
        for end in range(1, min(len(word), _LONGEST + 1))
    }
    return frozenset(word for word in words if _korean(word) and _is_form(word, seen, begun))


def _korean(word: str) -> bool:
    return 1 < len(word) <= _LONGEST and _FIRST <= ord(word[-1]) <= _LAST and _FIRST <= ord(word[0]) <= _LAST


def _is_form(word: str, seen: Collection[str], begun: Collection[str]) -> bool:
    """Tell whether a word is a form; `begun`: what other words begin with, so that most need no look at all."""
    if word in begun and any(word + particle in seen for particle in _PARTICLES):
        return False
    if _evidence(word, seen, begun, word) >= _ENOUGH_OF_ROOT:
        return True
    if word in begun and any(word + particle in seen for particle in _MORE_PARTICLES):
        return False
    if _ADNOMINAL.fullmatch(word) or (_coda(word) == _N and f"{word}다" in seen):
        return True
    if word[-1] in "긴든" and _coda(word[:-1]) not in {_OPEN, _R}:  # "남긴", "만든"
        return True
    return any(_evidence(root, seen, begun, word) >= _ENOUGH for root in _roots(word))


def _evidence(root: str, seen: Collection[str], begun: Collection[str], word: str) -> int:
    """Weigh the other forms that the collection has of a root."""
    sure, likely, past = [], [], _past(root)
    if past in begun:
        sure += [past + form for form in _AFTER_PAST]
    if root in begun:
        sure += [root + form for form in _SURE]
        sure += [f"{root}는"] if _coda(root) != _OPEN else []
        likely += [root + form for form in _LIKELY] if len(root) > 1 else []
    found = sum(2 for form in sure if form in seen and form != word)
    return found + sum(1 for form in likely if form in seen and form != word)


def _past(root: str) -> str:
    """Return a root drawn together with the sign of the past, "" where that stands apart: "이겼"."""
    vowel, coda = divmod((ord(root[-1]) - _FIRST) % (_CODAS * _VOWELS), _CODAS)
    if coda != _OPEN or vowel not in _PAST_VOWEL:
        return ""
    return root[:-1] + chr(ord(root[-1]) + (_PAST_VOWEL[vowel] - vowel) * _CODAS + _SS)


def _roots(word: str) -> Iterator[str]:
    """Yield what the root may be: "이긴" 이기; "만든" 만드, 만들; "새로운" 새로우, 새롭; "작은" 작; "숨기지" 숨기."""
    if (found := _JOINING.search(word)) and found.start():
        yield word[: found.start()]
    coda = _coda(word)
    if coda in {_N, _R}:
        yield _with(word, _OPEN)
        if coda == _N:
            yield _with(word, _R)
        if word[-1] in "운울" and _coda(word[:-1]) == _OPEN:
            yield _with(word[:-1], _B)


def _coda(word: str) -> int:
    """Return the number of the consonant that the last syllable ends with, 0 for none."""
    return (ord(word[-1]) - _FIRST) % _CODAS


def _with(word: str, coda: int) -> str:
    """Return a word with another consonant at its end, or none."""
    return word[:-1] + chr(ord(word[-1]) - _coda(word) + coda)
