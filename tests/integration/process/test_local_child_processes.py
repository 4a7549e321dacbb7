"""LocalChildProcesses against real processes: every limit, every way to die, nobody left behind."""

import asyncio
import os
import select
import signal
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

import pytest

from academy.application.ports.processes import ChildFailed, ChildLimits
from academy.infrastructure.process import LocalChildProcesses, WarmChildProcesses

pytestmark = [pytest.mark.requirement("JOB-11")]

LIMITS = ChildLimits(wall_seconds=30, memory_bytes=512 << 20)
GONE_WITHIN_MS = 10_000

# Prints its own pid and those of a child, of a child in another session, and of an orphan of a dead parent.
FAMILY = """
import os, subprocess, sys
child = subprocess.Popen(["sleep", "600"])
stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
orphan = subprocess.run(["sh", "-c", "setsid sleep 600 >/dev/null 2>&1 & echo $!"], capture_output=True, text=True)
print(os.getpid(), child.pid, stranger.pid, int(orphan.stdout), flush=True)
{then}
"""


@pytest.fixture(params=[LocalChildProcesses, WarmChildProcesses])
def processes(request: pytest.FixtureRequest) -> LocalChildProcesses:
    made = request.param()
    assert isinstance(made, LocalChildProcesses)
    return made


def python(code: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code)]


def family(then: str) -> list[str]:
    return python(FAMILY.format(then=then))


def assert_gone(pids: Iterable[int]) -> None:
    """Wait until no process has one of these ids; fail if one still lives after the deadline."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            assert poll.poll(GONE_WITHIN_MS), f"process {pid} still lives"
        finally:
            os.close(handle)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def open_files() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_a_good_end_reports_output_and_usage(processes: LocalChildProcesses) -> None:
    report = await processes.run(
        python("import sys; sys.stderr.write('note'); b = bytearray(60 << 20); print('done')"), limits=LIMITS
    )
    assert report.stdout == b"done\n"
    assert report.stderr_tail == "note"
    assert report.cpu_seconds > 0
    assert 60 << 20 < report.peak_bytes < 200 << 20


async def test_peak_memory_is_the_childs_and_not_the_workers(processes: LocalChildProcesses) -> None:
    ballast = bytearray(os.urandom(1 << 20) * 100)
    report = await processes.run(["true"], limits=LIMITS)
    assert len(ballast) > report.peak_bytes


async def test_lines_come_as_they_are_written(processes: LocalChildProcesses) -> None:
    lines: list[str] = []
    report = await processes.run(
        python("print('one\\r\\ntwo\\n\\nthree', end='')"), limits=LIMITS, on_line=lines.append
    )
    assert lines == ["one", "two", "", "three"]
    assert report.stdout == b""


async def test_an_error_of_the_line_callback_kills_the_child(processes: LocalChildProcesses) -> None:
    seen: list[int] = []

    def refuse(line: str) -> None:
        seen.extend(map(int, line.split()))
        raise LookupError(line)

    with pytest.raises(LookupError):
        await processes.run(family("child.wait()"), limits=LIMITS, on_line=refuse)
    assert not [pid for pid in seen if lives(pid)]


@pytest.mark.parametrize(
    ("code", "limits", "reason", "status"),
    [
        ("import sys; sys.exit(3)", LIMITS, "exit", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", LIMITS, "signal", -signal.SIGSEGV),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", LIMITS, "killed", -signal.SIGKILL),
        ("import time; time.sleep(60)", ChildLimits(0.3), "timeout", -signal.SIGKILL),
        ("import time; time.sleep(60)", ChildLimits(30, stall_seconds=0.3), "stalled", -signal.SIGKILL),
        ("b = bytearray(1 << 30)", ChildLimits(30, memory_bytes=300 << 20), "memory", 1),
        ("while True: pass", ChildLimits(30, cpu_seconds=1), "timeout", -signal.SIGXCPU),
        ("while True: print('y' * 4096)", LIMITS, "output", -signal.SIGKILL),
    ],
    ids=["exit", "segfault", "oom-killer", "wall", "stall", "memory", "cpu", "output"],
)
async def test_every_bad_end_has_its_reason(
    processes: LocalChildProcesses, code: str, limits: ChildLimits, reason: str, status: int
) -> None:
    with pytest.raises(ChildFailed) as failed:
        await processes.run(python(code), limits=limits, max_output=1 << 20)
    assert (failed.value.reason, failed.value.returncode) == (reason, status)


async def test_a_file_over_the_limit_is_too_much_output(
    processes: LocalChildProcesses, tmp_path: Path
) -> None:
    with pytest.raises(ChildFailed) as failed:
        await processes.run(
            ["dd", "if=/dev/zero", "of=big", "bs=64k", "count=64"],
            limits=ChildLimits(30, file_bytes=1 << 20),
            cwd=tmp_path,
        )
    assert failed.value.reason == "output"
    assert (tmp_path / "big").stat().st_size <= 1 << 20


async def test_an_endless_line_is_too_much_output(processes: LocalChildProcesses) -> None:
    with pytest.raises(ChildFailed) as failed:
        await processes.run(
            python("while True: print('y' * 4096, end='')"),
            limits=LIMITS,
            on_line=lambda _: None,
            max_output=1 << 16,
        )
    assert failed.value.reason == "output"


@pytest.mark.parametrize("cwd", [None, Path("/nonexistent")])
async def test_a_missing_program_or_folder_is_not_found(
    processes: LocalChildProcesses, cwd: Path | None
) -> None:
    with pytest.raises(ChildFailed) as failed:
        await processes.run(["no-such-program-anywhere"], limits=LIMITS, cwd=cwd)
    assert failed.value.reason == "not_found"


async def test_only_the_end_of_stderr_is_kept(processes: LocalChildProcesses) -> None:
    with pytest.raises(ChildFailed) as failed:
        await processes.run(
            python("import sys; sys.stderr.write('x' * 9000 + 'the cause'); sys.exit(1)"), limits=LIMITS
        )
    assert failed.value.stderr_tail.endswith("the cause")
    assert len(failed.value.stderr_tail) == 4096


@pytest.mark.requirement("SEC-1")
async def test_a_child_sees_none_of_our_environment_and_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, processes: LocalChildProcesses
) -> None:
    monkeypatch.setenv("R2_SECRET_KEY", "s3cret")
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    with secret.open() as open_file:
        os.set_inheritable(open_file.fileno(), True)
        report = await processes.run(
            ["sh", "-c", "env; ls -l /proc/self/fd"], limits=LIMITS, env={"GIVEN": "yes"}
        )
    seen = report.stdout.decode()
    assert "s3cret" not in seen
    assert str(secret) not in seen
    assert "GIVEN=yes" in seen


async def test_limits_and_niceness_hold_in_the_child(processes: LocalChildProcesses) -> None:
    code = """
        import os, resource as r, signal
        for kind in (r.RLIMIT_AS, r.RLIMIT_NOFILE, r.RLIMIT_FSIZE, r.RLIMIT_CORE): print(r.getrlimit(kind)[1])
        print(os.nice(0)); print(os.getsid(0) == os.getpgid(0) == os.getpid())
        print(open('/proc/self/oom_score_adj').read().strip())
    """
    limits = ChildLimits(30, memory_bytes=512 << 20, file_bytes=1 << 20, open_files=99, nice=os.nice(0) + 7)
    report = await processes.run(python(code), limits=limits)
    assert report.stdout.decode().split() == [
        str(512 << 20),
        "99",
        str(1 << 20),
        "0",
        str(limits.nice),
        "True",
        "500",
    ]


async def test_a_broken_pipe_kills_as_it_does_in_a_shell(processes: LocalChildProcesses) -> None:
    report = await processes.run(["sh", "-c", "yes | head -1"], limits=LIMITS)
    assert report.stdout == b"y\n"


@pytest.mark.requirement("JOB-8")
@pytest.mark.parametrize("fate", ["cancelled", "timeout", "stalled", "ends"])
async def test_no_descendant_survives(processes: LocalChildProcesses, fate: str) -> None:
    pids: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
    limits = {"timeout": ChildLimits(1.5), "stalled": ChildLimits(30, stall_seconds=1.5)}.get(fate, LIMITS)
    running = asyncio.ensure_future(
        processes.run(
            family("" if fate == "ends" else "child.wait()"),
            limits=limits,
            on_line=lambda line: pids.set_result([int(pid) for pid in line.split()]),
        )
    )
    known = await pids
    if fate == "cancelled":
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    elif fate == "ends":
        await running
    else:
        with pytest.raises(ChildFailed, match=fate):
            await running
    assert len(known) == 4
    assert not [pid for pid in known if lives(pid)]


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 9])
async def test_cancelling_during_the_start_leaves_nothing(
    processes: LocalChildProcesses, turns: int, tmp_path: Path
) -> None:
    running = asyncio.ensure_future(processes.run(["sleep", "600"], limits=LIMITS, cwd=tmp_path))
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not users_of(tmp_path)


def users_of(folder: Path) -> list[Path]:
    return [cwd for cwd in Path("/proc").glob("[0-9]*/cwd") if points_to(cwd, folder)]


def points_to(link: Path, target: Path) -> bool:
    try:
        return link.readlink() == target
    except OSError:
        return False


async def test_a_second_cancel_does_not_interrupt_the_reaping(processes: LocalChildProcesses) -> None:
    pids: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
    running = asyncio.ensure_future(
        processes.run(
            family("child.wait()"),
            limits=LIMITS,
            on_line=lambda line: pids.set_result([int(pid) for pid in line.split()]),
        )
    )
    known = await pids
    running.cancel()
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not [pid for pid in known if lives(pid)]


WORKER = """
import asyncio, sys
from academy.application.ports.processes import ChildLimits
from academy.infrastructure.process import LocalChildProcesses

asyncio.run(LocalChildProcesses().run(
    [sys.executable, "-c", sys.argv[1]], limits=ChildLimits(600), on_line=lambda line: print(line, flush=True)))
"""


@pytest.mark.requirement("JOB-11")
@pytest.mark.parametrize("victim", ["worker", "keeper"])
async def test_everything_dies_with_a_killed_worker(victim: str) -> None:
    source = str(Path(__file__).parents[3] / "src")
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WORKER, FAMILY.format(then="child.wait()")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": source},
    )
    assert worker.stdout is not None
    pids = [int(text) for text in (await worker.stdout.readline()).split()]
    assert len(pids) == 4
    if victim == "worker":
        worker.kill()
        assert_gone(pids)
    else:  # what left the group is beyond reach then, but not the group
        os.kill(parent_of(pids[0]), signal.SIGKILL)
        assert_gone(pids[:2])
        for stray in pids[2:]:
            os.kill(stray, signal.SIGKILL)
    await worker.wait()


async def test_many_children_at_once_leave_no_descriptor(processes: LocalChildProcesses) -> None:
    await processes.run(["true"], limits=LIMITS)
    before = open_files()
    reports = await asyncio.gather(*(processes.run(["echo", str(n)], limits=LIMITS) for n in range(8)))
    assert [report.stdout for report in reports] == [b"%d\n" % n for n in range(8)]
    # Those of others may go meanwhile, when what they belonged to is collected.
    assert open_files() <= before
