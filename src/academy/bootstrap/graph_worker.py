"""What the graph worker runs with (GRA-1, GRA-2)."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from academy.application.graph.changes import AddNodesHandler, SummarizeHandler
from academy.application.graph.fencing import fenced
from academy.application.graph.files import GraphFiles
from academy.application.graph.generate import GenerateHandler
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
    TEND,
    graph_job_types,
)
from academy.application.graph.microscope import (
    IngestHandler,
    QueryHandler,
    RelatedQuestionsHandler,
    SynthesizeHandler,
)
from academy.application.graph.searching import SearchHandler
from academy.application.graph.tending import EraseHandler, TendHandler
from academy.application.graph.told import refusal_text
from academy.application.graph.tools import GraphTools
from academy.application.jobs.children import Children
from academy.application.jobs.refusals import Refusal
from academy.application.jobs.rotation import PolledQueue
from academy.application.jobs.scratch import Scratch
from academy.application.ports.vector_index import VectorIndex
from academy.bootstrap.backends import Backends, asked, check_backends, open_backends
from academy.bootstrap.graph_tools import graph_tool_checks
from academy.bootstrap.models import Models, check_models, open_models
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Settings, Vectors
from academy.bootstrap.worker import WorkerSetup, worker_setup
from academy.infrastructure.process import WarmChildProcesses

__all__ = ["check_graph_worker", "graph_worker_setup", "open_graph_worker", "open_vectors"]


@asynccontextmanager
async def open_graph_worker(settings: Settings) -> AsyncIterator[tuple[WorkerSetup, Models]]:
    """Open what the graph worker needs, and the models that it may ask."""
    async with (
        open_backends(settings) as backends,
        open_models(settings) as models,
        open_graph_setup(backends, models) as setup,
    ):
        yield setup, models


@asynccontextmanager
async def open_graph_setup(backends: Backends, models: Models) -> AsyncIterator[WorkerSetup]:
    """Open what the graph worker needs over backends that are open already."""
    async with AsyncExitStack() as stack:
        index = await stack.enter_async_context(open_vectors(backends.settings))
        processes = WarmChildProcesses()
        stack.push_async_callback(processes.close)
        yield graph_worker_setup(backends, models, index, processes)


@asynccontextmanager
async def open_vectors(settings: Settings) -> AsyncIterator[VectorIndex]:
    """Open the index of vectors that the settings name. Raises VectorIndexUnavailable."""
    if settings.vectors_backend is Vectors.PGVECTOR:
        from academy.infrastructure.pgvector.index import PgVectorIndex  # noqa: PLC0415

        async with PgVectorIndex.open(settings.database) as index:
            yield index
        return
    from academy.infrastructure.chroma.index import ChromaVectorIndex  # noqa: PLC0415

    async with ChromaVectorIndex.open(settings.vectors_dir) as chroma:
        yield chroma


def graph_worker_setup(
    backends: Backends, models: Models, index: VectorIndex, processes: WarmChildProcesses
) -> WorkerSetup:
    """Return the setup over what is open already."""
    settings = backends.settings
    names = queue_names(settings)
    types = graph_job_types(names)
    scratch = Scratch((settings.work_dir or Path(tempfile.gettempdir())) / "academy-graph")
    files = GraphFiles(backends.database, backends.ai_objects, scratch, settings.bucket_ai)
    tools = GraphTools(
        backends.database,
        files,
        Children(processes, types),
        index,
        backends.clock,
        models.language,
        models.embedder if settings.embedding_url else None,
        settings.llm_budget_tokens,
        timedelta(minutes=settings.graph_keep_minutes),
        timedelta(seconds=settings.graph_rest_seconds),
        settings.llm_model,
    )
    tenant = settings.queue_graph_tenant
    return worker_setup(
        backends,
        "graph",
        queues=[PolledQueue(settings.queue_graph_requests)],
        slots=settings.graph_slots,
        types=types,
        handlers={
            **fenced(
                {
                    GENERATE: GenerateHandler(tools),
                    ADD_NODE: AddNodesHandler(tools),
                    SUMMARIZE: SummarizeHandler(tools),
                    INGEST: IngestHandler(tools),
                },
                tools,
            ),
            QUERY: QueryHandler(tools),
            SYNTHESIZE: SynthesizeHandler(tools),
            RELATED_QUESTIONS: RelatedQuestionsHandler(tools),
            SEARCH: SearchHandler(tools),
            TEND: TendHandler(tools),
            ERASE: EraseHandler(tools, types),
        },
        queue_tenants={settings.queue_graph_requests: tenant} if tenant else None,
        checks={"documents": backends.ai_objects.ping, "vectors": index.ping},
        refusals={settings.queue_graph_requests: Refusal(settings.queue_graph_results, refusal_text)},
    )


async def check_graph_worker(setup: WorkerSetup, models: Models) -> list[tuple[str, str]]:
    """Ask every adapter, tool and model; return (what, "ok" or what is wrong and how to fix it)."""
    checks = {**setup.checks, **graph_tool_checks()}
    return [
        *await check_backends(setup.backends),
        *[(what, await asked(ask())) for what, ask in checks.items()],
        *await check_models(models),
    ]
