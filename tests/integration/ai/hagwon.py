"""An academy with a class, an exam and its sheet, on SQLite and a folder; jobs are done by a real worker."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from academy.application.ai.job_types import GRADING, ai_job_types
from academy.application.jobs.submit import submit
from academy.application.ports.database import Transaction
from academy.bootstrap.ai_worker import ai_gpu_worker_setup, ai_worker_setup
from academy.bootstrap.backends import Backends, open_backends
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.models import Models, offline_models
from academy.bootstrap.queues import queue_names, queue_plan
from academy.bootstrap.settings import Settings
from academy.contracts.base import Contract, validate
from academy.domain.academics.people import Student
from academy.domain.academics.teaching import Exam, SchoolClass
from academy.domain.document.document import Document, DocumentPurpose, DocumentState, document_key
from academy.domain.job.job import Job
from academy.domain.job.tier import Tier
from academy.domain.korea import korean_day
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.key import AnswerKey, KeyItem, Single
from academy.domain.omr.parts import Purpose
from academy.domain.omr.scan import Scan, ScanState
from academy.domain.omr.sheet import SheetSpec
from academy.domain.omr.standard import standard_sheet
from academy.infrastructure.ids import new_id
from academy.infrastructure.sql.schema import migrate
from academy.interfaces.workers.runtime.role import worker_of
from academy.interfaces.workers.runtime.worker import Worker

__all__ = ["TENANT", "Hagwon", "open_hagwon"]

TENANT, CLASS, EXAM, SCAN = "t1", "class-1", "exam-1", "scan-1"
SPEC = standard_sheet(20)
SECRET = "s" * 40
T = TypeVar("T")


@dataclass
class Hagwon:
    """An academy whose students are given by identifier."""

    backends: Backends
    folder: Path
    students: list[Student] = field(default_factory=list)

    @property
    def scratch(self) -> Path:
        """Return where work under way lies."""
        return self.folder / "scratch"

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Read in a transaction."""
        return self.backends.database.read_sync(work)

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Run a transaction."""
        return self.backends.database.run_sync(work)

    def found(self) -> None:
        """Make the academy, its class, an exam of today and its sheet."""
        self.run(self._found)

    def _found(self, tx: Transaction) -> None:
        tx.tenants.add(TENANT, "hagwon", "Hagwon")
        now = tx.now()
        tx.teaching.add_class(SchoolClass(CLASS, TENANT, "고2 수학", "수학", True, now, now))
        tx.teaching.add_exam(Exam(EXAM, TENANT, CLASS, "3월 모의고사", korean_day(now), 100.0, now, now))
        tx.exam_sheets.save(ExamSheet(TENANT, EXAM, SPEC, _key(SPEC), 0.9, "", 1, "staff", now))

    def enrol(self, count: int) -> list[Student]:
        """Add students to the class."""

        def add(tx: Transaction) -> list[Student]:
            now = tx.now()
            students = [
                Student(
                    id=f"student-{n}",
                    tenant_id=TENANT,
                    name=f"학생{n:02}",
                    phone="",
                    identifier=f"{10_020_300 + 7 * n:08}",
                    school="",
                    grade="",
                    note="",
                    account="",
                    active=True,
                    created_at=now,
                    updated_at=now,
                )
                for n in range(1, count + 1)
            ]
            tx.people.add_students(students)
            tx.teaching.enrol(TENANT, CLASS, [each.id for each in students], korean_day(now))
            return students

        self.students = self.run(add)
        return self.students

    async def upload(self, file: Path, purpose: DocumentPurpose = DocumentPurpose.SCAN) -> str:
        """Keep a file as a document that was uploaded; return its id."""
        document_id = new_id()
        key = document_key(TENANT, document_id)
        await self.backends.ai_objects.put(key, file)
        size = file.stat().st_size  # noqa: ASYNC240 - a test may wait for its disk

        def add(tx: Transaction) -> None:
            kind = "application/octet-stream"
            tx.documents.add(
                [
                    Document(
                        document_id, TENANT, purpose, DocumentState.READY, key, file.name, kind, size, "",
                        "staff", "", None, tx.now(),
                    )
                ]
            )  # fmt: skip

        self.run(add)
        return document_id

    def order(self, name: str, payload: dict[str, Any], tier: Tier | None = None, job_id: str = "") -> str:
        """Order a job; return its id."""
        types = ai_job_types(queue_names(self.backends.settings))
        wish: Contract = validate(types[name].payload, payload)
        chosen = job_id or new_id()

        def add(tx: Transaction) -> None:
            submit(
                tx,
                types,
                job_id=chosen,
                tenant_id=TENANT,
                type_name=name,
                payload=wish,
                idempotency_key=chosen,
                tier=tier,
            )

        self.run(add)
        return chosen

    def order_reading(self, document_id: str, scan_id: str = SCAN) -> str:
        """Add a scan and order its reading; return the job's id."""
        job_id = new_id()

        def add(tx: Transaction) -> None:
            number = tx.scans.next_number(TENANT, EXAM)
            tx.scans.add(
                Scan(
                    scan_id, TENANT, EXAM, number, document_id, "scan.pdf", ScanState.READING, "", 0, job_id,
                    None, "staff", tx.now(),
                )
            )  # fmt: skip

        self.run(add)
        return self.order(GRADING, {"scan_id": scan_id}, job_id=job_id)

    def job(self, job_id: str) -> Job:
        """Return a job."""
        found = self.read(lambda tx: tx.jobs.get(job_id))
        assert found is not None
        return found

    def scan(self, scan_id: str = SCAN) -> Scan:
        """Return a scan."""
        found = self.read(lambda tx: tx.scans.get(TENANT, scan_id))
        assert found is not None
        return found

    @asynccontextmanager
    async def working(self, *, premium: bool = False, models: Models | None = None) -> AsyncIterator[Worker]:
        """Let a relay and a worker work; its models need no server unless others are given."""
        compose = ai_gpu_worker_setup if premium else ai_worker_setup
        setup = compose(self.backends, models or offline_models())
        worker, stop = worker_of(setup), asyncio.Event()
        relay = asyncio.create_task(outbox_relay(self.backends).run(stop))
        work = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            worker.drain()
            stop.set()
            await asyncio.gather(relay, work)

    async def ended(self, job_id: str, seconds: float = 60.0) -> Job:
        """Wait until a job has come to its end."""
        async with asyncio.timeout(seconds):
            while not (job := self.job(job_id)).finished:  # noqa: ASYNC110 - other processes end it
                await asyncio.sleep(0.05)
        return job

    async def done(self, job_id: str, *, premium: bool = False) -> Job:
        """Let a worker work until a job has come to its end."""
        async with self.working(premium=premium):
            return await self.ended(job_id)

    async def fetch(self, document: dict[str, Any], target: Path) -> Path:
        """Fetch the file of a document that a job made; its row must be there."""
        row = self.read(lambda tx: tx.documents.get(TENANT, document["id"]))
        assert row is not None
        assert (row.state, row.size) == (DocumentState.READY, document["size"])
        await self.backends.ai_objects.download(row.key, target)
        return target


def _key(spec: SheetSpec) -> AnswerKey:
    """Return a key in which choice 3 is right everywhere, 5 points each."""
    questions = [name for block in spec.blocks if block.purpose is Purpose.CHOICE for name in block.fields]
    return AnswerKey(tuple(KeyItem(name, Single("3"), Decimal(5)) for name in questions))


@asynccontextmanager
async def open_hagwon(folder: Path, **given: object) -> AsyncIterator[Hagwon]:
    """Open an academy in a folder of its own."""
    settings = Settings(
        data_dir=folder / "data",
        work_dir=folder / "scratch",
        upload_secret=SECRET,
        **given,  # type: ignore[arg-type]
    )
    (folder / "data").mkdir()
    migrate(settings.database)
    try:
        async with open_backends(settings) as backends:
            await backends.queue.create(queue_plan(settings))
            hagwon = Hagwon(backends, folder)
            hagwon.found()
            yield hagwon
    finally:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder / "scratch")
