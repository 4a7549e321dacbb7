"""Show people and classes: staff sees all, others what is their own; nobody else's phone number leaves with it."""

from collections.abc import Iterable, Mapping

from academy.application.academics.asker import Asker
from academy.application.academics.classes import Members
from academy.application.academics.people import Record
from academy.application.academics.roster import Added
from academy.contracts.rest.exams import (
    ExamView,
    ScoreList,
    ScoreView,
)
from academy.contracts.rest.people import (
    AddedStudentView,
    ParentOfView,
    ParentView,
    StudentsAdded,
    StudentView,
)
from academy.contracts.rest.teaching import (
    AttendanceList,
    AttendanceView,
    ClassView,
    EnrolmentView,
    LectureView,
    MembersView,
    SessionView,
)
from academy.domain.academics.people import Parent, ParentOf
from academy.domain.academics.teaching import Attendance, Exam, Lecture, SchoolClass, Score, Session

__all__ = [
    "added_view",
    "attendance_list",
    "class_view",
    "exam_view",
    "lecture_view",
    "members_view",
    "parent_of_view",
    "parent_view",
    "score_list",
    "session_view",
    "student_view",
]


def student_view(record: Record, asker: Asker) -> StudentView:
    """Return a student with their parents as somebody may see them.

    The identifier is most of a phone number, the student's or a parent's: the student writes it on answer sheets, a parent needs it
    for nothing.
    """
    student = record.student
    themselves = bool(student.account) and student.account == asker.account
    close, staff = asker.manages or themselves, asker.manages
    return StudentView(
        id=student.id,
        name=student.name,
        phone=student.phone if close else None,
        identifier=student.identifier if close else None,
        school=student.school,
        grade=student.grade,
        note=student.note if staff else None,
        account=student.account if staff else None,
        active=student.active,
        parents=[parent_of_view(each, asker) for each in record.parents],
        created_at=student.created_at,
        updated_at=student.updated_at,
    )


def parent_view(parent: Parent, asker: Asker) -> ParentView:
    """Return a parent as somebody may see them."""
    close = asker.manages or (bool(parent.account) and parent.account == asker.account)
    return ParentView(
        id=parent.id,
        name=parent.name,
        phone=parent.phone if close else None,
        account=parent.account if close else None,
    )


def parent_of_view(given: ParentOf, asker: Asker) -> ParentOfView:
    """Return a student's parent as somebody may see them."""
    shown = parent_view(given.parent, asker)
    return ParentOfView(
        id=shown.id,
        name=shown.name,
        phone=shown.phone,
        account=shown.account,
        relation=given.relation.value,
    )


def added_view(added: Added, *, dry_run: bool) -> StudentsAdded:
    """Return what came of a list of students; ids of a dry run name nothing."""
    students = [each.student for each in added.records]
    return StudentsAdded(
        dry_run=dry_run,
        students=[
            AddedStudentView(
                id=None if dry_run else student.id, name=student.name, identifier=student.identifier
            )
            for student in students
        ],
        parents_created=added.parents_created,
        parents_known=added.parents_known,
        enrolments=added.enrolments,
    )


def class_view(given: SchoolClass) -> ClassView:
    """Return a class."""
    return ClassView(
        id=given.id,
        name=given.name,
        subject=given.subject,
        active=given.active,
        created_at=given.created_at,
        updated_at=given.updated_at,
    )


def members_view(members: Members) -> MembersView:
    """Return who is in a class."""
    items = [
        EnrolmentView(student_id=each.student_id, since=each.since, until=each.until)
        for each in members.enrolments
    ]
    return MembersView(on=members.on, items=items)


def lecture_view(lecture: Lecture) -> LectureView:
    """Return a lecture."""
    return LectureView(
        id=lecture.id,
        class_id=lecture.class_id,
        title=lecture.title,
        created_at=lecture.created_at,
        updated_at=lecture.updated_at,
    )


def session_view(session: Session) -> SessionView:
    """Return a session."""
    return SessionView(
        id=session.id,
        lecture_id=session.lecture_id,
        number=session.number,
        title=session.title,
        held_at=session.held_at,
        created_at=session.created_at,
        updated_at=session.updated_at,
    )


def attendance_list(noted: Iterable[Attendance], asker: Asker) -> AttendanceList:
    """Return who came as somebody may see it."""
    items = [
        AttendanceView(
            student_id=each.student_id,
            status=each.status.value,
            note=each.note if asker.manages else None,
            by=each.by if asker.manages else None,
            updated_at=each.updated_at,
        )
        for each in noted
    ]
    return AttendanceList(items=items)


def exam_view(exam: Exam) -> ExamView:
    """Return an exam."""
    return ExamView(
        id=exam.id,
        class_id=exam.class_id,
        title=exam.title,
        held_on=exam.held_on,
        max_score=exam.max_score,
        created_at=exam.created_at,
        updated_at=exam.updated_at,
    )


def score_list(noted: Iterable[Score], asker: Asker, names: Mapping[str, str]) -> ScoreList:
    """Return scores as somebody may see them; `names` are those of accounts by viewer id."""
    items = [
        ScoreView(
            student_id=each.student_id,
            score=each.score,
            by=each.by if asker.manages else None,
            by_name=names.get(each.by, "") if asker.manages else None,
            updated_at=each.updated_at,
        )
        for each in noted
    ]
    return ScoreList(items=items)
