"""The live screen of `academy top`: look, draw, wait, until a key or a signal ends it."""

import asyncio
import logging
import signal
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.live import Live

from academy.application.jobs.overview import Overview, QueueLine, queue_lines, work_under_way
from academy.application.ports.database import DatabaseUnavailable
from academy.bootstrap.operator import Operator
from academy.bootstrap.queues import queue_plan
from academy.bootstrap.settings import Queues
from academy.interfaces.cli.console import out
from academy.interfaces.cli.frames import frame

__all__ = ["print_once", "watch"]

SQS_SECONDS = 5.0
"""Between two counts of the queues where each count is a paid call."""
_LEAVE = frozenset({b"q", b"Q", b"\x04"})


class _Looker:
    """Looks at the system and remembers what it saw last, for the moments when it cannot see."""

    def __init__(self, operator: Operator) -> None:
        self._backends = operator.backends
        self._names = [plan.name for plan in queue_plan(operator.backends.settings)]
        self._counted_at: float | None = None
        self.overview: Overview | None = None
        self.queues: Sequence[QueueLine] = ()
        self.trouble = ""

    async def look(self) -> None:
        """Look at everything once."""
        await asyncio.gather(self._work(), self._count())

    async def _work(self) -> None:
        try:
            self.overview = await work_under_way(self._backends.database, self._backends.progress)
            self.trouble = ""
        except DatabaseUnavailable as error:
            self.trouble = f"the database does not answer, what you see is old: {error}"

    async def _count(self) -> None:
        now = self._backends.clock.monotonic()
        least = SQS_SECONDS if self._backends.settings.queue_backend is Queues.SQS else 0.0
        if self._counted_at is None or now - self._counted_at >= least:
            self.queues = await queue_lines(self._backends.queue, self._names)
            self._counted_at = now


async def print_once(operator: Operator) -> None:
    """Print one picture. Raises DatabaseUnavailable."""
    names = [plan.name for plan in queue_plan(operator.backends.settings)]
    overview, lines = await asyncio.gather(
        work_under_way(operator.backends.database, operator.backends.progress),
        queue_lines(operator.backends.queue, names),
    )
    out.print(frame(overview, lines, "", width=out.width))


async def watch(operator: Operator, every: float) -> None:
    """Draw again and again until q, Ctrl-C or SIGTERM; the terminal is left as it was."""
    looker, stop = _Looker(operator), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    looking = asyncio.create_task(looker.look())
    try:
        with _keys(loop, stop), _quiet(), Live(console=out, screen=True, auto_refresh=False) as live:
            while not stop.is_set():
                # A look that hangs must not keep the key q waiting.
                await asyncio.wait({looking, stopping}, timeout=every, return_when=asyncio.FIRST_COMPLETED)
                late = "" if looking.done() else "no answer yet; what you see is old"
                picture = frame(looker.overview, looker.queues, looker.trouble or late, width=out.width)
                live.update(picture, refresh=True)
                if looking.done():
                    looking.result()
                    await asyncio.wait({stopping}, timeout=every)
                    looking = asyncio.create_task(looker.look())
    finally:
        stopping.cancel()
        looking.cancel()
        await asyncio.gather(stopping, looking, return_exceptions=True)


@contextmanager
def _keys(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` when q is pressed; nothing where no keyboard is."""
    if not sys.stdin.isatty():
        yield
        return
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)

    def pressed() -> None:
        key = sys.stdin.buffer.read1(1)  # type: ignore[union-attr] # standard input is buffered
        if key in _LEAVE or not key:
            loop.remove_reader(keyboard)
            stop.set()

    tty.setcbreak(keyboard)
    loop.add_reader(keyboard, pressed)
    try:
        yield
    finally:
        loop.remove_reader(keyboard)
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep log lines off the screen: what they say stands in the picture."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
