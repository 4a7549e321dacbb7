"""The AI worker of the lite and basic queues: `python -m academy.interfaces.workers.ai`."""

from academy.interfaces.workers.runtime.lasting import lasting_imports

with lasting_imports():
    from academy.bootstrap.ai_worker import check_ai_worker, open_ai_worker
    from academy.bootstrap.remedies import remedies
    from academy.bootstrap.settings import Role, Settings
    from academy.interfaces.workers.runtime.main import report_checks, run_role
    from academy.interfaces.workers.runtime.role import run_worker


async def run(settings: Settings) -> None:
    """Work until SIGTERM."""
    async with open_ai_worker(settings) as setup:
        await run_worker(setup)


async def check(settings: Settings) -> None:
    """Ask every adapter and tool once."""
    async with open_ai_worker(settings) as setup:
        report_checks(await check_ai_worker(setup), remedies(settings))


if __name__ == "__main__":
    run_role(Role.AI, "Prints, reads and grades answer sheets; documents and spreadsheets.", run, check)
