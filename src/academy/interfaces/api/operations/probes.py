"""Health, readiness and metrics, beside Django: they answer while its pool is busy (API-4)."""

import asyncio
import errno
import hmac
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from academy.bootstrap.settings import Objects, Profile, Settings
from academy.contracts.rest.operations import Health, Readiness
from academy.interfaces.api import kinds
from academy.interfaces.api.http import SAFE_HEADERS, Answer, Scope, header
from academy.interfaces.api.problems import Trouble
from academy.interfaces.api.runtime import Runtime

__all__ = ["healthz", "metrics", "readyz"]

log = logging.getLogger(__name__)
CHECK_SECONDS = 3.0
LEAST_FREE_BYTES = 64 << 20
"""Space on a disk of ours below which writes are about to fail."""
_JSON = (("content-type", "application/json"), ("cache-control", "no-store"), *SAFE_HEADERS)
_TEXT = (
    ("content-type", "text/plain; version=0.0.4; charset=utf-8"),
    ("cache-control", "no-store"),
    *SAFE_HEADERS,
)


async def healthz() -> Answer:
    """Say that the process is alive."""
    return Answer(200, Health().model_dump_json().encode(), _JSON)


async def readyz(
    runtime: Runtime, accounts: Callable[[], Awaitable[None]], *, least_free: int = LEAST_FREE_BYTES
) -> Answer:
    """Ask every adapter at once, each for at most CHECK_SECONDS; `accounts` asks Django's tables.

    Disks that hold our own files are asked as well: reads answer long after the last write went through.
    """
    services = runtime.services
    checks: dict[str, Coroutine[Any, Any, None]] = {
        "database": services.database.ping(),
        "objects": services.video_objects.ping(),
        "queue": services.queue.ping(),
        "progress": services.progress.ping(),
        "accounts": _awaited(accounts()),
        "disk": asyncio.to_thread(_ask_disks, _folders(services.settings), least_free),
    }
    found = await asyncio.gather(*(_check(name, check) for name, check in checks.items()))
    ready = all(found)
    result = Readiness(
        status="ready" if ready else "not_ready",
        checks={name: "ok" if good else "unavailable" for name, good in zip(checks, found, strict=True)},
    )
    return Answer(200 if ready else 503, result.model_dump_json().encode(), _JSON)


def _folders(settings: Settings) -> list[Path]:
    """Return the folders that this process writes to."""
    folders = []
    scheme, _, path = settings.database.partition(":///")
    if scheme.startswith("sqlite"):
        folders.append(Path(path).parent)
    if settings.objects_backend is Objects.FOLDER:
        folders.append(settings.objects_dir)
    return folders


def _ask_disks(folders: list[Path], least_free: int) -> None:
    for folder in folders:
        disk = os.statvfs(folder)
        if disk.f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        if disk.f_bavail * disk.f_frsize < least_free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def _awaited(answer: Awaitable[None]) -> None:
    await answer


async def _check(name: str, check: Awaitable[None]) -> bool:
    # Waited for from outside: an adapter that hangs may be deaf to cancellation, and the answer must come all the same.
    asking = asyncio.ensure_future(check)
    done, _ = await asyncio.wait({asking}, timeout=CHECK_SECONDS)
    if not done:
        asking.cancel()
        asking.add_done_callback(_leave)
    error = asking.exception() if done else TimeoutError()
    if error is not None:
        log.warning("readiness_check_failed", extra={"check": name, "error": type(error).__name__})
    return error is None


def _leave(late: "asyncio.Future[None]") -> None:
    """Take note of what a check that nobody waits for any more said at last."""
    if not late.cancelled():
        late.exception()


async def metrics(runtime: Runtime, scope: Scope) -> Answer:
    """Return every metric in Prometheus' text format. Raises Trouble.

    In production a bearer token is asked for (ACADEMY_METRICS_TOKEN); without one there is nothing to see.
    """
    settings = runtime.services.settings
    token = settings.metrics_token.get_secret_value()
    given = header(scope, "authorization")
    if token or settings.profile is Profile.PRODUCTION:
        good = hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
        if not token or not good:
            raise Trouble(kinds.NOT_FOUND)
    await runtime.services.fleet.refresh()
    return Answer(200, runtime.services.metrics(), _TEXT)
