"""Child processes through a keeper that survives the worker just long enough to kill them.

A start costs about 17 ms of CPU (a bare Python that imports next to nothing) against 2 ms for a plain spawn; in
return nothing runs between fork and exec of the (threaded, large) worker, and no descendant outlives the worker,
however it dies.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from academy.application.ports.processes import ChildFailed, ChildLimits, ChildReport
from academy.infrastructure.process.kept import KeptChild
from academy.infrastructure.process.watching import Output, TooMuchOutput, report_of, to_its_end, watch

__all__ = ["ENTRY", "LocalChildProcesses", "import_path"]

ENTRY = str(Path(__file__).with_name("entry.py"))
_MINIMAL_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    # One arena per thread would eat the address space that memory_bytes allows.
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def import_path() -> list[str]:
    """Return where a child looks for modules: what this process can import it can, too; a relative folder would depend on `cwd`."""
    return [folder for folder in sys.path if os.path.isabs(folder)]  # noqa: PTH117 - texts, and many


class LocalChildProcesses:
    """`ChildProcesses` on Linux.

    Beyond the port: an exception of `on_line` kills the group and is passed on, so a caller can stop a child whose
    output comes but makes no headway. `max_output` bounds the captured stdout, or one line when `on_line` takes them.
    Only output on stdout, or reports, count against `stall_seconds`. Reasons are told apart so: SIGXCPU is "timeout", SIGXFSZ is
    "output", a SIGKILL that is not ours is "killed" (by the kernel when the machine is out of memory, or by somebody), and a
    failure whose last words are about memory is "memory".

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
        return await self._run(argv, None, limits, cwd, env, Output(on_line, max_output))

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
        affinity: str = "",  # noqa: ARG002 - nothing of a process is left for the next
    ) -> ChildReport:
        """See the port."""
        head = json.dumps({"entry": entry, "path": import_path(), "max_result": max_result}).encode()
        argv = [self._python, "-I", ENTRY]
        output = Output(on_report, max_report)
        return await self._run(argv, head + b"\n" + request, limits, cwd, env, output)

    async def forget(self, affinity: str) -> None:
        """See the port: nothing is kept here."""

    async def _run(
        self,
        argv: Sequence[str],
        request: bytes | None,
        limits: ChildLimits,
        cwd: Path | None,
        env: Mapping[str, str] | None,
        output: Output,
    ) -> ChildReport:
        environment = {**self._environment, **(env or {})}
        stopped_by: str | None = None
        try:
            child = KeptChild(self._python, argv, limits, cwd, environment, request)
        except FileNotFoundError as error:
            raise ChildFailed("not_found", None, str(error)) from error
        try:
            stopped_by = await watch(child, output, limits)
        except TooMuchOutput:
            stopped_by = "output"
        finally:
            record = await to_its_end(child.end())
        return report_of(record, output.captured(), child.stderr_tail, stopped_by)
