"""Whether a sheet and an answer key can be an exam's (OMR-1, OMR-5)."""

from academy.application.academics.asker import Asker
from academy.application.academics.form import Fault, FieldsRefused
from academy.application.ai import refusals
from academy.application.ai.managed import managed_document
from academy.application.errors import Conflict
from academy.application.ports.database import Transaction
from academy.domain.academics.teaching import Exam
from academy.domain.document.document import DocumentPurpose
from academy.domain.failures import Failure
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.key import AnswerKey
from academy.domain.omr.key_rules import KeyProblem, key_problems
from academy.domain.omr.sheet import Anchor, SheetSpec

__all__ = ["check_key", "check_sheet"]

_MOST_NAMED = 10


def check_sheet(
    tx: Transaction, asker: Asker, before: ExamSheet | None, spec: SheetSpec, threshold: float, blank: str
) -> None:
    """Refuse what cannot be read with, and what does not suit the scans and the key that are there.

    Raises FieldsRefused, NotFound for the blank sheet, Conflict.
    """
    if not 0 <= threshold <= 1:
        raise FieldsRefused([Fault(("threshold",), refusals.THRESHOLD)])
    wanted = spec.anchor is Anchor.BLANK
    if wanted != bool(blank):
        wrong = refusals.BLANK_SHEET_MISSING if wanted else refusals.BLANK_SHEET_UNUSED
        raise FieldsRefused([Fault(("blank_document_id",), wrong)])
    if blank:
        managed_document(tx, asker, blank, DocumentPurpose.BLANK_SHEET, ("blank_document_id",))
    if before is None:
        return
    if _fields(before.spec) != _fields(spec) and tx.scans.of_exam(before.tenant_id, before.exam_id):
        raise Conflict(refusals.SHEET_IN_USE)
    if before.key is not None and key_problems(before.key, spec.blocks, ends_before=True):
        raise Conflict(refusals.SHEET_KEY_MISFIT)


def check_key(exam: Exam, sheet: ExamSheet, key: AnswerKey, *, ends_before: bool) -> None:
    """Refuse a key that does not fit the sheet, or is worth more than the exam. Raises FieldsRefused."""
    problems = key_problems(key, sheet.spec.blocks, ends_before=ends_before)
    faults = _faults(key, problems)
    if not faults and float(key.maximum) > exam.max_score:
        faults.append(Fault(("items",), refusals.KEY_ABOVE_MAX_SCORE))
    if faults:
        raise FieldsRefused(faults)


def _fields(spec: SheetSpec) -> list[tuple[object, ...]]:
    return [(block.name, block.purpose, block.fields, block.choices) for block in spec.blocks]


def _faults(key: AnswerKey, problems: tuple[KeyProblem, ...]) -> list[Fault]:
    """Return a fault at each item, and one at the items for each thing that is wrong with questions that none of them answers."""
    index = {item.question: at for at, item in reversed(list(enumerate(key.items)))}
    found = [
        Fault(("items", index[each.question]), each.failure) for each in problems if each.question in index
    ]
    absent: dict[Failure, list[str]] = {}
    for each in problems:
        if each.question not in index:
            absent.setdefault(each.failure, []).append(each.question)
    return found + [Fault(("items",), _naming(failure, questions)) for failure, questions in absent.items()]


def _naming(failure: Failure, questions: list[str]) -> Failure:
    """Return a failure that says which questions it is about; "" is none."""
    if not any(questions):
        return failure
    named = ", ".join(questions[:_MOST_NAMED]) + (", …" if len(questions) > _MOST_NAMED else "")
    return Failure(failure.code, f"{failure.message} ({named})", f"{failure.message_ko} ({named})")
