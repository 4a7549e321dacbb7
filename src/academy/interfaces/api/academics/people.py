"""Students and parents (ACA-1)."""

import uuid
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.academics.form import Fault, FieldsRefused
from academy.application.academics.people import NewParent, ParentChange, StudentChange, StudentsWanted
from academy.application.academics.roster import Added, NewStudent
from academy.application.ports.database import Transaction
from academy.contracts.rest.people import (
    AddParentRequest,
    AddStudentRequest,
    AddStudentsRequest,
    ChangeParentRequest,
    ChangeStudentRequest,
    ParentOfView,
    ParentView,
    StudentPage,
    StudentQuery,
    StudentsAdded,
    StudentView,
)
from academy.domain.academics.people import Relation
from academy.domain.academics.refusals import ACCOUNT_UNKNOWN
from academy.domain.tenant.tenant import Role
from academy.interfaces.api.academics.endpoint import MEMBERS, AcademicsEndpoint
from academy.interfaces.api.academics.present import (
    added_view,
    parent_of_view,
    parent_view,
    student_view,
)
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.accounts.models import Membership
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = [
    "ParentDetailView",
    "StudentBulkView",
    "StudentDetailView",
    "StudentListView",
    "StudentParentListView",
    "StudentParentView",
]


class _DryRun(Exception):
    """Rolls back what was done to learn what would happen."""

    def __init__(self, added: Added) -> None:
        super().__init__("dry run")
        self.added = added


class _PeopleEndpoint(AcademicsEndpoint):
    def check_account(self, account: str | None, role: Role) -> None:
        """Refuse a login that is no member of the academy in this role. Raises FieldsRefused."""
        if not account:
            return
        try:
            user = uuid.UUID(hex=account)
        except ValueError:
            user = None
        members = Membership.objects.filter(tenant_id=self.member.tenant_id, role=role.value, user=user)
        if user is None or user.hex != account or not members.exists():
            raise FieldsRefused([Fault(("account",), ACCOUNT_UNKNOWN)])


class StudentListView(_PeopleEndpoint):
    """All students of an academy."""

    roles: ClassVar = {"GET": MEMBERS, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(StudentQuery)],
        responses={200: StudentPage},
        operation_id="list_students",
        tags=["people"],
    )
    def get(self, request: Request) -> Response:
        """List students by name; students and parents see their own."""
        query = self.query(StudentQuery)
        wanted = StudentsWanted(query.text, query.class_id, query.include_inactive)
        page = self.page(
            lambda tx: self.services.people.list(tx, self.asker, wanted, query.cursor, query.limit)
        )
        items = [student_view(record, self.asker) for record in page.items]
        return Response(StudentPage(items=items, next_cursor=page.next_cursor))

    @extend_schema(
        request=AddStudentRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={201: StudentView},
        operation_id="add_student",
        tags=["people"],
    )
    def post(self, request: Request) -> Response:
        """Add a student with their parents and classes."""
        wish = _student(self.body(AddStudentRequest))
        return self.created(
            "students", lambda tx: student_view(self.services.roster.add(tx, self.asker, wish), self.asker)
        )


class StudentBulkView(_PeopleEndpoint):
    """Many students at once."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=AddStudentsRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={200: StudentsAdded, 201: StudentsAdded},
        operation_id="add_students",
        tags=["people"],
    )
    def post(self, request: Request) -> Response:
        """Add 1 to 1,000 students, all or none; `errors` names every fault by index and field. A dry run answers 200."""
        asked = self.body(AddStudentsRequest)
        wishes = [_student(each) for each in asked.students]

        def work(tx: Transaction) -> Added:
            return self.services.roster.add_many(tx, self.asker, wishes)

        if not asked.dry_run:
            return self.once(201, lambda tx: added_view(work(tx), dry_run=False))

        def rehearse(tx: Transaction) -> None:
            raise _DryRun(work(tx))

        try:
            self.write(rehearse)
        except _DryRun as rehearsed:
            return Response(added_view(rehearsed.added, dry_run=True))
        raise AssertionError("a dry run is always rolled back")


class StudentDetailView(_PeopleEndpoint):
    """One student."""

    roles: ClassVar = {"GET": MEMBERS, "PATCH": MANAGERS}

    @extend_schema(
        parameters=[TENANT], responses={200: StudentView}, operation_id="get_student", tags=["people"]
    )
    def get(self, request: Request, student_id: str) -> Response:
        """Show a student."""
        record = self.read(lambda tx: self.services.people.get(tx, self.asker, student_id))
        return Response(student_view(record, self.asker))

    @extend_schema(
        request=ChangeStudentRequest,
        parameters=[TENANT],
        responses={200: StudentView},
        operation_id="change_student",
        tags=["people"],
    )
    def patch(self, request: Request, student_id: str) -> Response:
        """Change a student."""
        asked = self.body(ChangeStudentRequest)
        self.read(lambda tx: self.services.people.get(tx, self.asker, student_id))
        self.check_account(asked.account, Role.STUDENT)
        change = StudentChange(**asked.model_dump())
        record = self.write(lambda tx: self.services.people.change(tx, self.asker, student_id, change))
        return Response(student_view(record, self.asker))


class StudentParentListView(_PeopleEndpoint):
    """The parents of a student."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=AddParentRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={201: ParentOfView},
        operation_id="add_parent",
        tags=["people"],
    )
    def post(self, request: Request, student_id: str) -> Response:
        """Add a parent to a student; one whom the academy knows by this phone is linked."""
        wish = _parent(self.body(AddParentRequest))
        return self.once(
            201,
            lambda tx: parent_of_view(
                self.services.people.add_parent(tx, self.asker, student_id, wish), self.asker
            ),
        )


class StudentParentView(_PeopleEndpoint):
    """One parent of a student."""

    roles: ClassVar = {"DELETE": MANAGERS}

    @extend_schema(parameters=[TENANT], responses={204: None}, operation_id="remove_parent", tags=["people"])
    def delete(self, request: Request, student_id: str, parent_id: str) -> Response:
        """Take a parent from a student; one without children is forgotten."""
        self.write(lambda tx: self.services.people.remove_parent(tx, self.asker, student_id, parent_id))
        return Response(status=204)


class ParentDetailView(_PeopleEndpoint):
    """One parent."""

    roles: ClassVar = {"PATCH": MANAGERS}

    @extend_schema(
        request=ChangeParentRequest,
        parameters=[TENANT],
        responses={200: ParentView},
        operation_id="change_parent",
        tags=["people"],
    )
    def patch(self, request: Request, parent_id: str) -> Response:
        """Change a parent, for all their children."""
        asked = self.body(ChangeParentRequest)
        self.read(lambda tx: self.services.people.parent(tx, self.asker, parent_id))
        self.check_account(asked.account, Role.PARENT)
        change = ParentChange(**asked.model_dump())
        parent = self.write(lambda tx: self.services.people.change_parent(tx, self.asker, parent_id, change))
        return Response(parent_view(parent, self.asker))


def _parent(asked: AddParentRequest) -> NewParent:
    return NewParent(asked.name, asked.phone, Relation(asked.relation))


def _student(asked: AddStudentRequest) -> NewStudent:
    return NewStudent(
        name=asked.name,
        phone=asked.phone or "",
        identifier=asked.identifier or "",
        school=asked.school,
        grade=asked.grade,
        note=asked.note,
        parents=tuple(_parent(each) for each in asked.parents),
        class_names=tuple(asked.class_names),
    )
