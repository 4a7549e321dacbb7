"""The graph worker: `python -m academy.interfaces.workers.graph`."""

from academy.bootstrap.graph_worker import check_graph_worker, open_graph_worker
from academy.bootstrap.remedies import remedies
from academy.bootstrap.settings import Role, Settings
from academy.interfaces.workers.runtime.main import report_checks, run_role
from academy.interfaces.workers.runtime.role import run_worker


async def run(settings: Settings) -> None:
    """Work until SIGTERM."""
    async with open_graph_worker(settings) as (setup, _):
        await run_worker(setup)


async def check(settings: Settings) -> None:
    """Ask every adapter, tool and model once."""
    async with open_graph_worker(settings) as (setup, models):
        report_checks(await check_graph_worker(setup, models), remedies(settings))


if __name__ == "__main__":
    run_role(
        Role.GRAPH,
        "Makes knowledge graphs of chats, notes and documents, and answers out of them.",
        run,
        check,
    )
