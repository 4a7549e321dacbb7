"""The outbox relay: `python -m academy.interfaces.workers.outbox_relay`."""

from academy.bootstrap.backends import check_backends, open_backends
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.remedies import remedies
from academy.bootstrap.settings import Role, Settings
from academy.interfaces.workers.runtime.http import serve_probes
from academy.interfaces.workers.runtime.main import report_checks, run_role, stop_on_signals
from academy.interfaces.workers.runtime.probes import worker_probes


async def run(settings: Settings) -> None:
    """Relay until SIGTERM."""
    async with open_backends(settings) as backends:
        stop = stop_on_signals()
        relay = outbox_relay(backends)
        async with serve_probes(settings.health_bind, worker_probes(backends, relay.alive)):
            await relay.run(stop)


async def check(settings: Settings) -> None:
    """Ask every adapter once."""
    async with open_backends(settings) as backends:
        report_checks(await check_backends(backends), remedies(settings))


if __name__ == "__main__":
    run_role(Role.RELAY, "Publishes what was committed to the outbox.", run, check)
