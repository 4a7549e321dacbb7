"""Make wrong-answer notes (오답노트) of an exam from its latest results (DOC-3)."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from academy.application.ai.files import DocumentFiles, MadeFile
from academy.application.ai.grading import graded_exam
from academy.application.ai.note_choice import NOTES_TOO_MANY, note_choice
from academy.application.ai.note_content import ExamNotes
from academy.application.ai.note_json import to_book
from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.children import Children
from academy.application.ports.database import Database, Transaction
from academy.application.ports.notes import note_file
from academy.contracts.ai import MakeNotes, NotesMade, StudentNote
from academy.contracts.children.notes import NoteBook, NotesTypeset, TypesetNotes
from academy.domain.document.document import DocumentPurpose, DocumentState
from academy.domain.failures import Failure
from academy.domain.notes.note import WrongNote

__all__ = ["EXAM_NOT_GRADED", "NotesHandler"]

log = logging.getLogger(__name__)

EXAM_NOT_GRADED = Failure(
    "exam_not_graded",
    "The exam is not there any more, or it has no answer sheet or key; set them, scan the sheets, then order the notes again.",
    "시험이 없거나 답안지 또는 정답표가 없습니다. 답안지와 정답을 등록하고 스캔을 채점한 뒤 다시 요청해 주세요.",
)
ENTRY = "academy.bootstrap.children.notes:typeset_notes"
PDF = "application/pdf"

_LONGEST_STUDENT, _LONGEST_EXAM = 30, 30


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is made.

    Attributes:
        notes: by student id, in the order of the names.
        reasons: why a student has no note, by student id.
        pictures: the document of each question that has a picture and is in a note.
    """

    notes: Mapping[str, WrongNote]
    reasons: Mapping[str, str]
    pictures: Mapping[str, str]


class NotesHandler:
    """The handler of `wrong_note_pdf`."""

    def __init__(self, database: Database, files: DocumentFiles, children: Children) -> None:
        """Take rows, files and processes."""
        self._database = database
        self._files = files
        self._children = children

    async def run(self, work: Work) -> NotesMade:
        """Typeset in a process of its own and keep each note. Raises WorkFailed."""
        wish = work.payload
        assert isinstance(wish, MakeNotes)
        plan = await self._database.read(lambda tx: _plan(tx, work.job.tenant_id, wish))
        made: dict[str, StudentNote] = {}
        pages = 0
        if plan.notes:
            async with self._files.folder(work) as folder:
                typeset = await self._typeset(work, plan, folder)
                pages = sum(typeset.pages)
                made = await self._keep(work, wish.exam_id, plan.notes, folder)
        notes = [
            *made.values(),
            *(StudentNote(student_id=student, reason=why) for student, why in plan.reasons.items()),
        ]
        return NotesMade(notes=tuple(notes), pages=pages)

    async def _typeset(self, work: Work, plan: _Plan, folder: Path) -> NotesTypeset:
        work.report("make", 0.0)
        pictures = {
            question: str(await self._files.fetch(work, document_id, folder))
            for question, document_id in plan.pictures.items()
        }
        book = folder / "book.json"
        text = await asyncio.to_thread(_book, plan.notes.values(), pictures)
        await asyncio.to_thread(book.write_text, text, "utf-8")
        request = TypesetNotes(book=str(book), folder=str(folder))
        typeset = await self._children.call(work, ENTRY, request, NotesTypeset)
        for refused in typeset.refused:
            log.warning(
                "note_picture_refused",
                extra={"job_id": work.job.id, "picture": Path(refused.picture).name, "why": refused.code},
            )
        return typeset

    async def _keep(
        self, work: Work, exam_id: str, notes: Mapping[str, WrongNote], folder: Path
    ) -> dict[str, StudentNote]:
        made: dict[str, StudentNote] = {}
        for number, (student_id, note) in enumerate(notes.items(), 1):
            work.report("store", (number - 1) / len(notes))
            name = f"오답노트 {note.exam[:_LONGEST_EXAM]} {note.student[:_LONGEST_STUDENT]}.pdf"
            subject = f"exam:{exam_id}:student:{student_id}"[:200]
            kept = await self._files.keep(
                work, MadeFile(note_file(folder, number), DocumentPurpose.NOTE, name, PDF, subject)
            )
            made[student_id] = StudentNote(student_id=student_id, document=kept)
        return made


def _book(notes: Iterable[WrongNote], pictures: Mapping[str, str]) -> str:
    return NoteBook(notes=tuple(to_book(note, pictures) for note in notes)).model_dump_json()


def _plan(tx: Transaction, tenant_id: str, wish: MakeNotes) -> _Plan:
    graded = graded_exam(tx, tenant_id, wish.exam_id)
    if graded is None or graded.sheet.key is None:
        raise WorkFailed(EXAM_NOT_GRADED)
    tenant = tx.tenants.get(tenant_id)
    school_class = tx.teaching.school_class(tenant_id, graded.exam.class_id)
    chosen = note_choice(graded, frozenset(wish.student_ids))
    if chosen.too_many:
        raise WorkFailed(NOTES_TOO_MANY)
    source = ExamNotes(graded, tenant.name if tenant else "", school_class.name if school_class else "")
    notes = {student: source.note(student) for student in chosen.students}
    questions = dict.fromkeys(item.question for note in notes.values() for item in note.items)
    return _Plan(notes, chosen.reasons, _pictures(tx, tenant_id, wish.exam_id, list(questions)))


def _pictures(tx: Transaction, tenant_id: str, exam_id: str, questions: Sequence[str]) -> dict[str, str]:
    """Return the latest picture that was cut out of the paper for each question that has one."""
    found: dict[str, str] = {}
    for question in questions:
        page = tx.documents.list(
            tenant_id, DocumentPurpose.CROP.value, f"exam:{exam_id}:question:{question}", "", 1
        )
        for document in page.items:
            if document.state is DocumentState.READY:
                found[question] = document.id
    return found
