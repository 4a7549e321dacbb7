"""What operators look at, across academies: jobs and queues."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.errors import NotFound
from academy.application.jobs.submit import revive
from academy.application.ports.database import Transaction
from academy.application.ports.job_queue import QueueMissing, QueueSettings
from academy.contracts.rest.jobs import OperatorJobPage, OperatorJobQuery, OperatorJobView
from academy.contracts.rest.operations import QueueList, QueueView
from academy.interfaces.api.accounts.members import OPERATORS
from academy.interfaces.api.endpoint import TenantEndpoint
from academy.interfaces.api.jobs.present import filter_of, operator_job_view
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = ["OperatorJobDetailView", "OperatorJobListView", "OperatorJobRetryView", "QueueListView"]


class OperatorJobListView(TenantEndpoint):
    """Jobs of every academy."""

    roles: ClassVar = {"GET": OPERATORS}

    @extend_schema(
        parameters=[TENANT, *parameters(OperatorJobQuery)],
        responses={200: OperatorJobPage},
        operation_id="operator_list_jobs",
        tags=["operator"],
    )
    def get(self, request: Request) -> Response:
        """List jobs of all academies or one, newest first, with the evidence of failures."""
        query = self.query(OperatorJobQuery)
        where = filter_of(query, query.tenant_id)
        page = self.page(lambda tx: tx.jobs.list(where, query.cursor, query.limit))
        items = [operator_job_view(job, self.language) for job in page.items]
        return Response(OperatorJobPage(items=items, next_cursor=page.next_cursor))


class OperatorJobDetailView(TenantEndpoint):
    """One job of any academy."""

    roles: ClassVar = {"GET": OPERATORS}

    @extend_schema(
        parameters=[TENANT],
        responses={200: OperatorJobView},
        operation_id="operator_get_job",
        tags=["operator"],
    )
    def get(self, request: Request, job_id: str) -> Response:
        """Show a job of any academy."""
        job = self.services.database.read_sync(lambda tx: tx.jobs.get(job_id))
        if job is None:
            raise NotFound("job")
        return Response(operator_job_view(job, self.language))


class OperatorJobRetryView(TenantEndpoint):
    """A new life for a job that ended badly."""

    roles: ClassVar = {"POST": OPERATORS}

    @extend_schema(
        request=None,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: OperatorJobView},
        operation_id="operator_retry_job",
        tags=["operator"],
    )
    def post(self, request: Request, job_id: str) -> Response:
        """Start a failed, dead or cancelled job again with its attempts counted afresh."""

        def work(tx: Transaction) -> OperatorJobView:
            job = revive(tx, self.services.types, job_id)
            if job is None:
                raise NotFound("job")
            return operator_job_view(job, self.language)

        return self.once(202, work)


class QueueListView(TenantEndpoint):
    """Every queue."""

    roles: ClassVar = {"GET": OPERATORS}

    @extend_schema(
        parameters=[TENANT],
        responses={200: QueueList},
        operation_id="operator_list_queues",
        tags=["operator"],
    )
    def get(self, request: Request) -> Response:
        """Count the messages of every queue and of its dead-letter queue."""
        return Response(self.portal.call(self._count))

    async def _count(self) -> QueueList:
        return QueueList(items=[await self._look(name) for name in self.services.queue_names])

    async def _look(self, name: str) -> QueueView:
        try:
            depth = await self.services.queue.depth(name)
            dead = await self.services.queue.depth(QueueSettings(name).dead_letter_name)
        except QueueMissing:
            return QueueView(
                name=name, exists=False, visible=0, in_flight=0, delayed=0, oldest_seconds=None, dead=0
            )
        return QueueView(
            name=name,
            exists=True,
            visible=depth.visible,
            in_flight=depth.in_flight,
            delayed=depth.delayed,
            oldest_seconds=depth.oldest_seconds,
            dead=dead.visible + dead.in_flight,
        )
