"""No result is so long that it would not travel on the queue as it is, or would fail for its length (GRA-1, QUE-7).

A body over DEFAULT_LIMIT_BYTES would go by way of another bucket, where producers of graph requests may not read.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from academy.application.claim_check import DEFAULT_LIMIT_BYTES
from academy.application.graph.files import GraphFiles
from academy.application.graph.looking import ask_documents
from academy.application.graph.microscope import QueryHandler, RelatedQuestionsHandler, SynthesizeHandler
from academy.application.graph.tally import Tally, fitting
from academy.application.graph.told import result_text
from academy.application.graph.tools import GraphTools
from academy.application.jobs.attempt import Work
from academy.application.jobs.failures import MAX_RESULT_BYTES
from academy.application.jobs.scratch import Scratch
from academy.application.ports.lens import Asked, Found, Ranked
from academy.application.ports.page import Page
from academy.contracts.base import Contract
from academy.contracts.children.graph import AskDocuments, AskedAnswer
from academy.contracts.graph import GraphBuilt, InputOutcome, NodesAdded
from academy.contracts.microscope import AskMicroscope, MicroscopeFile, RelatedQuestions, Synthesize
from academy.domain.graph.graph import LensDocument
from academy.domain.job.job import Job
from academy.domain.job.states import JobState
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.memory.objects import MemoryObjectStore

pytestmark = [pytest.mark.requirement("GRA-1"), pytest.mark.requirement("QUE-7")]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LONG_ID, LONG_USER, LONG_TASK = "문" * 1024, "학" * 200, "과" * 200
SENTENCE = "가" * 1000


def long_document(at: int) -> MicroscopeFile:
    """Return a document of 40 sentences of 1,000 letters, each a passage, an entity and a relation of its own."""
    spans = [(1000 * number, 1000 * number + 1000) for number in range(40)]
    mention = {"passage": "p1", "start": 0, "end": 1, "surface": "가"}
    whole = {
        "document_id": LONG_ID[:-1] + str(at),
        "title": "제" * 500,
        "source_key": "key",
        "digest": "d",
        "language": "ko",
        "text": SENTENCE * 40,
        "passages": [{"id": f"p{n}", "start": a, "end": b} for n, (a, b) in enumerate(spans)],
        "entities": [
            {
                "id": f"e{n}",
                "name": f"{n:03}" + "이" * 197,
                "kind": "term",
                "mentions": [mention],
                "confidence": 1,
            }
            for n in range(60)
        ],
        "relations": [
            {
                "source": f"e{n}",
                "target": f"e{n + 1}",
                "kind": "is_a",
                "evidence": {"passage": f"p{n}", "start": a, "end": b},
                "confidence": 1,
                "by": "pattern",
            }
            for n, (a, b) in enumerate(spans)
        ],
    }
    return MicroscopeFile.model_validate(whole)


class EverythingFits:
    """A lens that finds as much as it may, and that as long as can be."""

    def rank(self, documents: Sequence[MicroscopeFile], _question: str, limit: int) -> Sequence[Ranked]:
        return [Ranked(0, f"p{number}", 1.0) for number in range(min(limit, 40))]

    def questions(self, documents: Sequence[MicroscopeFile], _ranked: object, limit: int) -> list[Asked]:
        places = [(at, number) for at in range(len(documents)) for number in range(40)][:limit]
        return [
            Asked(f"{at} {number} " + "무" * 150, at, f"p{number}", 1000 * number, 1000 * number + 1000)
            for at, number in places
        ]

    def extract(
        self, _documents: Sequence[MicroscopeFile], _question: str, ranked: Sequence[Ranked], sentences: int
    ) -> Sequence[Found]:
        spans = [(1000 * number, 1000 * number + 1000) for number in range(40)]
        return [Found(0, f"p{n}", a, b, 1.0) for n, (a, b) in enumerate(spans[:sentences])]

    def summarise(self, _texts: Sequence[str], sentences: int) -> Sequence[tuple[int, int, int, float]]:
        return [(0, 1000 * number, 1000 * number + 1000, 1.0) for number in range(sentences)]


class Children:
    """Asks in this process."""

    answered = 0

    async def call(self, _work: Work, _entry: str, request: AskDocuments, _answer: type) -> AskedAnswer:
        answer = ask_documents(request, EverythingFits(), lambda _step, _part: None)  # type: ignore[arg-type]
        self.answered = len(json.dumps(answer.model_dump(mode="json")))
        return answer


def job_of(kind: str, result: Contract) -> Job:
    """Return a finished job, its names as long as they can be."""
    values: dict[str, Any] = dict.fromkeys(Job.__dataclass_fields__)
    values |= {"id": "0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01", "type": kind, "state": JobState.SUCCEEDED}
    values |= {"finished_at": NOW, "payload": {"user_id": LONG_USER, "task_id": LONG_TASK}}
    return Job(**{**values, "result": result.model_dump(mode="json")})


def check_travels(kind: str, result: Contract) -> None:
    assert len(json.dumps(result.model_dump(mode="json"))) < MAX_RESULT_BYTES
    text = result_text(job_of(kind, result), "5f0c3c57-36f5-5d6c-9f5e-0d9a1f1b7c11")
    assert len(text.encode()) < DEFAULT_LIMIT_BYTES
    assert json.loads(text)["taskId"] == LONG_TASK


class Rows:
    """Two documents, of five hundred that are named."""

    def __init__(self) -> None:
        rows = [
            LensDocument(
                "t1", LONG_USER, long_document(at).document_id, "b", str(at), "", "", "ko", "d", 1, 1, 1, NOW
            )
            for at in range(2)
        ]
        tenant = SimpleNamespace(id="t1", code="t1")
        self.tenants = SimpleNamespace(get=lambda _: tenant, by_code=lambda _: None)
        self.lens = SimpleNamespace(list=lambda *_: Page(rows, "more"), get_many=lambda *_: rows)

    async def read(self, work: Any) -> Any:
        return work(self)


@pytest.mark.parametrize(
    "named", [(), tuple(LONG_ID[:-3] + f"{n:03}" for n in range(500))], ids=["all", "named"]
)
@pytest.mark.parametrize(
    ("kind", "handler", "wish"),
    [
        (
            "microscope.query",
            QueryHandler,
            lambda ids: AskMicroscope(user_id=LONG_USER, question="물" * 2000, document_ids=ids, limit=20),
        ),
        (
            "microscope.synthesize",
            SynthesizeHandler,
            lambda ids: Synthesize(user_id=LONG_USER, topic="주" * 500, document_ids=ids, sentences=30),
        ),
        (
            "microscope.synthesize",
            SynthesizeHandler,
            lambda ids: Synthesize(user_id=LONG_USER, topic="", document_ids=ids, sentences=30),
        ),
        (
            "microscope.related_questions",
            RelatedQuestionsHandler,
            lambda ids: RelatedQuestions(user_id=LONG_USER, question="", document_ids=ids, limit=20),
        ),
    ],
    ids=["query", "synthesize", "synthesize all", "related questions"],
)
async def test_the_longest_answers_travel(
    tmp_path: Path, kind: str, handler: Any, wish: Any, named: tuple[str, ...]
) -> None:
    store, rows, children = MemoryObjectStore(SystemClock()), Rows(), Children()
    for at in range(2):
        await store.put(str(at), long_document(at).model_dump_json().encode())
    files = GraphFiles(rows, store, Scratch(tmp_path), "bucket")  # type: ignore[arg-type]
    tools = GraphTools(rows, files, children, SimpleNamespace(), SystemClock())  # type: ignore[arg-type]
    work: Any = SimpleNamespace(
        job=SimpleNamespace(tenant_id="t1", id="ask", token=1), payload=wish(named), report=lambda *_: None
    )
    result = await handler(tools).run(work)
    assert children.answered < MAX_RESULT_BYTES, "more than a process may answer"
    check_travels(kind, result)
    assert "shortened" in {each.code for each in result.degraded}, "and that it is not whole is told"
    kept = result.questions if kind.endswith("questions") else result.sentences
    assert kept, "what is left is an answer"


def test_an_answer_that_fits_is_left_whole() -> None:
    """Of the length that answers have."""
    request = AskDocuments(kind="query", files=(), question="?", passages=20, sentences=5)

    class Short(EverythingFits):
        def rank(self, *_given: Any) -> Sequence[Ranked]:
            return []

        def extract(self, *_given: Any) -> Sequence[Found]:
            return []

    assert not ask_documents(request, Short(), lambda _step, _part: None).shortened  # type: ignore[arg-type]


def test_the_longest_results_of_changes_travel() -> None:
    tally = Tally(SystemClock())
    tally.outcomes = [
        InputOutcome(
            key="키" * 1024, id=f"{n:04}" + "가" * 1020, status="failed", code="c" * 100, message="말" * 500
        )
        for n in range(300)
    ]
    ids = fitting([f"{n:05}" + "가" * 995 for n in range(20_000)])
    key, recipe = "k" * 1024, "r" * 200
    told: dict[str, Any] = {
        "user_id": LONG_USER,
        "outcomes": tally.listed,
        "outcome_counts": tally.counts,
        "outcomes_key": key,
        "result_key": key,
        "features_key": key,
        "nodes": 1,
        "edges": 1,
        "clusters": 1,
        "recipe": recipe,
    }
    check_travels("graph.add_node", NodesAdded(**told, node_ids=ids))
    pictures = {"graphml_key": key, "gexf_key": key, "picture_key": key, "summary_key": key}
    check_travels("graph.generate", GraphBuilt(**told, **pictures))
