"""Child processes through a keeper that survives the worker just long enough to kill them.

A start costs about 17 ms of CPU (a bare Python that imports next to nothing) against 2 ms for a plain spawn; in
return nothing runs between fork and exec of the (threaded, large) worker, and no descendant outlives the worker,
however it dies.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from academy.application.ports.processes import ChildFailed, ChildLimits, ChildReport
from academy.infrastructure.process.kept import READ_SIZE, KeptChild, Record

__all__ = ["LocalChildProcesses"]

_T = TypeVar("_T")
_ENTRY = str(Path(__file__).with_name("entry.py"))
_OUT_OF_MEMORY = ("cannot allocate memory", "memoryerror", "bad_alloc", "out of memory")
_BY_SIGNAL = {-signal.SIGXCPU: "timeout", -signal.SIGXFSZ: "output", -signal.SIGKILL: "memory"}
_MINIMAL_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    # One arena per thread would eat the address space that memory_bytes allows.
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class LocalChildProcesses:
    """`ChildProcesses` on Linux.

    Beyond the port: an exception of `on_line` kills the group and is passed on, so a caller can stop a child whose
    output comes but makes no headway. `max_output` bounds the captured stdout, or one line when `on_line` takes them.
    Only output on stdout, or reports, count against `stall_seconds`. Reasons are told apart so: SIGXCPU is "timeout", SIGXFSZ is
    "output", a SIGKILL that is not ours is "memory" (the kernel's out-of-memory killer), and so is a failure whose
    last words are about memory.

    Args:
        environment: added to the minimal environment of every child (a PATH that holds the tools, for one).
        python: interpreter for the keeper.
    """

    def __init__(self, *, environment: Mapping[str, str] | None = None, python: str = sys.executable) -> None:
        self._environment = {**_MINIMAL_ENVIRONMENT, **(environment or {})}
        self._python = python

    async def run(
        self,
        argv: Sequence[str],
        *,
        limits: ChildLimits,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
        max_output: int = 16 << 20,
    ) -> ChildReport:
        """See the port."""
        return await self._run(argv, None, limits, cwd, env, _Output(on_line, max_output))

    async def call(
        self,
        entry: str,
        request: bytes,
        *,
        limits: ChildLimits,
        on_report: Callable[[str], None],
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        max_report: int = 512 << 10,
        max_result: int = 256 << 10,
    ) -> ChildReport:
        """See the port."""
        # What this process can import the function's module can import, too; a relative entry would depend on `cwd`.
        path = [folder for folder in sys.path if os.path.isabs(folder)]  # noqa: PTH117 - texts, and many
        head = json.dumps({"entry": entry, "path": path, "max_result": max_result}).encode()
        argv = [self._python, "-I", _ENTRY]
        output = _Output(on_report, max_report)
        return await self._run(argv, head + b"\n" + request, limits, cwd, env, output)

    async def _run(
        self,
        argv: Sequence[str],
        request: bytes | None,
        limits: ChildLimits,
        cwd: Path | None,
        env: Mapping[str, str] | None,
        output: "_Output",
    ) -> ChildReport:
        environment = {**self._environment, **(env or {})}
        stopped_by: str | None = None
        try:
            child = KeptChild(self._python, argv, limits, cwd, environment, request)
        except FileNotFoundError as error:
            raise ChildFailed("not_found", None, str(error)) from error
        try:
            stopped_by = await _watch(child, output, limits)
        except _TooMuchOutputError:
            stopped_by = "output"
        finally:
            record = await _to_its_end(child.end())
        return _report(record, output.captured(), child.stderr_tail, stopped_by)


async def _to_its_end(work: Coroutine[Any, Any, _T]) -> _T:
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


class _TooMuchOutputError(Exception):
    """Stdout passed its cap."""


class _Output:
    """Takes stdout or reports: cut into lines for the callback, or captured."""

    def __init__(self, on_line: Callable[[str], None] | None, limit: int) -> None:
        self._on_line = on_line
        self._limit = limit
        self._pending = bytearray()

    def feed(self, data: bytes) -> None:
        self._pending += data
        if self._on_line is not None and b"\n" in data:
            *lines, rest = bytes(self._pending).split(b"\n")
            self._pending = bytearray(rest)
            for line in lines:
                self._on_line(line.decode("utf-8", "replace").removesuffix("\r"))
        if len(self._pending) > self._limit:
            raise _TooMuchOutputError

    def finish(self) -> None:
        """Hand over a last line that lacks its newline."""
        if self._on_line is not None and self._pending:
            self._on_line(self._pending.decode("utf-8", "replace"))

    def captured(self) -> bytes:
        return b"" if self._on_line is not None else bytes(self._pending)


async def _watch(child: KeptChild, output: _Output, limits: ChildLimits) -> str | None:
    """Read its output until the child has ended; return the limit that it passed, if any."""
    loop = asyncio.get_running_loop()
    wall = asyncio.timeout(limits.wall_seconds)
    stall = asyncio.timeout(limits.stall_seconds)
    try:
        async with wall, stall:
            while data := await child.output.read(READ_SIZE):
                output.feed(data)
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


def _report(record: Record, stdout: bytes, tail: str, stopped_by: str | None) -> ChildReport:
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
