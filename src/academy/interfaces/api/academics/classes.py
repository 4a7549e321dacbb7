"""Classes and who is in them (ACA-1)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.academics.classes import ClassChange
from academy.application.academics.people import Record, StudentsWanted
from academy.application.ports.database import Transaction
from academy.application.ports.page import Page
from academy.contracts.rest.people import ByNameQuery, StudentPage
from academy.contracts.rest.teaching import (
    AddClassRequest,
    ChangeClassRequest,
    ClassPage,
    ClassQuery,
    ClassView,
    DepartRequest,
    EnrolRequest,
    MembersView,
)
from academy.interfaces.api.academics.endpoint import MEMBERS, AcademicsEndpoint
from academy.interfaces.api.academics.present import class_view, members_view, student_view
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = ["ClassDetailView", "ClassListView", "ClassStudentListView", "DepartureView", "EnrolmentListView"]


class ClassListView(AcademicsEndpoint):
    """All classes of an academy."""

    roles: ClassVar = {"GET": MEMBERS, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(ClassQuery)],
        responses={200: ClassPage},
        operation_id="list_classes",
        tags=["classes"],
    )
    def get(self, request: Request) -> Response:
        """List classes by name; students and parents see those that they or their children are in."""
        query = self.query(ClassQuery)
        page = self.page(
            lambda tx: self.services.classes.list(
                tx, self.asker, query.cursor, query.limit, include_inactive=query.include_inactive
            )
        )
        items = [class_view(each) for each in page.items]
        return Response(ClassPage(items=items, next_cursor=page.next_cursor))

    @extend_schema(
        request=AddClassRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={201: ClassView},
        operation_id="add_class",
        tags=["classes"],
    )
    def post(self, request: Request) -> Response:
        """Make a class."""
        asked = self.body(AddClassRequest)
        return self.created(
            "classes",
            lambda tx: class_view(self.services.classes.add(tx, self.asker, asked.name, asked.subject)),
        )


class ClassDetailView(AcademicsEndpoint):
    """One class."""

    roles: ClassVar = {"GET": MEMBERS, "PATCH": MANAGERS}

    @extend_schema(
        parameters=[TENANT], responses={200: ClassView}, operation_id="get_class", tags=["classes"]
    )
    def get(self, request: Request, class_id: str) -> Response:
        """Show a class."""
        return Response(class_view(self.read(lambda tx: self.services.classes.get(tx, self.asker, class_id))))

    @extend_schema(
        request=ChangeClassRequest,
        parameters=[TENANT],
        responses={200: ClassView},
        operation_id="change_class",
        tags=["classes"],
    )
    def patch(self, request: Request, class_id: str) -> Response:
        """Change a class."""
        change = ClassChange(**self.body(ChangeClassRequest).model_dump())
        changed = self.write(lambda tx: self.services.classes.change(tx, self.asker, class_id, change))
        return Response(class_view(changed))


class ClassStudentListView(AcademicsEndpoint):
    """The students of a class."""

    roles: ClassVar = {"GET": MEMBERS}

    @extend_schema(
        parameters=[TENANT, *parameters(ByNameQuery)],
        responses={200: StudentPage},
        operation_id="list_class_students",
        tags=["classes"],
    )
    def get(self, request: Request, class_id: str) -> Response:
        """List who is in a class today, by name; students and parents see their own."""
        query = self.query(ByNameQuery)

        def work(tx: Transaction) -> Page[Record]:
            self.services.classes.get(tx, self.asker, class_id)
            wanted = StudentsWanted(class_id=class_id)
            return self.services.people.list(tx, self.asker, wanted, query.cursor, query.limit)

        page = self.page(work)
        items = [student_view(record, self.asker) for record in page.items]
        return Response(StudentPage(items=items, next_cursor=page.next_cursor))


class EnrolmentListView(AcademicsEndpoint):
    """Coming into a class."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=EnrolRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={200: MembersView},
        operation_id="enrol_students",
        tags=["classes"],
    )
    def post(self, request: Request, class_id: str) -> Response:
        """Put students into a class; the answer is who is in it on their first day. Enrolling twice changes nothing."""
        asked = self.body(EnrolRequest)
        return self.once(
            200,
            lambda tx: members_view(
                self.services.classes.enrol(tx, self.asker, class_id, asked.student_ids, asked.since)
            ),
        )


class DepartureView(AcademicsEndpoint):
    """Leaving a class."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=DepartRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={200: MembersView},
        operation_id="depart_students",
        tags=["classes"],
    )
    def post(self, request: Request, class_id: str) -> Response:
        """Take students out of a class; the answer is who is in it on their first day without it."""
        asked = self.body(DepartRequest)
        return self.once(
            200,
            lambda tx: members_view(
                self.services.classes.leave(tx, self.asker, class_id, asked.student_ids, asked.until)
            ),
        )
