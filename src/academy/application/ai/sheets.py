"""Print the answer sheets of an exam (OMR-1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from academy.application.ai.exam_readings import exam_roster
from academy.application.ai.files import DocumentFiles, MadeFile
from academy.application.ai.refusals import NO_STUDENTS, NOT_ON_ROSTER
from academy.application.ai.sheet_json import to_contract
from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.children import Children
from academy.application.ports.database import Database, Transaction
from academy.contracts.ai import MakeSheets, SheetsMade
from academy.contracts.children.omr import CodeLine, PrintSheets, SheetLine, SheetsPrinted
from academy.domain.academics.people import Student
from academy.domain.academics.teaching import Exam
from academy.domain.document.document import DocumentPurpose
from academy.domain.failures import Failure
from academy.domain.omr.sheet import Purpose, SheetSpec

__all__ = ["EXAM_WITHOUT_SHEET", "SheetsHandler"]

EXAM_WITHOUT_SHEET = Failure(
    "exam_without_sheet",
    "The exam, or its answer sheet, is not there any more; choose a sheet for the exam and order again.",
    "시험 또는 시험의 답안지가 없습니다. 시험에 답안지를 지정한 뒤 다시 요청해 주세요.",
)

ENTRY = "academy.bootstrap.children.omr:print_sheets"
PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class _Order:
    """What is printed: the exam, the name of its class, and for whom; nobody in particular where `students` is empty."""

    exam: Exam
    class_name: str
    spec: SheetSpec
    students: Sequence[Student]


class SheetsHandler:
    """The handler of `omr_sheet_pdf`."""

    def __init__(self, database: Database, files: DocumentFiles, children: Children) -> None:
        """Take rows, files and processes."""
        self._database = database
        self._files = files
        self._children = children

    async def run(self, work: Work) -> SheetsMade:
        """Print in a process of its own and keep the PDF. Raises WorkFailed."""
        wish = work.payload
        assert isinstance(wish, MakeSheets)
        order = await self._database.read(lambda tx: _order(tx, work.job.tenant_id, wish))
        async with self._files.folder(work) as folder:
            target = folder / "sheets.pdf"
            request = PrintSheets(
                spec=to_contract(order.spec), sheets=_lines(order, wish.copies), target=str(target)
            )
            printed = await self._children.call(work, ENTRY, request, SheetsPrinted)
            work.report("store", 0.0)
            name = f"{order.exam.title} 답안지.pdf"
            made = MadeFile(target, DocumentPurpose.SHEETS, name, PDF, f"exam:{order.exam.id}")
            document = await self._files.keep(work, made)
        return SheetsMade(document=document, pages=printed.pages)


def _order(tx: Transaction, tenant_id: str, wish: MakeSheets) -> _Order:
    exam = tx.teaching.exam(tenant_id, wish.exam_id)
    sheet = tx.exam_sheets.get(tenant_id, wish.exam_id)
    if exam is None or sheet is None:
        raise WorkFailed(EXAM_WITHOUT_SHEET)
    found = tx.teaching.school_class(tenant_id, exam.class_id)
    students = [] if wish.copies else _students(tx, tenant_id, exam, wish.student_ids)
    return _Order(exam, found.name if found else "", sheet.spec, students)


def _students(tx: Transaction, tenant_id: str, exam: Exam, wanted: Sequence[str]) -> list[Student]:
    """Return those who are expected at the exam, or the wanted ones of its roster, by name."""
    roster = exam_roster(tx, tenant_id, exam)
    if not roster.students.keys() >= set(wanted):
        raise WorkFailed(NOT_ON_ROSTER)
    if not (wanted or roster.expected):
        raise WorkFailed(NO_STUDENTS)
    chosen = [roster.students[each] for each in set(wanted) or roster.expected]
    return sorted(chosen, key=lambda student: (student.name, student.id))


def _lines(order: _Order, copies: int) -> tuple[SheetLine, ...]:
    if copies:
        return (_line(order, "", "", ""),) * copies
    marked = any(block.purpose is Purpose.IDENTIFIER for block in order.spec.blocks)
    return tuple(
        _line(order, student.id, student.name, student.identifier if marked else "")
        for student in order.students
    )


def _line(order: _Order, student_id: str, name: str, identifier: str) -> SheetLine:
    spec, exam = order.spec, order.exam
    code = CodeLine(
        spec_id=spec.id, spec_version=spec.version, exam_id=exam.id, student_id=student_id, page=1
    )
    return SheetLine(
        code=code,
        title=exam.title,
        subtitle=order.class_name,
        student=name,
        identifier=identifier,
        held_on=exam.held_on.isoformat() if exam.held_on else "",
    )
