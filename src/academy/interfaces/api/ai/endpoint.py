"""What every view of exams on paper shares."""

from collections.abc import Callable

from rest_framework.response import Response

from academy.application.ports.database import Transaction
from academy.contracts.rest.jobs import JobView
from academy.domain.job.job import Job
from academy.interfaces.api.academics.endpoint import AcademicsEndpoint
from academy.interfaces.api.jobs.present import job_view

__all__ = ["OVERLAY_SECONDS", "PaperEndpoint"]

OVERLAY_SECONDS = 3600
"""How long the address of a picture is good."""


class PaperEndpoint(AcademicsEndpoint):
    """A view of exams on paper, of documents, or of the AI worker's jobs."""

    def ordered(self, work: Callable[[Transaction], Job]) -> Response:
        """Order a job, at most once per Idempotency-Key; the answer says where to follow it."""
        response = self.once(202, lambda tx: job_view(work(tx), None, self.language))
        made = response.data.id if isinstance(response.data, JobView) else response.data["id"]
        response["Location"] = f"/api/v1/jobs/{made}"
        return response
