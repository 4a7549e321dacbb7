"""Questions that an English statement answers: a part of it gives way to who, what, when, where or why."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from academy.infrastructure.morphology.english_verbs import base_of, is_past
from academy.infrastructure.morphology.word_lists import word_set

__all__ = ["english_questions"]

_WORD = re.compile(r"[^\s,]+|,")
_BE = frozenset({"is", "are", "was", "were"})
_POINTING = word_set(
    "it he she they we you i this that these those its his her their our your my him them there here which who"
)
_JOINING = word_set(
    "and or but so then also however therefore thus if when while as since after before although because"
)
_PREPOSITIONS = word_set(
    "in on at by of for with from to into during through under over between among without near"
)
_DETERMINERS = word_set(
    "the a an one two three four five six seven eight nine ten many most some all no each every"
)
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_WHEN = re.compile(
    rf"\s(?:in (?:{_MONTH} )?(?:1\d|20|[1-9])\d\d|on (?:{_MONTH} \d{{1,2}},?|\d{{1,2}} {_MONTH})(?: \d{{3,4}})?"
    rf"|in the \d{{1,2}}(?:st|nd|rd|th) century)(?=$| )"
)
_WHERE = re.compile(r"\s(?:in|at|near|inside|on) (?P<place>[^,]+?)(?= (?:in|on|at|by|during|and)\b|$)")
_HAPPENS = re.compile(
    r"(?:takes? place|took place|occurs?|occurred|happens?|happened|was born|lies?|lives?|lived|landed|grows?)\b"
)
_BECAUSE = re.compile(r",? because (?!of\b)")
_ALSO = re.compile(r",.*$| (?:but|so) .*$| and (?P<next>[a-z]+)\b.*$")
_LONGEST_SUBJECT = 7
_VAGUE = word_set(
    "reason result example purpose thing way number part kind type first second third next same difference"
)
Names = Mapping[str, str]


class _Told(NamedTuple):
    """A statement: who or what, its verb, and the rest without its end."""

    subject: str
    verb: str
    rest: str


def english_questions(sentence: str, names: Names) -> Iterator[str]:
    """Yield questions, the best first; none for what is no plain statement. `names`: kinds of names by spelling."""
    told = _told(sentence.rstrip(" ."))
    if told is None:
        return
    person = _is_person(told.subject, names)
    if told.verb in _BE:
        yield from _of_being(told, names, person)
        return
    yield from _who(told, person)
    yield from _when(told, names)
    yield from _where(told, names)
    yield from _why(told, names)


def _told(sentence: str) -> _Told | None:
    """Return the parts of a statement; None where they are not plain."""
    words = _WORD.findall(sentence)
    low = [word.lower() for word in words]
    verb = next((at for at, word in enumerate(low) if at and (word in _BE or _is_verb(words, at))), 0)
    if not verb or verb > _LONGEST_SUBJECT or verb == len(words) - 1 or not words[0][0].isupper():
        return None
    unfit = _POINTING | _JOINING | {","}
    if (
        low[0] in _PREPOSITIONS
        or unfit & set(low[:verb])
        or (_POINTING - {"that", "which", "who"}) & set(low[verb:])
    ):
        return None
    place = sentence.index(f" {words[verb]} ")
    return _Told(sentence[:place], words[verb], sentence[place + len(words[verb]) + 2 :])


def _is_verb(words: list[str], at: int) -> bool:
    """Whether a word is a verb known here, and no noun that only looks like one: "the cell contains", "a change of"."""
    before = words[at - 1].lower()
    return bool(base_of(words[at])) and words[at][0].islower() and before not in _DETERMINERS | _PREPOSITIONS


def _who(told: _Told, person: bool) -> Iterator[str]:
    """Ask for the subject. What does something now is asked for only where its verb agrees with "what"."""
    rest = _one(told.rest)
    if rest.startswith(("that ", "place ", "how ")):
        return
    agrees = is_past(told.verb) or told.verb.lower() != base_of(told.verb)
    thing = told.rest[:1].islower() and not person and not is_past(told.verb)
    if agrees and len(rest.split()) > 1 and (person or thing):
        yield f"{'Who' if person else 'What'} {told.verb} {rest}?"


def _when(told: _Told, names: Names) -> Iterator[str]:
    rest = _clause(told)
    found = _WHEN.search(f" {rest}")
    if found and is_past(told.verb):
        yield _do(told, f" {rest}".replace(found.group(), "", 1).strip(), "When", names)


def _where(told: _Told, names: Names) -> Iterator[str]:
    rest = _clause(told)
    found = _WHERE.search(f" {rest}")
    if not found or _WHEN.fullmatch(found.group()) or _JOINING & set(rest.lower().split()):
        return
    happens = _HAPPENS.match(f"{told.verb} {rest}") is not None
    if happens or names.get(found["place"].removeprefix("the ")) == "place":
        yield _do(told, f" {rest}".replace(found.group(), "", 1).strip(), "Where", names)


def _why(told: _Told, names: Names) -> Iterator[str]:
    parts = _BECAUSE.split(told.rest)
    if len(parts) == 2 and parts[0]:
        yield _do(told, parts[0], "Why", names)


def _do(told: _Told, rest: str, asking: str, names: Names) -> str:
    plural = not is_past(told.verb) and told.verb.lower() == base_of(told.verb)
    help_verb = "did" if is_past(told.verb) else "do" if plural else "does"
    return (
        " ".join(filter(None, (asking, help_verb, _within(told.subject, names), base_of(told.verb), rest)))
        + "?"
    )


def _of_being(told: _Told, names: Names, person: bool) -> Iterator[str]:
    """Ask what something is, or when, where and by whom something was done to it."""
    subject, first = _within(told.subject, names), told.rest.split(" ")[0].lower()
    rest = _one(told.rest)
    when, where = _WHEN.search(f" {rest}"), _WHERE.search(f" {rest}")
    if when and first == "born":
        yield f"When {told.verb} {subject} born?"
    elif when and told.verb in {"was", "were"} and base_of(first):
        yield f"When {told.verb} {subject} {f' {rest}'.replace(when.group(), '', 1).strip()}?"
    place = where is not None and not _WHEN.fullmatch(where.group())
    if (
        place
        and where is not None
        and (first == "born" or names.get(where["place"]) == "place")
        and first not in {"a", "an", "the"}
    ):
        left = f" {rest}".replace(where.group(), "", 1)
        left = _WHEN.sub("", left).strip()
        yield f"Where {told.verb} {subject} {left}".rstrip() + "?"
    of = " of " in told.subject
    defines = first in {"a", "an"} or (first in {"the", "one"} and len(rest.split()) > 3)
    head = told.subject.split(" of ")[0].split(" ")[-1].lower()
    if (defines or (of and len(rest.split()) <= 4)) and head not in _VAGUE and not (when or first == "born"):
        yield f"{'Who' if person else 'What'} {told.verb} {subject}?"


def _one(rest: str) -> str:
    """Return the words up to another statement; what only adds to a list stays."""
    found = _ALSO.search(rest)
    while found and found["next"] and not (base_of(found["next"]) or found["next"] in _BE):
        found = _ALSO.search(rest, found.end("next"))
    return rest[: found.start()] if found else rest


def _clause(told: _Told) -> str:
    """Return the rest up to another statement, or the whole where a list goes on."""
    return _one(_BECAUSE.split(told.rest)[0])


def _within(subject: str, names: Names) -> str:
    """Return a subject as it stands within a sentence: small, where it is no name."""
    first = subject.partition(" ")[0]
    name = any(
        subject == each or subject.startswith(f"{each} ")
        for each in names
        if each[0].isupper() and names[each] != "term"
    )
    if subject[len(first) + 1 : len(first) + 2].isupper() and first.lower() not in _DETERMINERS:
        return subject
    if first.lower() in _DETERMINERS:
        return first.lower() + subject[len(first) :]
    return subject if name or not first[1:].islower() else subject[0].lower() + subject[1:]


def _is_person(subject: str, names: Names) -> bool:
    before, _, _ = subject.rpartition(" ")
    return names.get(subject) == "person" or (
        bool(before) and any(subject.endswith(f" {name}") for name, kind in names.items() if kind == "person")
    )
