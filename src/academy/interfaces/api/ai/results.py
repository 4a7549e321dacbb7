"""How an exam went, and what is made of it: notes and spreadsheets (OMR-5, DOC-3, XLS-1)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.contracts.rest.ai_jobs import (
    ApplyRosterRequest,
    ExportAttendanceRequest,
    ExportScoresRequest,
    PreviewRosterRequest,
)
from academy.contracts.rest.jobs import JobView
from academy.contracts.rest.results import ExamResultsView, MakeNotesRequest
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.ai.endpoint import PaperEndpoint
from academy.interfaces.api.ai.figures import results_view
from academy.interfaces.api.schema import IDEMPOTENT, TENANT

__all__ = [
    "AttendanceExportView",
    "ExamNotesView",
    "ExamResultsDetailView",
    "RosterApplicationView",
    "RosterPreviewView",
    "ScoreExportView",
]


class ExamResultsDetailView(PaperEndpoint):
    """The results of an exam."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(
        parameters=[TENANT],
        responses={200: ExamResultsView},
        operation_id="get_exam_results",
        tags=["answer sheets"],
    )
    def get(self, request: Request, exam_id: str) -> Response:
        """Show what each student scored, where they stand, and how each question went; as of now."""
        found = self.read(lambda tx: self.services.review.results(tx, self.asker, exam_id))
        return Response(results_view(found, self.language))


class ExamNotesView(PaperEndpoint):
    """Wrong-answer notes."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=MakeNotesRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="make_notes",
        tags=["answer sheets"],
    )
    def post(self, request: Request, exam_id: str) -> Response:
        """Make a wrong-answer note (오답노트) for each student from the results as they stand; the job's `result` names them."""
        asked = self.body(MakeNotesRequest)
        desk = self.services.exam_desk
        return self.ordered(
            lambda tx: desk.make_notes(
                tx, self.asker, exam_id, asked.student_ids, asked.tier, self.traceparent
            )
        )


class ScoreExportView(PaperEndpoint):
    """Scores as a spreadsheet."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=ExportScoresRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="export_scores",
        tags=["classes"],
    )
    def post(self, request: Request, class_id: str) -> Response:
        """Write all scores of a class as a spreadsheet; the job's `result` names the document."""
        asked = self.body(ExportScoresRequest)
        desk = self.services.exam_desk
        return self.ordered(
            lambda tx: desk.export_scores(tx, self.asker, class_id, asked.tier, self.traceparent)
        )


class AttendanceExportView(PaperEndpoint):
    """Attendance as a spreadsheet."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=ExportAttendanceRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="export_attendance",
        tags=["classes"],
    )
    def post(self, request: Request, class_id: str) -> Response:
        """Write the attendance of a class as a spreadsheet; the job's `result` names the document."""
        asked = self.body(ExportAttendanceRequest)
        desk = self.services.exam_desk
        return self.ordered(
            lambda tx: desk.export_attendance(
                tx, self.asker, class_id, asked.since, asked.until, asked.tier, self.traceparent
            )
        )


class RosterPreviewView(PaperEndpoint):
    """A roster's spreadsheet before it is applied."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=PreviewRosterRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="preview_roster",
        tags=["students"],
    )
    def post(self, request: Request) -> Response:
        """Look through a roster's spreadsheet and say what applying it would do; nobody is changed."""
        asked = self.body(PreviewRosterRequest)
        desk = self.services.exam_desk
        return self.ordered(
            lambda tx: desk.preview_roster(
                tx, self.asker, asked.document_id, asked.sheet, asked.tier, self.traceparent
            )
        )


class RosterApplicationView(PaperEndpoint):
    """A roster's spreadsheet that was previewed."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=ApplyRosterRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="apply_roster",
        tags=["students"],
    )
    def post(self, request: Request) -> Response:
        """Take the rows of a roster's spreadsheet, all or none; the job's `result` counts them, and the file is removed."""
        asked = self.body(ApplyRosterRequest)
        choice = asked.choice.model_dump(mode="json")
        desk = self.services.exam_desk
        return self.ordered(
            lambda tx: desk.apply_roster(
                tx, self.asker, asked.document_id, asked.digest, choice, asked.tier, self.traceparent
            )
        )
