"""Whether an answer key is right in itself and fits the sheet (OMR-5)."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from academy.domain.failures import Failure
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
)
from academy.domain.omr.sheet import Block, Purpose

__all__ = ["LONGEST_EXPLANATION", "KeyProblem", "key_problems"]

LONGEST_EXPLANATION = 2000
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MOST_POINTS, _MOST_DIGITS = Decimal(10_000), 20


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """What is wrong with a key, and at which question ("" for the key as a whole)."""

    question: str
    failure: Failure


_EMPTY = Failure(
    "key_empty",
    "The key has no answers; give one for each question.",
    "정답이 없습니다. 문항마다 정답을 입력해 주세요.",
)
_SHORTER = Failure(
    "key_shorter",
    "The sheet has this question and the key has no answer to it; add the answer, or say that the exam ends before.",
    "답안지에 있는 문항인데 정답이 없습니다. 정답을 추가하거나 시험이 이 문항 전에 끝난다고 표시해 주세요.",
)
_LONGER = Failure(
    "key_longer",
    "The key has an answer to a question that the sheet has not; leave it out, or choose a longer sheet.",
    "답안지에 없는 문항의 정답입니다. 빼거나 문항이 더 많은 답안지를 선택해 주세요.",
)
_TWICE = Failure(
    "key_question_twice",
    "The question stands twice in the key; keep one.",
    "같은 문항이 두 번 있습니다. 하나만 남겨 주세요.",
)
_POINTS = Failure(
    "key_points",
    "Points are more than 0 and at most 10,000, with no more than two decimal places.",
    "배점은 0보다 크고 10,000 이하이며 소수점 아래 두 자리까지입니다.",
)
_PENALTY = Failure(
    "key_penalty",
    "What a wrong answer costs is from 0 to the points of the question, with no more than two decimal places.",
    "오답 감점은 0 이상 배점 이하이며 소수점 아래 두 자리까지입니다.",
)
_PENALTY_TWICE = Failure(
    "key_penalty_with_partial",
    "A question with partial points takes no penalty besides; say with them what a wrong mark costs.",
    "부분 점수 문항에는 오답 감점을 따로 둘 수 없습니다. 부분 점수에서 오답 표기의 감점을 정해 주세요.",
)
_CHOICE = Failure(
    "key_choice_unknown",
    "The sheet does not have this choice at the question; choose among those printed.",
    "답안지의 이 문항에 없는 선택지입니다. 인쇄된 선택지 중에서 골라 주세요.",
)
_NO_CHOICE = Failure(
    "key_answer_missing",
    "The question has no answer; give at least one.",
    "정답이 비어 있습니다. 하나 이상 입력해 주세요.",
)
_CHOICE_TWICE = Failure(
    "key_choice_twice",
    "An answer stands twice; name it once.",
    "같은 정답이 두 번 있습니다. 한 번만 적어 주세요.",
)
_KIND = Failure(
    "key_kind",
    "A question with choices needs choices as its answer, and one with digits a number.",
    "객관식 문항에는 선택지를, 숫자 기입 문항에는 수를 정답으로 입력해 주세요.",
)
_UNMARKABLE = Failure(
    "key_number_unmarkable",
    "This number cannot be marked in the digits that the sheet has; correct it, or use a sheet with more digits.",
    "답안지의 숫자 칸에 표기할 수 없는 수입니다. 고치거나 칸이 더 많은 답안지를 사용해 주세요.",
)
_TOLERANCE = Failure(
    "key_tolerance", "A tolerance is a number that is 0 or more.", "허용 오차는 0 이상의 수입니다."
)
_PARTIAL = Failure(
    "key_partial",
    "Partial points are more than 0 for a right mark and 0 or more off for a wrong one; all right marks together "
    "give at most the points, and the least is from minus the points to 0; at most two decimal places.",
    "부분 점수는 정답 표기당 0보다 크고 오답 표기당 감점은 0 이상입니다. 정답 표기의 합은 배점 이하, 최저점은 0 이하(배점만큼의 감점까지)이며 "
    "소수점 아래 두 자리까지입니다.",
)
_EXPLANATION = Failure(
    "key_explanation",
    f"An explanation is text of at most {LONGEST_EXPLANATION:,} characters, without control characters; shorten it or type it again.",
    f"해설은 제어 문자가 없는 {LONGEST_EXPLANATION:,}자 이하의 글입니다. 줄이거나 다시 입력해 주세요.",
)
_WORTH_NOTHING = Failure(
    "key_worth_nothing",
    "No question of this key is counted; leave at least one.",
    "채점하는 문항이 하나도 없습니다. 하나 이상 남겨 주세요.",
)


def key_problems(
    key: AnswerKey, blocks: Sequence[Block], *, ends_before: bool = False
) -> tuple[KeyProblem, ...]:
    """Return all that is wrong with a key for a sheet, in the order of the exam; () for a key to score with.

    With `ends_before` the exam may have fewer questions than the sheet; what is marked at the others is not looked at.
    """
    if not key.items:
        return (KeyProblem("", _EMPTY),)
    found = list[KeyProblem]()
    questions, times = blocks_by_question(blocks), Counter(item.question for item in key.items)
    for item in key.items:
        block = questions.get(item.question)
        found += [KeyProblem(item.question, failure) for failure in _of_item(item, block)]
    found += [KeyProblem(question, _TWICE) for question, count in times.items() if count > 1]
    if not ends_before:
        found += [KeyProblem(question, _SHORTER) for question in questions if question not in times]
    if all(item.answer == Void(VoidMode.NOT_COUNTED) for item in key.items):
        found.append(KeyProblem("", _WORTH_NOTHING))
    return tuple(found)


def _of_item(item: KeyItem, block: Block | None) -> Iterator[Failure]:
    if not (_fine(item.points) and item.points > 0):
        yield _POINTS
    elif not (_fine(item.penalty) and 0 <= item.penalty <= item.points):
        yield _PENALTY
    if len(item.explanation) > LONGEST_EXPLANATION or _NO_TEXT.search(item.explanation):
        yield _EXPLANATION
    if block is None:
        yield _LONGER
    else:
        yield from _of_answer(item, block)


def _of_answer(item: KeyItem, block: Block) -> Iterator[Failure]:
    match item.answer:
        case Single(choice):
            yield from _of_choices((choice,), block)
        case Either(choices):
            yield from _of_choices(choices, block)
        case AllRequired(choices, partial):
            yield from _of_choices(choices, block)
            if partial and item.penalty:
                yield _PENALTY_TWICE
            if partial and not _partial_fits(partial, len(choices), item.points):
                yield _PARTIAL
        case Number():
            yield from _of_number(item.answer, block)
        case Void():
            pass


def _of_choices(choices: tuple[str, ...], block: Block) -> Iterator[Failure]:
    if block.purpose is not Purpose.CHOICE:
        yield _KIND
    elif not choices:
        yield _NO_CHOICE
    elif not set(choices) <= set(block.choices):
        yield _CHOICE
    elif len(set(choices)) < len(choices):
        yield _CHOICE_TWICE


def _of_number(answer: Number, block: Block) -> Iterator[Failure]:
    if block.purpose is not Purpose.NUMBER:
        yield _KIND
    elif not answer.accepted:
        yield _NO_CHOICE
    elif not (_modest(answer.tolerance) and answer.tolerance >= 0):
        yield _TOLERANCE
    elif not all(_markable(value, answer.tolerance, block) for value in answer.accepted):
        yield _UNMARKABLE
    elif len(set(answer.accepted)) < len(answer.accepted):
        yield _CHOICE_TWICE


def _markable(value: Decimal, tolerance: Decimal, block: Block) -> bool:
    """Return whether some number within the tolerance fits; with other signs than digits only its size matters."""
    if not _modest(value):
        return False
    exact, around, most = Fraction(value), Fraction(tolerance), int("9" * len(block.fields))
    if all(choice.isdecimal() for choice in block.choices):
        return max(ceil(exact - around), 0) <= min(floor(exact + around), most)
    return abs(exact) - around <= most


def _partial_fits(partial: Partial, count: int, points: Decimal) -> bool:
    if not all(_fine(number) for number in (partial.per_right, partial.per_wrong, partial.least, points)):
        return False
    zero, together = Decimal(0), partial.per_right * count
    return (
        zero < together <= points and zero <= partial.per_wrong <= points and -points <= partial.least <= zero
    )


def _fine(points: Decimal) -> bool:
    return _modest(points) and abs(points) <= _MOST_POINTS and (100 * Fraction(points)).denominator == 1


def _modest(number: Decimal) -> bool:
    """Return whether it is a number that can be computed with exactly at little cost."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MOST_DIGITS and number.adjusted() < _MOST_DIGITS
