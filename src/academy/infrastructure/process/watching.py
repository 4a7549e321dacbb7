"""Follow a child to its end, or to the end of a call, and tell how it went."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from academy.application.ports.processes import ChildFailed, ChildLimits, ChildReport
from academy.infrastructure.process.kept import READ_SIZE, KeptChild, Record

__all__ = ["Output", "TooMuchOutput", "report_of", "to_its_end", "watch"]

_T = TypeVar("_T")
_OUT_OF_MEMORY = ("cannot allocate memory", "memoryerror", "bad_alloc", "out of memory")
_BY_SIGNAL = {-signal.SIGXCPU: "timeout", -signal.SIGXFSZ: "output", -signal.SIGKILL: "killed"}


async def to_its_end(work: Coroutine[Any, Any, _T]) -> _T:
    """Await `work` to its end even when cancelled meanwhile; the cancellation is raised afterwards."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return task.result()


class TooMuchOutput(Exception):
    """Stdout passed its cap."""


class Output:
    """Takes stdout or reports: cut into lines for the callback, or captured."""

    def __init__(self, on_line: Callable[[str], None] | None, limit: int) -> None:
        self._on_line = on_line
        self._limit = limit
        self._pending = bytearray()

    def feed(self, data: bytes) -> None:
        """Take what came. Raises TooMuchOutput, and what the callback raises."""
        self._pending += data
        if self._on_line is not None and b"\n" in data:
            *lines, rest = bytes(self._pending).split(b"\n")
            self._pending = bytearray(rest)
            for line in lines:
                self._on_line(line.decode("utf-8", "replace").removesuffix("\r"))
        if len(self._pending) > self._limit:
            raise TooMuchOutput

    def finish(self) -> None:
        """Hand over a last line that lacks its newline."""
        if self._on_line is not None and self._pending:
            self._on_line(self._pending.decode("utf-8", "replace"))

    @property
    def unfinished(self) -> bool:
        """Whether a line has begun that lacks its newline."""
        return bool(self._pending)

    def captured(self) -> bytes:
        """Return what came, when no callback took it."""
        return b"" if self._on_line is not None else bytes(self._pending)


def _never() -> bool:
    return False


async def watch(
    child: KeptChild, output: Output, limits: ChildLimits, over: Callable[[], bool] = _never
) -> str | None:
    """Read its output until the child has ended or the call is `over`; return the limit that it passed, if any."""
    loop = asyncio.get_running_loop()
    wall = asyncio.timeout(limits.wall_seconds)
    stall = asyncio.timeout(limits.stall_seconds)
    try:
        async with wall, stall:
            while data := await child.output.read(READ_SIZE):
                output.feed(data)
                if over():
                    return None
                if limits.stall_seconds is not None:
                    stall.reschedule(loop.time() + limits.stall_seconds)
            stall.reschedule(None)
            await child.ended()
            output.finish()
    except TimeoutError:
        if wall.expired():
            return "timeout"
        if stall.expired():
            return "stalled"
        raise
    return None


def report_of(record: Record, stdout: bytes, tail: str, stopped_by: str | None) -> ChildReport:
    """Tell how the child ended; raise ChildFailed if not well."""
    if record.exec_error is not None:
        raise ChildFailed("not_found", None, f"{os.strerror(record.exec_error)}\n{tail}".strip())
    if record.wait_status is None:
        raise ChildFailed(stopped_by or "signal", None, tail)
    code = os.waitstatus_to_exitcode(record.wait_status)
    if record.over and stopped_by is None:
        raise ChildFailed(record.over, code, tail)
    if stopped_by is not None or code != 0:
        raise ChildFailed(stopped_by or _reason(code, tail), code, tail)
    return ChildReport(stdout, tail, record.cpu_seconds, record.peak_bytes)


def _reason(code: int, tail: str) -> str:
    """Return why a child failed by itself."""
    if code in _BY_SIGNAL:
        return _BY_SIGNAL[code]
    if any(words in tail.lower() for words in _OUT_OF_MEMORY):
        return "memory"
    return "signal" if code < 0 else "exit"
