"""Run a command and account for it and everything it starts: CPU from the kernel, memory from /proc."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cost", "cost_of"]

_SAMPLE_SECONDS = 0.05
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU and elapsed seconds, and the largest sum of resident sets of the process tree, bytes."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    output: str

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.cpu_seconds + other.cpu_seconds,
            self.wall_seconds + other.wall_seconds,
            max(self.peak_bytes, other.peak_bytes),
            self.output + other.output,
        )


def cost_of(command: Sequence[str]) -> Cost:
    """Run `command` to its end. Raises RuntimeError with its last words when it fails."""
    before = os.times()
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak = _Peak(process.pid)
    peak.start()
    output, errors = process.communicate()
    peak.stop()
    wall = time.perf_counter() - started
    after = os.times()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)[:200]} ended with {process.returncode}:\n{errors[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(cpu, wall, peak.largest, output)


class _Peak(threading.Thread):
    """Samples the resident memory of a process and its descendants."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._done = threading.Event()
        self.largest = 0

    def run(self) -> None:
        while not self._done.wait(_SAMPLE_SECONDS):
            self.largest = max(self.largest, _tree_bytes(self._root))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _tree_bytes(root: int) -> int:
    parents: dict[int, int] = {}
    resident: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue  # it ended while we looked
        pid = int(fields["Pid"])
        parents[pid] = int(fields["PPid"])
        resident[pid] = int(fields.get("VmRSS", "0 kB").split()[0]) * _KIB
    total = 0
    for pid in parents:
        ancestor = pid
        while ancestor not in {root, 0, 1}:
            ancestor = parents.get(ancestor, 0)
        if ancestor == root:
            total += resident[pid]
    return total
