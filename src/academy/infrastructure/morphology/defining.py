"""Questions for what something is, and the sentences that say so: "X는 …이다", "X란 …", "X is a …", "X: …"."""

import re
from collections.abc import Iterator

from academy.infrastructure.morphology.word_lists import STOP_WORDS

__all__ = ["asked_term", "defines"]

_ENDS = r"(?:인가요?|인지요?|입니까|이에요|예요|에요|이야|야|이죠|죠|지|니|냐|가요?|[을를]? ?(?:뜻|말|의미)하[가-힣]{1,4})?"
_ASKED = (
    re.compile(r"(.+?)의 (?:정의|뜻|의미|개념)(?:[은는이가]|이?란)?(?: (?:무엇|뭐|뭔)" + _ENDS + ")?"),
    re.compile(r"(.+?)(?:이?란|은|는|이|가)? (?:무엇|뭐|뭔|무슨 (?:뜻|말)|어떤 (?:것|뜻|말))" + _ENDS),
    re.compile(r"(.+?)이?란"),
    re.compile(r"what(?:['’]s| is| are) (?:the (?:definition|meaning) of|meant by) (.+)"),
    re.compile(r"what do(?:es)? (.+) mean"),
    re.compile(r"(?:what(?:['’]s| is| are| was| were)|define) (.+)"),
)
_MARKS = " \t\n\"'“”‘’`*_#>-+•·「」『』《》〈〉"
_ARTICLE = re.compile(r"(?:an?|the) ")
_POINTS = re.compile(r"[이그저] ?(?:것|거|게)?")
_LONGEST_QUESTION, _LONGEST, _MOST_WORDS = 200, 40, 4
_MOST_PLACES = 5
_ASIDE = r"[\"'”’`*_」』》〉]*(?: ?[(（][^()（）]{1,60}[)）])?[\"'”’`*_]*"
_OF_IT = r"(?:의 (?:정의|뜻|의미|개념))?"
_TOLD = re.compile(_ASIDE + _OF_IT + r"(?:이?란 |이?라는 것은 |이라 함은 | ?: ?\S| [-=] \S)")
_TOPIC = re.compile(_ASIDE + _OF_IT + r"[은는] ")
_MEANS = re.compile(
    r"(?:(?:말|뜻|의미|지칭|정의)(?:한|합니|된|됩니)|가리킨|가리킵니|일컫는|일컫습니|이른|입니|[가-힣]이에요|예요)다?[\s.!*_)\"'”’]*$"
)
_IS = re.compile(r"([가-힣])다[\s.!*_)\"'”’]*$")
_OF_ADJECTIVES = frozenset("하크르쁘프시싸차쓰세희지되니")
"""Last syllables without a consonant that are no noun's where 다 follows: "빠르다", "아니다"."""
_CODAS = 28
_CALLED_KOREAN = re.compile(
    _ASIDE + r"이?라고?도? ?(?:한다|합니다|부른다|부릅니다|불린다|불립니다|일컫는다|정의한다)"
)
_IS_ENGLISH = re.compile(
    _ASIDE
    + r"(?:e?s)?(?:,[^,]{1,80},)? (?:is|are|was|were) (?!not\b)((?:an?|the|one|any|how|when|what|where) )?"
)
_MEANS_ENGLISH = re.compile(_ASIDE + r"(?:e?s)? (?:means?|refers? to|denotes?|describes?) ")
_CALLED_ENGLISH = re.compile(r"\b(?:called|known as|termed|referred to as) (?:an? |the )?[\"'“‘`*_]*$")
_FULLY, _ALSO, _HARDLY = 1.0, 0.7, 0.4


def asked_term(question: str) -> str:
    """Return the term in lower case whose meaning a question asks for, "" where it asks for something else."""
    asked = question[: _LONGEST_QUESTION + 1].lower().strip(" \t\n?？.!~\"'“”‘’")
    if len(asked) > _LONGEST_QUESTION:
        return ""
    found = next((match for pattern in _ASKED if (match := pattern.fullmatch(asked))), None)
    if found is None:
        return ""
    term = _ARTICLE.sub("", found[1].strip(_MARKS), count=1)
    words = term.split()
    nothing = not words or all(word in STOP_WORDS for word in words) or _POINTS.fullmatch(term)
    return "" if nothing or len(words) > _MOST_WORDS or len(term) > _LONGEST else term


def defines(sentence: str, term: str) -> float:
    """Return how surely a sentence says what a term is: 0.0 for not at all, up to 1.0."""
    low = sentence.lower()
    return max((_strength(low[:at], low[at + len(term) :]) for at in _places(low, term)), default=0.0)


def _places(text: str, term: str) -> Iterator[int]:
    at = -1
    for _ in range(_MOST_PLACES):
        at = text.find(term, at + 1)
        if at < 0:
            return
        if not text[at - 1 : at].isalnum():
            yield at


def _strength(before: str, after: str) -> float:
    begins = _ARTICLE.sub("", before.strip(_MARKS) + " ", count=1).strip() == ""
    if _TOLD.match(after):
        return _FULLY if begins else _HARDLY
    if _TOPIC.match(after) and _is(after):
        return _FULLY if begins else _HARDLY
    if _CALLED_KOREAN.match(after) or _CALLED_ENGLISH.search(before):
        return _ALSO
    if not begins:
        return 0.0
    told = _IS_ENGLISH.match(after)
    if told is not None:
        return _FULLY if told[1] else _HARDLY
    return _FULLY if _MEANS_ENGLISH.match(after) else 0.0


def _is(after: str) -> bool:
    """Whether a Korean sentence ends by saying that something is, or means, something."""
    if _MEANS.search(after):
        return True
    found = _IS.search(after)
    return found is not None and (ord(found[1]) - ord("가")) % _CODAS == 0 and found[1] not in _OF_ADJECTIVES
