"""Notes of an exam are made in a process of its own and kept as documents (DOC-3, AI-1)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.integration.notes.sample import embedded_fonts, picture, texts
from tests.unit.notes.graded import KEY, SCAN, SPEC, reading, student

from academy.application.ai.files import DocumentFiles, record_made
from academy.application.ai.job_types import NOTES, ai_job_types
from academy.application.ai.notes import NotesHandler
from academy.application.errors import WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.children import Children
from academy.application.jobs.submit import submit
from academy.application.ports.database import Transaction
from academy.application.ports.exam_sheets import ScanPage
from academy.contracts.ai import MakeNotes, NotesMade
from academy.domain.academics.teaching import Exam, SchoolClass
from academy.domain.document.document import Document, DocumentPurpose, DocumentState, document_key
from academy.domain.omr.decisions import StudentDecision
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.key import AnswerKey
from academy.infrastructure.ids import new_id
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.memory.objects import MemoryObjectStore
from academy.infrastructure.process import LocalChildProcesses
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare

pytestmark = pytest.mark.requirement("DOC-3")

QUEUES = {f"ai_{tier}": f"ai-{tier}" for tier in ("lite", "basic", "premium")}
RIGHT = {"1": "3", "2": "5", "3": "123", "5": "1", "6": "2", "7": "125", "8": "7"}
ANSWERS = {
    "a": {**RIGHT, "1": "4", "3": "12", "7": "99"},
    "b": {**RIGHT, "6": ""},
    "perfect": RIGHT,
    "waits": {**RIGHT, "1": "?"},
}


@dataclass
class School:
    """An academy with one exam whose scan was read."""

    database: SqlDatabase
    store: MemoryObjectStore
    folder: Path
    reports: list[tuple[str, float]]

    def files(self) -> DocumentFiles:
        return DocumentFiles(self.database, self.store, self.folder / "scratch", new_id)

    async def make(self, **wish: Any) -> NotesMade:
        types = ai_job_types(QUEUES)
        payload = MakeNotes(exam_id="e1", **wish)
        job_id = new_id()

        def order(tx: Transaction) -> Any:
            return submit(
                tx, types, job_id=job_id, tenant_id="t1", type_name=NOTES, payload=payload, idempotency_key=job_id
            ).job  # fmt: skip

        job = self.database.run_sync(order)
        children = Children(LocalChildProcesses(), types)
        handler = NotesHandler(self.database, self.files(), children)
        made = await handler.run(Work(job, payload, lambda step, share: self.reports.append((step, share))))
        kept = [note.document for note in made.notes if note.document is not None]
        self.database.run_sync(lambda tx: record_made(tx, job, kept))
        return made

    async def pages(self, made: NotesMade, student_id: str) -> list[str]:
        """Return the texts of a student's note as its document holds it."""
        return texts(await self.pdf(made, student_id))

    async def pdf(self, made: NotesMade, student_id: str) -> Path:
        (note,) = [each for each in made.notes if each.student_id == student_id]
        assert note.document is not None
        row = self.database.read_sync(lambda tx: tx.documents.get("t1", note.document.id))  # type: ignore[union-attr]
        assert row is not None
        assert (row.purpose, row.state) == (DocumentPurpose.NOTE, DocumentState.READY)
        target = self.folder / f"{student_id}.pdf"
        assert await self.store.download(row.key, target) == row.size
        return target

    async def crop(self, question: str, data: bytes, state: DocumentState = DocumentState.READY) -> None:
        """Keep a picture of a question."""
        document_id = new_id()
        key = document_key("t1", document_id)
        await self.store.put(key, data)
        subject = f"exam:e1:question:{question}"
        self.database.run_sync(
            lambda tx: tx.documents.add(
                [
                    Document(
                        document_id, "t1", DocumentPurpose.CROP, state, key, "q.png", "image/png", len(data), "", "job:1",
                        subject, None, tx.now(),
                    )
                ]
            )
        )  # fmt: skip


@pytest.fixture
async def school(tmp_path: Path) -> AsyncIterator[School]:
    clock = ManualClock(datetime(2026, 3, 28, 3, tzinfo=UTC))
    connections = SqlConnections(f"sqlite:///{tmp_path}/academy.db", clock)
    try:
        prepare(connections)
        database = SqlDatabase(connections)
        database.run_sync(_found)
        yield School(database, MemoryObjectStore(clock), tmp_path, [])
    finally:
        connections.close()


def _found(tx: Transaction) -> None:
    tx.tenants.add("t1", "hanbit", "한빛수학학원")
    now = tx.now()
    tx.teaching.add_class(SchoolClass("c1", "t1", "고2 심화", "수학", True, now, now))
    tx.teaching.add_exam(Exam("e1", "t1", "c1", "3월 월말평가", now.date(), 100.0, now, now))
    students = [
        student(name, identifier=f"{number:08}") for number, name in enumerate((*ANSWERS, "absent"), 1)
    ]
    tx.people.add_students(students)
    tx.teaching.enrol("t1", "c1", [each.id for each in students], now.date())
    tx.exam_sheets.save(ExamSheet("t1", "e1", SPEC, KEY, 0.9, "", 1, "staff", now))
    tx.scans.add(SCAN)
    pages = [reading(SPEC, number, marks) for number, marks in enumerate(ANSWERS.values(), 1)]
    tx.scans.put_pages("t1", SCAN.revision, [ScanPage(SCAN.id, page, "") for page in pages])
    for number, name in enumerate(ANSWERS, 1):
        tx.scans.decide("t1", SCAN.id, number, [StudentDecision(1, "staff", now, "", name)])


async def test_everybody_with_mistakes_gets_a_note(school: School) -> None:
    made = await school.make()
    assert [(note.student_id, note.document is not None, note.reason) for note in made.notes] == [
        ("a", True, ""),
        ("b", True, ""),
        ("perfect", True, ""),
    ]
    pages = await school.pages(made, "a")
    assert "한빛수학학원" in pages[0]
    assert "학생a" in pages[0]
    assert "내답④정답③" in pages[2]
    others = [await school.pages(made, name) for name in ("b", "perfect")]
    assert made.pages == len(pages) + sum(map(len, others))
    assert all(embedded_fonts(await school.pdf(made, "a")).values())
    assert made.notes[0].document is not None
    assert made.notes[0].document.file_name == "오답노트 3월 월말평가 학생 a.pdf"
    assert made.notes[0].document.subject == "exam:e1:student:a"
    assert school.reports[-1][0] == "store"
    assert not list((school.folder / "scratch").iterdir())


async def test_who_has_none_is_told_why(school: School) -> None:
    shorter = AnswerKey(KEY.items[:6])
    school.database.run_sync(
        lambda tx: tx.exam_sheets.save(ExamSheet("t1", "e1", SPEC, shorter, 0.9, "", 2, "staff", tx.now()))
    )
    made = await school.make(student_ids=("a", "perfect", "waits", "absent", "nobody"))
    assert {note.student_id: note.reason for note in made.notes} == {
        "a": "",
        "perfect": "nothing_wrong",
        "waits": "not_graded",
        "absent": "not_graded",
        "nobody": "not_graded",
    }
    only = await school.make(student_ids=("perfect",))
    assert (only.pages, [note.document for note in only.notes]) == (0, [None])


async def test_pictures_and_explanations_come_in_and_bad_pictures_do_not(
    school: School, caplog: pytest.LogCaptureFixture
) -> None:
    good = picture(school.folder / "q.png", 600, 300).file.read_bytes()
    await school.crop("1", good)
    await school.crop("3", b"\x89PNG\r\n\x1a\n" + b"not a picture at all")
    await school.crop("7", good, DocumentState.FAILED)
    made = await school.make(student_ids=("a",))
    inside = "".join((await school.pages(made, "a"))[1:])
    assert inside.count("문제를옮겨적거나오려붙이세요") == 2
    assert "내답④정답③정답률67%가장많은오답④33%해설해설하나" in inside, "under the right answer"
    assert [record.message for record in caplog.records if "picture" in record.message] == [
        "note_picture_refused"
    ]


async def test_an_exam_without_a_key_or_of_another_academy_has_no_notes(school: School) -> None:
    school.database.run_sync(
        lambda tx: tx.exam_sheets.save(ExamSheet("t1", "e1", SPEC, None, 0.9, "", 2, "staff", tx.now()))
    )
    with pytest.raises(WorkFailed) as why:
        await school.make()
    assert why.value.failure.code == "exam_not_graded"
    assert not why.value.failure.retryable
