"""What every handler of the graph worker works with, and a user's graph while one of them may change it."""

import json
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from academy.application.errors import WorkFailed, Yielded
from academy.application.graph.analysing import GRAPH_FILE, read_lines
from academy.application.graph.files import GraphFiles
from academy.application.graph.refusals import VECTORS_LOST
from academy.application.graph.tally import Tally
from academy.application.jobs.attempt import Work
from academy.application.jobs.children import Children
from academy.application.ports.clock import Clock
from academy.application.ports.database import Database
from academy.application.ports.models import Embedder, LanguageModel
from academy.application.ports.object_store import ObjectMissing
from academy.application.ports.vector_index import VectorIndex, VectorIndexUnavailable, VectorsLost
from academy.domain.failures import Failure
from academy.domain.graph.graph import UserGraph
from academy.domain.tenant.graph_keys import build_prefix

__all__ = [
    "BINARY",
    "BUILD_FILE",
    "CHILD",
    "DOCUMENTS_FILE",
    "JSON",
    "LINES",
    "GraphTools",
    "build_of",
    "read_vectors",
    "vectors_away",
]

CHILD = "academy.bootstrap.children.graph"
BUILD_FILE = "build.json"
DOCUMENTS_FILE = "documents.jsonl"
JSON, LINES, BINARY = "application/json", "application/x-ndjson", "application/octet-stream"
"""Content types."""
_ASK_AGAIN = timedelta(seconds=2)
VECTORS_AWAY = Failure(
    "vector_index_unavailable",
    "The index of vectors cannot be reached or written; it is tried again by itself.",
    "벡터 색인에 연결할 수 없거나 쓸 수 없습니다. 자동으로 다시 시도합니다.",
    retryable=True,
    costs_attempt=False,
)


@dataclass(frozen=True, slots=True)
class GraphTools:
    """Ports and helpers of the handlers.

    Attributes:
        language: None where no language model is configured; `language_name` is what the operator calls it.
        keep: how long files that a result named stay when others have taken their place.
        rest: how long nothing may have joined a graph before older files of it go and it is drawn anew.
        embedder: of a server that is configured, None where none is: our own vectors need none.
    """

    database: Database
    files: GraphFiles
    children: Children
    index: VectorIndex
    clock: Clock
    language: LanguageModel | None = None
    embedder: Embedder | None = None
    budget_tokens: int = 200_000
    keep: timedelta = timedelta(0)
    rest: timedelta = timedelta(0)
    language_name: str = ""

    async def begin(self, work: Work, user_id: str) -> tuple[UserGraph, str, Tally]:
        """Return the user's graph as `reserve` does, where the files of this attempt go in the store, and what is counted from now on."""
        tally = Tally(self.clock)
        graph = await self.reserve(work, user_id)
        return graph, build_prefix(work.job.tenant_id, user_id, work.job.id, work.job.token), tally

    async def reserve(self, work: Work, user_id: str) -> UserGraph:
        """Return the user's graph, ours to change until this job settles. Raises Yielded while another job has it."""
        job = work.job
        graph = await self.database.run(lambda tx: tx.graphs.reserve(job.tenant_id, user_id, job.id))
        if graph is None:
            raise Yielded(_ASK_AGAIN)
        return graph

    async def bring_graph(self, graph: UserGraph, folder: Path) -> str:
        """Bring the graph there is; return where its file lies, "" where there is none."""
        if not graph.build:
            return ""
        target = folder / "before.json"
        return str(target) if await self.files.bring(graph.file(GRAPH_FILE), target) else ""


async def build_of(files: GraphFiles, graph: UserGraph) -> dict[str, Any]:
    """Return what is noted of the build there is: `of` (what it was made of), `made`, `documents` (keys of their texts), `features`.

    `features`: key of the file that its own features add to, "" where these stand for themselves.
    """
    try:
        noted: dict[str, Any] = json.loads(await files.store.get(graph.file(BUILD_FILE)))
    except ObjectMissing:
        return {}
    return noted


def read_vectors(folder: Path, dimension: int) -> tuple[Sequence[str], Sequence["array[float]"]]:
    """Return ids and vectors that a process wrote (members.jsonl, vectors.f32)."""
    ids = [line["id"] for line in read_lines(folder / "members.jsonl")]
    whole = array("f")
    with (folder / "vectors.f32").open("rb") as file:
        whole.fromfile(file, len(ids) * dimension)
    if sys.byteorder == "big":
        whole.byteswap()
    return ids, [whole[at * dimension : (at + 1) * dimension] for at in range(len(ids))]


def vectors_away(error: VectorIndexUnavailable) -> WorkFailed:
    """Return what an outage of the index, or a loss in it, makes of a job."""
    failure = VECTORS_LOST if isinstance(error, VectorsLost) else VECTORS_AWAY
    return WorkFailed(replace(failure, detail=str(error)[:500]))
