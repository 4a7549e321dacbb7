"""The video worker: `python -m academy.interfaces.workers.video`."""

from academy.interfaces.workers.runtime.lasting import lasting_imports

with lasting_imports():
    from academy.bootstrap.remedies import remedies
    from academy.bootstrap.settings import Role, Settings
    from academy.bootstrap.video_worker import check_video_worker, open_video_worker
    from academy.interfaces.workers.runtime.main import report_checks, run_role
    from academy.interfaces.workers.runtime.role import run_worker


async def run(settings: Settings) -> None:
    """Work until SIGTERM."""
    async with open_video_worker(settings) as setup:
        await run_worker(setup)


async def check(settings: Settings) -> None:
    """Ask every adapter and tool once."""
    async with open_video_worker(settings) as setup:
        report_checks(await check_video_worker(setup), remedies(settings))


if __name__ == "__main__":
    run_role(Role.VIDEO, "Makes adaptive streams of uploaded lecture videos.", run, check)
