"""Addresses that Django answers; `asgi.py` answers the rest."""

import logging
import sys

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path

from academy.interfaces.api import kinds
from academy.interfaces.api.jobs.views import JobCancelView, JobDetailView, JobListView
from academy.interfaces.api.login import LoginView, LogoutView, MeView
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
