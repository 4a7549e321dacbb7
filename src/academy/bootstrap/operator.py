"""What the operators' commands run with: use cases, the plan of queues, the doctor's checks."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from academy.application.jobs.discretion import Discretion
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.operate import Operations
from academy.application.jobs.retention import Retention
from academy.application.ports.object_store import ObjectStore
from academy.bootstrap.ai_tools import ai_tool_checks
from academy.bootstrap.backends import Backends, open_backends
from academy.bootstrap.findings import Finding, all_of, found
from academy.bootstrap.graph_doctor import look_at_graph_tools
from academy.bootstrap.job_types import all_job_types
from academy.bootstrap.remedies import AI_REMEDY, MEDIA_REMEDY, remedies
from academy.bootstrap.settings import (
    Messages,
    Objects,
    Profile,
    ProgressBackend,
    Queues,
    Settings,
)
from academy.bootstrap.waiting import look_at_background, look_at_queues
from academy.infrastructure.ids import new_id
from academy.infrastructure.sql import schema

__all__ = ["NO_INSTALLATION", "Finding", "Operator", "diagnose", "migrate_database", "open_operator"]

NO_INSTALLATION = (
    "`academy up` or `academy migrate` makes one; ACADEMY_DATA_DIR names the folder of another one."
)
LEAST_FREE_BYTES = 2 << 30
LARGEST_CLOCK_OFFSET = 5.0


@dataclass(frozen=True, slots=True)
class Operator:
    """What operators' commands use."""

    backends: Backends
    types: JobTypes
    operations: Operations
    retention: Retention
    discretion: Discretion
    new_id: Callable[[], str]


@asynccontextmanager
async def open_operator(settings: Settings) -> AsyncIterator[Operator]:
    """Open every adapter; connects lazily, an outage shows at the first use."""
    async with open_backends(settings) as backends:
        types = all_job_types(settings)
        operations = Operations(backends.database, backends.queue, types, backends.video_objects)
        kept = Retention(backends.database, backends.telemetry)
        yield Operator(backends, types, operations, kept, Discretion(types), new_id)


def migrate_database(settings: Settings) -> tuple[str, str]:
    """Bring the business tables up to date; return the revisions before ("" for an empty database) and after.

    Raises DatabaseUnavailable, OSError.
    """
    if settings.profile is Profile.EMBEDDED:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return schema.migrate(settings.database), schema.REVISION


def _untold(finding: Finding) -> None:
    """Who wants the whole list needs no single findings."""


async def diagnose(
    settings: Settings, *, media: bool = True, tell: Callable[[Finding], None] = _untold
) -> list[Finding]:
    """Try everything that the processes need, all at once; `media` includes the tools that only a video, AI or graph worker needs.

    Each service has ANSWER_SECONDS. `tell` hears each finding as soon as it is known. An outage is one finding, whatever stands on it.
    Where there is no installation none is made: that is the finding then.
    """
    findings: list[Finding] = []

    def known(news: Sequence[Finding]) -> None:
        findings.extend(news)
        for finding in news:
            tell(finding)

    async with AsyncExitStack() as stack:
        asks: list[_Ask] = []
        if media:
            asks.append(all_of(found("media tools", _media(settings), MEDIA_REMEDY, within=None)))
            asks.append(
                all_of(
                    *(found(f"AI {what}", ask(), AI_REMEDY) for what, ask in ai_tool_checks(settings).items())
                )
            )
            asks.append(look_at_graph_tools(settings))
        if not settings.installed:
            where = f"there is none in {settings.data_dir.absolute()}"
            known([Finding("installation", False, where, NO_INSTALLATION)])
        else:
            try:
                asks += _services(await stack.enter_async_context(open_backends(settings)))
            except OSError as error:
                mend = f"The folder {settings.data_dir} (ACADEMY_DATA_DIR) must be writable."
                known([Finding("adapters", False, str(error), mend)])
        for answer in asyncio.as_completed(asks):
            known(await answer)
    known(_disks(settings))
    return findings


_Ask = Coroutine[Any, Any, list[Finding]]


def _services(backends: Backends) -> list[_Ask]:
    settings, mend = backends.settings, remedies(backends.settings)
    database = asyncio.ensure_future(found("database", _database(backends), mend["database"]))
    remedy = "Set this machine's clock by NTP; leases rely on it."
    parts: dict[str, Callable[[], _Ask]] = {
        "queues": lambda: look_at_queues(backends, mend["queue"]),
        "progress": lambda: all_of(found("progress", _progress(backends), mend["progress"])),
        "clock": lambda: all_of(found("clock", _clock(backends), remedy)),
        "relay, reconciler": lambda: look_at_background(backends),
    }
    elsewhere = {
        "queues": settings.queue_backend is Queues.SQS,
        "progress": settings.progress_backend is ProgressBackend.REDIS,
    }
    apart = [ask() for what, ask in parts.items() if elsewhere.get(what)]
    upon = {what: ask for what, ask in parts.items() if not elsewhere.get(what)}
    objects = all_of(
        found("objects", _objects(backends.video_objects, settings, settings.bucket_video), mend["objects"]),
        found("documents", _objects(backends.ai_objects, settings, settings.bucket_ai), mend["documents"]),
    )
    asks = [_first(database, tuple(upon)), *apart, objects, _upon(database, upon)]
    if settings.profile is Profile.EMBEDDED or settings.message_provider is Messages.SOLAPI:
        asks.append(all_of(found("messages", _messages(backends), mend["provider"])))
    return asks


async def _first(database: Awaitable[Finding], upon: Sequence[str]) -> list[Finding]:
    """Return the database's finding; without it what stands `upon` it is part of the same outage."""
    finding = await database
    if finding.ok:
        return [finding]
    return [finding, Finding(", ".join(upon), False, "not asked: the database comes first")]


async def _upon(database: Awaitable[Finding], parts: Mapping[str, Callable[[], _Ask]]) -> list[Finding]:
    """Ask what stands on the database once that works."""
    if not (await database).ok:
        return []
    answers = await asyncio.gather(*(ask() for ask in parts.values()))
    return [finding for findings in answers for finding in findings]


async def _database(backends: Backends) -> str:
    await backends.database.ping()
    jobs = await backends.database.read(lambda tx: tx.jobs.count_by_state())
    kind = "SQLite" if backends.settings.database.startswith("sqlite") else "PostgreSQL"
    return f"{kind}, schema {schema.REVISION}, {sum(jobs.values())} jobs"


async def _objects(store: ObjectStore, settings: Settings, bucket: str) -> str:
    await store.ping()
    key = f"doctor/{new_id()}"
    await store.put(key, b"doctor")
    size = (await store.head(key)).size
    await store.delete([key])
    if size != len(b"doctor"):
        raise ValueError(f"{len(b'doctor')} bytes were written and {size} came back")
    where = settings.r2_endpoint_url if settings.objects_backend is Objects.S3 else str(settings.objects_dir)
    return f"bucket {bucket} at {where} can be written, read and cleared"


async def _messages(backends: Backends) -> str:
    # Only the doctor asks the provider: the other commands need neither it nor its worker.
    from academy.bootstrap.messaging_worker import open_provider  # noqa: PLC0415

    settings = backends.settings
    async with open_provider(settings, backends) as provider:
        won = await provider.balance()
    if settings.message_provider is Messages.CONSOLE:
        return f"printed and kept in {settings.data_dir / 'messages'}, sent to nobody"
    if won <= 0:
        raise ValueError(f"{provider.name} answers, and nothing is left on our account")
    return f"{provider.name} answers, {won:,} won left on our account"


async def _progress(backends: Backends) -> str:
    await backends.progress.ping()
    return f"kept in {backends.settings.progress_backend.value}"


async def _clock(backends: Backends) -> str:
    there = await backends.database.read(lambda tx: tx.now())
    offset = (backends.clock.now() - there).total_seconds()
    if abs(offset) > LARGEST_CLOCK_OFFSET:
        raise ValueError(f"this machine is {offset:+.1f} s off the database")
    return f"{abs(offset):.1f} s off the database"


async def _media(settings: Settings) -> str:
    # Only who asks for the tools needs the code that runs them.
    from academy.bootstrap.media_tools import media_tools  # noqa: PLC0415
    from academy.infrastructure.process import LocalChildProcesses  # noqa: PLC0415

    report = await media_tools(settings).check(LocalChildProcesses())
    if not report.tone_mapping:
        raise ValueError("no ffmpeg with zscale and tonemap: HDR videos would be refused")
    return ", ".join(f"{tool} {version}" for tool, version in report.versions.items()) + ", HDR tone mapping"


def _disks(settings: Settings) -> list[Finding]:
    scratch = settings.work_dir or Path(tempfile.gettempdir())
    places = {"disk of the data": settings.data_dir, "disk of the work": scratch}
    return [_disk(what, folder) for what, folder in places.items()]


def _disk(what: str, folder: Path) -> Finding:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    mend = "Free some space; a lecture needs about three times its size while it is worked on."
    return Finding(what, free >= LEAST_FREE_BYTES, f"{free / (1 << 30):.1f} GiB free at {folder}", mend)
