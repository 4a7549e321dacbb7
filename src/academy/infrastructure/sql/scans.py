"""Scans, what was read from their pages, and what people decided about them."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from academy.application.ports.exam_sheets import DecisionTaken, ScanPage
from academy.domain.omr.decisions import Decision
from academy.domain.omr.scan import Scan
from academy.infrastructure.sql.columns import json_text, now, to_millis
from academy.infrastructure.sql.given import Cell, given_rows
from academy.infrastructure.sql.omr_json import decision_from, decision_json, reading_from, reading_json
from academy.infrastructure.sql.tables_academics import enrolments, exams, scores
from academy.infrastructure.sql.tables_ai import exam_sheets, page_decisions, scan_pages, scans
from academy.infrastructure.sql.teaching_rows import SqlRows, ours

__all__ = ["SqlScanRepository"]

_SAVED = ("state", "revision", "pages", "job_id", "failure")
_PAGE = ("scan_id", "revision", "number", "reading", "overlay_key")
_PAGE_TYPES = dict.fromkeys(_PAGE, "text") | {"number": "integer"}
_DECISION = ("scan_id", "page", "number", "by", "at", "decision")
# Names of ours where SQL has a word of its own.
_DECISION_TYPES = {
    "scan_id": "text",
    "page": "integer",
    "number": "integer",
    "decided_by": "text",
    "decided_at": "bigint",
    "decision": "text",
}


class SqlScanRepository(SqlRows):
    """`ScanRepository` on one connection."""

    def add(self, scan: Scan) -> None:
        """Insert a scan, created now. Raises ValueError when the academy has no such exam."""
        self._require(exams, scan.tenant_id, scan.exam_id)
        fields = {column.name: getattr(scan, column.name) for column in scans.columns}
        self._connection.execute(self._insert(scans).values(fields | {"created_at": now()}))
        sheet = (exam_sheets.c.tenant_id == scan.tenant_id) & (exam_sheets.c.exam_id == scan.exam_id)
        higher = update(exam_sheets).where(sheet, exam_sheets.c.last_scan < scan.number)
        self._connection.execute(higher.values(last_scan=scan.number))

    def get(self, tenant_id: str, scan_id: str, *, lock: bool = False) -> Scan | None:
        """Return a scan or None; `lock` keeps the row until the transaction ends."""
        row = self._one(scans, tenant_id, scan_id, lock=lock)
        return None if row is None else Scan(*row)

    def of_exam(self, tenant_id: str, exam_id: str) -> Sequence[Scan]:
        """Return the scans of an exam by number."""
        mine = (scans.c.tenant_id == tenant_id) & (scans.c.exam_id == exam_id)
        rows = self._connection.execute(select(scans).where(mine).order_by(scans.c.number))
        return [Scan(*row) for row in rows]

    def exams_read(
        self, tenant_id: str, class_ids: Sequence[str], student_ids: Sequence[str]
    ) -> Sequence[str]:
        """Return the ids, in order, of exams with pages that count: of classes, of students' classes, with a score of theirs."""
        found: set[str] = set()
        if class_ids:
            found |= self._read(tenant_id, exams.c.class_id.in_(self._ids(class_ids)))
        if student_ids:
            students = self._ids(student_ids)
            here = (enrolments.c.tenant_id == tenant_id) & enrolments.c.student_id.in_(students)
            noted = (scores.c.tenant_id == tenant_id) & scores.c.student_id.in_(students)
            theirs = exams.c.class_id.in_(select(enrolments.c.class_id).where(here))
            found |= self._read(tenant_id, or_(theirs, exams.c.id.in_(select(scores.c.exam_id).where(noted))))
        return sorted(found)

    def _read(self, tenant_id: str, concerned: ColumnElement[bool]) -> set[str]:
        read = select(scans.c.exam_id).where(scans.c.tenant_id == tenant_id, scans.c.revision != "")
        query = select(exams.c.id).where(exams.c.tenant_id == tenant_id, concerned, exams.c.id.in_(read))
        return set(self._connection.execute(query).scalars())

    def next_number(self, tenant_id: str, exam_id: str) -> int:
        """Return one more than the highest number that a scan of the exam ever had; the caller holds the lock of its sheet."""
        numbers = [
            select(func.max(number)).where(table.c.tenant_id == tenant_id, table.c.exam_id == exam_id)
            for table, number in ((scans, scans.c.number), (exam_sheets, exam_sheets.c.last_scan))
        ]
        found = self._connection.execute(select(*(each.scalar_subquery() for each in numbers))).one()
        return max(number or 0 for number in found) + 1

    def save(self, scan: Scan) -> None:
        """Write state, revision, pages, job_id and failure of an existing scan."""
        change = update(scans).where(ours(scans, scan.tenant_id, scan.id))
        self._connection.execute(change.values({name: getattr(scan, name) for name in _SAVED}))

    def remove(self, tenant_id: str, scan_id: str) -> None:
        """Delete a scan, its pages of every revision and its decisions."""
        # The scan first: whoever is writing its pages holds it until then, and nobody writes any afterwards.
        self._connection.execute(delete(scans).where(ours(scans, tenant_id, scan_id)))
        for table in (scan_pages, page_decisions):
            theirs = (table.c.tenant_id == tenant_id) & (table.c.scan_id == scan_id)
            self._connection.execute(delete(table).where(theirs))

    def put_pages(self, tenant_id: str, revision: str, pages: Sequence[ScanPage]) -> None:
        """Write pages of a reading; those that are there with this revision are written over.

        The last of several of one number counts; pages of scans that the academy has not, or no longer, are left out.
        Raises ValueError for the revision "", which is that of a scan nobody has read.
        """
        if not revision:
            raise ValueError("pages are written under a revision")
        last = {(page.scan_id, page.reading.number): page for page in pages}
        # Sorted, so that two batches with the same rows never wait for each other in a circle.
        rows: list[list[Cell]] = [
            [scan_id, revision, number, json_text(reading_json(page.reading)), page.overlay_key]
            for (scan_id, number), page in sorted(last.items())
        ]
        given = given_rows(self._connection, rows, **_PAGE_TYPES)
        new = self._insert(scan_pages).from_select(["tenant_id", *_PAGE], _of_scans(tenant_id, given))
        over = {name: new.excluded[name] for name in ("reading", "overlay_key")}
        unique = ["scan_id", "revision", "number"]
        self._connection.execute(new.on_conflict_do_update(index_elements=unique, set_=over))

    def drop_pages(self, tenant_id: str, scan_id: str, *, but: str) -> Sequence[str]:
        """Delete the pages of every revision but one; return the keys of their overlays, in order."""
        theirs = (scan_pages.c.tenant_id == tenant_id) & (scan_pages.c.scan_id == scan_id)
        dropped = delete(scan_pages).where(theirs, scan_pages.c.revision != but)
        rows = self._connection.execute(dropped.returning(scan_pages.c.overlay_key))
        return sorted(overlay_key for (overlay_key,) in rows if overlay_key)

    def pages(self, tenant_id: str, scan_ids: Sequence[str]) -> Mapping[str, Sequence[ScanPage]]:
        """Return the pages of each scan's revision that counts, by number; a scan without pages is left out."""
        query = _counting(tenant_id).where(scans.c.id.in_(self._ids(scan_ids)))
        found: dict[str, list[ScanPage]] = {}
        for row in self._connection.execute(query.order_by(scan_pages.c.scan_id, scan_pages.c.number)):
            found.setdefault(row[0], []).append(_page(row))
        return found

    def page(self, tenant_id: str, scan_id: str, number: int) -> ScanPage | None:
        """Return one page of the revision that counts, or None."""
        query = _counting(tenant_id).where(scans.c.id == scan_id, scan_pages.c.number == number)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _page(row)

    def decisions(
        self, tenant_id: str, scan_ids: Sequence[str]
    ) -> Mapping[tuple[str, int], Sequence[Decision]]:
        """Return the logs of decisions by (scan, page), each in order of number."""
        log = page_decisions.c
        mine = (log.tenant_id == tenant_id) & log.scan_id.in_(self._ids(scan_ids))
        query = select(*(log[name] for name in _DECISION)).where(mine)
        found: dict[tuple[str, int], list[Decision]] = {}
        for row in self._connection.execute(query.order_by(log.scan_id, log.page, log.number)):
            scan_id, page, *decided = row
            found.setdefault((scan_id, page), []).append(decision_from(*decided))
        return found

    def decide(self, tenant_id: str, scan_id: str, page: int, decisions: Sequence[Decision]) -> None:
        """Append to the log of a page. Raises DecisionTaken when a number is there already, and appends nothing then.

        Raises ValueError when the academy has no such scan.
        """
        # Sorted as in `put_pages`.
        rows: list[list[Cell]] = [
            [scan_id, page, each.number, each.by, to_millis(each.at), json_text(decision_json(each))]
            for each in sorted(decisions, key=attrgetter("number"))
        ]
        given = given_rows(self._connection, rows, **_DECISION_TYPES)
        new = self._insert(page_decisions).from_select(["tenant_id", *_DECISION], _of_scans(tenant_id, given))
        # The savepoint keeps the refusal from ending the transaction.
        try:
            with self._connection.begin_nested():
                appended = self._connection.execute(new.returning(page_decisions.c.number)).all()
        except IntegrityError:
            raise DecisionTaken from None
        if len(appended) < len(rows):
            raise ValueError(f"the academy has no scan {scan_id!r}")

    def _ids(self, ids: Sequence[str]) -> Select[Any]:
        return select(given_rows(self._connection, [[each] for each in ids], id="text").c.id)


def _of_scans(tenant_id: str, given: Subquery) -> Select[Any]:
    """Return those of the given rows that belong to a scan of the academy, with the academy before them.

    The scans are held against removal, and against nothing else.
    """
    cells = [column for column in given.c if column.name != "n"]
    theirs = (scans.c.id == given.c.scan_id) & (scans.c.tenant_id == tenant_id)
    rows = select(scans.c.tenant_id, *cells).where(theirs).order_by(given.c.n)
    return rows.with_for_update(read=True, key_share=True, of=scans)


def _counting(tenant_id: str) -> Select[Any]:
    """Return the query for pages of the revisions that count."""
    read = (scan_pages.c.scan_id == scans.c.id) & (scan_pages.c.revision == scans.c.revision)
    columns = (scan_pages.c.scan_id, scan_pages.c.reading, scan_pages.c.overlay_key)
    return select(*columns).where(read, scans.c.tenant_id == tenant_id, scan_pages.c.tenant_id == tenant_id)


def _page(row: Sequence[Any]) -> ScanPage:
    scan_id, reading, overlay_key = row
    return ScanPage(scan_id, reading_from(reading), overlay_key)
