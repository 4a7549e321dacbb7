"""What the messaging worker runs with."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from academy.application.jobs.attempt import JobHandler
from academy.application.jobs.rotation import PolledQueue
from academy.application.messaging.direct import DirectHandler
from academy.application.messaging.handover import Handover
from academy.application.messaging.job_types import messaging_job_types
from academy.application.messaging.names import DIRECT, REPORTS, SEND, SETTLE
from academy.application.messaging.orders import Orders
from academy.application.messaging.reports import ReportsHandler
from academy.application.messaging.send import SendHandler, SettleHandler
from academy.application.ports.message_provider import MessageProvider
from academy.bootstrap.backends import Backends, asked, check_backends, open_backends
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Messages, Settings, SettingsInvalid
from academy.bootstrap.worker import WorkerSetup, worker_setup
from academy.domain.job.rate import RateLimit
from academy.infrastructure.ids import new_id

__all__ = [
    "MessagingSetup",
    "check_messaging_worker",
    "messaging_worker_setup",
    "open_messaging_worker",
    "open_provider",
]

BURST_SECONDS = 0.5
"""Half of it leaves at once: fewer requests than one by one, and no second goes far over the rate."""


@dataclass(frozen=True, slots=True)
class MessagingSetup:
    """The worker, and the provider that it sends through."""

    worker: WorkerSetup
    provider: MessageProvider


@asynccontextmanager
async def open_messaging_worker(settings: Settings) -> AsyncIterator[MessagingSetup]:
    """Open what the messaging worker needs."""
    async with open_backends(settings) as backends, open_provider(settings, backends) as provider:
        yield MessagingSetup(messaging_worker_setup(backends, provider), provider)


@asynccontextmanager
async def open_provider(settings: Settings, backends: Backends) -> AsyncIterator[MessageProvider]:
    """Open the provider that the settings choose."""
    provider = _provider(settings, backends)
    try:
        yield provider
    finally:
        await provider.close()


def messaging_worker_setup(backends: Backends, provider: MessageProvider) -> WorkerSetup:
    """Return the setup over backends that are open already."""
    settings = backends.settings
    queue, tenant = settings.queue_messaging, settings.queue_messaging_tenant
    types = messaging_job_types(queue_names(settings))
    database = backends.database
    handover = Handover(database, provider, types, backends.telemetry, new_id)
    batch = min(settings.message_batch, provider.largest_group)
    burst = max(2, int(settings.message_rate * BURST_SECONDS))
    limit = RateLimit(provider.name, settings.message_rate, burst)
    sending = SendHandler(database, handover, types, batch=batch, limit=limit)
    handlers: dict[str, JobHandler] = {
        SEND: sending,
        SETTLE: SettleHandler(database, handover, types),
        REPORTS: ReportsHandler(database, provider, backends.telemetry),
        DIRECT: DirectHandler(database, Orders(types, new_id), sending),
    }
    return worker_setup(
        backends,
        "messaging",
        queues=[PolledQueue(queue)],
        slots=settings.message_slots,
        types=types,
        handlers=handlers,
        queue_tenants={queue: tenant} if tenant else None,
    )


async def check_messaging_worker(setup: MessagingSetup) -> list[tuple[str, str]]:
    """Ask every adapter and the provider; return (what, "ok" or what is wrong and how to fix it)."""
    return [
        *await check_backends(setup.worker.backends),
        ("provider", await asked(setup.provider.balance())),
    ]


def _provider(settings: Settings, backends: Backends) -> MessageProvider:
    if settings.message_provider is Messages.SOLAPI:
        from academy.infrastructure.solapi.provider import SolapiMessageProvider  # noqa: PLC0415 - the console needs no TLS

        try:
            return SolapiMessageProvider(
                settings.solapi_url,
                settings.solapi_api_key.get_secret_value(),
                settings.solapi_api_secret.get_secret_value(),
                backends.clock,
            )
        except ValueError as error:
            raise SettingsInvalid(f"ACADEMY_SOLAPI_URL, ACADEMY_SOLAPI_API_KEY: {error}") from None
    from academy.infrastructure.console.provider import ConsoleMessageProvider  # noqa: PLC0415

    return ConsoleMessageProvider(settings.data_dir / "messages", sys.stdout)
