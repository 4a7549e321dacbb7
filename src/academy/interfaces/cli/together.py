"""Every role in one process on one event loop: `academy up`."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from academy.application.jobs.standstill import RECONCILER, RELAY
from academy.bootstrap.backends import open_backends, open_uploads
from academy.bootstrap.background import (
    document_expiry,
    outbox_relay,
    process_name,
    reconciler,
    retention,
    upload_expiry,
)
from academy.bootstrap.messaging_worker import messaging_worker_setup, open_provider
from academy.bootstrap.models import open_models
from academy.bootstrap.operator import migrate_database
from academy.bootstrap.queues import queue_plan
from academy.bootstrap.settings import Profile, Settings
from academy.bootstrap.video_worker import video_worker_setup
from academy.interfaces.api.demo import DEMO_TENANT, ensure_demo
from academy.interfaces.api.migrate import migrate_django
from academy.interfaces.api.server import listening, serve
from academy.interfaces.cli.console import Trouble, out
from academy.interfaces.cli.ending import Ending
from academy.interfaces.cli.extra_workers import ai_workers, graph_workers
from academy.interfaces.workers.runtime.registry import present, registered
from academy.interfaces.workers.runtime.role import worker_of
from academy.interfaces.workers.runtime.worker import Worker

__all__ = ["Greeting", "check_address", "free_port", "migrate_all", "run_together"]

ADDRESS_IN_USE = "ACADEMY_BIND or --port chooses another one; `academy up --port 0` takes any that is free."


@dataclass(frozen=True, slots=True)
class Greeting:
    """What is said once requests are answered; `logins` is password by role, empty outside the embedded profile."""

    url: str
    logins: dict[str, str] = field(default_factory=dict)


def migrate_all(settings: Settings) -> tuple[str, str]:
    """Bring the business tables and then Django's up to date; return the revisions before and after."""
    change = migrate_database(settings)
    migrate_django(settings)
    return change


def free_port(host: str) -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server((host, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def check_address(settings: Settings) -> None:
    """Find out whether the address is free before anything is begun. Raises Trouble."""
    try:
        with listening(settings.bind):
            return
    except OSError as error:
        raise _taken(settings, error) from error


def _taken(settings: Settings, error: OSError) -> Trouble:
    why = os.strerror(error.errno) if error.errno else str(error)
    return Trouble(f"cannot listen on {settings.bind}: {why}", ADDRESS_IN_USE)


async def run_together(settings: Settings, greet: Callable[[Greeting], None], *, child: bool = False) -> None:
    """Run API, outbox relay, reconciler and all workers until a signal; with `child` also until standard input ends.

    The first signal drains: requests and running jobs end within the grace or are given back; the second one gives them back at once
    and raises CancelledError. Raises Trouble when the address is taken, and the error of a role that cannot go on.
    """
    if settings.profile is Profile.EMBEDDED and not settings.queue_graph_tenant:
        # Requests of graphs name no academy, and the demo academy is the only one that is always there.
        settings = settings.model_copy(update={"queue_graph_tenant": DEMO_TENANT})
    say = _unsaid if child else _say
    ending = Ending(settings.drain_seconds, say)
    stop = ending.stop
    ending.on_signals()
    if child:
        asyncio.get_running_loop().add_reader(sys.stdin, _end_with_parent, stop)
    async with (
        open_backends(settings) as backends,
        open_uploads(settings, backends.clock, settings.bucket_video) as uploads,
        open_uploads(settings, backends.clock, settings.bucket_ai) as ai_uploads,
        open_provider(settings, backends) as provider,
        open_models(settings) as models,
        ai_workers(backends, models, say) as documents,
        graph_workers(backends, models, say) as graphs,
    ):
        await backends.queue.create(queue_plan(settings))
        logins: dict[str, str] = {}
        if settings.profile is Profile.EMBEDDED:
            logins = (await asyncio.to_thread(ensure_demo, settings, backends.database)).logins
        video = worker_of(video_worker_setup(backends, uploads))
        messaging = worker_of(messaging_worker_setup(backends, provider))
        workers = ending.workers = (video, messaging, *documents, *graphs)

        def started(_port: int) -> None:
            greet(Greeting(settings.base_url, logins))

        async def api() -> None:
            try:
                await serve(settings, stop, backends=backends, started=started)
            except OSError as error:
                raise _taken(settings, error) from error

        async with (
            present(backends.database, process_name(RELAY)),
            present(backends.database, process_name(RECONCILER)),
            asyncio.TaskGroup() as roles,
        ):
            roles.create_task(api(), name="api")
            roles.create_task(outbox_relay(backends).run(stop), name="outbox relay")
            roles.create_task(reconciler(backends).run(stop), name="reconciler")
            kept = timedelta(days=settings.keep_finished_days)
            roles.create_task(retention(backends).run(kept, stop), name="retention")
            roles.create_task(upload_expiry(backends, uploads).expire_until(stop), name="abandoned uploads")
            abandoned = document_expiry(backends, ai_uploads)
            roles.create_task(abandoned.expire_until(stop), name="abandoned documents")
            roles.create_task(_seen(video), name="video worker")
            roles.create_task(_seen(messaging), name="messaging worker")
            for each in (*documents, *graphs):
                roles.create_task(_seen(each), name=each.config.name)
            await stop.wait()
            for worker in workers:
                worker.drain()


async def _seen(worker: Worker) -> None:
    async with registered(worker):
        await worker.run()


def _say(line: str) -> None:
    out.print(line, soft_wrap=True)


def _unsaid(_line: str) -> None:
    """Say nothing: a program reads one line and no more."""


def _end_with_parent(stop: asyncio.Event) -> None:
    if not sys.stdin.buffer.read1(1):  # type: ignore[union-attr] # standard input is buffered
        asyncio.get_running_loop().remove_reader(sys.stdin)
        stop.set()


def greet_person(greeting: Greeting) -> None:
    """Print where the system is and who may log in."""
    out.print(f"\n[bold green]Academy is up.[/] 아카데미가 시작되었습니다.  {greeting.url}/watch")
    for role, password in greeting.logins.items():
        link = f"{greeting.url}/watch#{role}:{password}"
        out.print(f"   {role:9} {password}   {link}", soft_wrap=True)
    out.print(f"Exams, for teachers. 시험(선생님): {greeting.url}/exams", soft_wrap=True)
    out.print("Ctrl-C drains and stops. Ctrl-C를 누르면 안전하게 종료합니다.\n")


def greet_program(greeting: Greeting) -> None:
    """Print the same as one line of JSON."""
    logins = [{"role": r, "username": r, "password": p} for r, p in greeting.logins.items()]
    sys.stdout.write(json.dumps({"url": greeting.url, "logins": logins}) + "\n")
    sys.stdout.flush()
