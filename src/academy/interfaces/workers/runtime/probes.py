"""What a worker answers to probes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from academy.application.jobs.fleet import FleetGauges
from academy.bootstrap.backends import Backends, asked, backend_checks
from academy.interfaces.workers.runtime.http import Probe, as_json

__all__ = ["Readiness", "worker_probes"]

CHECK_SECONDS = 3.0
METRICS = "text/plain; version=0.0.4; charset=utf-8"


class Readiness:
    """Asks every adapter at once, each for at most a few seconds.

    An adapter that hangs may be deaf to cancellation: it is left alone, reported, and not asked again before it has answered.
    """

    def __init__(
        self, checks: Mapping[str, Callable[[], Awaitable[None]]], *, seconds: float = CHECK_SECONDS
    ) -> None:
        """Ask `checks` by name."""
        self._checks = checks
        self._seconds = seconds
        self._asking: dict[str, asyncio.Task[str]] = {}

    async def ask(self) -> dict[str, str]:
        """Return "ok" or what is wrong, by name."""
        for name, check in self._checks.items():
            if name not in self._asking:
                self._asking[name] = asyncio.create_task(asked(check()), name=f"ready {name}")
        tasks = dict(self._asking)
        done, _ = await asyncio.wait(tasks.values(), timeout=self._seconds)
        late = f"no answer within {self._seconds:g} s"
        for name, task in tasks.items():
            if task in done:
                self._asking.pop(name, None)
        return {name: task.result() if task in done else late for name, task in tasks.items()}


def worker_probes(
    backends: Backends,
    alive: Callable[[], bool],
    fleet: FleetGauges | None = None,
    *,
    checks: Mapping[str, Callable[[], Awaitable[None]]] | None = None,
) -> dict[str, Probe]:
    """Return /healthz (a poll completed lately), /readyz (every adapter answers, and `checks`) and /metrics, with the `fleet`'s if given."""
    readiness = Readiness({**backend_checks(backends), **(checks or {})})

    async def healthz() -> tuple[int, str, bytes]:
        now = alive()
        return as_json(200 if now else 503, {"alive": now})

    async def readyz() -> tuple[int, str, bytes]:
        answers = await readiness.ask()
        return as_json(200 if set(answers.values()) == {"ok"} else 503, answers)

    async def metrics() -> tuple[int, str, bytes]:
        if fleet is not None:
            await fleet.refresh()
        return 200, METRICS, backends.telemetry.exposition()

    return {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
