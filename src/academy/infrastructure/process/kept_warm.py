"""One interpreter that is kept between calls."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace

from academy.application.ports.processes import ChildLimits, ChildReport
from academy.infrastructure.process.kept import KeptChild
from academy.infrastructure.process.local import ENTRY
from academy.infrastructure.process.looking import Look, look_at
from academy.infrastructure.process.watching import Output, TooMuchOutput, report_of, to_its_end, watch

__all__ = ["KeptWarm"]


class KeptWarm:
    """A child that serves one call after the other, until it has to go.

    Made inside a running loop; raises OSError when it cannot be started. Whoever holds one calls `end`, unless `serve` or `ready` did.

    Args:
        most_calls, most_bytes: retired after so many calls, or when it holds more between two.
    """

    def __init__(
        self, python: str, limits: ChildLimits, env: Mapping[str, str], *, most_calls: int, most_bytes: int
    ) -> None:
        self._child = KeptChild(python, [python, "-I", ENTRY, "warm"], limits, None, env, b"", asked=True)
        self._most_calls = most_calls
        self._most_bytes = most_bytes
        self._calls = 0
        self._threads = 0
        self._spent = 0.0
        self.retired = ""
        """Why it was ended; "" while it may serve."""

    async def ready(self) -> bool:
        """Return whether it still waits in silence; ended when it does not."""
        fit = False
        try:
            fit = self._child.alive and not self._child.printed and not await self._spoke()
        finally:
            if not fit:
                self.retired = "stray"
                await to_its_end(self.end())
        return fit

    async def serve(
        self,
        head: Mapping[str, object],
        request: bytes,
        limits: ChildLimits,
        on_report: Callable[[str], None],
        max_report: int,
    ) -> ChildReport:
        """Make one call; `retired` says afterwards whether it was the last. See ChildProcesses.call for what is raised."""
        self._calls += 1
        self.retired = "failed"
        call = _Call(on_report)
        output = Output(call.take, max_report)
        stopped_by, look = None, None
        try:
            self._ask({**head, "mark": call.mark}, request)
            stopped_by = await watch(self._child, output, limits, lambda: call.over)
            look = look_at(self._child.keeper) if call.over else None
            self.retired = self._why_not(call, output, look)
        except TooMuchOutput:
            stopped_by = "output"
        finally:
            record = await to_its_end(self._child.end()) if self.retired else None
        spent, self._spent = self._spent, look.cpu_seconds if look else 0.0
        if record is None:
            assert look is not None
            return ChildReport(b"", "", look.cpu_seconds - spent, look.peak_bytes)
        if call.over:  # it ended well, and the kill was ours
            record = replace(record, wait_status=0, over="")
        report = report_of(record, b"", self._child.stderr_tail, stopped_by)
        return replace(report, cpu_seconds=max(0.0, report.cpu_seconds - spent))

    async def end(self) -> None:
        """Kill it and what it started."""
        await self._child.end()

    def _ask(self, head: Mapping[str, object], request: bytes) -> None:
        try:
            self._child.ask(json.dumps(head).encode() + b"\n" + request)
        except (BrokenPipeError, ConnectionError):
            return  # it is gone: its record tells why

    def _why_not(self, call: "_Call", output: Output, look: Look | None) -> str:
        """Return why it cannot serve another call, "" when it can."""
        if not call.over:
            return "failed"
        first = self._calls == 1
        if first and look is not None:
            self._threads = look.threads  # libraries keep a pool of their own; what comes later is somebody's
        reasons = (
            ("unseen", look is None),
            ("stray", call.stray or output.unfinished or self._child.unheard or self._child.printed),
            ("family", look is not None and not look.alone),
            ("threads", look is not None and look.threads > self._threads),
            ("size", look is not None and look.resident_bytes > self._most_bytes),
            ("calls", self._calls >= self._most_calls),
        )
        return next((name for name, true in reasons if true), "")

    async def _spoke(self) -> bool:
        """Return whether anything came on descriptor 3, an end included, since the last call."""
        try:
            async with asyncio.timeout(0):
                await self._child.output.read(1)
        except TimeoutError:
            return self._child.unheard
        return True


class _Call:
    """Tells the reports of a call from the mark behind them."""

    def __init__(self, on_report: Callable[[str], None]) -> None:
        self._on_report = on_report
        self.mark = f"over {os.urandom(16).hex()}"
        self.over = False
        self.stray = False

    def take(self, line: str) -> None:
        """Take one line."""
        if self.over:
            self.stray = True
        elif line == self.mark:
            self.over = True
        else:
            self._on_report(line)
