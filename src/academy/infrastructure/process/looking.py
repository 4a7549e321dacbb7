"""Look at a child from outside, in a way it cannot lie about (proc(5))."""

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Look", "look_at"]

_CPU_CLOCK = 2  # of a whole process: CPUCLOCK_SCHED (linux/posix-timers_types.h)
_TICK = 1.0 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Look:
    """What a child is like between two calls.

    Attributes:
        alone: whether it is its keeper's only child and has none itself, a dead one that it did not wait for included.
        threads: of any kind.
        resident_bytes: that it holds now.
        peak_bytes: the most that it ever held.
        cpu_seconds: of it and of the children that it waited for.
    """

    alone: bool
    threads: int
    resident_bytes: int
    peak_bytes: int
    cpu_seconds: float


def look_at(keeper: int) -> Look | None:
    """Look at the child of a keeper; None when it is gone or this kernel does not show children, so nothing can be said."""
    try:
        pids = _children(keeper)
        if not pids:
            return None
        child = pids[0]
        alone = len(pids) == 1 and not _children(child)
        fields = Path(f"/proc/{child}/stat").read_bytes().rpartition(b")")[2].split()
        status = Path(f"/proc/{child}/status").read_text("utf-8", "replace")
        own = time.clock_gettime((~child << 3) | _CPU_CLOCK)
    except OSError:
        return None
    return Look(
        alone=alone,
        threads=int(fields[17]),
        resident_bytes=int(fields[21]) * resource.getpagesize(),
        peak_bytes=int(status.partition("VmHWM:")[2].split()[0]) << 10,
        cpu_seconds=own + (int(fields[13]) + int(fields[14])) * _TICK,
    )


def _children(of: int) -> list[int]:
    found: list[int] = []
    for task in os.listdir(f"/proc/{of}/task"):  # noqa: PTH208 - a name is all that is needed
        with open(f"/proc/{of}/task/{task}/children", "rb") as children:  # noqa: PTH123 - the quickest way
            found += map(int, children.read().split())
    return found
