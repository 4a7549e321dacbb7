"""The reconciler: `python -m academy.interfaces.workers.reconciler`."""

import asyncio
from datetime import timedelta

from academy.interfaces.workers.runtime.lasting import lasting_imports

with lasting_imports():
    from academy.application.jobs.standstill import RECONCILER
    from academy.bootstrap.backends import check_backends, open_backends, open_uploads
    from academy.bootstrap.background import (
        document_expiry,
        fleet_gauges,
        process_name,
        reconciler,
        retention,
        upload_expiry,
    )
    from academy.bootstrap.remedies import remedies
    from academy.bootstrap.settings import Role, Settings
    from academy.interfaces.workers.runtime.http import serve_probes
    from academy.interfaces.workers.runtime.main import report_checks, run_role, stop_on_signals
    from academy.interfaces.workers.runtime.probes import worker_probes
    from academy.interfaces.workers.runtime.registry import present


async def run(settings: Settings) -> None:
    """Reconcile until SIGTERM."""
    async with (
        open_backends(settings) as backends,
        open_uploads(settings, backends.clock, settings.bucket_video) as uploads,
        open_uploads(settings, backends.clock, settings.bucket_ai) as ai_uploads,
    ):
        stop = stop_on_signals()
        jobs = reconciler(backends)
        probes = worker_probes(backends, jobs.alive, fleet_gauges(backends))
        kept = timedelta(days=settings.keep_finished_days)
        seen = present(backends.database, process_name(RECONCILER))
        async with serve_probes(settings.health_bind, probes), seen, asyncio.TaskGroup() as group:
            group.create_task(jobs.run(stop), name="reconciler")
            group.create_task(retention(backends).run(kept, stop), name="retention")
            group.create_task(upload_expiry(backends, uploads).expire_until(stop), name="abandoned uploads")
            documents = document_expiry(backends, ai_uploads)
            group.create_task(documents.expire_until(stop), name="abandoned documents")


async def check(settings: Settings) -> None:
    """Ask every adapter once."""
    async with open_backends(settings) as backends:
        report_checks(await check_backends(backends), remedies(settings))


if __name__ == "__main__":
    run_role(Role.RECONCILER, "Puts right what is past its timer.", run, check)
