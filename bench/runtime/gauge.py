"""Watch a worker process from outside: its CPU from the first job to the last, its memory, the moments at which jobs started."""

import ctypes
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Gauge", "WorkerFailed", "WorkerRun", "run_to_end", "running", "stop"]

SETTLE_SECONDS = 0.5
"""What a worker still does after its last job has started belongs to the jobs: acks, the last writes."""
STOP_SECONDS = 15.0
_MIB = 1 << 20
_PR_SET_PDEATHSIG = 1
"""prctl(2): a benchmark that is killed leaves no worker behind."""


class WorkerFailed(Exception):
    """A worker or producer died or never came to its end; the text holds its last words."""


@dataclass(frozen=True, slots=True)
class WorkerRun:
    """What one run of a worker took.

    Attributes:
        cpu_ms: CPU of the process and its children for one job, from the first job to the end of the last.
        per_second: jobs started a second.
        peak_mib: sum of the high-water marks of the resident sets.
        start_cpu_s: CPU from exec to the first job, imports included.
        start_mib: memory at the first job.
    """

    cpu_ms: float
    per_second: float
    peak_mib: float
    start_cpu_s: float
    start_mib: float


class Gauge:
    """Listens for the meter of one worker."""

    def __init__(self, folder: Path) -> None:
        self._path = Path(tempfile.mkdtemp(dir=folder)) / "meter"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen(1)
        self._lines: Iterator[bytes] | None = None

    def environment(self, expected: int, *, trickle: bool = False) -> dict[str, str]:
        """Return what the worker's meter needs to know."""
        return {
            "BENCH_SOCKET": str(self._path),
            "BENCH_EXPECT": str(expected),
            "BENCH_TRICKLE": "1" if trickle else "",
        }

    def measure(self, process: "subprocess.Popen[bytes]", jobs: int, limit_s: float) -> WorkerRun:
        """Wait for all jobs of the worker and return what they took."""
        first = self.begin(process, limit_s)
        last = self.next_start(process, limit_s)
        time.sleep(SETTLE_SECONDS)
        cpu = _cpu_seconds(process.pid) - first.cpu
        per_second = (jobs - 1) / ((last - first.at) / 1e9) if jobs > 1 else 0.0
        return WorkerRun(cpu * 1000 / jobs, per_second, _peak_mib(process.pid), first.cpu, first.mib)

    def begin(self, process: "subprocess.Popen[bytes]", limit_s: float) -> "_First":
        """Wait for the first job, read the CPU while the worker stands still, let it go on."""
        self._listener.settimeout(0.2)
        deadline = time.monotonic() + limit_s
        while True:
            with suppress(TimeoutError):
                connection, _ = self._listener.accept()
                break
            _check(process, deadline)
        connection.settimeout(limit_s)
        self._lines = iter(connection.makefile("rb"))
        at = self.next_start(process, limit_s)
        first = _First(at, _cpu_seconds(process.pid), _peak_mib(process.pid))
        connection.sendall(b"g")
        return first

    def next_start(self, process: "subprocess.Popen[bytes]", limit_s: float) -> int:
        """Return the next moment that the meter reports (monotonic ns). Raises WorkerFailed."""
        assert self._lines is not None
        try:
            line = next(self._lines, b"")
        except TimeoutError:
            line = b""
        if not line:
            _check(process, 0.0)
            raise WorkerFailed(f"no word of the worker for {limit_s:.0f} s")
        return int(line)

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()


@dataclass(frozen=True, slots=True)
class _First:
    at: int
    cpu: float
    mib: float


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker in the background; it and its children are gone afterwards."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread of ours runs by now
        )
    try:
        yield process
    except WorkerFailed as failed:
        raise WorkerFailed(f"{failed}\n{log.read_text(errors='replace')[-3000:]}") from failed
    finally:
        stop(process)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask the process to end, and make sure of its whole group."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()


def run_to_end(command: Sequence[str], environment: Mapping[str, str], limit_s: float) -> str:
    """Run a producer and return what it printed. Raises WorkerFailed with its last words."""
    try:
        done = subprocess.run(
            command, env=dict(environment), capture_output=True, text=True, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise WorkerFailed(f"{' '.join(command)} did not end within {limit_s:.0f} s") from late
    if done.returncode:
        raise WorkerFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return done.stdout


def _check(process: "subprocess.Popen[bytes]", deadline: float) -> None:
    if process.poll() is not None:
        raise WorkerFailed(f"the worker ended with {process.returncode}")
    if time.monotonic() > deadline:
        raise WorkerFailed(
            "the worker did not start its first job in time" if deadline else "the worker fell silent"
        )


def _tree(root: int) -> list[int]:
    """Return a process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _cpu_seconds(root: int) -> float:
    """Return user and system time of all threads of the tree: the kernel's own clock of each process, to the nanosecond."""
    total = 0.0
    for pid in _tree(root):
        with suppress(OSError):
            # clock_getcpuclockid(3) on Linux: the complement of the process id, then CPUCLOCK_SCHED.
            total += time.clock_gettime((~pid << 3) | 2)
    return total


def _peak_mib(root: int) -> float:
    total = 0
    for pid in _tree(root):
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    total += int(line.split()[1]) * 1024
    return total / _MIB
