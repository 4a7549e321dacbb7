"""What the tests of documents, answer sheets and scans share."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from tests.contract.database.academics import UNREAD, school
from tests.contract.database.conftest import Place

from academy.application.ports.database import Transaction
from academy.application.ports.exam_sheets import DecisionTaken, ScanPage
from academy.domain.document.document import Document, DocumentPurpose, DocumentState, document_key
from academy.domain.failures import Failure
from academy.domain.omr.decisions import Decision, FieldDecision, Mark, StudentDecision
from academy.domain.omr.exam_sheet import DEFAULT_THRESHOLD, ExamSheet
from academy.domain.omr.key import AnswerKey, KeyItem, Single
from academy.domain.omr.reading import FieldReading, MarkState, PageReading, SheetCode
from academy.domain.omr.scan import Scan, ScanState
from academy.domain.omr.standard import standard_sheet
from academy.infrastructure.sql.database import SqlDatabase

T = TypeVar("T")
SPEC = standard_sheet(20, 5, 2)
KEY = AnswerKey(tuple(KeyItem(str(at), Single("3"), Decimal("2.5")) for at in range(1, 21)))
BROKEN = Failure(
    "file_broken", "The file is broken. \0", "파일이 손상되었습니다.", stage="read", detail="line 1\n2"
)
MADE = datetime(2026, 5, 1, 9, 30, 15, 250_000, tzinfo=UTC)
MARKED = FieldReading("1", MarkState.SINGLE, ("3",), 0.9987, (0.1, 0.12, 0.875, 0.0, 1.0))


def run(place: Place, *works: Callable[[Transaction], object]) -> None:
    """Carry out each in one transaction of its own."""
    for work in works:
        place.database.run_sync(work)


def look(place: Place, work: Callable[[Transaction], T]) -> T:
    return place.database.read_sync(work)


def document(document_id: str, tenant: str = "t1", **changes: object) -> Document:
    plain = Document(
        id=document_id,
        tenant_id=tenant,
        purpose=DocumentPurpose.SCAN,
        state=DocumentState.PENDING,
        key=document_key(tenant, document_id),
        file_name="답안지 1.pdf",
        content_type="application/pdf",
        size=5_000_000_000,
        upload_id="up/1+=",
        made_by="teacher",
        subject="exam:e1",
        failure=None,
        created_at=MADE,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def sheet(exam_id: str = "e1", tenant: str = "t1", **changes: object) -> ExamSheet:
    plain = ExamSheet(tenant, exam_id, SPEC, None, DEFAULT_THRESHOLD, "", 1, "teacher", UNREAD)
    return replace(plain, **changes)  # type: ignore[arg-type]


def scan(scan_id: str, number: int = 1, tenant: str = "t1", **changes: object) -> Scan:
    plain = Scan(
        id=scan_id,
        tenant_id=tenant,
        exam_id="e1" if tenant == "t1" else "oe1",
        number=number,
        document_id=f"d-{scan_id}",
        file_name="3반.pdf",
        state=ScanState.READING,
        revision="",
        pages=0,
        job_id=f"j-{scan_id}",
        failure=None,
        by="teacher",
        created_at=UNREAD,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def page(scan_id: str, number: int, revision: str = "r1", **changes: object) -> ScanPage:
    """Return a page whose overlay is named by its scan, revision and number."""
    reading = PageReading(
        number=number,
        code=SheetCode(SPEC.id, SPEC.version, "e1", "s1", 1),
        rotation=2,
        corners=((1.5, 2.0), (2478.2, 3.1), (2477.0, 3505.9), (0.1, 3504.4)),
        size=(2480, 3508),
        fields={"1": MARKED, "2": replace(MARKED, field="2", state=MarkState.BLANK, marked=())},
        warnings=("streaks",),
    )
    overlay = f"overlays/{scan_id}/{revision}/{number}"
    return ScanPage(scan_id, replace(reading, **changes), overlay)  # type: ignore[arg-type]


def on_field(
    number: int, field: str = "1", marked: tuple[str, ...] | None = ("2",), by: str = "a"
) -> FieldDecision:
    return FieldDecision(number, by, MADE, field, Mark(MarkState.AMBIGUOUS, ("2", "3")), marked)


def on_student(number: int, student_id: str | None = "s1", by: str = "a") -> StudentDecision:
    return StudentDecision(number, by, MADE, "s2", student_id)


def exam_with_scan(place: Place) -> None:
    """Make two academies with an exam, its sheet and a scan each: e1 and x1 in t1, oe1 and ox1 in t2."""
    school(place)
    for tenant, mark in (("t1", ""), ("t2", "o")):
        run(
            place,
            lambda tx, t=tenant, m=mark: tx.exam_sheets.save(sheet(f"{m}e1", t)),  # type: ignore[misc]
            lambda tx, t=tenant, m=mark: tx.scans.add(scan(f"{m}x1", 1, t)),  # type: ignore[misc]
        )


def count_as(place: Place, scan_id: str, revision: str, tenant: str = "t1") -> None:
    """Make a revision the one that counts."""
    read = scan(scan_id, tenant=tenant, state=ScanState.READ, revision=revision)
    run(place, lambda tx: tx.scans.save(read))


def pages_of(place: Place, *scan_ids: str, tenant: str = "t1") -> dict[str, list[ScanPage]]:
    found = look(place, lambda tx: tx.scans.pages(tenant, scan_ids))
    return {scan_id: list(pages) for scan_id, pages in found.items()}


def log(place: Place, scan_id: str = "x1", number: int = 1, tenant: str = "t1") -> list[Decision]:
    return list(look(place, lambda tx: tx.scans.decisions(tenant, [scan_id])).get((scan_id, number), []))


def rows(place: Place) -> list[int]:
    """Return how many scans, pages and decisions there are in all."""
    tables = ("scans", "scan_pages", "page_decisions")
    counts = [f"SELECT count(*) FROM {table}" for table in tables]
    return place.connections.read(lambda each: [each.exec_driver_sql(count).scalar_one() for count in counts])


def at_once(place: Place, *works: Callable[[Transaction], object]) -> list[str]:
    """Carry out each at the same moment, as two processes; return the name of what refused each, "" for none."""
    barrier = threading.Barrier(len(works))
    databases = [place.another() for _ in works]

    def one(database: SqlDatabase, work: Callable[[Transaction], object]) -> str:
        database.read_sync(lambda tx: tx.now())
        barrier.wait(timeout=30)
        try:
            database.run_sync(work)
        except DecisionTaken as refused:
            return type(refused).__name__
        return ""

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, databases, works))
