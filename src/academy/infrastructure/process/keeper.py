"""Stands between a worker and its child process, and outlives neither by a moment.

Run as a script by `LocalChildProcesses` (never imported by it), so it imports the standard library only, and little of that:

    python -I -S keeper.py LIFELINE STATUS REPORTS RESIDENT MEMORY CPU FILE_BYTES OPEN_FILES NICE PROGRAM [ARGUMENT ...]

LIFELINE is the read end of a pipe whose write end only the worker holds: when the worker closes it, or dies of
whatever cause (SIGKILL included), the keeper kills everything it started. As a child subreaper (prctl(2)) it
inherits orphaned grandchildren, also those that left the process group, so it can kill and reap them all; the worker
therefore never has a zombie, even as process 1 of a container. To STATUS it writes `pid N`, then either `exec ERRNO`
or `done WAITSTATUS CPU_SECONDS PEAK_KIB`. Limits (0: none) are set in the child between fork and exec, where it is
safe, because the keeper has a single thread. REPORTS (-1: none) becomes the child's descriptor 3. The memory that all
descendants hold together is weighed every fifth of a second when RESIDENT (bytes, 0: no limit) says so; the kernel's
own limits count each process alone. Past it, all are killed and `over memory` is written.
"""

import ctypes
import os
import resource
import select
import sys

SIGKILL, SIGPIPE, SIGXFSZ = 9, 13, 25  # importing `signal` would cost 3 ms at every start
SIG_DFL = 0
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
REPORTS = 3  # where the child finds it
WEIGH_EVERY_MS = 200
OOM_SCORE = "/proc/self/oom_score_adj"
OOM_VICTIM = b"500"  # the kernel shall take the child before the worker

libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    """Set a process option (prctl(2)); raise OSError when the kernel refuses."""
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def hand_over(reports: int, status: int) -> int:
    """Make `reports` descriptor 3, and nothing else of ours; return where `status` is now."""
    if status == REPORTS:
        status = os.dup(status)
    if reports != REPORTS:
        os.dup2(reports, REPORTS)
        os.set_inheritable(reports, False)
    return status


def become(limits: list[int], program: list[str], status: int, reports: int, parent: int) -> None:
    """Turn this freshly forked process into the program; never returns."""
    memory, cpu, file_bytes, open_files, nice = limits
    try:
        if reports >= 0:
            status = hand_over(reports, status)
        os.setsid()
        prctl(PR_SET_PDEATHSIG, SIGKILL)
        if os.getppid() != parent:
            os._exit(127)
        if os.access(OOM_SCORE, os.W_OK):
            with open(OOM_SCORE, "wb", buffering=0) as score:  # noqa: PTH123 - pathlib costs its import at every start
                score.write(OOM_VICTIM)
        for kind, soft, hard in (
            (resource.RLIMIT_AS, memory, memory),
            (resource.RLIMIT_CPU, cpu, cpu + 1),  # SIGXCPU first: a plain SIGKILL would not tell why
            (resource.RLIMIT_FSIZE, file_bytes, file_bytes),
            (resource.RLIMIT_NOFILE, open_files, open_files),
        ):
            if soft:
                resource.setrlimit(kind, (soft, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.nice(nice)
        for ignored in (SIGPIPE, SIGXFSZ):  # Python ignores them, and exec would pass that on
            libc.signal(ignored, SIG_DFL)
        os.execvp(program[0], program)  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(status, b"exec %d\n" % (error.errno or 0))
        os._exit(127)


def living() -> dict[int, int]:
    """Return the parent of every living process; a zombie waits for its reaping and is none."""
    found = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - see above
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:  # noqa: PTH123 - see above
                fields = stat.read().rpartition(b")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != b"Z":
            found[int(name)] = int(fields[1])
    return found


def children(of: int) -> list[int]:
    """Return the living children of a process."""
    return [pid for pid, parent in living().items() if parent == of]


def offspring(pid: int) -> list[int]:
    """Return the children of a process, in a hundredth of the time that a look at everybody takes."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - see above
            with open(f"/proc/{pid}/task/{task}/children", "rb") as children:  # noqa: PTH123 - see above
                found += map(int, children.read().split())
    except (FileNotFoundError, ProcessLookupError):
        return found
    return found


def resident(pid: int) -> int:
    """Return the bytes that a process holds; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as statm:  # noqa: PTH123 - see above
            return int(statm.read().split()[1]) * resource.getpagesize()
    except (FileNotFoundError, ProcessLookupError):
        return 0


def held_together(myself: int) -> tuple[int, list[int]]:
    """Return the resident bytes of all descendants, pages they share counted for each, and who they are."""
    shown = os.access(f"/proc/{myself}/task/{myself}/children", os.R_OK)  # a kernel may be built without it
    look = offspring if shown else children
    mine: list[int] = []
    front = [myself]
    while front:
        front = [child for pid in front for child in look(pid)]
        mine += front
    return sum(map(resident, mine)), mine


def shared_out(pid: int, otherwise: int) -> int:
    """Return the bytes a process holds, a shared page counted in parts (proc(5), smaps_rollup)."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as rollup:  # noqa: PTH123 - see above
            for line in rollup:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) << 10
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except PermissionError:
        return otherwise
    return otherwise


def too_heavy(myself: int, limit: int) -> bool:
    """Return whether the descendants hold more than `limit` bytes; the exact count is taken only when it may matter."""
    held, pids = held_together(myself)
    return held > limit and sum(shared_out(pid, held) for pid in pids) > limit


def kill_all(leader: int) -> int:
    """Kill and reap every descendant, wherever it hid; return the wait status of `leader`."""
    try:
        os.killpg(leader, SIGKILL)  # the leader is not reaped yet, so its number cannot have another owner
    except ProcessLookupError:
        os.kill(leader, SIGKILL)  # it has not reached its setsid yet
    result, myself = 0, os.getpid()
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                for orphan in children(myself):
                    os.kill(orphan, SIGKILL)
                pid, status = os.waitpid(-1, 0)
        except ChildProcessError:
            return result
        if pid == leader:
            result = status


def wait(leader: int, lifeline: int, limit: int) -> bytes:
    """Return when `leader` has ended (it stays unreaped), the worker let go of the lifeline, or a limit was passed: which."""
    ended = os.pidfd_open(leader)
    poll = select.poll()
    poll.register(lifeline, select.POLLIN | select.POLLHUP)
    poll.register(ended, select.POLLIN)
    if not limit:
        poll.poll()
        return b""
    myself = os.getpid()
    while not poll.poll(WEIGH_EVERY_MS):
        if too_heavy(myself, limit):
            return b"over memory\n"
    return b""


def main() -> None:
    """Start the program, keep it, report on it."""
    lifeline, status, reports, heaviest, *limits = (int(text) for text in sys.argv[1:10])
    os.set_inheritable(lifeline, False)
    os.set_inheritable(status, False)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    myself = os.getpid()
    leader = os.fork()
    if leader == 0:
        become(limits, sys.argv[10:], status, reports, myself)
    os.write(status, b"pid %d\n" % leader)
    over = wait(leader, lifeline, heaviest)
    result = kill_all(leader)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    report = f"done {result} {used.ru_utime + used.ru_stime:.6f} {used.ru_maxrss}\n"
    os.write(status, over + report.encode())
    os._exit(0)


main()
