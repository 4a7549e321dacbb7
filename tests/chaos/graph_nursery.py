"""The graph worker, the relay and the reconciler as processes whose timers are short, forked from one that has imported everything.

See `nursery.py`; `python -m tests.chaos.graph_nursery SETTINGS` is the parent. Nothing of the system is replaced: the database's spans and
the retry policies are short, and a decorator around the broker delivers some messages twice. What a killed worker leaves behind becomes
a child of the parent, where it is seen.
"""

import asyncio
import ctypes
import json
import os
import random
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.chaos.nursery import ROLES, Nursery, main
from tests.support.standin.hurry import HURRIED_RETRY, OVERDUE_GRACE, _Proxy, hurried_backends

import academy.infrastructure.pgvector.index  # noqa: F401 - imported before the fork, not after it
from academy.application.graph.job_types import graph_job_types
from academy.application.graph.told import refusal_text
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.reconcile import Reconciler
from academy.application.jobs.refusals import Refusal
from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.job_queue import Delivery
from academy.bootstrap.graph_worker import graph_worker_setup, open_vectors
from academy.bootstrap.models import offline_models
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Settings
from academy.bootstrap.worker import worker_setup
from academy.infrastructure.process import WarmChildProcesses
from academy.interfaces.workers.runtime.main import stop_on_signals
from academy.interfaces.workers.runtime.role import run_worker

__all__ = ["GraphNursery", "hurried_graph_types"]

PR_SET_CHILD_SUBREAPER = 36
RETRY = replace(HURRIED_RETRY, max_attempts=30, max_interruptions=200, base=timedelta(seconds=0.3))
RECONCILE_SECONDS = 0.5
REPEATED = 0.15
"""Share of deliveries that come a second time, as brokers may."""


class GraphNursery(Nursery):
    """The parent of the processes under test, from outside."""

    async def __aenter__(self) -> "GraphNursery":
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "tests.chaos.graph_nursery", json.dumps(self._settings)),
                env={"PATH": os.environ["PATH"], "PYTHONPATH": "src:.", "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self._reading = asyncio.create_task(self._read())
        return self

    @property
    def parent(self) -> int:
        """Return the process id of the parent, under which everything is that any of its processes started."""
        return self._process.pid


class _Repeating(_Proxy):
    """A broker that delivers some messages again with a later receive."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._again: deque[Delivery] = deque()

    async def receive(self, *given: Any, **named: Any) -> Sequence[Delivery]:
        if self._again and random.random() < REPEATED:
            return [self._again.popleft()]
        found: Sequence[Delivery] = await self._inner.receive(*given, **named)
        self._again += [each for each in found if random.random() < REPEATED]
        return found


def hurried_graph_types(settings: Settings) -> JobTypes:
    """Return the graph job types with short delays, and attempts enough for a run."""
    names = queue_names(settings)
    return JobTypes([replace(each, retry=RETRY) for each in graph_job_types(names)], names)


async def _worker(settings: Settings, _options: dict[str, Any]) -> None:
    async with hurried_backends(settings) as opened, open_vectors(settings) as index:
        backends = replace(opened, queue=_Repeating(opened.queue))  # type: ignore[arg-type]
        processes = WarmChildProcesses(keep=4)
        setup = graph_worker_setup(backends, offline_models(), index, processes)
        told = {settings.queue_graph_requests: Refusal(settings.queue_graph_results, refusal_text)}
        hurried = worker_setup(
            backends,
            "graph",
            queues=setup.queues,
            slots=setup.slots,
            types=hurried_graph_types(settings),
            handlers=setup.handlers,
            queue_tenants={settings.queue_graph_requests: settings.queue_graph_tenant},
            refusals=told,
        )
        try:
            await run_worker(hurried)
        finally:
            await processes.close()


async def _reconciler(settings: Settings, _options: dict[str, Any]) -> None:
    async with hurried_backends(settings) as backends:
        stop = stop_on_signals()
        types = hurried_graph_types(settings)
        reconciler = Reconciler(backends.database, types, backends.telemetry, OVERDUE_GRACE)
        while not stop.is_set():
            try:
                await reconciler.reconcile_once()
            except DatabaseUnavailable:
                backends.telemetry.count("academy_reconcile_failures_total")
            try:
                await asyncio.wait_for(stop.wait(), RECONCILE_SECONDS)
            except TimeoutError:
                continue


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    ROLES.update(worker=_worker, reconciler=_reconciler)
    main()
