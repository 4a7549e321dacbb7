"""What the graph worker's jobs write beside their rows, in the transaction that settles them."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from academy.application.jobs.job_type import JobTypes, NoEffects
from academy.application.jobs.submit import submit
from academy.application.ports.database import Settlement, Transaction
from academy.contracts.graph import TendGraph
from academy.domain.graph.graph import LensDocument, UserGraph
from academy.domain.job.job import Job
from academy.domain.job.states import TERMINAL, JobState

__all__ = ["ERASE", "TEND", "ChangeEffects", "EraseEffects", "LensEffects", "SummaryEffects"]

TEND = "graph.tend"
ERASE = "graph.erase"


class _Tending(NoEffects):
    """Has what nobody can reach any more removed once a job has ended, well or not."""

    types: JobTypes | None = None

    def _tend(self, tx: Transaction, job: Job, end: Settlement) -> None:
        if end.state not in TERMINAL:
            return
        assert self.types is not None
        # Ids of other producers' jobs may be as long as an id can be.
        name = hashlib.sha256(job.id.encode()).hexdigest()[:32]
        submit(
            tx,
            self.types,
            job_id=f"tend-{name}-{job.token}",
            tenant_id=job.tenant_id,
            type_name=TEND,
            payload=TendGraph(user_id=str(job.payload["user_id"])),
            idempotency_key=f"graph-tend:{name}:{job.token}",
            subject=job.subject,
            trace=job.trace,
        )


class ChangeEffects(_Tending):
    """A build or an addition: what it made becomes the user's graph, and the next one may begin."""

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Publish what a job that succeeded made, and let the graph go however it ended."""
        user_id = str(job.payload.get("user_id", ""))
        if end.state is JobState.SUCCEEDED and end.result is not None:
            tx.graphs.publish(_published(job, user_id, end.result, tx))
        tx.graphs.release(job.tenant_id, user_id, job.id)
        self._tend(tx, job, end)


class EraseEffects(NoEffects):
    """The graph is free again when an erasure ends, well or not."""

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:  # noqa: ARG002 - whatever the end
        """Let the graph go."""
        tx.graphs.release(job.tenant_id, str(job.payload.get("user_id", "")), job.id)


class SummaryEffects(_Tending):
    """A summary belongs to the build that it was made of; when that is gone meanwhile it belongs to none."""

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Note where it lies."""
        user_id = str(job.payload.get("user_id", ""))
        graph = tx.graphs.get(job.tenant_id, user_id)
        done = end.state is JobState.SUCCEEDED and end.result is not None
        if done and graph is not None and graph.holder == job.id:
            assert end.result is not None
            tx.graphs.publish(replace(graph, summary_key=str(end.result["summary_key"])))
        tx.graphs.release(job.tenant_id, user_id, job.id)
        self._tend(tx, job, end)


class LensEffects(_Tending):
    """A document that was read takes the place of the one there was."""

    def settled(self, tx: Transaction, job: Job, end: Settlement) -> None:
        """Write its row."""
        if end.state is JobState.SUCCEEDED and end.result is not None:
            tx.lens.put(_lens(job, end.result, tx))
        self._tend(tx, job, end)


def _published(job: Job, user_id: str, result: Mapping[str, Any], tx: Transaction) -> UserGraph:
    return UserGraph(
        tenant_id=job.tenant_id,
        user_id=user_id,
        holder=job.id,
        build=job.id,
        prefix=str(result["result_key"]).removesuffix("graph_final.json"),
        summary_key=str(result.get("summary_key", "")),
        recipe=str(result["recipe"]),
        nodes=int(result["nodes"]),
        edges=int(result["edges"]),
        clusters=int(result["clusters"]),
        updated_at=tx.now(),
    )


def _lens(job: Job, result: Mapping[str, Any], tx: Transaction) -> LensDocument:
    return LensDocument(
        tenant_id=job.tenant_id,
        user_id=str(job.payload.get("user_id", "")),
        document_id=str(result["document_id"]),
        build=job.id,
        key=str(result["result_key"]),
        source_key=str(job.payload.get("key", "")),
        title=str(result["title"]),
        language=str(result["language"]),
        digest=str(result["digest"]),
        passages=int(result["passages"]),
        entities=int(result["entities"]),
        relations=int(result["relations"]),
        updated_at=tx.now(),
    )
