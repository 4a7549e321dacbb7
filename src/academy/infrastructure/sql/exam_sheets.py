"""Answer sheets and answer keys of exams."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from academy.application.ai.sheet_json import from_contract, to_contract
from academy.contracts.omr import SheetSpecification
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.sheet import SheetSpec
from academy.infrastructure.sql.columns import row_now
from academy.infrastructure.sql.omr_json import key_from, key_json
from academy.infrastructure.sql.tables_academics import exams
from academy.infrastructure.sql.tables_ai import exam_sheets
from academy.infrastructure.sql.teaching_rows import SqlRows

__all__ = ["SqlExamSheetRepository"]

_OWNER = ("tenant_id", "exam_id")
_FIELDS = tuple(column for column in exam_sheets.columns if column.name != "last_scan")


class SqlExamSheetRepository(SqlRows):
    """`ExamSheetRepository` on one connection."""

    def get(self, tenant_id: str, exam_id: str, *, lock: bool = False) -> ExamSheet | None:
        """Return the sheet of an exam or None; `lock` keeps the row until the transaction ends."""
        mine = (exam_sheets.c.tenant_id == tenant_id) & (exam_sheets.c.exam_id == exam_id)
        query = select(*_FIELDS).where(mine)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _sheet(row)

    def save(self, sheet: ExamSheet) -> None:
        """Write the sheet of an exam, over the one before. Raises ValueError when the academy has no such exam."""
        self._require(exams, sheet.tenant_id, sheet.exam_id)
        fields = {column.name: getattr(sheet, column.name) for column in _FIELDS} | {
            "spec": to_contract(sheet.spec).model_dump(mode="json"),
            "key": None if sheet.key is None else key_json(sheet.key),
            "updated_at": row_now(),
        }
        over = {name: value for name, value in fields.items() if name not in _OWNER}
        new = self._insert(exam_sheets).values(fields | {"last_scan": 0})
        self._connection.execute(new.on_conflict_do_update(index_elements=["exam_id"], set_=over))


def _sheet(row: Sequence[Any]) -> ExamSheet:
    tenant_id, exam_id, spec, key, *rest = row
    return ExamSheet(tenant_id, exam_id, _spec(spec), None if key is None else key_from(key), *rest)


def _spec(value: object) -> SheetSpec:
    return from_contract(SheetSpecification.model_validate(value))
