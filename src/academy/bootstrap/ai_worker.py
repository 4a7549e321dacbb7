"""What the AI worker runs with: the lite and basic queues on a CPU, the premium queue where models are loaded (AI-1)."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from academy.application.ai.blank_sheets import BlankHandler
from academy.application.ai.embedding import EmbeddingHandler
from academy.application.ai.exports import AttendanceExportHandler, ScoreExportHandler
from academy.application.ai.files import DocumentFiles
from academy.application.ai.grade_scan import GradingHandler
from academy.application.ai.handwriting import HandwritingHandler
from academy.application.ai.homework import HomeworkHandler
from academy.application.ai.job_types import (
    ATTENDANCE_EXPORT,
    BLANK_CHECK,
    EMBEDDING,
    GRADING,
    HANDWRITING,
    HOMEWORK,
    NOTES,
    OCR,
    PROBLEMS,
    ROSTER_APPLY,
    ROSTER_PREVIEW,
    SCORE_EXPORT,
    SEGMENTATION,
    SHEETS,
    ai_job_types,
)
from academy.application.ai.notes import NotesHandler
from academy.application.ai.ocr import OcrHandler
from academy.application.ai.papers import Papers
from academy.application.ai.problems import ProblemsHandler
from academy.application.ai.roster_preview import RosterApplyHandler, RosterPreviewHandler
from academy.application.ai.segmentation import SegmentationHandler
from academy.application.ai.sheets import SheetsHandler
from academy.application.jobs.attempt import JobHandler
from academy.application.jobs.children import Children
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.rotation import PolledQueue
from academy.bootstrap.ai_tools import ai_tool_checks
from academy.bootstrap.backends import Backends, asked, check_backends, open_backends
from academy.bootstrap.media_tools import media_tools
from academy.bootstrap.models import Models, open_models
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Settings
from academy.bootstrap.worker import WorkerSetup, worker_setup
from academy.infrastructure.ffmpeg.frames import FfmpegFrameSource
from academy.infrastructure.ids import new_id
from academy.infrastructure.process import LocalChildProcesses

__all__ = [
    "AiTools",
    "ai_gpu_worker_setup",
    "ai_tools",
    "ai_worker_setup",
    "check_ai_worker",
    "open_ai_gpu_worker",
    "open_ai_worker",
]

LITE_WEIGHT, BASIC_WEIGHT = 1, 3


@dataclass(frozen=True, slots=True)
class AiTools:
    """What handlers of the AI worker are made of: backends, the registry, files of a job, processes of their own."""

    backends: Backends
    types: JobTypes
    files: DocumentFiles
    processes: LocalChildProcesses
    children: Children
    models: Models


@asynccontextmanager
async def open_ai_worker(settings: Settings) -> AsyncIterator[WorkerSetup]:
    """Open what the AI worker of the lite and basic queues needs."""
    async with open_backends(settings) as backends, open_models(settings) as models:
        await ai_tools(backends, models).files.sweep()
        yield ai_worker_setup(backends, models)


@asynccontextmanager
async def open_ai_gpu_worker(settings: Settings) -> AsyncIterator[WorkerSetup]:
    """Open what the AI worker of the premium queue needs; it is right on a machine without a GPU."""
    async with open_backends(settings) as backends, open_models(settings) as models:
        await ai_tools(backends, models).files.sweep()
        yield ai_gpu_worker_setup(backends, models)


def ai_worker_setup(backends: Backends, models: Models) -> WorkerSetup:
    """Return the setup of the lite and basic queues (1 : 3) over backends that are open already."""
    settings = backends.settings
    queues = [
        PolledQueue(settings.queue_ai_lite, LITE_WEIGHT),
        PolledQueue(settings.queue_ai_basic, BASIC_WEIGHT),
    ]
    tools = ai_tools(backends, models)
    return _setup(tools, "ai", queues, _handlers(tools))


def ai_gpu_worker_setup(backends: Backends, models: Models) -> WorkerSetup:
    """Return the setup of the premium queue over backends that are open already."""
    tools = ai_tools(backends, models)
    handlers = {**_handlers(tools), **_premium_handlers(tools)}
    return _setup(tools, "ai_gpu", [PolledQueue(backends.settings.queue_ai_premium)], handlers)


def ai_tools(backends: Backends, models: Models) -> AiTools:
    """Return what handlers are made of, over backends that are open already."""
    settings = backends.settings
    types = ai_job_types(queue_names(settings))
    scratch = (settings.work_dir or Path(tempfile.gettempdir())) / "academy-ai"
    processes = LocalChildProcesses()
    files = DocumentFiles(backends.database, backends.ai_objects, scratch, new_id)
    return AiTools(backends, types, files, processes, Children(processes, types), models)


async def check_ai_worker(setup: WorkerSetup) -> list[tuple[str, str]]:
    """Ask every adapter and tool; return (what, "ok" or what is wrong and how to fix it)."""
    checks = {**setup.checks, **ai_tool_checks(setup.backends.settings)}
    return [
        *await check_backends(setup.backends),
        *[(what, await asked(ask())) for what, ask in checks.items()],
    ]


def _handlers(tools: AiTools) -> dict[str, JobHandler]:
    """Return what does each type whichever the tier."""
    database, store = tools.backends.database, tools.backends.ai_objects
    papers = Papers(database, tools.files, tools.children, tools.backends.settings.tesseract)
    films = FfmpegFrameSource(tools.processes, media_tools(tools.backends.settings))
    return {
        SHEETS: SheetsHandler(database, tools.files, tools.children),
        BLANK_CHECK: BlankHandler(tools.files, tools.children),
        GRADING: GradingHandler(database, store, tools.files, tools.children),
        ATTENDANCE_EXPORT: AttendanceExportHandler(database, tools.files, tools.children),
        SCORE_EXPORT: ScoreExportHandler(database, tools.files, tools.children),
        ROSTER_PREVIEW: RosterPreviewHandler(database, tools.files, tools.children, new_id),
        ROSTER_APPLY: RosterApplyHandler(database, tools.files, tools.children, new_id, tools.types),
        NOTES: NotesHandler(database, tools.files, tools.children),
        OCR: OcrHandler(papers),
        SEGMENTATION: SegmentationHandler(papers),
        EMBEDDING: EmbeddingHandler(tools.files, tools.models.embedder),
        HANDWRITING: HandwritingHandler(tools.files, tools.processes),
        HOMEWORK: HomeworkHandler(tools.files, tools.processes, films),
    }


def _premium_handlers(tools: AiTools) -> dict[str, JobHandler]:
    """Return what does those types that only the premium tier has: they need models."""
    return {PROBLEMS: ProblemsHandler(tools.files, tools.processes, tools.models.language)}


def _setup(
    tools: AiTools, role: str, queues: list[PolledQueue], handlers: dict[str, JobHandler]
) -> WorkerSetup:
    settings = tools.backends.settings
    tenant = settings.queue_ai_tenant
    return worker_setup(
        tools.backends,
        role,
        queues=queues,
        slots=settings.ai_slots,
        types=tools.types,
        handlers=handlers,
        queue_tenants={queue.name: tenant for queue in queues} if tenant else None,
        checks={"documents": tools.backends.ai_objects.ping},
    )
