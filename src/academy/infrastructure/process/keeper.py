"""Stands between a worker and its child process, and outlives neither by a moment.

Run as a script by `LocalChildProcesses` (never imported by it), so it imports the standard library only, and little of that:

    python -I -S keeper.py LIFELINE STATUS MEMORY CPU FILE_BYTES OPEN_FILES NICE PROGRAM [ARGUMENT ...]

LIFELINE is the read end of a pipe whose write end only the worker holds: when the worker closes it, or dies of
whatever cause (SIGKILL included), the keeper kills everything it started. As a child subreaper (prctl(2)) it
inherits orphaned grandchildren, also those that left the process group, so it can kill and reap them all; the worker
therefore never has a zombie, even as process 1 of a container. To STATUS it writes `pid N`, then either `exec ERRNO`
or `done WAITSTATUS CPU_SECONDS PEAK_KIB`. Limits (0: none) are set in the child between fork and exec, where it is
safe, because the keeper has a single thread.
"""

import ctypes
import os
import resource
import select
import sys

SIGKILL, SIGPIPE, SIGXFSZ = 9, 13, 25  # importing `signal` would cost 3 ms at every start
SIG_DFL = 0
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
OOM_SCORE = "/proc/self/oom_score_adj"
OOM_VICTIM = b"500"  # the kernel shall take the child before the worker

libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    """Set a process option (prctl(2)); raise OSError when the kernel refuses."""
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def become(limits: list[int], program: list[str], status: int, parent: int) -> None:
    """Turn this freshly forked process into the program; never returns."""
    memory, cpu, file_bytes, open_files, nice = limits
    try:
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


def children(of: int) -> list[int]:
    """Return the living children of a process; a zombie waits for its reaping and is none."""
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - see above
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:  # noqa: PTH123 - see above
                state, parent = stat.read().rpartition(b")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == of and state != b"Z":
            found.append(int(name))
    return found


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


def wait(leader: int, lifeline: int) -> None:
    """Return when `leader` has ended (it stays unreaped) or the worker let go of the lifeline."""
    ended = os.pidfd_open(leader)
    poll = select.poll()
    poll.register(lifeline, select.POLLIN | select.POLLHUP)
    poll.register(ended, select.POLLIN)
    poll.poll()


def main() -> None:
    """Start the program, keep it, report on it."""
    lifeline, status, *limits = (int(text) for text in sys.argv[1:8])
    os.set_inheritable(lifeline, False)
    os.set_inheritable(status, False)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    myself = os.getpid()
    leader = os.fork()
    if leader == 0:
        become(limits, sys.argv[8:], status, myself)
    os.write(status, b"pid %d\n" % leader)
    wait(leader, lifeline)
    result = kill_all(leader)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    report = f"done {result} {used.ru_utime + used.ru_stime:.6f} {used.ru_maxrss}\n"
    os.write(status, report.encode())
    os._exit(0)


main()
