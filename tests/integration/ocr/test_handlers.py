"""The jobs `ocr` and `question_segmentation` through their handlers, the real process and the real engine (DOC-1, DOC-2, AI-1)."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageDraw, ImageFont
from tests.support.papers.layout import Look, exam
from tests.support.papers.making import made

import academy.infrastructure.fonts
from academy.application.ai.effects import DocumentEffects
from academy.application.ai.files import DocumentFiles, record_made
from academy.application.ai.ocr import OcrHandler
from academy.application.ai.papers import Papers
from academy.application.ai.segmentation import SegmentationHandler
from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.children import Children
from academy.application.jobs.job_type import JobType, JobTypes
from academy.application.jobs.submit import submit
from academy.application.ports.database import Transaction
from academy.contracts.ai_documents import FindQuestions, PrintRead, QuestionsFound, ReadPrint
from academy.contracts.base import Contract
from academy.domain.academics.teaching import Exam, SchoolClass
from academy.domain.document.document import Document, DocumentPurpose, DocumentState, document_key
from academy.domain.job.progress import StepPlan
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.standard import standard_sheet
from academy.infrastructure.ids import new_id
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.memory.objects import MemoryObjectStore
from academy.infrastructure.process import LocalChildProcesses
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare

pytestmark = pytest.mark.slow
FONT = Path(academy.infrastructure.fonts.__path__[0]) / "NanumGothic.ttf"
STEPS = StepPlan(("fetch", "read", "store"), (1.0, 18.0, 1.0))


def job_type(name: str, payload: type[Contract], result: type[Contract]) -> JobType:
    return JobType(
        name,
        "ai_lite",
        payload,
        result,
        STEPS,
        DocumentEffects(),
        time_limit=timedelta(minutes=30),
        memory_limit=1200 << 20,
    )


TYPES = JobTypes(
    [
        job_type("ocr", ReadPrint, PrintRead),
        job_type("question_segmentation", FindQuestions, QuestionsFound),
    ],
    {"ai_lite": "ai-lite"},
)


@dataclass
class Desk:
    """An academy with papers."""

    database: SqlDatabase
    store: MemoryObjectStore
    folder: Path
    reports: list[tuple[str, float]] = field(default_factory=list)

    async def paper(self, data: bytes, purpose: DocumentPurpose = DocumentPurpose.PAPER) -> str:
        document_id = new_id()
        key = document_key("t1", document_id)
        await self.store.put(key, data)
        row = Document(
            document_id, "t1", purpose, DocumentState.READY, key, "2학기 중간.pdf", "application/pdf", len(data), "",
            "staff", "", None, datetime(2026, 3, 28, tzinfo=UTC),
        )  # fmt: skip
        self.database.run_sync(lambda tx: tx.documents.add([row]))
        return document_id

    def plan(self, tenant_id: str, exam_id: str) -> None:
        """Give an academy a class with an exam."""

        def add(tx: Transaction) -> None:
            now = tx.now()
            tx.tenants.add(tenant_id, tenant_id, tenant_id)
            tx.teaching.add_class(SchoolClass(f"class-{exam_id}", tenant_id, "고2", "수학", True, now, now))
            made = Exam(exam_id, tenant_id, f"class-{exam_id}", "중간", None, 100.0, now, now)
            tx.teaching.add_exam(made)

        self.database.run_sync(add)

    def papers(self, program: str = "") -> Papers:
        files = DocumentFiles(self.database, self.store, self.folder / "scratch", new_id)
        return Papers(self.database, files, Children(LocalChildProcesses(), TYPES), program)

    def work(self, name: str, payload: Contract) -> Work:
        job_id = new_id()
        order = self.database.run_sync(
            lambda tx: submit(
                tx, TYPES, job_id=job_id, tenant_id="t1", type_name=name, payload=payload, idempotency_key=job_id
            ).job
        )  # fmt: skip
        return Work(order, payload, lambda step, share: self.reports.append((step, share)))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock = ManualClock(datetime(2026, 3, 28, 3, tzinfo=UTC))
    connections = SqlConnections(f"sqlite:///{tmp_path}/academy.db", clock)
    try:
        prepare(connections)
        yield Desk(SqlDatabase(connections), MemoryObjectStore(clock), tmp_path)
    finally:
        connections.close()


@pytest.mark.requirement("DOC-1")
async def test_a_paper_becomes_text_and_pictures_of_its_formulas(desk: Desk) -> None:
    paper = made(exam(Look(columns=1), Random(4), 2, formulas=True))
    document_id = await desk.paper(paper.pdf)
    work = desk.work("ocr", ReadPrint(document_id=document_id))
    found = await OcrHandler(desk.papers()).run(work)
    assert (found.pages, found.unreadable, found.crops_left_out) == (1, 0, 0)
    assert found.words > 50
    assert found.document.file_name == "2학기 중간.json"
    text = await desk.store.get(document_key("t1", found.document.id))
    regions = json.loads(text)["pages"][0]["regions"]
    assert [region["crop"] for region in regions] == [crop.number for crop in found.crops] == [1]
    crop = found.crops[0]
    assert (crop.kind, crop.document.purpose, crop.document.content_type) == ("formula", "crop", "image/png")
    assert (await desk.store.get(document_key("t1", crop.document.id))).startswith(b"\x89PNG")
    assert desk.reports[0][0] == "fetch"
    assert desk.reports[-1] == ("store", 1.0)
    assert not list((desk.folder / "scratch").iterdir())


@pytest.mark.requirement("DOC-2")
async def test_questions_of_an_exam_become_its_crops(desk: Desk) -> None:
    paper = made(exam(Look(), Random(1), 5, [(1, 2)]))
    document_id = await desk.paper(paper.pdf, DocumentPurpose.SCAN)
    desk.plan("t1", "e1")
    work = desk.work("question_segmentation", FindQuestions(document_id=document_id, exam_id="e1"))
    found = await SegmentationHandler(desk.papers()).run(work)
    assert [each.number for each in found.questions] == [1, 2, 3, 4, 5]
    assert [each.document.subject for each in found.questions] == [
        f"exam:e1:question:{n}" for n in range(1, 6)
    ]
    assert [each.document.subject for each in found.passages] == ["exam:e1:passage:1-2"]
    assert found.missing == ()
    kept = [each.document for each in (*found.questions, *found.passages)]
    desk.database.run_sync(lambda tx: record_made(tx, work.job, kept))
    shown = desk.database.read_sync(lambda tx: tx.documents.list("t1", "crop", "exam:e1:question:3", "", 5))
    assert [row.id for row in shown.items] == [found.questions[2].document.id]


@pytest.mark.requirement("DOC-2")
async def test_what_is_missing_is_told_by_the_questions_of_the_exam(desk: Desk) -> None:
    document_id = await desk.paper(made(exam(Look(), Random(1), 2)).pdf)
    desk.plan("t1", "e1")
    spec, now = standard_sheet(5), datetime(2026, 3, 28, tzinfo=UTC)
    sheet = ExamSheet("t1", "e1", spec, None, 0.9, "", 1, "staff", now)
    desk.database.run_sync(lambda tx: tx.exam_sheets.save(sheet))
    work = desk.work("question_segmentation", FindQuestions(document_id=document_id, exam_id="e1"))
    found = await SegmentationHandler(desk.papers()).run(work)
    assert ([each.number for each in found.questions], found.missing) == ([1, 2], (3, 4, 5))


@pytest.mark.requirement("DOC-2")
@pytest.mark.parametrize(("first", "missing"), [(1, ()), (3, (1, 2)), (21, ())])
async def test_numbers_before_the_first_are_missing_where_it_is_low(
    desk: Desk, first: int, missing: tuple[int, ...]
) -> None:
    page, paper = Image.new("L", (1240, 1754), 255), BytesIO()
    pen, body = ImageDraw.Draw(page), ImageFont.truetype(str(FONT), 26)
    for at in range(8):
        pen.text((100, 150 + 180 * at), f"{first + at}. 다음 중에서 옳은 것을 고르시오.", font=body, fill=0)
        pen.text((100, 195 + 180 * at), "설명이 맞는 것은 무엇인가?", font=body, fill=0)
    page.save(paper, "PDF", resolution=150)
    document_id = await desk.paper(paper.getvalue())
    work = desk.work("question_segmentation", FindQuestions(document_id=document_id))
    found = await SegmentationHandler(desk.papers()).run(work)
    assert [each.number for each in found.questions] == list(range(first, first + 8))
    assert found.missing == missing


@pytest.mark.requirement("DOC-2")
@pytest.mark.parametrize("exam_id", ["no-exam", "of-another"])
async def test_the_exam_of_a_paper_has_to_be_the_academys(desk: Desk, exam_id: str) -> None:
    desk.plan("t2", "of-another")
    document_id = await desk.paper(b"%PDF-1.7")
    work = desk.work("question_segmentation", FindQuestions(document_id=document_id, exam_id=exam_id))
    with pytest.raises(WorkFailed) as failed:
        await SegmentationHandler(desk.papers()).run(work)
    assert (failed.value.failure.code, failed.value.failure.retryable) == ("exam_unknown", False)


@pytest.mark.requirement("DOC-1")
@pytest.mark.parametrize(
    ("data", "purpose", "program", "code"),
    [
        (b"%PDF-1.7 broken", DocumentPurpose.PAPER, "", "scan_broken"),
        (b"text", DocumentPurpose.PAPER, "", "scan_unknown"),
        (b"text", DocumentPurpose.ROSTER, "", "document_wrong_purpose"),
        (b"text", DocumentPurpose.PAPER, "no-such-program", "ocr_unavailable"),
    ],
)
async def test_what_cannot_be_read_fails_with_a_code_and_keeps_nothing(
    desk: Desk, data: bytes, purpose: DocumentPurpose, program: str, code: str
) -> None:
    document_id = await desk.paper(data, purpose)
    for name, payload, handler in (
        ("ocr", ReadPrint(document_id=document_id), OcrHandler(desk.papers(program))),
        ("question_segmentation", FindQuestions(document_id=document_id), SegmentationHandler(desk.papers(program))),
    ):  # fmt: skip
        with pytest.raises(WorkFailed) as failed:
            await handler.run(desk.work(name, payload))
        assert (failed.value.failure.code, failed.value.failure.retryable) == (code, False)
    objects = await desk.store.head(document_key("t1", document_id))
    assert objects is not None
    assert not list((desk.folder / "scratch").iterdir())
