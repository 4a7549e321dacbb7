"""A worker with its company: registered, told of what is announced to its machine, replaced when it comes back from parking."""

import asyncio
import logging
import signal
from collections.abc import Callable
from datetime import timedelta

from academy.application.ports.instance import InstanceLife, InstanceLock
from academy.bootstrap.instance import check_idle_stop, open_instance_life, open_instance_lock
from academy.bootstrap.worker import WorkerSetup
from academy.interfaces.workers.runtime.http import serve_probes
from academy.interfaces.workers.runtime.idle import IdleStop
from academy.interfaces.workers.runtime.instance import watched
from academy.interfaces.workers.runtime.probes import worker_probes
from academy.interfaces.workers.runtime.registry import registered
from academy.interfaces.workers.runtime.worker import Worker

__all__ = ["run_accompanied"]

log = logging.getLogger(__name__)

STOPPING_ROLES = frozenset({"video", "ai", "ai_gpu"})
"""Roles whose machines are worth stopping; a worker of another role on the same machine keeps it running."""


async def run_accompanied(setup: WorkerSetup, worker_of: Callable[[WorkerSetup], Worker]) -> None:
    """Work until SIGTERM, until the machine goes, or until there was nothing to do for long; with probes where settings want them.

    `worker_of` makes a fresh worker. Raises SettingsInvalid when the machine is to be stopped from here and may not be.
    """
    settings, clock = setup.backends.settings, setup.backends.clock
    async with open_instance_life(settings, clock) as life, open_instance_lock(settings, life) as lock:
        running = _Running(worker_of(setup), setup, life)
        running.drain_on_signals()
        probes = worker_probes(setup.backends, running.alive, checks=setup.checks)
        async with serve_probes(settings.health_bind, probes):
            idle = await _idle_stop(setup, life, lock)
            if idle is None:
                await running.work(running.worker)
            else:
                await idle.run(lambda: running.replace(worker_of(setup)), running.work, running.told)


async def _idle_stop(
    setup: WorkerSetup, life: InstanceLife | None, lock: InstanceLock | None
) -> IdleStop | None:
    """Return what stops an idle machine, None for a worker that never does: that one shares the lock for good, so nobody else may.

    Raises SettingsInvalid.
    """
    settings, role = setup.backends.settings, setup.name.partition("@")[0]
    if not settings.idle_stop_minutes or role not in STOPPING_ROLES:
        if lock is not None and not lock.share():
            log.warning("instance_is_being_stopped")
        return None
    await check_idle_stop(settings, life)
    assert life is not None
    assert lock is not None
    limit = timedelta(minutes=settings.idle_stop_minutes)
    return IdleStop(life, lock, setup.backends.queue, setup.backends.clock, limit)


class _Running:
    """Who works now, and whether the process was told to end."""

    def __init__(self, first: Worker, setup: WorkerSetup, life: InstanceLife | None) -> None:
        """Begin with `first`."""
        self.worker = first
        self.told = asyncio.Event()
        self._setup = setup
        self._life = life

    def replace(self, fresh: Worker) -> Worker:
        """Put a fresh worker in the place of one that was drained."""
        self.worker = fresh
        if self.told.is_set():
            fresh.drain()
        return fresh

    async def work(self, worker: Worker) -> None:
        """Run a worker until it is drained."""
        clock = self._setup.backends.clock
        async with watched(worker, self._life, clock), registered(worker):
            await worker.run()

    def alive(self) -> bool:
        """Return whether a poll completed lately."""
        return self.worker.health.alive()

    def drain(self) -> None:
        """End: receive nothing more, now and after parking."""
        self.told.set()
        self.worker.drain()

    def drain_on_signals(self) -> None:
        """Drain on SIGTERM and SIGINT; must be called on the loop's thread."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.drain)
