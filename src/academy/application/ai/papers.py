"""What the jobs that read print share: the paper they work on, and the process that does it."""

from pathlib import Path
from typing import TypeVar

from academy.application.ai.files import DOCUMENT_MISSING, DocumentFiles
from academy.application.ai.refusals import DOCUMENT_WRONG_PURPOSE, EXAM_UNKNOWN
from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.children import Children
from academy.application.ports.database import Database
from academy.contracts.base import Contract
from academy.contracts.children.documents import ReadingRequest
from academy.domain.document.document import DocumentPurpose
from academy.domain.omr.key import blocks_by_question

__all__ = ["Papers", "stem_of"]

_FUNCTIONS = "academy.bootstrap.children.documents"
_Answer = TypeVar("_Answer", bound=Contract)
_PURPOSES = frozenset({DocumentPurpose.PAPER, DocumentPurpose.SCAN})


class Papers:
    """Brings a paper to this machine and has it read."""

    def __init__(
        self, database: Database, files: DocumentFiles, children: Children, program: str = ""
    ) -> None:
        """Take ports and what calls processes; `program` is the path or name of Tesseract, empty for the one on PATH."""
        self._database = database
        self.files = files
        self._children = children
        self._program = program

    async def fetch(self, work: Work, document_id: str, folder: Path) -> tuple[Path, str]:
        """Return where the paper lies now, and its file name. Raises WorkFailed(document_missing, document_wrong_purpose)."""
        tenant_id = work.job.tenant_id
        document = await self._database.read(lambda tx: tx.documents.get(tenant_id, document_id))
        if document is None:
            raise WorkFailed(DOCUMENT_MISSING)
        if document.purpose not in _PURPOSES:
            raise WorkFailed(DOCUMENT_WRONG_PURPOSE)
        path = await self.files.fetch(work, document_id, folder)
        work.report("fetch", 1.0)
        return path, document.file_name

    async def check_exam(self, work: Work, exam_id: str) -> None:
        """Raise WorkFailed(exam_unknown) for an exam that the academy has not; "" is none."""
        if exam_id and not await self._database.read(
            lambda tx: tx.teaching.exam(work.job.tenant_id, exam_id)
        ):
            raise WorkFailed(EXAM_UNKNOWN)

    async def questions(self, work: Work, exam_id: str) -> frozenset[int]:
        """Return the numbers of an exam's questions by its answer key, or else by its sheet; none where it has neither."""
        if not exam_id:
            return frozenset()
        sheet = await self._database.read(lambda tx: tx.exam_sheets.get(work.job.tenant_id, exam_id))
        if sheet is None:
            return frozenset()
        names = (
            [item.question for item in sheet.key.items]
            if sheet.key
            else blocks_by_question(sheet.spec.blocks)
        )
        return frozenset(int(name) for name in names if name.isascii() and name.isdigit())

    async def ask(
        self, work: Work, function: str, source: Path, folder: Path, answer: type[_Answer]
    ) -> _Answer:
        """Have the file read by a function of bootstrap.children.documents. Raises WorkFailed."""
        request = ReadingRequest(source=str(source), folder=str(folder), program=self._program)
        return await self._children.call(work, f"{_FUNCTIONS}:{function}", request, answer)


def stem_of(file_name: str) -> str:
    """Return a file name without its ending, at most 60 characters."""
    return Path(file_name).stem[:60] or "paper"
