"""Questions that a Korean statement answers: a part of it gives way to 누구, 언제, 어디, 무엇 or 까닭, and the rest stays."""

import re
from collections.abc import Iterator, Mapping, Sequence

from academy.infrastructure.morphology.kiwi import Morpheme
from academy.infrastructure.morphology.korean_clauses import Clause, Word, clause_of
from academy.infrastructure.morphology.word_lists import TITLES, VAGUE_NOUNS

__all__ = ["korean_questions"]

_DATE = re.compile(
    r"(?:기원전 ?)?\d{1,4}년(?:에는|에)?|\d{1,2}월(?:에)?|\d{1,2}일(?:에)?|\d{1,2}세기(?:에는|에)?"
)
_HAPPENS = frozenset(
    {"일어나", "진행", "발생", "생기", "열리", "벌어지", "자라", "살", "이루어지", "시작", "태어나", "끝나"}
)
_STANDS = frozenset({"있", "위치", "자리", "살", "속하"})
_FINDS = frozenset({"발명", "발견", "고안", "창제", "저술", "쓰", "짓", "집필", "제작", "증명"})
_VAGUE_VERBS = frozenset(
    {"사용", "이용", "활용", "존재", "필요", "가지", "되", "있", "없", "주", "두", "못하", "않", "하"}
)
_EVENTS = re.compile(r".*(?:해전|대첩|전투|전쟁|싸움|회의|회담|조약|운동|대회|시험|실험|과정|반응)")
_ASKED_PLACES = frozenset({"수도", "도읍", "도읍지", "고향", "위치", "중심지", "본거지", "발상지", "출생지"})
_OF_WHAT = frozenset(
    {
        "수도",
        "이름",
        "높이",
        "길이",
        "넓이",
        "크기",
        "합",
        "곱",
        "해",
        "원인",
        "역할",
        "기능",
        "단위",
        "종류",
        "저자",
        "주인공",
        "왕",
    }
)
"""Nouns that say nothing without of what."""
_LONGEST = 110
_FEWEST_WORDS = 2
Names = Mapping[str, str]


def korean_questions(sentence: str, morphemes: Sequence[Morpheme], names: Names) -> Iterator[str]:
    """Yield questions, the best first; none for what is no plain statement. `names`: kinds of names by spelling."""
    clause = clause_of(sentence, morphemes)
    if clause is None:
        return
    made = (
        _of_being(clause, names)
        if clause.words[-1].parts[-2:-1] and _is_being(clause.words[-1])
        else _of_doing(clause, names)
    )
    yield from (question for question in made if len(question) <= _LONGEST)


def _is_being(word: Word) -> bool:
    return any(part.tag == "VCP" for part in word.parts)


def _of_doing(clause: Clause, names: Names) -> Iterator[str]:
    yield from _when(clause)
    yield from _who(clause, names)
    yield from _where(clause, names)
    yield from _why(clause)
    yield from _made(clause, names)


def _who(clause: Clause, names: Names) -> Iterator[str]:
    """Ask for the subject: for a person with 누구, for another one only where it does something to something."""
    begin, end = clause.subject
    verb = clause.words[clause.last]
    rest = [
        word
        for at, word in enumerate(clause.words[: clause.last])
        if not begin <= at < end and not word.dated
    ]
    told = clause.told((), clause.last, subject=False)
    does = (
        not {part.form for part in verb.parts if part.tag != "XSV"} & _VAGUE_VERBS
        and any(word.tag == "JKO" for word in clause.words[end:])
        and any(part.tag in {"VV", "XSV"} for part in verb.parts)
    )
    if not told or not rest or len(clause.words[end - 1].noun) < 2:
        return
    kind = _kind(_noun(clause, begin, end), names)
    if kind == "person":
        yield f"{told} 사람은 누구인가요?"
    elif (
        does
        and not clause.past
        and begin == 0
        and end - begin <= 2
        and kind in {"term", "other", ""}
        and len(rest) > 1
    ):
        yield f"{told} 것은 무엇인가요?"


def _when(clause: Clause) -> Iterator[str]:
    """Ask for the one date of a statement about what was."""
    dated = [at for at, word in enumerate(clause.words[: clause.last]) if word.dated]
    whole = dated and dated == list(range(dated[0], dated[-1] + 1)) and clause.past
    if not whole or not all(_DATE.fullmatch(clause.words[at].text) for at in dated):
        return
    end = clause.until_next(dated[-1])
    end = end if clause.subject[1] <= end else clause.until_also(dated[-1])
    told = clause.told([*dated, *clause.before(dated[0])], end)
    if told and clause.subject[1] <= end and end - len(dated) - (clause.subject[1] - clause.subject[0]) >= 0:
        yield f"{told} 것은 언제인가요?"


def _where(clause: Clause, names: Names) -> Iterator[str]:
    for at, word in enumerate(clause.words[: clause.last]):
        if word.particle not in {"에서", "에"} or word.dated or clause.subject[0] <= at < clause.subject[1]:
            continue
        begin, end = clause.free(at), clause.until_next(at)
        verb = {part.form for part in clause.words[end].parts}
        place = _kind(_noun(clause, begin, at + 1), names) == "place" or _kind(word.noun, names) == "place"
        happens = word.particle == "에서" and (place or verb & _HAPPENS) and not _EVENTS.fullmatch(word.noun)
        stands = word.particle == "에" and verb & _STANDS and (place or "위치" in verb)
        told = clause.told([*range(max(0, begin), at + 1), *clause.before(begin)], end)
        if begin >= 0 and told and (happens or stands) and clause.subject[1] <= end:
            yield f"{told} 곳은 어디인가요?"
            return


def _why(clause: Clause) -> Iterator[str]:
    for at, word in enumerate(clause.words[: clause.last - 1]):
        if word.noun == "때문" and word.particle == "에" and at < clause.subject[0]:
            told = clause.told(range(at + 1), clause.last)
            if told and clause.last - at > _FEWEST_WORDS:
                yield f"{told} 까닭은 무엇인가요?"


def _made(clause: Clause, names: Names) -> Iterator[str]:
    """Ask for what somebody found, made up or wrote."""
    begin, end = clause.subject
    if _kind(_noun(clause, begin, end), names) != "person":
        return
    objects = [at for at in range(end, clause.last) if clause.words[at].tag == "JKO"]
    for at in objects if len(objects) == 1 else ():
        verb = {part.form for part in clause.words[at + 1].parts}
        if verb & _FINDS and clause.free(at) >= 0:
            told = clause.told(range(clause.free(at), at + 1), at + 1)
            work = _kind(clause.words[at].noun.strip("『』《》「」〈〉"), names) == "work"
            if told:
                yield f"{told} {'책은' if work and verb & {'쓰', '짓', '저술', '집필'} else '것은'} 무엇인가요?"
            return


def _of_being(clause: Clause, names: Names) -> Iterator[str]:
    """Ask what something is, or which thing is what its subject says: "고려의 수도는" is asked with 어디."""
    begin, end = clause.subject
    last = clause.words[end - 1]
    belongs = any(word.tag == "JKG" for word in clause.words[begin:end])
    if last.tag != "JX" or (clause.past and not belongs):
        return
    head = last.noun
    subject = " ".join(word.text for word in clause.words[:end])
    told = clause.words[-1].noun
    of = any(word.tag in {"JKG", "ETM"} for word in clause.words[: end - 1])
    if told in {"것", "편", "뿐", "수", "점"} or head in VAGUE_NOUNS or head == "것":
        return
    if told == "때문":
        yield f"{subject} 무엇 때문인가요?"
    elif clause.last == end and of:
        yield f"{subject} {_asked_with(head, told, names)}인가요?"
    elif clause.last > end and head not in _OF_WHAT and begin == 0:
        person = _kind(_noun(clause, begin, end), names) == "person"
        yield f"{subject} {'누구' if person else '무엇'}인가요?"


def _asked_with(head: str, told: str, names: Names) -> str:
    kind = _kind(told, names)
    if head in _ASKED_PLACES or head.endswith(("지역", "장소", "도시")):
        return "어디"
    if kind == "person" or (head.endswith(("왕", "사람", "장군", "저자", "인물")) and kind in {"other", ""}):
        return "누구"
    return {"time": "언제", "quantity": "얼마"}.get(kind, "무엇")


def _noun(clause: Clause, begin: int, end: int) -> str:
    """Return the words of a phrase without the particle of the last one."""
    return " ".join([*(word.text for word in clause.words[begin : end - 1]), clause.words[end - 1].noun])


def _kind(noun: str, names: Names) -> str:
    """Return the kind of a phrase: of the whole, of what stands before a title, or of its last word; "" where it is no name."""
    if noun in names:
        return names[noun]
    before, _, last = noun.rpartition(" ")
    title = next(
        (
            title
            for title in TITLES
            if len(title) > 1 and last.endswith(title) and last[: -len(title)] in names
        ),
        "",
    )
    if title:
        return "person"
    if last in TITLES and before:
        return "person" if names.get(before, "") in {"person", "other"} else names.get(before, "")
    if names.get(last) == "person" and not before.endswith("의"):
        return "person"
    return names.get(last, "") if not before else ""
