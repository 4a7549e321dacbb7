"""What every view of graphs and the microscope shares."""

from collections.abc import Callable

from rest_framework.response import Response

from academy.application.graph.desk import GraphDesk, SignedFile
from academy.application.graph.material import Material
from academy.application.ports.database import Transaction
from academy.contracts.rest.graphs import AddNodesRequest, FileAddress, GenerateGraphRequest
from academy.contracts.rest.jobs import JobView
from academy.domain.graph.graph import UserGraph
from academy.domain.job.job import Job
from academy.interfaces.api.endpoint import TenantEndpoint
from academy.interfaces.api.jobs.present import job_view

__all__ = ["GraphEndpoint", "address", "material_of"]


class GraphEndpoint(TenantEndpoint):
    """A view of graphs or of documents under the microscope: for those who manage and for operators."""

    @property
    def desk(self) -> GraphDesk:
        """The use cases."""
        return self.services.graph_desk

    def graph(self, user_id: str) -> UserGraph:
        """Return a user's graph. Raises NotFound."""
        return self.services.database.read_sync(
            lambda tx: self.desk.graph(tx, self.member.tenant_id, user_id)
        )

    def ordered(self, work: Callable[[Transaction], Job]) -> Response:
        """Order a job, at most once per Idempotency-Key; the answer says where to follow it."""
        response = self.once(202, lambda tx: job_view(work(tx), None, self.language))
        made = response.data.id if isinstance(response.data, JobView) else response.data["id"]
        response["Location"] = f"/api/v1/jobs/{made}"
        return response


def material_of(asked: GenerateGraphRequest | AddNodesRequest) -> Material:
    """Return what a request names to be read."""
    return Material(asked.document_ids, asked.keys, asked.prefixes)


def address(file: SignedFile) -> FileAddress:
    """Return where a file may be fetched."""
    return FileAddress(url=file.url, expires_at=file.expires_at)
