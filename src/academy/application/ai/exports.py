"""Attendance and scores of a class as spreadsheets (XLS-1)."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from academy.application.academics.asker import Asker
from academy.application.academics.sheet_exports import class_attendance_sheet, scores_sheet
from academy.application.ai.files import DocumentFiles, MadeFile
from academy.application.ai.score_details import BookSheet, detail_sheets
from academy.application.errors import NotFound, WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.children import Children
from academy.application.ports.database import Database, Transaction
from academy.application.ports.spreadsheets import Value
from academy.contracts.ai import ExportAttendance, Exported, ExportScores
from academy.contracts.children.sheets import ColumnLine, TableLines, TableWritten, WriteTable
from academy.domain.document.document import DocumentPurpose
from academy.domain.failures import Failure

__all__ = ["CLASS_MISSING", "XLSX", "AttendanceExportHandler", "ScoreExportHandler"]

CLASS_MISSING = Failure(
    "class_missing",
    "The class is not there any more; choose another.",
    "반이 삭제되었습니다. 다른 반을 선택해 주세요.",
)
ENTRY = "academy.bootstrap.children.spreadsheets:write_table"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _ExportHandler:
    """Writes tables of the database into one file in a process of its own, and keeps it."""

    def __init__(self, database: Database, files: DocumentFiles, children: Children) -> None:
        """Take rows, files and processes."""
        self._database = database
        self._files = files
        self._children = children

    async def _export(
        self, work: Work, class_id: str, made: Callable[[Transaction], list[BookSheet]]
    ) -> Exported:
        """Write what `made` returns. Raises WorkFailed."""
        try:
            sheets = await self._database.read(made)
        except NotFound:
            raise WorkFailed(CLASS_MISSING) from None
        work.report("make", 0.1)
        async with self._files.folder(work) as folder:
            target = folder / "table.xlsx"
            lines = [_lines(each, folder / f"rows-{at}.jsonl") for at, each in enumerate(sheets)]
            request = WriteTable(sheets=tuple(lines), target=str(target))
            await self._children.call(work, ENTRY, request, TableWritten)
            work.report("store", 0.0)
            name = f"{sheets[0].table.title}.xlsx"
            file = MadeFile(target, DocumentPurpose.EXPORT, name, XLSX, f"class:{class_id}")
            return Exported(document=await self._files.keep(work, file))


class AttendanceExportHandler(_ExportHandler):
    """The handler of `attendance_excel_export`."""

    async def run(self, work: Work) -> Exported:
        """Write the register of every lecture of a class. Raises WorkFailed."""
        wish = work.payload
        assert isinstance(wish, ExportAttendance)

        def made(tx: Transaction) -> list[BookSheet]:
            table, rows = class_attendance_sheet(tx, _staff(work), wish.class_id, wish.since, wish.until)
            return [BookSheet(table, tuple(rows))]

        return await self._export(work, wish.class_id, made)


class ScoreExportHandler(_ExportHandler):
    """The handler of `score_excel_export`."""

    async def run(self, work: Work) -> Exported:
        """Write the scores of a class, and how every question of its exams went. Raises WorkFailed."""
        wish = work.payload
        assert isinstance(wish, ExportScores)

        def made(tx: Transaction) -> list[BookSheet]:
            table, rows = scores_sheet(tx, _staff(work), wish.class_id)
            details = detail_sheets(tx, work.job.tenant_id, wish.class_id, table)
            return [BookSheet(table, tuple(rows)), *details]

        return await self._export(work, wish.class_id, made)


def _staff(work: Work) -> Asker:
    """Return who asks: whoever ordered the job managed the academy then."""
    return Asker(work.job.tenant_id, f"job:{work.job.id}", manages=True)


def write_rows(target: Path, rows: Iterable[Sequence[Value]]) -> None:
    """Write rows of texts and numbers as lines of JSON."""
    with target.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(list(row), ensure_ascii=False) + "\n")


def _lines(sheet: BookSheet, rows: Path) -> TableLines:
    """Write the rows of a sheet; return it as the process reads it."""
    write_rows(rows, sheet.rows)
    table = sheet.table
    columns = [ColumnLine(label=each.label, kind=each.kind.value, width=each.width) for each in table.columns]
    return TableLines(
        name=table.name,
        title=table.title,
        columns=tuple(columns),
        frozen=table.frozen,
        created=table.created.isoformat(),
        rows=str(rows),
    )
