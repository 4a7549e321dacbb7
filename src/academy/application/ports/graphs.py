"""Port: graphs and microscope documents within a transaction. Every method that takes a `tenant_id` finds nothing of another's."""

from collections.abc import Sequence
from typing import Protocol

from academy.application.ports.page import Page
from academy.domain.graph.graph import LensDocument, UserGraph

__all__ = ["GraphRepository", "LensRepository"]


class GraphRepository(Protocol):
    """The rows of users' graphs."""

    def reserve(self, tenant_id: str, user_id: str, job_id: str) -> UserGraph | None:
        """Let a job be the one that may change a user's graph; return the graph, its `build` "" for a new one, None: another job's turn.

        The same job may ask again. The row is made where there is none.
        """
        ...

    def release(self, tenant_id: str, user_id: str, job_id: str) -> None:
        """Let others change it; nothing happens where the job is not its holder. A row without a build goes."""
        ...

    def publish(self, graph: UserGraph) -> bool:
        """Write every field but `holder` and `updated_at`, which becomes now; return False where `graph.holder` does not hold it."""
        ...

    def get(self, tenant_id: str, user_id: str) -> UserGraph | None:
        """Return a graph that has a build, or None."""
        ...

    def list(self, tenant_id: str, cursor: str, limit: int) -> Page[UserGraph]:
        """Return graphs that have a build, by user id; a cursor that is not ours raises ValueError."""
        ...

    def remove(self, tenant_id: str, user_id: str, job_id: str) -> bool:
        """Delete the row; return False where another job holds it."""
        ...


class LensRepository(Protocol):
    """The rows of documents that were read under the microscope."""

    def put(self, document: LensDocument) -> None:
        """Insert it or write every field of the one that is there; `updated_at` becomes now."""
        ...

    def get_many(self, tenant_id: str, user_id: str, document_ids: Sequence[str]) -> Sequence[LensDocument]:
        """Return those of `document_ids` that there are, by document id."""
        ...

    def list(self, tenant_id: str, user_id: str, cursor: str, limit: int) -> Page[LensDocument]:
        """Return a user's documents, by document id; a cursor that is not ours raises ValueError."""
        ...

    def remove(self, tenant_id: str, user_id: str, document_ids: Sequence[str] | None = None) -> None:
        """Delete some of a user's rows, or all of them; ids that are not there are no error."""
        ...
