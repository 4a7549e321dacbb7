"""The AI worker of the premium queue, on a GPU where there is one: `python -m academy.interfaces.workers.ai_gpu`."""

import logging
import sys

from academy.interfaces.workers.runtime.lasting import lasting_imports

with lasting_imports():
    from academy.bootstrap.ai_device import choose_device
    from academy.bootstrap.ai_worker import check_ai_worker, open_ai_gpu_worker
    from academy.bootstrap.remedies import remedies
    from academy.bootstrap.settings import Role, Settings
    from academy.interfaces.workers.runtime.main import report_checks, run_role
    from academy.interfaces.workers.runtime.role import run_worker

log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Choose the device, then work until SIGTERM."""
    device = choose_device(settings)
    log.info("device_chosen", extra={"device": device.name, "why": device.why})
    async with open_ai_gpu_worker(settings) as setup:
        await run_worker(setup)


async def check(settings: Settings) -> None:
    """Say which device was chosen, and ask every adapter and tool once."""
    device = choose_device(settings)
    sys.stdout.write(f"{'device':10} {device.name}: {device.why}\n")
    async with open_ai_gpu_worker(settings) as setup:
        report_checks(await check_ai_worker(setup), remedies(settings))


if __name__ == "__main__":
    run_role(Role.AI_GPU, "Does the premium jobs, on a GPU where there is one.", run, check)
