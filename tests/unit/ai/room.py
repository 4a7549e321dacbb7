"""An academy that marks an exam: a class of three, a sheet of five questions, and scans whose pages the test writes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import ClassVar, TypeVar

from tests.unit.ai.papers import key_of

from academy.application.academics.asker import Asker
from academy.application.academics.classes import Classes
from academy.application.academics.exams import ExamChange, Exams, NewExam, Scored
from academy.application.academics.people import People
from academy.application.academics.roster import NewStudent, Roster
from academy.application.ai.exam_desk import ExamDesk
from academy.application.ai.following import ScoresFollow
from academy.application.ai.job_types import ai_job_types
from academy.application.ai.review import Review, ReviewQueue
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.settle import settle
from academy.application.ports.database import Lease, Settlement, Transaction
from academy.application.ports.exam_sheets import ScanPage
from academy.contracts.ai import GradedScan
from academy.domain.academics.people import Student
from academy.domain.academics.teaching import Exam, SchoolClass
from academy.domain.document.document import Document, DocumentPurpose, DocumentState, document_key
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, JobState
from academy.domain.omr.key import AnswerKey
from academy.domain.omr.reading import PageReading
from academy.domain.omr.scan import Scan
from academy.domain.omr.sheet import SheetSpec
from academy.domain.omr.standard import standard_sheet
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare

__all__ = ["QUESTIONS", "QUEUES", "Room", "open_room"]

T = TypeVar("T")
QUESTIONS = 5
QUEUES = {"ai_lite": "lite-queue", "ai_basic": "basic-queue", "ai_premium": "premium-queue"}
BROKEN = Failure("scan_broken", "The file is broken.", "파일이 손상되었습니다.")


@dataclass
class Room:
    """The use cases and who asks.

    Attributes:
        staff: manages; `parent` does not; `elsewhere` manages another academy.
        hana, duri, sena: students of the class, with identifiers 11111111, 22222222 and 33333333.
    """

    database: SqlDatabase
    clock: ManualClock
    desk: ExamDesk
    review: Review
    exams: Exams
    roster: Roster
    classes: Classes
    people: People
    new_id: Callable[[], str]
    types: JobTypes
    staff: ClassVar = Asker("t1", "staff", manages=True)
    colleague: ClassVar = Asker("t1", "colleague", manages=True)
    parent: ClassVar = Asker("t1", "parent", manages=False)
    elsewhere: ClassVar = Asker("t2", "staff", manages=True)

    def do(self, work: Callable[[Transaction], T]) -> T:
        """Run a transaction."""
        return self.database.run_sync(work)

    def open(self) -> None:
        """Fill the class and plan the exam."""
        self.school_class: SchoolClass = self.do(
            lambda tx: self.classes.add(tx, self.staff, "고2 수학", "수학")
        )
        self.hana, self.duri, self.sena = (
            self.student(name, digit * 8) for name, digit in (("하나", "1"), ("두리", "2"), ("세나", "3"))
        )
        self.exam = self.plan()
        self.set_sheet()
        self.set_key()

    def student(self, name: str, identifier: str, *, enrolled: bool = True) -> Student:
        """Add a student, and put them into the class."""
        wish = NewStudent(name=name, phone="", identifier=identifier)
        made = self.do(lambda tx: self.roster.add(tx, self.staff, wish)).student
        if enrolled:
            given = self.school_class.id
            self.do(lambda tx: self.classes.enrol(tx, self.staff, given, [made.id], None))
        return made

    def plan(self, max_score: float = 100.0) -> Exam:
        """Make another exam of the class."""
        wish = NewExam(self.school_class.id, "1회", None, max_score)
        return self.do(lambda tx: self.exams.add(tx, self.staff, wish))

    def change(self, change: ExamChange) -> None:
        """Change the exam."""
        self.exam = self.do(lambda tx: self.exams.change(tx, self.staff, self.exam.id, change))

    def set_sheet(self, spec: SheetSpec | None = None, threshold: float = 0.9, blank: str = "") -> None:
        """Give the exam a sheet."""
        wanted = spec or standard_sheet(QUESTIONS)
        self.do(lambda tx: self.desk.set_sheet(tx, self.staff, self.exam.id, wanted, threshold, blank))

    def set_key(self, key: AnswerKey | None = None, *, ends_before: bool = False) -> None:
        """Give the exam a key."""
        wanted = key or key_of()
        self.do(lambda tx: self.desk.set_key(tx, self.staff, self.exam.id, wanted, ends_before=ends_before))

    def document(
        self,
        purpose: DocumentPurpose = DocumentPurpose.SCAN,
        state: DocumentState = DocumentState.READY,
        tenant_id: str = "t1",
    ) -> Document:
        """Record an uploaded file."""
        made = self.new_id()
        document = Document(
            id=made,
            tenant_id=tenant_id,
            purpose=purpose,
            state=state,
            key=document_key(tenant_id, made),
            file_name="3반.pdf",
            content_type="application/pdf",
            size=10,
            upload_id="",
            made_by="staff",
            subject="",
            failure=None,
            created_at=self.clock.now(),
        )
        self.do(lambda tx: tx.documents.add([document]))
        return document

    def add_scan(self) -> tuple[Scan, Job]:
        """Add a scan that nobody has read yet."""
        document = self.document()
        return self.do(lambda tx: self.desk.add_scan(tx, self.staff, self.exam.id, document.id))

    def reread(self, scan: Scan) -> tuple[Scan, Job]:
        """Order another reading."""
        return self.do(lambda tx: self.desk.reread(tx, self.staff, scan.id))

    def scan(self, *pages: PageReading) -> Scan:
        """Add a scan and have it read."""
        scan, job = self.add_scan()
        self.read(job, scan, pages)
        return self.scan_of(scan)

    def scan_of(self, scan: Scan) -> Scan:
        """Return a scan as it stands."""
        return self.do(lambda tx: self.desk.scan(tx, self.staff, scan.id))

    def read(self, job: Job, scan: Scan, pages: Sequence[PageReading]) -> None:
        """Read a scan as its worker does: the pages are put, then the job succeeds."""
        running = self.claim(job)
        revision = f"{job.id}.1"
        rows = [ScanPage(scan.id, each, f"overlay/{revision}/{each.number}") for each in pages]
        self.do(lambda tx: tx.scans.put_pages("t1", revision, rows))
        result = GradedScan(
            revision=revision, pages=len(pages), unreadable=0, doubtful=0, unmatched=0, graded=0
        )
        self.settle(running, JobState.SUCCEEDED, result=result)

    def claim(self, job: Job) -> Job:
        """Begin an attempt."""

        def work(tx: Transaction) -> Job:
            running = tx.jobs.claim([job.id], "w1", timedelta(minutes=5))[job.id]
            self.types[job.type].effects.started(tx, running)
            return running

        return self.do(work)

    def settle(self, job: Job, state: JobState, *, result: GradedScan | None = None) -> None:
        """End an attempt."""
        failed = state is not JobState.SUCCEEDED
        end = Settlement(
            Lease(job.id, job.token),
            state,
            result=None if result is None else result.model_dump(mode="json"),
            reason=EndReason.PERMANENT_ERROR if failed else None,
            failure=BROKEN if failed else None,
        )
        self.do(lambda tx: settle(tx, self.types, [(job, end)]))

    def queue(self) -> ReviewQueue:
        """Return what waits for a person."""
        return self.do(lambda tx: self.review.queue(tx, self.staff, self.exam.id, 100))

    def decide(self, scan: Scan, number: int = 1, asker: Asker | None = None, **words: object) -> None:
        """Say what a page says."""
        fields = words.pop("fields", {})
        who = asker or self.staff
        self.do(lambda tx: self.review.decide(tx, who, scan.id, number, fields, **words))  # type: ignore[arg-type]

    def note(self, student: Student, score: float | None) -> None:
        """Note a score by hand."""
        given = [Scored(student.id, score)]
        self.do(lambda tx: self.exams.note_scores(tx, self.staff, self.exam.id, given))

    def scores(self) -> dict[str, float | None]:
        """Return the exam's scores by name."""
        names = {each.id: each.name for each in self.students()}
        found = self.do(lambda tx: self.exams.scores(tx, self.staff, self.exam.id))
        return {names[each.student_id]: each.score for each in found}

    def students(self) -> Iterator[Student]:
        """Return the three and whoever else the academy has."""
        found = self.do(lambda tx: tx.people.by_identifiers("t1", [digit * 8 for digit in "123456789"]))
        return iter(found.values())


@contextmanager
def open_room() -> Iterator[Room]:
    """An academy on SQLite in memory whose time stands still."""
    clock = ManualClock()
    connections = SqlConnections("sqlite://", clock)
    prepare(connections)
    numbers = count(1)

    def new_id() -> str:
        return f"id-{next(numbers):05}"

    types = ai_job_types(QUEUES)
    room = Room(
        SqlDatabase(connections),
        clock,
        ExamDesk(types, new_id),
        Review(),
        Exams(new_id, ScoresFollow()),
        Roster(new_id, ScoresFollow()),
        Classes(new_id, ScoresFollow()),
        People(new_id, ScoresFollow()),
        new_id,
        types,
    )
    room.open()
    yield room
    connections.close()
