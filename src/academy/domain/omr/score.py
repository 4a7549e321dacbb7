"""What a page is worth: readings and decisions against the key (OMR-5).

Nothing is graded without a student and without answers, and nobody's doubt is scored: what is not certain waits for a
person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from academy.domain.failures import Failure
from academy.domain.omr.decisions import EffectivePage
from academy.domain.omr.key import (
    AllRequired,
    AnswerKey,
    Either,
    KeyItem,
    Number,
    Partial,
    Single,
    Void,
    VoidMode,
    blocks_by_question,
    number_of,
)
from academy.domain.omr.match import BLANK_DIGIT, UNREADABLE_DIGIT, Match
from academy.domain.omr.reading import MarkState
from academy.domain.omr.sheet import Block, Purpose

__all__ = [
    "MULTIPLE_DIGIT",
    "NO_ANSWERS",
    "UNDECIDED",
    "Outcome",
    "QuestionScore",
    "ScoredSheet",
    "score_page",
]

MULTIPLE_DIGIT = "*"

UNDECIDED = Failure(
    "omr_undecided",
    "Some answers on this page are not certain; decide them, then it is graded.",
    "확실하지 않은 답이 있습니다. 해당 문항을 확인해 주시면 채점됩니다.",
)
NO_ANSWERS = Failure(
    "omr_no_answers",
    "No answer is marked on this page; set it aside, or confirm one blank question to have it graded.",
    "표기된 답이 없습니다. 페이지를 제외하거나, 빈 문항 하나를 확인하면 채점됩니다.",
)


class Outcome(StrEnum):
    """How a question went.

    RIGHT: all points. PARTIAL: some. WRONG. BLANK: nothing marked. VOID: the question is. UNDECIDED: a person has to
    look.
    """

    RIGHT = "right"
    PARTIAL = "partial"
    WRONG = "wrong"
    BLANK = "blank"
    VOID = "void"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """One question of a page.

    Attributes:
        given: the marked choices in the sheet's order; of a number one text, blank ends cut off, with "_" for a blank
            digit, "?" for an uncertain and "*" for one with several marks.
        points: None exactly for UNDECIDED; may be below zero.
        maximum: the points of a right answer, 0 for a question that is not counted.
        look_at: fields that a person has to decide; () unless UNDECIDED.
    """

    question: str
    given: tuple[str, ...]
    outcome: Outcome
    points: Decimal | None
    maximum: Decimal
    look_at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoredSheet:
    """One page against the key.

    Attributes:
        page: its number in the batch.
        student_id: "" without a certain student.
        questions: in the order of the key; also of a page that is not graded, so that a person sees what to decide.
        total: the points; None exactly when it is not graded, and `reasons` say why.
        maximum: the most points that can be had.
    """

    page: int
    student_id: str
    questions: tuple[QuestionScore, ...]
    total: Decimal | None
    maximum: Decimal
    reasons: tuple[Failure, ...] = ()

    @property
    def look_at(self) -> tuple[str, ...]:
        """Return the fields that a person has to decide before it can be graded."""
        return tuple(name for question in self.questions for name in question.look_at)


@dataclass(frozen=True, slots=True)
class _Given:
    """What stands at a question: `look_at` is what is uncertain, `state` and `marks` count when nothing is."""

    state: MarkState
    marks: tuple[str, ...]
    look_at: tuple[str, ...] = ()


def score_page(
    key: AnswerKey, blocks: Sequence[Block], page: EffectivePage, match: Match, threshold: float
) -> ScoredSheet:
    """Return the page's score; fields less certain than `threshold` (0 to 1) are undecided until a person decided them.

    `key` has no `key_problems` for `blocks`, and `match` is that of the page.
    """
    by_question = blocks_by_question(blocks)
    given = {item.question: _given(item.question, by_question, page, threshold) for item in key.items}
    questions = tuple(_judge(item, given[item.question]) for item in key.items)
    reasons = [match.reason] if match.reason else []
    problem = page.reading.problem
    if any(question.outcome is Outcome.UNDECIDED for question in questions):
        reasons.append(problem or UNDECIDED)
    elif not _has_answers(page, given, by_question):
        reasons.append(problem or NO_ANSWERS)
    total = None if reasons else _total(key, questions)
    return ScoredSheet(
        page.reading.number, match.student_id, questions, total, key.maximum, tuple(dict.fromkeys(reasons))
    )


def _total(key: AnswerKey, questions: Sequence[QuestionScore]) -> Decimal:
    total = sum((question.points for question in questions if question.points is not None), Decimal(0))
    return total if key.below_zero else max(total, Decimal(0))


def _has_answers(page: EffectivePage, given: Mapping[str, _Given], blocks: Mapping[str, Block]) -> bool:
    """Return whether anything is marked at the key's questions, or a person confirmed that something is not."""
    fields = {
        name for question in given if question in blocks for name in _fields_of(question, blocks[question])
    }
    return any(found.marks for found in given.values()) or bool(fields & page.decided)


def _fields_of(question: str, block: Block) -> tuple[str, ...]:
    return block.fields if block.purpose is Purpose.NUMBER else (question,)


def _given(question: str, blocks: Mapping[str, Block], page: EffectivePage, threshold: float) -> _Given:
    block = blocks[question]
    if block.purpose is Purpose.NUMBER:
        return _given_number(block, page, threshold)
    found = page.reading.fields.get(question)
    doubtful = () if page.certain(question, threshold) else (question,)
    return _Given(found.state, found.marked, doubtful) if found else _Given(MarkState.AMBIGUOUS, (), doubtful)


def _given_number(block: Block, page: EffectivePage, threshold: float) -> _Given:
    """Join the digits: blanks at one end are no part of the number, others are for a person to confirm."""
    digits = [_digit(name, page, threshold) for name in block.fields]
    doubtful = tuple(
        name for name, digit in zip(block.fields, digits, strict=True) if digit == UNREADABLE_DIGIT
    )
    if set(digits) == {BLANK_DIGIT}:
        return _Given(MarkState.BLANK, ())
    marked = [at for at, digit in enumerate(digits) if digit != BLANK_DIGIT]
    first, last = marked[0], marked[-1]
    text = ("".join(digits[first : last + 1]),)
    if doubtful:
        return _Given(MarkState.AMBIGUOUS, text, doubtful)
    if MULTIPLE_DIGIT in digits:
        return _Given(MarkState.MULTIPLE, text)
    holes = [at for at in range(first, last) if digits[at] == BLANK_DIGIT]
    if first and last < len(digits) - 1:
        holes += [*range(first), *range(last + 1, len(digits))]
    unsure = tuple(block.fields[at] for at in sorted(holes) if block.fields[at] not in page.decided)
    return _Given(MarkState.AMBIGUOUS if unsure else MarkState.SINGLE, text, unsure)


def _digit(name: str, page: EffectivePage, threshold: float) -> str:
    found = page.reading.fields.get(name)
    if found is None or not page.certain(name, threshold):
        return UNREADABLE_DIGIT
    if found.state is MarkState.MULTIPLE:
        return MULTIPLE_DIGIT
    return found.marked[0] if found.state is MarkState.SINGLE else BLANK_DIGIT


def _judge(item: KeyItem, given: _Given) -> QuestionScore:
    zero = Decimal(0)
    if isinstance(item.answer, Void):
        worth = item.points if item.answer.mode is VoidMode.FULL_POINTS else zero
        return QuestionScore(item.question, given.marks, Outcome.VOID, worth, worth)
    if given.look_at:
        return QuestionScore(item.question, given.marks, Outcome.UNDECIDED, None, item.points, given.look_at)
    if given.state is MarkState.BLANK:
        return QuestionScore(item.question, (), Outcome.BLANK, zero, item.points)
    outcome, points = _worth(item, given)
    return QuestionScore(item.question, given.marks, outcome, points, item.points)


def _worth(item: KeyItem, given: _Given) -> tuple[Outcome, Decimal]:
    if _is_right(item, given):
        return Outcome.RIGHT, item.points
    if isinstance(item.answer, AllRequired) and item.answer.partial:
        points = _part(item.answer.partial, set(item.answer.choices), set(given.marks))
        return (Outcome.PARTIAL if points > 0 else Outcome.WRONG), points
    return Outcome.WRONG, Decimal(0) - item.penalty


def _is_right(item: KeyItem, given: _Given) -> bool:
    answer, alone = item.answer, given.marks[0] if given.state is MarkState.SINGLE else None
    match answer:
        case Single(choice):
            return alone == choice
        case Either(choices):
            return alone in choices
        case AllRequired(choices):
            return set(given.marks) == set(choices)
        case Number():
            value = number_of(alone) if alone is not None else None
            return value is not None and _near(value, answer)
        case Void():
            return False


def _near(value: Fraction, answer: Number) -> bool:
    return any(abs(value - Fraction(accepted)) <= Fraction(answer.tolerance) for accepted in answer.accepted)


def _part(partial: Partial, required: set[str], marked: set[str]) -> Decimal:
    points = partial.per_right * len(marked & required) - partial.per_wrong * len(marked - required)
    return max(points, partial.least)
