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
        cpu_seconds: RLIMIT_CPU; None: unlimited.
        file_bytes: largest file it may write (RLIMIT_FSIZE); None: unlimited.
        open_files: RLIMIT_NOFILE.
        nice: added niceness.
    """

    wall_seconds: float
    stall_seconds: float | None = None
    memory_bytes: int = 2 << 30
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
        reason: "exit" (non-zero status), "signal" (crashed), "timeout", "stalled", "memory", "output" (too much),
            "not_found" (no such program).
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
