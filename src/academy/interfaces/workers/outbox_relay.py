"""The outbox relay: `python -m academy.interfaces.workers.outbox_relay`."""

from academy.interfaces.workers.runtime.lasting import lasting_imports

with lasting_imports():
    from academy.application.jobs.standstill import RELAY
    from academy.bootstrap.backends import check_backends, open_backends
    from academy.bootstrap.background import outbox_relay, process_name
    from academy.bootstrap.remedies import remedies
    from academy.bootstrap.settings import Role, Settings
    from academy.interfaces.workers.runtime.http import serve_probes
    from academy.interfaces.workers.runtime.main import report_checks, run_role, stop_on_signals
    from academy.interfaces.workers.runtime.probes import worker_probes
    from academy.interfaces.workers.runtime.registry import present


async def run(settings: Settings) -> None:
    """Relay until SIGTERM."""
    async with open_backends(settings) as backends:
        stop = stop_on_signals()
        relay = outbox_relay(backends)
        probes = worker_probes(backends, relay.alive)
        seen = present(backends.database, process_name(RELAY))
        async with serve_probes(settings.health_bind, probes), seen:
            await relay.run(stop)


async def check(settings: Settings) -> None:
    """Ask every adapter once."""
    async with open_backends(settings) as backends:
        report_checks(await check_backends(backends), remedies(settings))


if __name__ == "__main__":
    run_role(Role.RELAY, "Publishes what was committed to the outbox.", run, check)
