"""An academy on SQLite in memory, whose time stands still."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeVar

import pytest

from academy.application.academics.asker import Asker
from academy.application.academics.classes import Classes
from academy.application.academics.exams import Exams, NewExam
from academy.application.academics.form import FieldsRefused
from academy.application.academics.lectures import Lectures
from academy.application.academics.people import People, Record, StudentChange
from academy.application.academics.roster import NewStudent, Roster
from academy.application.ai.following import ScoresFollow
from academy.application.ports.database import Transaction
from academy.domain.academics.teaching import Exam, SchoolClass
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Office:
    """The use cases of one academy and those who ask.

    Attributes:
        staff: manages; `student` and `parent` are logins that are nobody's yet.
        elsewhere: manages another academy.
    """

    database: SqlDatabase
    clock: ManualClock
    people: People
    roster: Roster
    classes: Classes
    lectures: Lectures
    exams: Exams
    staff: Asker
    student: Asker
    parent: Asker
    elsewhere: Asker

    def do(self, work: Callable[[Transaction], T]) -> T:
        """Run a transaction."""
        return self.database.run_sync(work)

    def add(self, name: str = "김하늘", phone: str = "", **more: object) -> Record:
        """Add a student."""
        wish = replace(NewStudent(name=name, phone=phone), **more)  # type: ignore[arg-type]
        return self.do(lambda tx: self.roster.add(tx, self.staff, wish))

    def add_class(self, name: str = "고2 수학") -> SchoolClass:
        """Make a class."""
        return self.do(lambda tx: self.classes.add(tx, self.staff, name, "수학"))

    def enrol(self, given: SchoolClass, *records: Record) -> None:
        """Enrol students today."""
        ids = [record.student.id for record in records]
        self.do(lambda tx: self.classes.enrol(tx, self.staff, given.id, ids, None))

    def exam(self, given: SchoolClass, title: str = "1회") -> Exam:
        """Make an exam out of 100."""
        wish = NewExam(given.id, title, None, 100.0)
        return self.do(lambda tx: self.exams.add(tx, self.staff, wish))

    def change(self, record: Record, **fields: object) -> Record:
        """Change a student."""
        change = StudentChange(**fields)  # type: ignore[arg-type]
        return self.do(lambda tx: self.people.change(tx, self.staff, record.student.id, change))


def faults(refused: pytest.ExceptionInfo[FieldsRefused]) -> dict[str, str]:
    """Return the codes by the path of their field."""
    return {".".join(map(str, each.path)): each.failure.code for each in refused.value.faults}


@pytest.fixture
def office() -> Iterator[Office]:
    """An academy without anybody in it."""
    clock = ManualClock()
    connections = SqlConnections("sqlite://", clock)
    prepare(connections)
    numbers = count(1)

    def new_id() -> str:
        return f"id-{next(numbers):05}"

    yield Office(
        SqlDatabase(connections),
        clock,
        People(new_id, ScoresFollow()),
        Roster(new_id, ScoresFollow()),
        Classes(new_id, ScoresFollow()),
        Lectures(new_id),
        Exams(new_id, ScoresFollow()),
        staff=Asker("t1", "staff", manages=True),
        student=Asker("t1", "student", manages=False),
        parent=Asker("t1", "parent", manages=False),
        elsewhere=Asker("t2", "staff", manages=True),
    )
    connections.close()
