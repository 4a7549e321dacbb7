"""`python -m tests.support.standin [SLOTS]`: the stand-in worker as a process, from environment settings, until SIGTERM."""

import asyncio
import sys

from academy.interfaces.workers.runtime.lasting import lasting_imports

with lasting_imports():
    from academy.application.jobs.rotation import PolledQueue
    from academy.bootstrap.backends import open_backends
    from academy.bootstrap.logs import configure_logs
    from academy.bootstrap.queues import queue_names
    from academy.bootstrap.settings import Role, load_settings
    from academy.bootstrap.worker import worker_setup
    from academy.interfaces.workers.runtime.role import run_worker
    from tests.support.standin.types import QUEUE, standin_handlers, standin_types


async def main(slots: int) -> None:
    """Work until SIGTERM."""
    settings = load_settings(Role.RECONCILER)
    configure_logs(settings)
    async with open_backends(settings) as backends:
        setup = worker_setup(
            backends,
            "standin",
            queues=[PolledQueue(queue_names(settings)[QUEUE])],
            slots=slots,
            types=standin_types(settings),
            handlers=standin_handlers(),
        )
        await run_worker(setup)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
