"""WarmChildProcesses against real processes: what is kept, for whom, and what ends it (JOB-11)."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.jobs import until

from academy.application.ports.processes import ChildFailed, ChildLimits, ChildProcesses, ChildReport
from academy.infrastructure.process import LocalChildProcesses, WarmChildProcesses

pytestmark = [pytest.mark.requirement("JOB-11")]

LIMITS = ChildLimits(wall_seconds=30, memory_bytes=1 << 30)
ENTRIES = "tests.integration.process.warm_entries"
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call told: its result (empty without one), all its reports, and how the process did."""

    result: dict[str, Any]
    lines: list[str]
    report: ChildReport

    @property
    def pid(self) -> int:
        pid = self.result["pid"]
        assert isinstance(pid, int)
        return pid


@pytest.fixture
async def warm() -> AsyncIterator[WarmChildProcesses]:
    made = WarmChildProcesses(keep=3, most_bytes=100 << 20)
    yield made
    await made.close()


async def call(
    processes: ChildProcesses,
    word: str = "a",
    *,
    name: str = "act",
    limits: ChildLimits = LIMITS,
    do: str = "nothing",
    **more: Any,
) -> Answer:
    lines: list[str] = []
    request = json.dumps({"word": word, "do": do}).encode()
    report = await processes.call(f"{ENTRIES}:{name}", request, limits=limits, on_report=lines.append, **more)
    told = [json.loads(line) for line in lines]
    result: dict[str, Any] = next((each["result"] for each in told if "result" in each), {})
    return Answer(result, lines, report)


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def open_files() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


async def test_the_second_call_meets_the_same_process_and_tells_the_same(warm: WarmChildProcesses) -> None:
    first = await call(warm, "a")
    second = await call(warm, "b")
    assert (first.result["found"], second.result["found"]) == ([], ["a"])
    assert first.pid == second.pid
    assert [json.loads(line).keys() for line in second.lines] == [
        {"begun"},
        {"step", "fraction"},
        {"result"},
    ]
    assert len(first.lines) == len(second.lines)
    assert second.report.stdout == b""
    assert second.report.stderr_tail == ""
    assert second.report.peak_bytes > 1 << 20


async def test_ten_calls_start_one_process_and_not_ten(warm: WarmChildProcesses) -> None:
    async def started(processes: ChildProcesses) -> int:
        return len({(await call(processes)).pid for _ in range(10)})

    assert await started(warm) == 1
    assert await started(LocalChildProcesses()) == 10


async def test_cpu_time_is_told_for_each_call(warm: WarmChildProcesses) -> None:
    first, second = await call(warm), await call(warm)
    assert 0 <= second.report.cpu_seconds < first.report.cpu_seconds


@pytest.mark.requirement("SEC-1")
@pytest.mark.parametrize(
    "other",
    [
        {"affinity": "another"},
        {"name": "remember_too"},
        {"env": {"GIVEN": "b"}},
        {"limits": replace(LIMITS, memory_bytes=2 << 30)},
        {"limits": replace(LIMITS, resident_bytes=1 << 30)},
        {"limits": replace(LIMITS, open_files=99)},
    ],
    ids=["affinity", "entry", "environment", "memory", "resident", "files"],
)
async def test_a_process_serves_one_key_only(warm: WarmChildProcesses, other: dict[str, Any]) -> None:
    first = await call(warm, "secret", affinity="one")
    second = await call(warm, "b", **{"affinity": "one", **other})
    again = await call(warm, "c", affinity="one")
    assert second.result["found"] == []
    assert second.pid != first.pid == again.pid


@pytest.mark.requirement("GRA-8")
async def test_what_is_kept_of_an_owner_who_is_forgotten_ends_at_once(warm: WarmChildProcesses) -> None:
    theirs, others = await call(warm, "secret", affinity="one"), await call(warm, affinity="two")
    await warm.forget("one")
    assert not lives(theirs.pid), "ended before it returned"
    assert (await call(warm, affinity="two")).pid == others.pid
    assert (await call(warm, affinity="one")).result["found"] == []


@pytest.mark.requirement("GRA-8")
async def test_what_works_for_an_owner_who_is_forgotten_ends_with_its_call(warm: WarmChildProcesses) -> None:
    kept = await call(warm, "secret", affinity="one")
    working = asyncio.create_task(call(warm, do="take_a_while", affinity="one"))
    await asyncio.sleep(0.1)
    await warm.forget("one")
    assert (await working).result["found"] == ["secret"]
    after = await call(warm, affinity="one")
    assert after.result["found"] == []
    assert not lives(kept.pid)
    assert (await call(warm, affinity="one")).pid == after.pid, "the next ones are kept again"


async def test_other_times_are_no_other_key(warm: WarmChildProcesses) -> None:
    first = await call(warm)
    second = await call(warm, limits=replace(LIMITS, wall_seconds=20, stall_seconds=10))
    assert first.pid == second.pid


@pytest.mark.parametrize(
    "do",
    [
        *("fail", "leave", "print_out", "print_error", "leave_thread", "leave_bare_thread", "leave_child"),
        *("leave_dead_child", "leave_orphan", "speak_late", "grow"),
    ],
)
async def test_what_is_no_longer_as_it_was_serves_no_more(warm: WarmChildProcesses, do: str) -> None:
    kept = await call(warm)
    odd = await call(warm, do=do)
    async with asyncio.timeout(10):
        while lives(kept.pid):  # noqa: ASYNC110 - its keeper ends it beside the next call
            await asyncio.sleep(0.01)
    after = await call(warm)
    assert after.result["found"] == []
    if do not in {"fail", "leave"}:
        assert odd.result["found"] == ["a"]
    if do == "print_out":
        assert odd.report.stderr_tail == "a word that nobody asked for\n"


async def test_memory_that_is_given_back_is_no_reason(warm: WarmChildProcesses) -> None:
    first = await call(warm, do="grow_for_a_while")
    assert (await call(warm)).pid == first.pid


async def test_a_process_goes_after_its_number_of_calls() -> None:
    warm = WarmChildProcesses(most_calls=2)
    pids = [(await call(warm)).pid for _ in range(5)]
    await warm.close()
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]


@pytest.mark.parametrize(
    ("do", "limits", "reason"),
    [
        ("hang", replace(LIMITS, wall_seconds=0.4), "timeout"),
        ("hang", replace(LIMITS, stall_seconds=0.4), "stalled"),
        ("spin", replace(LIMITS, wall_seconds=0.4), "timeout"),
    ],
)
async def test_times_hold_in_a_later_call(
    warm: WarmChildProcesses, do: str, limits: ChildLimits, reason: str
) -> None:
    first = await call(warm)
    with pytest.raises(ChildFailed) as failed:
        await call(warm, do=do, limits=limits)
    assert (failed.value.reason, failed.value.returncode) == (reason, -signal.SIGKILL)
    assert not lives(first.pid)
    assert (await call(warm)).result["found"] == []


@pytest.mark.parametrize(
    "limits",
    [replace(LIMITS, resident_bytes=200 << 20), replace(LIMITS, memory_bytes=200 << 20)],
    ids=["resident", "addresses"],
)
async def test_memory_limits_hold_in_a_later_call(warm: WarmChildProcesses, limits: ChildLimits) -> None:
    first = await call(warm, limits=limits)
    try:
        raised = (await call(warm, do="heavy", limits=limits)).lines[-1]
    except ChildFailed as failed:
        raised = failed.reason
    assert raised in {"memory", '{"raised": "MemoryError"}'}
    assert not lives(first.pid)


async def test_limited_cpu_time_gets_a_process_of_its_own(warm: WarmChildProcesses) -> None:
    limits = replace(LIMITS, cpu_seconds=1)
    first, second = await call(warm, limits=limits), await call(warm, limits=limits)
    assert first.pid != second.pid
    with pytest.raises(ChildFailed) as failed:
        await call(warm, do="spin", limits=limits)
    assert failed.value.reason == "timeout"


async def test_each_call_has_its_folder(warm: WarmChildProcesses, tmp_path: Path) -> None:
    first = await call(warm, cwd=tmp_path)
    second = await call(warm, do="wander")
    third = await call(warm)
    assert first.pid == second.pid == third.pid
    assert [one.result["cwd"] for one in (first, second, third)] == [
        str(tmp_path),
        str(Path.cwd()),
        str(Path.cwd()),
    ]
    with pytest.raises(ChildFailed) as failed:
        await call(warm, cwd=tmp_path / "missing")
    assert failed.value.reason == "not_found"


async def test_a_missing_interpreter_is_not_found() -> None:
    with pytest.raises(ChildFailed) as failed:
        await call(WarmChildProcesses(python="/no/such/python"))
    assert failed.value.reason == "not_found"


async def test_calls_at_once_have_a_process_each_and_no_more_are_kept_than_said(
    warm: WarmChildProcesses,
) -> None:
    at_once = await asyncio.gather(*(call(warm, str(number)) for number in range(5)))
    pids = {one.pid for one in at_once}
    assert len(pids) == 5
    await until(lambda: sum(map(lives, pids)) == 3)
    assert (await call(warm)).pid in pids


async def test_who_was_used_longest_ago_goes_first(warm: WarmChildProcesses) -> None:
    pids = {owner: (await call(warm, affinity=owner)).pid for owner in "abc"}
    await call(warm, affinity="a")
    await call(warm, affinity="d")
    assert (lives(pids["a"]), lives(pids["b"]), lives(pids["c"])) == (True, False, True)


async def test_who_waits_too_long_goes() -> None:
    warm = WarmChildProcesses(idle_seconds=0.2)
    pid = (await call(warm)).pid
    await until(lambda: not lives(pid))
    assert (await call(warm)).pid != pid
    await warm.close()


async def test_one_that_dies_while_it_waits_costs_no_call(warm: WarmChildProcesses) -> None:
    first = await call(warm)
    os.kill(first.pid, signal.SIGKILL)
    await until(lambda: not lives(first.pid))
    assert (await call(warm)).result["found"] == []


@pytest.mark.requirement("JOB-8")
async def test_a_cancelled_call_takes_its_process_along(warm: WarmChildProcesses) -> None:
    first = await call(warm)
    running = asyncio.ensure_future(call(warm, do="hang"))
    await asyncio.sleep(0.3)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not lives(first.pid)


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 9])
async def test_a_cancel_at_any_moment_leaves_nothing(warm: WarmChildProcesses, turns: int) -> None:
    kept = await call(warm)
    running = asyncio.ensure_future(call(warm, do="hang"))
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await warm.close()
    assert not lives(kept.pid)


async def test_an_error_of_the_callback_ends_the_process(warm: WarmChildProcesses) -> None:
    first = await call(warm)

    def refuse(_line: str) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await warm.call(f"{ENTRIES}:act", b'{"word": "a"}', limits=LIMITS, on_report=refuse)
    assert not lives(first.pid)


async def test_after_close_nobody_is_left_and_no_descriptor() -> None:
    await call(LocalChildProcesses())
    before = open_files()
    warm = WarmChildProcesses(keep=2)
    pids = [(await call(warm, affinity=str(number))).pid for number in range(6)]
    await warm.close()
    last = (await call(warm)).pid
    await asyncio.sleep(0)
    assert not any(map(lives, [*pids, last]))
    assert open_files() <= before


WORKER = """
import asyncio, json, sys
from academy.application.ports.processes import ChildLimits
from academy.infrastructure.process import WarmChildProcesses

sys.path.append(sys.argv[1])

async def main():
    await WarmChildProcesses().call(
        "tests.integration.process.warm_entries:remember", b'{"word": "a"}', limits=ChildLimits(600),
        on_report=lambda line: "pid" in line and print(json.loads(line)["result"]["pid"], flush=True))
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_who_waits_dies_with_a_killed_worker() -> None:
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WORKER, str(ROOT)),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT / "src")},
    )
    assert worker.stdout is not None
    pid = int(await worker.stdout.readline())
    assert lives(pid)
    worker.kill()
    await worker.wait()
    await until(lambda: not lives(pid))


async def test_a_large_request_and_a_large_result_arrive_in_later_calls(warm: WarmChildProcesses) -> None:
    for _ in range(2):
        lines: list[str] = []
        await warm.call(
            f"{ENTRIES}:echo", json.dumps("가" * (1 << 20)).encode(), limits=LIMITS, on_report=lines.append,
            max_report=16 << 20, max_result=16 << 20,
        )  # fmt: skip
        assert json.loads(lines[-1]) == {"result": "가" * (1 << 20)}
