"""What the mains of all roles share: settings, logs, signals, probes, exit codes."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

from academy.application.jobs.attempt import HandlerStuck
from academy.bootstrap.logs import configure_logs
from academy.bootstrap.settings import Role, Settings, SettingsInvalid, load_settings

__all__ = ["leave_on_sigterm", "report_checks", "run_role", "stop_on_signals"]

log = logging.getLogger(__name__)

EXIT_SETTINGS = 78
"""EX_CONFIG of sysexits.h: restarting will not help."""
EXIT_STUCK = 70
"""EX_SOFTWARE: a handler ignores being stopped; start again."""


def report_checks(answers: Sequence[tuple[str, str]], remedies: Mapping[str, str]) -> None:
    """Print how checks went, each failure with its remedy; exit with 1 when one failed."""
    for what, answer in answers:
        sys.stdout.write(f"{what:10} {answer}\n")
        if answer != "ok" and what in remedies:
            sys.stdout.write(f"{'':10} → {remedies[what]}\n")
    if any(answer != "ok" for _, answer in answers):
        sys.exit(1)


def leave_on_sigterm() -> None:
    """Let SIGTERM end the process well (0) until a loop listens to it: nothing is in hand yet, what is open is closed."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def run_role(
    role: Role,
    about: str,
    main: Callable[[Settings], Awaitable[None]],
    check: Callable[[Settings], Awaitable[None]],
) -> None:
    """Parse the command line of a role and run it until SIGTERM. Exits with 78 when the settings do not add up."""
    parser = argparse.ArgumentParser(
        description=about,
        epilog="Settings come from the environment; .env.example lists them all. SIGTERM drains and ends the process.",
    )
    parser.add_argument(
        "--check", action="store_true", help="check settings, tools and connections, then end"
    )
    arguments = parser.parse_args()
    leave_on_sigterm()
    try:
        settings = load_settings(role)
        configure_logs(settings)
        asyncio.run(_until_done(check(settings) if arguments.check else main(settings)))
    except SettingsInvalid as error:
        sys.stderr.write(f"{role}: settings: {error}\n")
        sys.exit(EXIT_SETTINGS)


async def _until_done(work: Awaitable[None]) -> None:
    try:
        await work
    except* HandlerStuck as stuck:
        # Ending the loop would wait for the stuck handler for ever; its job comes back when its lease runs out.
        log.critical("handler_stuck", exc_info=stuck)
        logging.shutdown()
        os._exit(EXIT_STUCK)
