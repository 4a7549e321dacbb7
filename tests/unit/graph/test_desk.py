"""Orders of graphs are looked at before a job is recorded, and become the job that was meant (GRA-1, API-2)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeVar

import pytest

from academy.application.errors import Conflict, NotFound, Refused
from academy.application.graph.desk import GraphDesk
from academy.application.graph.job_types import graph_job_types
from academy.application.graph.material import Material
from academy.application.ports.database import JobFilter, Transaction
from academy.contracts.microscope import AskMicroscope, RelatedQuestions, Synthesize
from academy.domain.document.document import Document, DocumentPurpose, DocumentState, study_key
from academy.domain.graph.graph import LensDocument
from academy.domain.job.job import Job
from academy.infrastructure.memory.clock import ManualClock
from academy.infrastructure.memory.objects import MemoryObjectStore
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase
from academy.infrastructure.sql.schema import prepare

T = TypeVar("T")
USER = "학생/1"
QUEUES = {"graph_requests": "requests", "graph_results": "results"}


@dataclass
class Office:
    """Two academies, t1 and t2, and the desk."""

    database: SqlDatabase
    clock: ManualClock
    desk: GraphDesk
    new_id: Callable[[], str]

    def do(self, work: Callable[[Transaction], T]) -> T:
        return self.database.run_sync(work)

    def document(
        self,
        name: str = "노트.md",
        purpose: DocumentPurpose = DocumentPurpose.STUDY,
        state: DocumentState = DocumentState.READY,
        tenant_id: str = "t1",
    ) -> Document:
        made = self.new_id()
        key = study_key(tenant_id, made, name)
        document = Document(
            made,
            tenant_id,
            purpose,
            state,
            key,
            name,
            "text/markdown",
            1,
            "",
            "staff",
            "",
            None,
            self.clock.now(),
        )
        self.do(lambda tx: tx.documents.add([document]))
        return document

    def built(self, tenant_id: str = "t1") -> None:
        def work(tx: Transaction) -> None:
            graph = tx.graphs.reserve(tenant_id, USER, "job")
            assert graph is not None
            tx.graphs.publish(replace(graph, build="job", prefix="tenants/t1/graph/b/", nodes=1))
            tx.graphs.release(tenant_id, USER, "job")

        self.do(work)

    def looked_into(self, document_id: str, tenant_id: str = "t1") -> None:
        row = LensDocument(
            tenant_id, USER, document_id, "job", "key", "source", "", "ko", "d", 1, 0, 0, self.clock.now()
        )
        self.do(lambda tx: tx.lens.put(row))

    def jobs(self) -> list[Job]:
        return list(self.do(lambda tx: tx.jobs.list(JobFilter(), "", 50)).items)


@pytest.fixture
def office() -> Iterator[Office]:
    clock = ManualClock()
    connections = SqlConnections("sqlite://", clock)
    prepare(connections)
    numbers = count(1)

    def new_id() -> str:
        return f"id-{next(numbers):05}"

    database = SqlDatabase(connections)
    for tenant_id in ("t1", "t2"):
        database.run_sync(lambda tx, name=tenant_id: tx.tenants.add(name, f"code-{name}", name))  # type: ignore[misc]
    yield Office(
        database, clock, GraphDesk(graph_job_types(QUEUES), MemoryObjectStore(ManualClock()), new_id), new_id
    )
    connections.close()


@pytest.mark.requirement("GRA-3")
def test_documents_and_keys_become_one_job_that_reads_each_once(office: Office) -> None:
    first, second = office.document(), office.document("대화.zip")
    own = ["tenants/t1/notes/a.md", "tenants/code-t1/notes/b.md"]
    material = Material([second.id, first.id, second.id], [*own, first.key], ["tenants/t1/notes/"])

    job = office.do(
        lambda tx: office.desk.generate(
            tx, "t1", USER, material, include_summary=True, language="ko", seed=7, trace="00-a"
        )
    )

    assert (job.type, job.queue, job.subject, job.trace) == (
        "graph.generate",
        "requests",
        f"graph:{USER}",
        "00-a",
    )
    assert job.payload["keys"] == [second.key, first.key, *own]
    assert job.payload["prefixes"] == ["tenants/t1/notes/"]
    assert (job.payload["include_summary"], job.payload["language"], job.payload["seed"]) == (True, "ko", 7)
    assert job.reply_to == "", "who asked over HTTP is answered there"


@pytest.mark.requirement("API-2")
@pytest.mark.parametrize(
    ("material", "code", "path"),
    [
        (Material(), "nothing_named", ("document_ids",)),
        (Material(keys=["tenants/t1/a.md", "tenants/t2/a.md"]), "foreign_key", ("keys", 1)),
        (Material(keys=["tenants/code-t2/a.md"]), "foreign_key", ("keys", 0)),
        (Material(keys=["tenants/t1"]), "foreign_key", ("keys", 0)),
        (Material(keys=["tenants/t1/../t2/a.md"]), "foreign_key", ("keys", 0)),
        (Material(keys=["tenants/t10/a.md"]), "foreign_key", ("keys", 0)),
        (Material(prefixes=["tenants/"]), "foreign_key", ("prefixes", 0)),
        (Material(prefixes=["tenants/t1/notes"]), "prefix_without_slash", ("prefixes", 0)),
    ],
)
def test_what_is_not_the_academy_s_is_refused_before_there_is_a_job(
    office: Office, material: Material, code: str, path: tuple[str | int, ...]
) -> None:
    office.built()
    for order in (office.desk.generate, office.desk.add_nodes):
        with pytest.raises(Refused) as refused:
            office.do(lambda tx, order=order: order(tx, "t1", USER, material))  # type: ignore[misc]
        assert [(fault.failure.code, fault.path) for fault in refused.value.faults] == [(code, path)]
        assert refused.value.failure.message_ko
    assert office.jobs() == []


@pytest.mark.requirement("API-2")
@pytest.mark.requirement("SEC-2")
def test_documents_of_others_open_uploads_and_other_purposes_are_no_material(office: Office) -> None:
    foreign, paper = office.document(tenant_id="t2"), office.document(purpose=DocumentPurpose.PAPER)
    begun = office.document(state=DocumentState.PENDING)
    expected = {foreign.id: NotFound, paper.id: Refused, begun.id: Conflict}

    for document_id, error in expected.items():
        with pytest.raises(error):
            office.do(lambda tx, it=document_id: office.desk.generate(tx, "t1", USER, Material([it])))  # type: ignore[misc]
        with pytest.raises(error):
            office.do(lambda tx, it=document_id: office.desk.ingest(tx, "t1", USER, document_id=it))  # type: ignore[misc]
    assert office.jobs() == []


@pytest.mark.requirement("GRA-4")
@pytest.mark.requirement("GRA-5")
def test_a_graph_must_be_there_to_grow_or_to_be_summarised(office: Office) -> None:
    material = Material([office.document().id])
    office.built("t2")
    with pytest.raises(NotFound):
        office.do(lambda tx: office.desk.add_nodes(tx, "t1", USER, material))
    with pytest.raises(NotFound):
        office.do(lambda tx: office.desk.summarize(tx, "t1", USER))

    office.built()
    added = office.do(lambda tx: office.desk.add_nodes(tx, "t1", USER, material))
    summed = office.do(lambda tx: office.desk.summarize(tx, "t1", USER, "en"))

    assert (added.type, summed.type) == ("graph.add_node", "graph.summarize")
    assert summed.payload["language"] == "en"


@pytest.mark.requirement("GRA-6")
def test_a_document_goes_under_the_microscope_by_the_id_that_citations_will_name(office: Office) -> None:
    document, key = office.document(), "tenants/t1/notes/a.md"
    wishes = ({"document_id": document.id}, {"document_id": document.id, "part": "chat-7"}, {"key": key})

    jobs = [office.do(lambda tx, it=wish: office.desk.ingest(tx, "t1", USER, **it)) for wish in wishes]  # type: ignore[misc, arg-type]

    assert [(job.payload["key"], job.payload["document_id"]) for job in jobs] == [
        (document.key, document.id),
        (document.key, "chat-7"),
        (key, ""),
    ]
    for wrong in ({}, {"document_id": document.id, "key": key}, {"key": "tenants/t2/a.md"}):
        with pytest.raises(Refused):
            office.do(lambda tx, it=wrong: office.desk.ingest(tx, "t1", USER, **it))  # type: ignore[misc, arg-type]


@pytest.mark.requirement("GRA-6")
def test_only_documents_under_the_microscope_are_asked(office: Office) -> None:
    office.looked_into("a")
    office.looked_into("b", "t2")
    wishes = {
        "microscope.query": AskMicroscope(user_id=USER, question="?"),
        "microscope.synthesize": Synthesize(user_id=USER, document_ids=("a",)),
        "microscope.related_questions": RelatedQuestions(user_id=USER),
    }
    for name, wish in wishes.items():
        job = office.do(lambda tx, it=wish: office.desk.ask(tx, "t1", it))  # type: ignore[misc]
        assert job.type == name
        other = wish.model_copy(update={"document_ids": ("a", "b")})
        with pytest.raises(NotFound) as missing:
            office.do(lambda tx, it=other: office.desk.ask(tx, "t1", it))  # type: ignore[misc]
        assert missing.value.paths == (("document_ids", 1),)
        nobody = wish.model_copy(update={"user_id": "nobody", "document_ids": ()})
        with pytest.raises(NotFound):
            office.do(lambda tx, it=nobody: office.desk.ask(tx, "t1", it))  # type: ignore[misc]


@pytest.mark.requirement("GRA-8")
def test_an_erasure_is_taken_for_anybody_and_only_in_the_own_academy(office: Office) -> None:
    job = office.do(lambda tx: office.desk.erase(tx, "t2", USER))

    assert (job.type, job.tenant_id, job.payload) == ("graph.erase", "t2", {"user_id": USER})


@pytest.mark.requirement("GRA-5")
async def test_only_files_that_there_are_have_an_address(office: Office) -> None:
    office.built()
    graph = office.do(lambda tx: office.desk.graph(tx, "t1", USER))
    store = MemoryObjectStore(ManualClock())
    for name in ("graph_final.json", "features.npz", "build.json"):
        await store.put(graph.file(name), b"x")
    desk = GraphDesk(graph_job_types(QUEUES), store, office.new_id)

    files = await desk.files(
        replace(graph, summary_key="tenants/t1/graph/s/summary.json"), office.clock.now()
    )

    assert {file.name for file in files} == {"graph", "features", "summary"}
    assert all(file.url and file.expires_at > office.clock.now() for file in files)
