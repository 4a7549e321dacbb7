"""Jobs of an academy (API-3)."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.errors import NotFound
from academy.application.jobs.submit import cancel_for_somebody
from academy.application.ports.database import Transaction
from academy.application.ports.page import Page
from academy.application.ports.progress import ProgressUnavailable
from academy.contracts.rest.jobs import JobPage, JobQuery, JobView
from academy.domain.job.job import Job
from academy.domain.job.progress import Progress
from academy.interfaces.api.accounts.members import MANAGERS, STAFF
from academy.interfaces.api.endpoint import TenantEndpoint
from academy.interfaces.api.jobs.present import filter_of, job_view
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = ["JobCancelView", "JobDetailView", "JobListView", "find_job"]

log = logging.getLogger(__name__)


def find_job(tx: Transaction, tenant_id: str, job_id: str) -> Job:
    """Return a job of an academy. Raises NotFound."""
    job = tx.jobs.get(job_id)
    if job is None or job.tenant_id != tenant_id:
        raise NotFound("job")
    return job


class _JobEndpoint(TenantEndpoint):
    def progress_of(self, jobs: Sequence[Job]) -> Mapping[str, Progress]:
        """Return the progress of those that run; none while its store cannot be reached (it is advisory)."""
        running = [job.id for job in jobs if job.under_way]
        if not running:
            return {}
        try:
            return self.portal.call(self.services.progress.read, running)
        except ProgressUnavailable:
            log.warning("progress_unavailable")
            return {}


class JobListView(_JobEndpoint):
    """All jobs of an academy."""

    roles: ClassVar = {"GET": STAFF}

    @extend_schema(
        parameters=[TENANT, *parameters(JobQuery)],
        responses={200: JobPage},
        operation_id="list_jobs",
        tags=["jobs"],
    )
    def get(self, request: Request) -> Response:
        """List jobs, newest first."""
        query = self.query(JobQuery)
        where = filter_of(query, self.member.tenant_id)
        starts: dict[str, datetime | None] = {}

        def look(tx: Transaction) -> Page[Job]:
            page = tx.jobs.list(where, query.cursor, query.limit)
            starts.update((job.id, self.services.types.starts_at(tx, job)) for job in page.items)
            return page

        page = self.page(look)
        progress = self.progress_of(page.items)
        items = [job_view(job, progress.get(job.id), self.language, starts[job.id]) for job in page.items]
        return Response(JobPage(items=items, next_cursor=page.next_cursor))


class JobDetailView(_JobEndpoint):
    """One job."""

    roles: ClassVar = {"GET": STAFF}

    @extend_schema(parameters=[TENANT], responses={200: JobView}, operation_id="get_job", tags=["jobs"])
    def get(self, request: Request, job_id: str) -> Response:
        """Show where a job stands; for news of it as they come see `…/events`."""

        def look(tx: Transaction) -> tuple[Job, datetime | None]:
            job = find_job(tx, self.member.tenant_id, job_id)
            return job, self.services.types.starts_at(tx, job)

        job, starts = self.services.database.read_sync(look)
        return Response(job_view(job, self.progress_of([job]).get(job.id), self.language, starts))


class JobCancelView(_JobEndpoint):
    """The wish that a job stop."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=None,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="cancel_job",
        tags=["jobs"],
    )
    def post(self, request: Request, job_id: str) -> Response:
        """Stop a job: one that waits ends now, a running one within seconds; a finished one stays as it is."""

        def work(tx: Transaction) -> JobView:
            find_job(tx, self.member.tenant_id, job_id)
            job = cancel_for_somebody(tx, self.services.types, job_id)
            assert job is not None
            return job_view(job, None, self.language)

        return self.once(202, work)
