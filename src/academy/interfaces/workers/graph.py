"""The graph worker: `python -m academy.interfaces.workers.graph`."""

import sys

from academy.interfaces.workers.runtime.lasting import lasting_imports

with lasting_imports():
    from academy.application.ports.vector_index import VectorIndexUnavailable
    from academy.bootstrap.graph_worker import check_graph_worker, open_graph_worker
    from academy.bootstrap.remedies import graph_remedies
    from academy.bootstrap.settings import Role, Settings
    from academy.interfaces.workers.runtime.main import report_checks, run_role
    from academy.interfaces.workers.runtime.role import run_worker

EXIT_NO_VECTORS = 75
"""EX_TEMPFAIL of sysexits.h: the folder of vectors cannot be had now, most likely because another worker has it; start again later."""


async def run(settings: Settings) -> None:
    """Work until SIGTERM. Exits with 75 when the folder of vectors cannot be had."""
    try:
        async with open_graph_worker(settings) as (setup, _):
            await run_worker(setup)
    except VectorIndexUnavailable as error:
        sys.stderr.write(f"graph: {error}\n{graph_remedies(settings)['vectors']}\n")
        sys.exit(EXIT_NO_VECTORS)


async def check(settings: Settings) -> None:
    """Ask every adapter, tool and model once."""
    try:
        async with open_graph_worker(settings) as (setup, models):
            report_checks(await check_graph_worker(setup, models), graph_remedies(settings))
    except VectorIndexUnavailable as error:
        report_checks([("vectors", f"{type(error).__name__}: {error}")], graph_remedies(settings))


if __name__ == "__main__":
    run_role(
        Role.GRAPH,
        "Makes knowledge graphs of chats, notes and documents, and answers out of them.",
        run,
        check,
    )
