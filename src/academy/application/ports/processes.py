"""Port: run heavy or untrusted work in a killable child process (JOB-11)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

__all__ = ["ChildFailed", "ChildLimits", "ChildProcesses", "ChildReport"]


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What a child may use; every field is enforced by the kernel or by a kill of its whole process group.

    Attributes:
        wall_seconds: hard limit on elapsed time.
        stall_seconds: killed when no output line came for this long; None: not watched.
        memory_bytes: address space (RLIMIT_AS) of each process in the group.
        resident_bytes: memory that all its processes hold together, looked at several times a second; None: not watched.
        cpu_seconds: RLIMIT_CPU; None: unlimited.
        file_bytes: largest file it may write (RLIMIT_FSIZE); None: unlimited.
        open_files: RLIMIT_NOFILE.
        nice: added niceness.
    """

    wall_seconds: float
    stall_seconds: float | None = None
    memory_bytes: int = 2 << 30
    resident_bytes: int | None = None
    cpu_seconds: int | None = None
    file_bytes: int | None = None
    open_files: int = 256
    nice: int = 5


@dataclass(frozen=True, slots=True)
class ChildReport:
    """How a child ended well.

    Attributes:
        stdout: captured bytes, empty when a line callback took them.
        stderr_tail: last lines, at most 4 KiB, for evidence.
        cpu_seconds: user plus system time of the child and its reaped descendants.
        peak_bytes: largest resident set.
    """

    stdout: bytes
    stderr_tail: str
    cpu_seconds: float
    peak_bytes: int


class ChildFailed(Exception):
    """A child did not end well.

    Attributes:
        reason: "exit" (non-zero status), "signal" (crashed), "timeout", "stalled", "memory" (more than it may have),
            "killed" (from outside), "output" (too much), "not_found" (no such program).
        returncode: exit status, negative signal number, or None.
        stderr_tail: last lines of stderr, at most 4 KiB.
    """

    def __init__(self, reason: str, returncode: int | None, stderr_tail: str) -> None:
        super().__init__(f"child process ended with {reason} (status {returncode})")
        self.reason = reason
        self.returncode = returncode
        self.stderr_tail = stderr_tail


class ChildProcesses(Protocol):
    """Starts children in their own session and process group, with limits set in the child before exec.

    When the awaiting task is cancelled the whole group (grandchildren too) is killed and reaped before the
    cancellation is re-raised: when `run` has returned or raised, no process of the group lives.
    """

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
        """Run `argv` to its end. `env` is added to a minimal environment that holds none of our secrets.

        `on_line` gets every stdout line as it comes (then `stdout` is empty); it must return quickly. When it raises, the
        group is killed and reaped, and the exception passed on.
        Raises ChildFailed.
        """
        ...

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
        affinity: str = "",
    ) -> ChildReport:
        """Call the Python function `entry` ("package.module:function") in an interpreter of its own, with the environment of `run`.

        An implementation may keep the interpreter for later calls with the same entry, environment, limits (but times) and `affinity`:
        name there whose data the work holds (an academy), and nothing of one owner stays in the memory that works for another.

        `entry` is named by code, never by a message: whoever names it runs it. The function is called as
        `function(payload, report)`: the JSON value in `request`, and `report(step, fraction)`; it returns a JSON value or something
        with a `model_dump`. What it tells comes to `on_report` as JSON objects, one per line of at most `max_report` bytes, on a pipe of
        its own: `{"begun": true}` when its module is imported, `{"step", "fraction"}` at most ten times a second, and at last one of
        `{"result"}`, `{"failure": {code, message, message_ko, retryable, stage, detail}}` (an exception with such a `failure`),
        `{"raised": name of the exception}`, `{"unfit": why}` (a result that is no JSON or over `max_result` bytes: "size").
        The child may be hostile: lines can be anything. What it prints to stdout and stderr is read and dropped but for the last 4 KiB,
        which stand in `stderr_tail`. `on_report` must be quick; when it raises, the group is killed and the exception passed on.
        Raises ChildFailed; reason "output" for a longer line.
        """
        ...

    async def forget(self, affinity: str) -> None:
        """Let nothing of an owner stay in memory: whatever is kept for calls with this `affinity` is ended before it returns.

        What is at work for it ends with its call. Nothing happens where nothing is kept; other workers' processes are theirs.
        """
        ...
