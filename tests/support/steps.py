"""Work counted in steps, not in seconds: the same on every machine, however busy it is.

A test that guards against work that grows too fast compares the steps for n things with those for 4 n:

    assert steps(lambda: read(four_times)) <= LINEAR * steps(lambda: read(once))

What happens inside one call into C (a regular expression, a slice, sorting, a library) is one step, however
long it takes: there a test counts what was handed over, asserts what comes of it, and makes the input so large
that work that grows with its square is stopped as a hang (`timeout` in pyproject.toml).
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

__all__ = ["LINEAR", "bytes_read", "steps"]

LINEAR = 5
"""At most so many times the steps for four times as much; work that grows with the square takes sixteen."""


def steps(work: Callable[[], object]) -> int:
    """Return how many lines of Python `work` runs on this thread, with all that it calls and every turn of a loop.

    What is done only once (an import, a cache that is filled) counts where it happens: let it happen before.
    Raises what `work` raises.
    """
    counted = 0

    def trace(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal counted
        counted += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    assert counted, "no step was counted: something else traces this thread"
    return counted


def bytes_read() -> int:
    """Return how many bytes this thread has read from files so far; a mapped file's pages do not count."""
    told = Path("/proc/thread-self/io").read_text().partition("rchar: ")[2]
    return int(told.split()[0])
