"""What a worker answers to probes."""

from collections.abc import Callable

from academy.bootstrap.backends import Backends, check_backends
from academy.interfaces.workers.runtime.http import Probe, as_json

__all__ = ["worker_probes"]


def worker_probes(backends: Backends, alive: Callable[[], bool]) -> dict[str, Probe]:
    """Return /healthz (a poll completed lately), /readyz (every adapter answers) and /metrics."""

    async def healthz() -> tuple[int, str, bytes]:
        return as_json(200 if alive() else 503, {"alive": alive()})

    async def readyz() -> tuple[int, str, bytes]:
        answers = dict(await check_backends(backends))
        return as_json(200 if set(answers.values()) == {"ok"} else 503, answers)

    async def metrics() -> tuple[int, str, bytes]:
        return 200, "text/plain; version=0.0.4; charset=utf-8", backends.telemetry.exposition()

    return {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
