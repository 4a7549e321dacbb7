"""An exam in a running system: a class, printed sheets, and stacks of them filled in by a seeded hand.

day = hold_exam(system, folder, "3월 시험", ["김하늘", "박산"])
day.read(day.scan("class", ["김하늘", "박산"], [day.answers(), day.answers(unsure="4")]))
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from academy.bootstrap.sample_scan import Answers, scan_of
from academy.contracts.omr import SheetSpecification
from academy.contracts.rest.exam_sheets import KeyEntry, StandardSheet
from academy.contracts.rest.jobs import JobView
from academy.contracts.rest.people import AddStudentRequest, AddStudentsRequest
from academy.interfaces.cli.embedded import EmbeddedSystem
from academy.interfaces.cli.exam_office import ExamClient

__all__ = ["POINTS", "QUESTIONS", "ExamDay", "hold_exam"]

QUESTIONS = 8
POINTS = 10.0
RIGHT = "3"
SEED = 7


class _Office(ExamClient):
    def order_sheets(self, exam_id: str, **wish: object) -> JobView:
        """Order sheets for some students, or copies without a name."""
        return self._ask(JobView, "POST", f"/api/v1/exams/{exam_id}/sheets", wish, once=True)

    def remove_scan(self, scan_id: str) -> None:
        """Take a scan away."""
        self._http.delete(f"/api/v1/scans/{scan_id}").raise_for_status()


@dataclass(frozen=True)
class ExamDay:
    """An exam of eight questions, ten points each. `students` are ids by name; files go to `folder`."""

    office: _Office
    exam_id: str
    title: str
    specification: SheetSpecification
    students: Mapping[str, str]
    folder: Path

    def answers(self, unsure: str = "", wrong: str = "") -> Answers:
        """Return a paper with the right choice everywhere but in question `wrong`; `unsure` is ringed and not filled."""
        choices = {str(at): RIGHT for at in range(1, QUESTIONS + 1)}
        if wrong:
            choices[wrong] = "1"
        return Answers(choices, frozenset({unsure} - {""}))

    def scan(self, name: str, people: Sequence[str], answers: Sequence[Answers]) -> Path:
        """Return a scan of the personal sheets of `people`, who are in order of names; of sheets without a name when there are none."""
        ids = [self.students[each] for each in people]
        wish: dict[str, object] = {"student_ids": ids} if ids else {"copies": len(answers)}
        job = self._done(self.office.order_sheets(self.exam_id, **wish))
        assert job.result is not None
        sheets, target = self.folder / f"{name}-sheets.pdf", self.folder / f"{name}.pdf"
        self.office.fetch_document(job.result["document"]["id"], sheets)
        scan_of(sheets, self.specification, answers, SEED, target)
        return target

    def read(self, scan: Path) -> None:
        """Upload a scan and have it read, as a program would."""
        document = self.office.send_document(scan, "scan", "application/pdf", f"exam:{self.exam_id}")
        self._done(self.office.add_scan(self.exam_id, document.id).job)

    def totals(self) -> Mapping[str, float]:
        """Return the points of everybody with a score, by name."""
        return {each.name: each.total for each in self.office.results(self.exam_id).students}

    def _done(self, job: JobView) -> JobView:
        *_, last = self.office.follow(job.id)
        assert last.state == "SUCCEEDED", last.status_text
        return last


@contextmanager
def hold_exam(system: EmbeddedSystem, folder: Path, title: str, names: Sequence[str]) -> Iterator[ExamDay]:
    """Make a class with students of these names, and an exam with sheet and key; nothing is printed yet."""
    with _Office(system.url) as office:
        login = system.logins["teacher"]
        office.log_in(login.username, login.password)
        class_id, students = _enrolled(office, names)
        exam = office.add_exam(class_id, title, QUESTIONS * POINTS)
        sheet = office.set_sheet(exam.id, StandardSheet(questions=QUESTIONS))
        key = [KeyEntry(question=each, answers=[RIGHT], points=POINTS) for each in sheet.questions]
        office.set_key(exam.id, key)
        yield ExamDay(office, exam.id, title, sheet.specification, students, folder)


def _enrolled(office: _Office, names: Sequence[str]) -> tuple[str, Mapping[str, str]]:
    """Return a new class, and the ids of its students by name."""
    number = uuid.uuid4().int % 10_000
    room = f"시험반 {number:04d}"
    class_id = office.add_class(room).id
    people = [
        AddStudentRequest(name=name, phone=f"010{number:04d}{at:04d}", class_names=[room])
        for at, name in enumerate(names)
    ]
    added = office.add_students(AddStudentsRequest(students=people)).students
    return class_id, {each.name: each.id or "" for each in added}
