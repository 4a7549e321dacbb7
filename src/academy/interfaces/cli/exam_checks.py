"""The exam of the demonstration: who takes it, what they answer, and whether what came back is that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from academy.contracts.rest.exam_sheets import KeyEntry
from academy.contracts.rest.results import ExamResultsView

__all__ = ["CHOICES", "NUMBERS", "PEOPLE", "POINTS", "QUESTIONS", "Paper", "answer_key", "faults", "papers"]

PEOPLE = 12
QUESTIONS = 20
NUMBERS = 2
CHOICES = 5
POINTS = 4.0
NUMBER_POINTS = 10.0
_UNSURE = ((2, "7"), (8, "13"))
"""Who marks what so that a person has to look: place in the class, question."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What one student means: the choice by question, numbers as text; and which marks are not clear."""

    answers: Mapping[str, str]
    unsure: frozenset[str]

    def points(self, key: Sequence[KeyEntry]) -> float:
        """Return what the paper is worth."""
        return sum(each.points for each in key if self.answers.get(each.question) in each.answers)


def answer_key(rng: Random, questions: Sequence[str]) -> list[KeyEntry]:
    """Return an answer key for the sheet's questions, choices first."""
    choices = [
        KeyEntry(question=name, answers=[str(rng.randint(1, CHOICES))], points=POINTS)
        for name in questions[:QUESTIONS]
    ]
    numbers = [
        KeyEntry(question=name, kind="number", answers=[str(rng.randint(10, 999))], points=NUMBER_POINTS)
        for name in questions[QUESTIONS:]
    ]
    return [*choices, *numbers]


def papers(rng: Random, key: Sequence[KeyEntry]) -> list[Paper]:
    """Return what a class answers: most of it right, some wrong, a few blank."""
    found = []
    for place in range(PEOPLE):
        skill = rng.uniform(0.5, 0.97)
        answers = {each.question: given for each in key if (given := _answer(rng, each, skill))}
        unsure = frozenset(question for who, question in _UNSURE if who == place)
        # What is not clear is still meant: the right answer, ringed and not filled.
        answers |= {each.question: each.answers[0] for each in key if each.question in unsure}
        found.append(Paper(answers, unsure))
    return found


def _answer(rng: Random, entry: KeyEntry, skill: float) -> str:
    right = entry.answers[0]
    if rng.random() < skill:
        return right
    if rng.random() < 0.1:
        return ""
    if entry.kind == "number":
        return str(int(right) + rng.randint(1, 9))
    return rng.choice([str(n) for n in range(1, CHOICES + 1) if str(n) != right])


def faults(results: ExamResultsView, truth: Mapping[str, Paper], key: Sequence[KeyEntry]) -> list[str]:
    """Return what is wrong with the results of an exam, `truth` by student id."""
    wrong = []
    if results.waiting or results.without:
        wrong.append(f"{len(results.waiting)} pages wait, {len(results.without)} students have no score")
    seen = {each.student_id: each for each in results.students}
    if seen.keys() != truth.keys():
        wrong.append(f"{len(seen)} students have a score, not {len(truth)}")
    for student_id, paper in truth.items():
        result = seen.get(student_id)
        if result is not None and (result.total != paper.points(key) or result.noted != result.total):
            wrong.append(f"{result.name} has {result.total:g} points, and meant {paper.points(key):g}")
    return wrong
