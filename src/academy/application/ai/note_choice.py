"""Who gets a wrong-answer note of an exam, and how many one job makes (DOC-3)."""

from collections.abc import Collection
from dataclasses import dataclass

from academy.application.ai.grading import GradedExam, graded_exam
from academy.application.ports.database import Transaction
from academy.domain.failures import Failure
from academy.domain.omr.score import Outcome

__all__ = ["MISSED", "MOST_NOTES", "NOTES_TOO_MANY", "NoteChoice", "note_choice", "too_many_notes"]

MISSED = frozenset({Outcome.WRONG, Outcome.BLANK, Outcome.PARTIAL})
"""What makes a question one that a note tells of."""
MOST_NOTES = 200
"""Of one job: with more, its result would be too large to keep."""
NOTES_TOO_MANY = Failure(
    "notes_too_many",
    f"At most {MOST_NOTES} notes can be made at once; choose fewer students and order the others after them.",
    f"오답노트는 한 번에 {MOST_NOTES}명까지 만들 수 있습니다. 학생을 나누어 요청해 주세요.",
)
_MOST_REASONS = 3 * MOST_NOTES


@dataclass(frozen=True, slots=True)
class NoteChoice:
    """Who gets a note, by name, and why others do not ("nothing_wrong", "not_graded"), by student id."""

    students: tuple[str, ...]
    reasons: dict[str, str]

    @property
    def too_many(self) -> bool:
        """Return whether one job cannot tell of all of them."""
        return len(self.students) > MOST_NOTES or len(self.reasons) > _MOST_REASONS


def note_choice(graded: GradedExam, wanted: Collection[str]) -> NoteChoice:
    """Return the choice among the students that are wanted, none for everybody with a score."""
    names, pages = graded.students, graded.graded
    found = sorted(pages, key=lambda each: (names[each].name if each in names else "", each))
    chosen, reasons = list[str](), dict[str, str]()
    for student in found:
        if wanted and student not in wanted:
            continue
        score = pages[student].score
        if score is not None and any(question.outcome in MISSED for question in score.questions):
            chosen.append(student)
        else:
            reasons[student] = "nothing_wrong"
    reasons |= dict.fromkeys(sorted(set(wanted).difference(found)), "not_graded")
    return NoteChoice(tuple(chosen), reasons)


def too_many_notes(tx: Transaction, tenant_id: str, exam_id: str, wanted: Collection[str]) -> bool:
    """Return whether an order of notes is more than one job makes, as things stand."""
    # Grading a class takes a moment, and few classes are that large.
    if len(wanted or tx.teaching.scores(tenant_id, exam_id)) <= MOST_NOTES:
        return False
    graded = graded_exam(tx, tenant_id, exam_id)
    return graded is not None and note_choice(graded, frozenset(wanted)).too_many
