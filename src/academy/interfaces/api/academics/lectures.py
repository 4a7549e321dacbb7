"""Lectures, sessions and attendance (ACA-1)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.academics.lectures import Came, NewSession, SessionChange
from academy.contracts.rest.teaching import (
    AddLectureRequest,
    AddSessionRequest,
    AttendanceList,
    ChangeLectureRequest,
    ChangeSessionRequest,
    LecturePage,
    LectureView,
    NoteAttendanceRequest,
    OfClassQuery,
    SessionList,
    SessionView,
)
from academy.domain.academics.teaching import AttendanceStatus
from academy.interfaces.api.academics.endpoint import MEMBERS, AcademicsEndpoint
from academy.interfaces.api.academics.present import attendance_list, lecture_view, session_view
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = [
    "AttendanceListView",
    "LectureDetailView",
    "LectureListView",
    "SessionDetailView",
    "SessionListView",
]


class LectureListView(AcademicsEndpoint):
    """All lectures of an academy."""

    roles: ClassVar = {"GET": MEMBERS, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(OfClassQuery)],
        responses={200: LecturePage},
        operation_id="list_lectures",
        tags=["lectures"],
    )
    def get(self, request: Request) -> Response:
        """List lectures by title; students and parents see those of their classes."""
        query = self.query(OfClassQuery)
        page = self.page(
            lambda tx: self.services.lectures.list(tx, self.asker, query.class_id, query.cursor, query.limit)
        )
        items = [lecture_view(each) for each in page.items]
        return Response(LecturePage(items=items, next_cursor=page.next_cursor))

    @extend_schema(
        request=AddLectureRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={201: LectureView},
        operation_id="add_lecture",
        tags=["lectures"],
    )
    def post(self, request: Request) -> Response:
        """Make a lecture of a class."""
        asked = self.body(AddLectureRequest)
        return self.created(
            "lectures",
            lambda tx: lecture_view(self.services.lectures.add(tx, self.asker, asked.class_id, asked.title)),
        )


class LectureDetailView(AcademicsEndpoint):
    """One lecture."""

    roles: ClassVar = {"GET": MEMBERS, "PATCH": MANAGERS}

    @extend_schema(
        parameters=[TENANT], responses={200: LectureView}, operation_id="get_lecture", tags=["lectures"]
    )
    def get(self, request: Request, lecture_id: str) -> Response:
        """Show a lecture."""
        lecture = self.read(lambda tx: self.services.lectures.get(tx, self.asker, lecture_id))
        return Response(lecture_view(lecture))

    @extend_schema(
        request=ChangeLectureRequest,
        parameters=[TENANT],
        responses={200: LectureView},
        operation_id="change_lecture",
        tags=["lectures"],
    )
    def patch(self, request: Request, lecture_id: str) -> Response:
        """Change the title of a lecture."""
        asked = self.body(ChangeLectureRequest)
        changed = self.write(
            lambda tx: self.services.lectures.rename(tx, self.asker, lecture_id, asked.title)
        )
        return Response(lecture_view(changed))


class SessionListView(AcademicsEndpoint):
    """The sessions of a lecture."""

    roles: ClassVar = {"GET": MEMBERS, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT], responses={200: SessionList}, operation_id="list_sessions", tags=["lectures"]
    )
    def get(self, request: Request, lecture_id: str) -> Response:
        """List the sessions of a lecture by number."""
        sessions = self.read(lambda tx: self.services.lectures.sessions(tx, self.asker, lecture_id))
        return Response(SessionList(items=[session_view(each) for each in sessions]))

    @extend_schema(
        request=AddSessionRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={201: SessionView},
        operation_id="add_session",
        tags=["lectures"],
    )
    def post(self, request: Request, lecture_id: str) -> Response:
        """Add a session to a lecture."""
        asked = self.body(AddSessionRequest)
        wish = NewSession(asked.number, asked.title, asked.held_at)
        return self.once(
            201,
            lambda tx: session_view(self.services.lectures.add_session(tx, self.asker, lecture_id, wish)),
        )


class SessionDetailView(AcademicsEndpoint):
    """One session."""

    roles: ClassVar = {"PATCH": MANAGERS}

    @extend_schema(
        request=ChangeSessionRequest,
        parameters=[TENANT],
        responses={200: SessionView},
        operation_id="change_session",
        tags=["lectures"],
    )
    def patch(self, request: Request, session_id: str) -> Response:
        """Change a session."""
        asked = self.body(ChangeSessionRequest)
        unplanned = "held_at" in asked.model_fields_set and asked.held_at is None
        change = SessionChange(asked.number, asked.title, asked.held_at, unplanned)
        changed = self.write(
            lambda tx: self.services.lectures.change_session(tx, self.asker, session_id, change)
        )
        return Response(session_view(changed))


class AttendanceListView(AcademicsEndpoint):
    """Who came to a session."""

    roles: ClassVar = {"GET": MEMBERS, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT],
        responses={200: AttendanceList},
        operation_id="list_attendance",
        tags=["lectures"],
    )
    def get(self, request: Request, session_id: str) -> Response:
        """List who came; students and parents see their own."""
        noted = self.read(lambda tx: self.services.lectures.attendance(tx, self.asker, session_id))
        return Response(attendance_list(noted, self.asker))

    @extend_schema(
        request=NoteAttendanceRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={200: AttendanceList},
        operation_id="note_attendance",
        tags=["lectures"],
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Note who came, the whole list or a part of it; the answer is the whole list as it stands then."""
        asked = self.body(NoteAttendanceRequest)
        came = [Came(each.student_id, AttendanceStatus(each.status), each.note) for each in asked.items]
        return self.once(
            200,
            lambda tx: attendance_list(
                self.services.lectures.note_attendance(tx, self.asker, session_id, came), self.asker
            ),
        )
