"""The registry of the AI worker's job types, and ordering a job of any of them (AI-1)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.contracts.rest.ai_jobs import JobTypeList, OrderJobRequest
from academy.contracts.rest.jobs import JobView
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.ai.endpoint import PaperEndpoint
from academy.interfaces.api.ai.present import job_type_view
from academy.interfaces.api.schema import IDEMPOTENT, TENANT

__all__ = ["AiJobListView", "AiJobTypeListView"]


class AiJobTypeListView(PaperEndpoint):
    """The registry."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(
        parameters=[TENANT], responses={200: JobTypeList}, operation_id="list_ai_job_types", tags=["ai"]
    )
    def get(self, request: Request) -> Response:
        """List the kinds of jobs of the AI worker: tiers, limits, steps, and what each takes and gives."""
        kinds = sorted((each for each in self.services.types if each.tiers), key=lambda kind: kind.name)
        return Response(JobTypeList(items=[job_type_view(each) for each in kinds]))


class AiJobListView(PaperEndpoint):
    """Jobs of the AI worker; the list of all jobs is `/jobs`."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=OrderJobRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="order_ai_job",
        tags=["ai"],
    )
    def post(self, request: Request) -> Response:
        """Order a job of any type of the registry; the routes of exams and classes check more, and say it in better words."""
        asked = self.body(OrderJobRequest)
        desk, tenant_id = self.services.exam_desk, self.member.tenant_id
        return self.ordered(
            lambda tx: desk.order(tx, tenant_id, asked.type, asked.payload, asked.tier, self.traceparent)
        )
