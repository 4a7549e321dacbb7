"""The workers of `academy up` whose libraries may not be installed: none of them then, and a line of why."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from academy.application.ports.vector_index import VectorIndexUnavailable
from academy.bootstrap.ai_tools import missing_libraries
from academy.bootstrap.ai_worker import ai_gpu_worker_setup, ai_worker_setup
from academy.bootstrap.backends import Backends
from academy.bootstrap.graph_tools import missing_graph_libraries
from academy.bootstrap.graph_worker import open_graph_setup
from academy.bootstrap.models import Models
from academy.interfaces.cli.console import Trouble
from academy.interfaces.workers.runtime.role import worker_of
from academy.interfaces.workers.runtime.worker import Worker

__all__ = ["ai_workers", "graph_workers"]

Say = Callable[[str], None]


@asynccontextmanager
async def ai_workers(backends: Backends, models: Models, say: Say) -> AsyncIterator[tuple[Worker, ...]]:
    """Yield the AI workers of all three queues."""
    if missing_libraries():
        say(
            "AI jobs wait: install the extra worker-ai to have them done. AI 작업은 worker-ai를 설치하면 처리됩니다."
        )
        yield ()
        return
    yield worker_of(ai_worker_setup(backends, models)), worker_of(ai_gpu_worker_setup(backends, models))


@asynccontextmanager
async def graph_workers(backends: Backends, models: Models, say: Say) -> AsyncIterator[tuple[Worker, ...]]:
    """Yield the graph worker."""
    if missing_graph_libraries():
        say(
            "Graph jobs wait: install the extra worker-graph to have them done."
            " 그래프 작업은 worker-graph를 설치하면 처리됩니다."
        )
        yield ()
        return
    try:
        async with open_graph_setup(backends, models) as setup:
            yield (worker_of(setup),)
    except VectorIndexUnavailable as error:
        raise Trouble(str(error), "Another process may hold ACADEMY_DATA_DIR/vectors: stop it.") from None
