"""A Korean sentence as a row of words with their parts: who acts, what ends it, and how it sounds before a noun."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from academy.infrastructure.morphology.kiwi import Morpheme, joined

__all__ = ["Clause", "Word", "clause_of"]

_POINTING = frozenset(
    {
        "이",
        "그",
        "저",
        "이런",
        "그런",
        "이러한",
        "그러한",
        "위",
        "앞",
        "아래",
        "다음",
        "여기",
        "거기",
        "우리",
        "나",
        "저희",
    }
)
_TELLS = re.compile(r"(?:다|ᆫ다|는다|습니다|ᆸ니다)")
_REPORTED = re.compile(r"(?:다|라|냐|자)(?:고|는)")
_ALSO = re.compile(r"(?:었|았|였)?(?:고|며|으며|지만|으나|나)")
_DATES = frozenset({"년", "월", "일", "세기"})
_STEPS = frozenset({"어", "아", "여", "어서", "아서", "여서"})
_NOMINAL = frozenset(
    {"NNG", "NNP", "NNB", "NR", "SN", "SL", "SH", "XSN", "XPN", "XR", "MM", "ETN", "SW", "NP"}
)
_PREDICATES = frozenset({"VV", "VA", "VX", "XSV", "XSA", "VCP"})
_BEFORE_NOUN = {"VA": "ᆫ", "XSA": "ᆫ", "VCP": "ᆫ"}


@dataclass(frozen=True, slots=True)
class Word:
    """What stands between two spaces, and its morphemes without marks."""

    text: str
    parts: tuple[Morpheme, ...]

    @property
    def tag(self) -> str:
        """Tag of its last part."""
        return self.parts[-1].tag if self.parts else ""

    @property
    def particle(self) -> str:
        """The particle that ends it, "" where none does."""
        return self.parts[-1].form if self.tag[:1] == "J" else ""

    @property
    def noun(self) -> str:
        """Its letters before its particles."""
        last = [part for part in self.parts if part.tag[:1] != "J"]
        return self.text[: last[-1].end - self.parts[0].start] if last else ""

    @property
    def nominal(self) -> bool:
        """Whether all of it before its particles is nouns."""
        kept = [part for part in self.parts if part.tag[:1] != "J"]
        return bool(kept) and all(part.tag in _NOMINAL for part in kept)

    @property
    def modifies(self) -> bool:
        """Whether it belongs to the noun after it."""
        return not self.dated and (self.tag == "JKG" or (self.nominal and not self.particle))

    @property
    def dated(self) -> bool:
        """Whether it is a date, or the beginning of one."""
        return any(part.tag == "NNB" and part.form in _DATES for part in self.parts)


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement: its words, where its subject is (`subject[0]` to before `subject[1]`), and whether it is past."""

    words: tuple[Word, ...]
    subject: tuple[int, int]
    past: bool

    @property
    def last(self) -> int:
        """Number of the word that ends it."""
        return len(self.words) - 1

    def phrase(self, at: int) -> int:
        """Return where the nouns begin that end in the word `at`: with what belongs to them."""
        while at and self.words[at - 1].modifies:
            at -= 1
        return at

    def until_also(self, at: int) -> int:
        """Return the number of the first word from `at` on that ends a statement: another may be added to it."""
        for place in range(at, self.last):
            ending = self.words[place].parts[-1]
            if ending.tag == "EC" and _ALSO.fullmatch(ending.form) and self.words[place + 1].tag != "EF":
                return place
        return self.last

    def until_next(self, at: int) -> int:
        """Return the number of the first word from `at` on that ends a statement or a step of it: 일어나 무신들이 …."""
        for place in range(at, self.last):
            ending = self.words[place].parts[-1]
            goes_on = self.words[place + 1].parts[0].tag == "VX"
            if ending.tag == "EC" and not goes_on and (_ALSO.fullmatch(ending.form) or ending.form in _STEPS):
                return place
        return self.last

    def before(self, at: int) -> range:
        """Return the words of another statement about the subject that stands before the word `at`: "… 창제하고"."""
        ends = [place for place in range(self.subject[1], at) if _ends_another(self.words[place])]
        return range(self.subject[1], ends[-1] + 1) if ends else range(0)

    def free(self, at: int) -> int:
        """Return where the phrase begins that ends in the word `at`; -1 where more belongs to it: "따뜻한 바다에서"."""
        begin = self.phrase(at)
        return -1 if begin and self.words[begin - 1].tag == "ETM" else begin

    def before_noun(self, at: int) -> str:
        """Return the verb `at` as it stands before a noun: 건국했다 as 건국한, 일어난다 as 일어나는; "" where it has no such form."""
        parts = list(self.words[at].parts)
        while parts and parts[-1].tag in {"EF", "EC", "EP"}:
            parts.pop()
        if not parts or parts[-1].tag not in _PREDICATES:
            return ""
        lasting = parts[-1].form in {"있", "없"} or (parts[-1].tag not in _BEFORE_NOUN and not self.past)
        ending = "는" if lasting else "ᆫ"
        if parts[-1].tag == "VX" and parts[-1].form in {"않", "못하"}:
            return ""
        return joined([*parts, Morpheme(ending, "ETM", 0, 0)])

    def told(self, left_out: Sequence[int], end: int, *, subject: bool = True) -> str:
        """Return the words up to the verb `end` as they stand before a noun, without some; the subject ends in 이 or 가."""
        verb = self.before_noun(end)
        kept = []
        for at, word in enumerate(self.words[:end]):
            if at in left_out or (not subject and self.subject[0] <= at < self.subject[1]):
                continue
            topic = at == self.subject[1] - 1 and word.tag == "JX"
            kept.append(word.text[:-1] + {"은": "이", "는": "가"}[word.text[-1]] if topic else word.text)
        return " ".join([*kept, verb]) if verb else ""


def clause_of(sentence: str, morphemes: Sequence[Morpheme]) -> Clause | None:
    """Return a sentence as a statement; None where it is none, points at another sentence, or speaks of several subjects."""
    words = _words(sentence, morphemes)
    if len(words) < 2 or not _is_statement(words) or any(_is_listed(sentence, word) for word in words):
        return None
    topics = [
        at
        for at, word in enumerate(words)
        if word.particle in {"은", "는"} and word.tag == "JX" and _acts(word)
    ]
    subjects = [at for at, word in enumerate(words[:-1]) if word.tag == "JKS"]
    if len(topics) > 1 or not (topics or subjects):
        return None
    end = topics[0] if topics else subjects[-1]
    if not topics and any(word.tag == "EC" and not _goes_with(word) for word in words[end:-1]):
        return None  # "값이 정해지면 …": who acts is not said
    if words[end].text[-1] not in "은는이가":
        return None
    past = any(part.tag == "EP" and part.form in {"었", "았", "였"} for part in words[-1].parts)
    begin = Clause(tuple(words), (end, end + 1), past).phrase(end)
    if begin and _ends_another(
        words[begin - 1]
    ):  # "의병이 일어났고 권율은 …": what comes before is another statement
        words, begin, end = words[begin:], 0, end - begin
    return Clause(tuple(words), (begin, end + 1), past)


def _words(sentence: str, morphemes: Sequence[Morpheme]) -> list[Word]:
    words = []
    for found in re.finditer(r"\S+", sentence):
        inside = (part for part in morphemes if found.start() <= part.start < found.end())
        parts = tuple(part for part in inside if part.tag not in {"SF", "SP", "SS", "SSO", "SSC", "SE", "SO"})
        if parts:
            words.append(Word(sentence[parts[0].start : parts[-1].end], parts))
    return words


def _is_statement(words: Sequence[Word]) -> bool:
    last = words[-1]
    if (
        last.tag != "EF"
        or not _TELLS.fullmatch(last.parts[-1].form)
        or any(part.tag == "VCN" for part in last.parts)
    ):
        return False
    if words[0].tag == "MAJ":
        return False
    for word in words:
        for part in word.parts:
            points = part.tag in {"NP", "MM"} and (part.tag == "NP" or part.form in _POINTING)
            if points or (part.tag in {"EC", "ETM"} and _REPORTED.search(part.form)):
                return False
    return words[0].parts[0].form not in _POINTING


def _is_listed(sentence: str, word: Word) -> bool:
    """Whether a comma stands after a bare noun: what belongs together is not told by spaces."""
    return word.nominal and not word.particle and sentence[word.parts[-1].end :].startswith(",")


def _goes_with(word: Word) -> bool:
    return word.parts[-1].form in _STEPS or _ALSO.fullmatch(word.parts[-1].form) is not None


def _ends_another(word: Word) -> bool:
    return word.tag == "EC" and _ALSO.fullmatch(word.parts[-1].form) is not None


def _acts(word: Word) -> bool:
    """Whether 은 or 는 stands after a noun itself, and not after "in", "to" or a date."""
    before = word.parts[-2] if len(word.parts) > 1 else None
    return (
        before is not None
        and before.tag in _NOMINAL
        and before.form not in {"년", "월", "일", "때", "후", "뒤", "경우"}
    )
