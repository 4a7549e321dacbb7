"""Addresses that Django answers; `asgi.py` answers the rest."""

import logging
import sys

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path

from academy.interfaces.api import kinds
from academy.interfaces.api.academics.classes import (
    ClassDetailView,
    ClassListView,
    ClassStudentListView,
    DepartureView,
    EnrolmentListView,
)
from academy.interfaces.api.academics.exams import (
    ExamDetailView,
    ExamListView,
    ScoreListView,
    StudentScoreListView,
)
from academy.interfaces.api.academics.lectures import (
    AttendanceListView,
    LectureDetailView,
    LectureListView,
    SessionDetailView,
    SessionListView,
)
from academy.interfaces.api.academics.people import (
    ParentDetailView,
    StudentBulkView,
    StudentDetailView,
    StudentListView,
    StudentParentListView,
    StudentParentView,
)
from academy.interfaces.api.ai.documents import (
    DocumentAddressDetailView,
    DocumentCompleteView,
    DocumentDetailView,
    DocumentListView,
)
from academy.interfaces.api.ai.jobs import AiJobListView, AiJobTypeListView
from academy.interfaces.api.ai.results import (
    AttendanceExportView,
    ExamNotesView,
    ExamResultsDetailView,
    RosterApplicationView,
    RosterPreviewView,
    ScoreExportView,
)
from academy.interfaces.api.ai.scans import (
    DecisionListView,
    ReviewDetailView,
    ScanDetailView,
    ScanListView,
    ScanPageView,
    ScanReadView,
)
from academy.interfaces.api.ai.sheets import ExamKeyDetailView, ExamSheetDetailView, PrintSheetsView
from academy.interfaces.api.graph.graphs import (
    GraphDetailView,
    GraphListView,
    GraphNodesView,
    GraphPictureView,
    GraphSearchView,
    GraphSummaryView,
)
from academy.interfaces.api.graph.microscope import (
    MicroscopeDocumentListView,
    MicroscopeQuestionsView,
    MicroscopeRelatedQuestionsView,
    MicroscopeSynthesesView,
)
from academy.interfaces.api.jobs.views import JobCancelView, JobDetailView, JobListView
from academy.interfaces.api.login import LoginView, LogoutView, MeView
from academy.interfaces.api.messaging.credits import (
    BalanceDetailView,
    StatementFileView,
    StatementListView,
)
from academy.interfaces.api.messaging.log import MessageFileView, MessageLogView
from academy.interfaces.api.messaging.operators import (
    OperatorApprovalView,
    OperatorCreditView,
    OperatorPricesView,
    OperatorTemplateListView,
)
from academy.interfaces.api.messaging.orders import (
    OrderCancelView,
    OrderDetailView,
    OrderListView,
    PreviewDetailView,
)
from academy.interfaces.api.messaging.settings import (
    MessagingSettingsDetailView,
    OptOutDetailView,
    OptOutListView,
    TemplateDetailView,
    TemplateListView,
)
from academy.interfaces.api.openapi_document import OpenApiView
from academy.interfaces.api.operations.views import (
    OperatorJobDetailView,
    OperatorJobListView,
    OperatorJobRetryView,
    QueueListView,
)
from academy.interfaces.api.problems import Trouble
from academy.interfaces.api.rendering import problem_response, trouble_for
from academy.interfaces.api.video.views import (
    VideoCancelView,
    VideoCompleteView,
    VideoDetailView,
    VideoListView,
    VideoRetryView,
)
from academy.interfaces.api.video.watching import BeatView, PlaybackView, ViewerListView

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

log = logging.getLogger(__name__)
API = "api/v1"

urlpatterns = [
    path(f"{API}/openapi.json", OpenApiView.as_view()),
    path(f"{API}/auth/login", LoginView.as_view()),
    path(f"{API}/auth/logout", LogoutView.as_view()),
    path(f"{API}/auth/me", MeView.as_view()),
    path(f"{API}/videos", VideoListView.as_view()),
    path(f"{API}/videos/<str:video_id>", VideoDetailView.as_view()),
    path(f"{API}/videos/<str:video_id>/complete", VideoCompleteView.as_view()),
    path(f"{API}/videos/<str:video_id>/retry", VideoRetryView.as_view()),
    path(f"{API}/videos/<str:video_id>/cancel", VideoCancelView.as_view()),
    path(f"{API}/videos/<str:video_id>/playback", PlaybackView.as_view()),
    path(f"{API}/videos/<str:video_id>/viewers", ViewerListView.as_view()),
    path(f"{API}/playback/<str:session_id>/beats", BeatView.as_view()),
    path(f"{API}/jobs", JobListView.as_view()),
    path(f"{API}/jobs/<str:job_id>", JobDetailView.as_view()),
    path(f"{API}/jobs/<str:job_id>/cancel", JobCancelView.as_view()),
    path(f"{API}/students", StudentListView.as_view()),
    path(f"{API}/students/bulk", StudentBulkView.as_view()),
    path(f"{API}/students/<str:student_id>", StudentDetailView.as_view()),
    path(f"{API}/students/<str:student_id>/parents", StudentParentListView.as_view()),
    path(f"{API}/students/<str:student_id>/parents/<str:parent_id>", StudentParentView.as_view()),
    path(f"{API}/students/<str:student_id>/scores", StudentScoreListView.as_view()),
    path(f"{API}/parents/<str:parent_id>", ParentDetailView.as_view()),
    path(f"{API}/classes", ClassListView.as_view()),
    path(f"{API}/classes/<str:class_id>", ClassDetailView.as_view()),
    path(f"{API}/classes/<str:class_id>/students", ClassStudentListView.as_view()),
    path(f"{API}/classes/<str:class_id>/enrolments", EnrolmentListView.as_view()),
    path(f"{API}/classes/<str:class_id>/departures", DepartureView.as_view()),
    path(f"{API}/lectures", LectureListView.as_view()),
    path(f"{API}/lectures/<str:lecture_id>", LectureDetailView.as_view()),
    path(f"{API}/lectures/<str:lecture_id>/sessions", SessionListView.as_view()),
    path(f"{API}/sessions/<str:session_id>", SessionDetailView.as_view()),
    path(f"{API}/sessions/<str:session_id>/attendance", AttendanceListView.as_view()),
    path(f"{API}/exams", ExamListView.as_view()),
    path(f"{API}/exams/<str:exam_id>", ExamDetailView.as_view()),
    path(f"{API}/exams/<str:exam_id>/scores", ScoreListView.as_view()),
    path(f"{API}/exams/<str:exam_id>/sheet", ExamSheetDetailView.as_view()),
    path(f"{API}/exams/<str:exam_id>/key", ExamKeyDetailView.as_view()),
    path(f"{API}/exams/<str:exam_id>/sheets", PrintSheetsView.as_view()),
    path(f"{API}/exams/<str:exam_id>/scans", ScanListView.as_view()),
    path(f"{API}/exams/<str:exam_id>/review", ReviewDetailView.as_view()),
    path(f"{API}/exams/<str:exam_id>/results", ExamResultsDetailView.as_view()),
    path(f"{API}/exams/<str:exam_id>/notes", ExamNotesView.as_view()),
    path(f"{API}/scans/<str:scan_id>", ScanDetailView.as_view()),
    path(f"{API}/scans/<str:scan_id>/read", ScanReadView.as_view()),
    path(f"{API}/scans/<str:scan_id>/pages/<str:number>", ScanPageView.as_view()),
    path(f"{API}/scans/<str:scan_id>/pages/<str:number>/decisions", DecisionListView.as_view()),
    path(f"{API}/classes/<str:class_id>/exports/scores", ScoreExportView.as_view()),
    path(f"{API}/classes/<str:class_id>/exports/attendance", AttendanceExportView.as_view()),
    path(f"{API}/rosters/previews", RosterPreviewView.as_view()),
    path(f"{API}/rosters/applications", RosterApplicationView.as_view()),
    path(f"{API}/documents", DocumentListView.as_view()),
    path(f"{API}/documents/<str:document_id>", DocumentDetailView.as_view()),
    path(f"{API}/documents/<str:document_id>/complete", DocumentCompleteView.as_view()),
    path(f"{API}/documents/<str:document_id>/url", DocumentAddressDetailView.as_view()),
    path(f"{API}/ai/job-types", AiJobTypeListView.as_view()),
    path(f"{API}/ai/jobs", AiJobListView.as_view()),
    path(f"{API}/graphs", GraphListView.as_view()),
    path(f"{API}/graphs/one", GraphDetailView.as_view()),
    path(f"{API}/graphs/nodes", GraphNodesView.as_view()),
    path(f"{API}/graphs/summary", GraphSummaryView.as_view()),
    path(f"{API}/graphs/search", GraphSearchView.as_view()),
    path(f"{API}/graphs/picture", GraphPictureView.as_view()),
    path(f"{API}/microscope/documents", MicroscopeDocumentListView.as_view()),
    path(f"{API}/microscope/questions", MicroscopeQuestionsView.as_view()),
    path(f"{API}/microscope/syntheses", MicroscopeSynthesesView.as_view()),
    path(f"{API}/microscope/related-questions", MicroscopeRelatedQuestionsView.as_view()),
    path(f"{API}/messaging/settings", MessagingSettingsDetailView.as_view()),
    path(f"{API}/messages/templates", TemplateListView.as_view()),
    path(f"{API}/messages/templates/<str:template_id>", TemplateDetailView.as_view()),
    path(f"{API}/messages/preview", PreviewDetailView.as_view()),
    path(f"{API}/messages/orders", OrderListView.as_view()),
    path(f"{API}/messages/orders/<str:order_id>", OrderDetailView.as_view()),
    path(f"{API}/messages/orders/<str:order_id>/cancel", OrderCancelView.as_view()),
    path(f"{API}/messages/log", MessageLogView.as_view()),
    path(f"{API}/messages/export", MessageFileView.as_view()),
    path(f"{API}/messages/opt-outs", OptOutListView.as_view()),
    path(f"{API}/messages/opt-outs/<str:phone>", OptOutDetailView.as_view()),
    path(f"{API}/credits", BalanceDetailView.as_view()),
    path(f"{API}/credits/statement", StatementListView.as_view()),
    path(f"{API}/credits/statement.csv", StatementFileView.as_view()),
    path(f"{API}/operator/templates", OperatorTemplateListView.as_view()),
    path(f"{API}/operator/academies/<str:academy_id>/prices", OperatorPricesView.as_view()),
    path(
        f"{API}/operator/academies/<str:academy_id>/templates/<str:template_id>/approval",
        OperatorApprovalView.as_view(),
    ),
    path(f"{API}/operator/academies/<str:academy_id>/credits", OperatorCreditView.as_view()),
    path(f"{API}/operator/jobs", OperatorJobListView.as_view()),
    path(f"{API}/operator/jobs/<str:job_id>", OperatorJobDetailView.as_view()),
    path(f"{API}/operator/jobs/<str:job_id>/retry", OperatorJobRetryView.as_view()),
    path(f"{API}/operator/queues", QueueListView.as_view()),
    path("admin/", admin.site.urls),
]


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django refuses to read."""
    # Anybody can cause this at will, so it is no error of ours and takes one line.
    log.warning("request_refused", extra={"error": type(exception).__name__})
    return problem_response(request, Trouble(kinds.REQUEST_REFUSED))


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer a request that is not allowed."""
    return problem_response(request, Trouble(kinds.ROLE_NOT_ALLOWED))


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer a request for an address that there is not."""
    return problem_response(request, Trouble(kinds.NOT_FOUND))


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer a request on which a page crashed."""
    crash = sys.exc_info()[1]
    return problem_response(request, trouble_for(crash, request) if crash else Trouble(kinds.INTERNAL))
