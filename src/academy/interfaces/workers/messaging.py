"""The messaging worker: `python -m academy.interfaces.workers.messaging`."""

from academy.interfaces.workers.runtime.lasting import lasting_imports

with lasting_imports():
    from academy.bootstrap.messaging_worker import check_messaging_worker, open_messaging_worker
    from academy.bootstrap.remedies import remedies
    from academy.bootstrap.settings import Role, Settings
    from academy.interfaces.workers.runtime.main import report_checks, run_role
    from academy.interfaces.workers.runtime.role import run_worker


async def run(settings: Settings) -> None:
    """Work until SIGTERM."""
    async with open_messaging_worker(settings) as setup:
        await run_worker(setup.worker)


async def check(settings: Settings) -> None:
    """Ask every adapter and the provider once."""
    async with open_messaging_worker(settings) as setup:
        report_checks(await check_messaging_worker(setup), remedies(settings))


if __name__ == "__main__":
    run_role(Role.MESSAGING, "Sends text messages to parents and students.", run, check)
