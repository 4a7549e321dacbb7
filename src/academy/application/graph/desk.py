"""Jobs that people order of the graph worker over HTTP, and what they see of graphs (GRA-1, GRA-8).

A user is whatever text the academy's own systems call a learner by, so within an academy there is nobody to whom a graph belongs more
than to another: those who manage see all of them, students and parents none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from academy.application.errors import NotFound
from academy.application.graph.job_types import (
    ADD_NODE,
    ERASE,
    GENERATE,
    INGEST,
    QUERY,
    RELATED_QUESTIONS,
    SEARCH,
    SUMMARIZE,
    SYNTHESIZE,
)
from academy.application.graph.material import Material, named_inputs, one_input
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import submit
from academy.application.ports.database import Transaction
from academy.application.ports.object_store import ObjectMissing, ObjectStore
from academy.application.ports.page import Page
from academy.contracts.base import Contract
from academy.contracts.graph import AddNodes, EraseGraph, GenerateGraph, SummarizeGraph
from academy.contracts.graph_search import SearchGraph
from academy.contracts.microscope import AskMicroscope, IngestDocument, RelatedQuestions, Synthesize
from academy.domain.graph.graph import LensDocument, UserGraph
from academy.domain.job.job import Job

__all__ = ["FILES", "GraphDesk", "SignedFile"]

FILES: Mapping[str, str] = {
    "graph": "graph_final.json",
    "picture": "graph.svg",
    "graphml": "graph.graphml",
    "gexf": "graph.gexf",
    "features": "features.npz",
    "outcomes": "outcomes.jsonl",
}
"""Files of a graph that people fetch, by the name under which they are shown; a summary lies apart."""
_ASKING: Mapping[type[Contract], str] = {
    AskMicroscope: QUERY,
    Synthesize: SYNTHESIZE,
    RelatedQuestions: RELATED_QUESTIONS,
}
_URL_SECONDS = 600


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file and where anybody may fetch it until `expires_at`."""

    name: str
    url: str
    expires_at: datetime


class GraphDesk:
    """The use cases; who may use which is decided by the caller. Orders are recorded in the caller's transaction."""

    def __init__(self, types: JobTypes, store: ObjectStore, new_id: Callable[[], str]) -> None:
        """Take the registry of job types, the store of the AI bucket and a maker of ids."""
        self._types = types
        self._store = store
        self._new_id = new_id

    def generate(
        self,
        tx: Transaction,
        tenant_id: str,
        user_id: str,
        material: Material,
        *,
        include_summary: bool = False,
        language: str = "auto",
        seed: int = 0,
        trace: str = "",
    ) -> Job:
        """Have a user's graph made, in the place of the one there is. Raises NotFound, Refused, Conflict as `named_inputs`."""
        wish = GenerateGraph.model_validate(
            {
                "user_id": user_id,
                **named_inputs(tx, tenant_id, material),
                "include_summary": include_summary,
                "language": language,
                "seed": seed,
            }
        )
        return self._order(tx, tenant_id, GENERATE, wish, trace)

    def add_nodes(
        self, tx: Transaction, tenant_id: str, user_id: str, material: Material, trace: str = ""
    ) -> Job:
        """Let documents join a graph without a rebuild. Raises NotFound for a user without a graph, else as `generate`."""
        self.graph(tx, tenant_id, user_id, named=True)
        wish = AddNodes.model_validate({"user_id": user_id, **named_inputs(tx, tenant_id, material)})
        return self._order(tx, tenant_id, ADD_NODE, wish, trace)

    def summarize(
        self, tx: Transaction, tenant_id: str, user_id: str, language: str = "auto", trace: str = ""
    ) -> Job:
        """Have it said what a graph holds. Raises NotFound for a user without a graph."""
        self.graph(tx, tenant_id, user_id, named=True)
        wish = SummarizeGraph.model_validate({"user_id": user_id, "language": language})
        return self._order(tx, tenant_id, SUMMARIZE, wish, trace)

    def search(self, tx: Transaction, tenant_id: str, wish: SearchGraph, trace: str = "") -> Job:
        """Have nodes found that are near a text. Raises NotFound for a user without a graph."""
        self.graph(tx, tenant_id, wish.user_id, named=True)
        return self._order(tx, tenant_id, SEARCH, wish, trace)

    def erase(self, tx: Transaction, tenant_id: str, user_id: str, trace: str = "") -> Job:
        """Have everything removed that was made for a user; also where no row tells of it, so that nothing can be left over."""
        return self._order(tx, tenant_id, ERASE, EraseGraph(user_id=user_id), trace)

    def ingest(
        self,
        tx: Transaction,
        tenant_id: str,
        user_id: str,
        *,
        document_id: str = "",
        key: str = "",
        part: str = "",
        title: str = "",
        language: str = "auto",
        trace: str = "",
    ) -> Job:
        """Have one document read under the microscope: an uploaded one, or the object of a key.

        Its id there is `part` (its own id in a file that holds several), else the document's, else the key. Raises as `one_input`.
        """
        wish = IngestDocument.model_validate(
            {
                "user_id": user_id,
                "key": one_input(tx, tenant_id, document_id, key),
                "document_id": part or document_id,
                "title": title,
                "language": language,
            }
        )
        return self._order(tx, tenant_id, INGEST, wish, trace)

    def ask(
        self,
        tx: Transaction,
        tenant_id: str,
        wish: AskMicroscope | Synthesize | RelatedQuestions,
        trace: str = "",
    ) -> Job:
        """Have documents under the microscope asked. Raises NotFound for those that are not there, or where there are none."""
        named = wish.document_ids
        if named:
            there = {each.document_id for each in tx.lens.get_many(tenant_id, wish.user_id, named)}
            missing = [("document_ids", at) for at, each in enumerate(named) if each not in there]
            if missing:
                raise NotFound("microscope document", missing)
        elif not tx.lens.list(tenant_id, wish.user_id, "", 1).items:
            raise NotFound("microscope document", [("user_id",)])
        return self._order(tx, tenant_id, _ASKING[type(wish)], wish, trace)

    def graph(self, tx: Transaction, tenant_id: str, user_id: str, *, named: bool = False) -> UserGraph:
        """Return a user's graph; `named`: the body of the request names the user. Raises NotFound."""
        found = tx.graphs.get(tenant_id, user_id)
        if found is None:
            raise NotFound("graph", [("user_id",)] if named else [])
        return found

    def graphs(self, tx: Transaction, tenant_id: str, cursor: str, limit: int) -> Page[UserGraph]:
        """Return graphs, by user id; a cursor that is not ours raises ValueError."""
        return tx.graphs.list(tenant_id, cursor, limit)

    def documents(
        self, tx: Transaction, tenant_id: str, user_id: str, cursor: str, limit: int
    ) -> Page[LensDocument]:
        """Return a user's documents under the microscope, by id; a cursor that is not ours raises ValueError."""
        return tx.lens.list(tenant_id, user_id, cursor, limit)

    async def files(self, graph: UserGraph, now: datetime) -> list[SignedFile]:
        """Return the files of a graph that there are; not every task writes each of them. Raises ObjectStoreUnavailable."""
        there = {head.key async for head in self._store.list(graph.prefix)}
        keys = {name: graph.file(file) for name, file in FILES.items()}
        found = {name: key for name, key in keys.items() if key in there}
        if graph.summary_key:
            found["summary"] = graph.summary_key
        return [await self.signed(name, key, now) for name, key in found.items()]

    async def summary(self, graph: UserGraph) -> bytes:
        """Return summary.json of a graph. Raises NotFound for one without, ObjectStoreUnavailable."""
        return await self._file(graph.summary_key, "graph summary")

    async def picture(self, graph: UserGraph) -> bytes:
        """Return the picture of a graph, an SVG. Raises NotFound for one without, ObjectStoreUnavailable."""
        return await self._file(graph.file(FILES["picture"]), "graph picture")

    async def _file(self, key: str, what: str) -> bytes:
        if not key:
            raise NotFound(what)
        try:
            return await self._store.get(key)
        except ObjectMissing:
            raise NotFound(what) from None

    def document(self, tx: Transaction, tenant_id: str, user_id: str, document_id: str) -> LensDocument:
        """Return a document under the microscope. Raises NotFound."""
        found = tx.lens.get_many(tenant_id, user_id, [document_id])
        if not found:
            raise NotFound("microscope document")
        return found[0]

    async def remove_file(self, document: LensDocument) -> None:
        """Remove what was read of a document; done before `remove_row`, so that nothing can be left over. Raises ObjectStoreUnavailable."""
        await self._store.delete([document.key])

    def remove_row(self, tx: Transaction, document: LensDocument) -> None:
        """Remove the row of a document, unless it was read again meanwhile."""
        now = tx.lens.get_many(document.tenant_id, document.user_id, [document.document_id])
        if [each.key for each in now] == [document.key]:
            tx.lens.remove(document.tenant_id, document.user_id, [document.document_id])

    async def signed(self, name: str, key: str, now: datetime) -> SignedFile:
        """Return where an object may be fetched. Raises ObjectStoreUnavailable."""
        url = await self._store.presign_get(key, _URL_SECONDS)
        return SignedFile(name, url, now + timedelta(seconds=_URL_SECONDS))

    def _order(self, tx: Transaction, tenant_id: str, type_name: str, wish: Contract, trace: str) -> Job:
        job_id = self._new_id()
        return submit(
            tx,
            self._types,
            job_id=job_id,
            tenant_id=tenant_id,
            type_name=type_name,
            payload=wish,
            idempotency_key=f"{type_name}:{job_id}",
            subject=self._types[type_name].subject(wish),
            trace=trace,
        ).job
