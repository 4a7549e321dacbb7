"""`academy up`, `academy api`, `academy worker`: the processes themselves."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from academy.interfaces.cli.console import EXIT_INTERRUPTED, out, settings_for

if TYPE_CHECKING:
    from academy.bootstrap.settings import Settings

__all__ = ["api", "up", "worker"]

Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Listen here; 0 takes any free port.")]


class WorkerName(StrEnum):
    """Which worker."""

    VIDEO = "video"
    AI = "ai"
    AI_GPU = "ai_gpu"
    MESSAGING = "messaging"
    GRAPH = "graph"
    OUTBOX_RELAY = "outbox_relay"
    RECONCILER = "reconciler"


def up(
    port: Port = None,
    data_dir: Annotated[Path | None, typer.Option(help="Keep data here instead of ./var.")] = None,
    child: Annotated[bool, typer.Option("--child", hidden=True)] = False,
) -> None:
    """Start everything in one process: API, console, outbox relay, video, AI, messaging and graph worker, reconciler. 전체 시스템 시작.

    Needs no configuration: the database (SQLite), queues, objects and generated secrets are stored in ./var. The schema is brought
    up to date first. You see the address and the logins of a demo academy, one per role; open the printed link in a browser. Ctrl-C
    drains: running work ends within ACADEMY_DRAIN_SECONDS or is given back; a second Ctrl-C gives it back at once (exit code 130).

    Example: `academy up`, or beside another one `academy up --port 8001 --data-dir var2`
    """
    import asyncio  # noqa: PLC0415

    from academy.bootstrap.settings import Role  # noqa: PLC0415
    from academy.interfaces.cli import together  # noqa: PLC0415

    settings = settings_for(
        Role.API, create=True, **_address(port), **({"data_dir": data_dir} if data_dir else {})
    )
    together.check_address(settings)
    together.migrate_all(settings)
    greet = together.greet_program if child else together.greet_person
    try:
        asyncio.run(together.run_together(settings, greet, child=child))
        code = 0
    except asyncio.CancelledError:
        code = EXIT_INTERRUPTED
    if not child:
        out.print("Stopped. 종료했습니다.")
    raise SystemExit(code)


def api(port: Port = None) -> None:
    """Start the HTTP API alone; workers run elsewhere. Run `academy migrate` first.

    SIGTERM finishes the requests under way and ends. In production many processes: `gunicorn -k asgi -w 4
    academy.interfaces.api.asgi:application`.

    Example: `academy api --port 8000`
    """
    import asyncio  # noqa: PLC0415

    from academy.bootstrap.settings import Role  # noqa: PLC0415
    from academy.interfaces.api.server import serve  # noqa: PLC0415
    from academy.interfaces.workers.runtime.main import stop_on_signals  # noqa: PLC0415

    settings = settings_for(Role.API, create=True, **_address(port))

    async def run(settings: "Settings") -> None:
        await serve(settings, stop_on_signals())

    asyncio.run(run(settings))


def worker(
    name: Annotated[WorkerName, typer.Argument(help="Which worker.")],
    check: Annotated[
        bool, typer.Option("--check", help="Check settings, tools and connections, then end.")
    ] = False,
) -> None:
    """Start one worker: video, ai, ai_gpu, messaging, graph, outbox_relay or reconciler. The same as `python -m academy.interfaces.workers.NAME`.

    SIGTERM drains: it takes nothing more, ends or gives back what runs, then ends. You see its log; `--check` prints what works.

    Orders of text messages need three of them: outbox_relay, messaging, and reconciler for what got lost. With the provider console the
    messaging worker prints each message in place of sending it; ACADEMY_MESSAGE_PROVIDER=solapi sends. `academy top` shows who runs.

    The worker ai takes jobs of the tiers lite and basic, ai_gpu those of the tier premium, on a machine without a GPU too.

    Examples: `academy worker video`, `academy worker ai`, `academy worker messaging --check`, `academy worker messaging`, `academy worker outbox_relay`
    """
    import runpy  # noqa: PLC0415
    import sys  # noqa: PLC0415

    sys.argv = [f"academy worker {name}", *(["--check"] if check else [])]
    runpy.run_module(f"academy.interfaces.workers.{name}", run_name="__main__")


def _address(port: int | None) -> dict[str, object]:
    if port is None:
        return {}
    from academy.interfaces.cli.together import free_port  # noqa: PLC0415

    chosen = port or free_port("127.0.0.1")
    return {"bind": f"127.0.0.1:{chosen}"}
