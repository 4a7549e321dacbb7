"""One contestant's turn: a backlog of jobs that do nothing, a backlog of short ones, single jobs to an idle worker."""

import json
import random
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from contestants import Contestant
from gauge import Gauge, WorkerFailed, WorkerRun, run_to_end, running
from servers import Servers

__all__ = ["PAUSE_SECONDS", "Figures", "Plan", "one_round"]

PAUSE_SECONDS = 0.01
_LIMIT_S = 180.0
_SINGLE_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much work one turn is; see the options of bench_runtime.py."""

    jobs: int
    pauses: int
    singles: int
    slots: int
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one turn showed: the backlogs, CPU of the producer (ms a job), waits of single jobs (ms)."""

    noop: WorkerRun | None
    pause: WorkerRun | None
    enqueue_ms: float | None
    waits_ms: tuple[float, ...]


def one_round(contestant: Contestant, python: str, plan: Plan, there: Servers, folder: Path) -> Figures:
    """Run a contestant's turn. Raises WorkerFailed."""
    noop = pause = None
    enqueue_ms = None
    if plan.jobs:
        noop, enqueue_ms = _backlog(contestant, python, plan.jobs, 0.0, plan, there, folder)
    if plan.pauses:
        pause, _ = _backlog(contestant, python, plan.pauses, PAUSE_SECONDS, plan, there, folder)
    waits = _singles(contestant, python, plan, there, folder) if plan.singles else ()
    return Figures(noop, pause, enqueue_ms, waits)


def _backlog(
    contestant: Contestant,
    python: str,
    jobs: int,
    seconds: float,
    plan: Plan,
    there: Servers,
    folder: Path,
) -> tuple[WorkerRun, float]:
    """Put all jobs on the queue, then start the worker and watch it work them off."""
    with there.place(ours=contestant.ours) as place:
        profile = {"BENCH_PROFILE": plan.profile} if plan.profile and contestant.ours else {}
        environment = {**contestant.environment(place), **profile}
        told = run_to_end(contestant.command(python, "enqueue", jobs, seconds), environment, _LIMIT_S)
        gauge = Gauge(folder)
        own = {**environment, **gauge.environment(jobs)}
        command = contestant.command(python, "work", contestant.slots(plan.slots))
        try:
            with running(command, own, folder / "worker.log") as process:
                run = gauge.measure(process, jobs, _LIMIT_S)
        finally:
            gauge.close()
        if contestant.ours:
            _check_all_done(contestant, python, environment, jobs)
        return run, float(json.loads(told.splitlines()[-1])["cpu_ms"])


def _check_all_done(contestant: Contestant, python: str, environment: dict[str, str], jobs: int) -> None:
    told = run_to_end(contestant.command(python, "count"), environment, _LIMIT_S)
    succeeded = json.loads(told.splitlines()[-1])["succeeded"]
    if succeeded != jobs:
        raise WorkerFailed(f"{succeeded} of {jobs} jobs succeeded")


def _singles(
    contestant: Contestant, python: str, plan: Plan, there: Servers, folder: Path
) -> tuple[float, ...]:
    """Send jobs one at a time to a worker that has nothing to do; return how long each waited, ms."""
    with there.place(ours=contestant.ours) as place, ExitStack() as stack:
        environment = contestant.environment(place)
        gauge = Gauge(folder)
        stack.callback(gauge.close)
        own = {**environment, **gauge.environment(0, trickle=True)}
        command = contestant.command(python, "trickle", 0)
        producer = stack.enter_context(running(command, environment, folder / "producer.log"))
        _submit(producer)
        worker = stack.enter_context(
            running(
                contestant.command(python, "work", contestant.slots(plan.slots)), own, folder / "worker.log"
            )
        )
        gauge.begin(worker, _SINGLE_LIMIT_S)
        gauge.next_start(worker, _SINGLE_LIMIT_S)
        waits = []
        for _ in range(plan.singles):
            # At another moment of everybody's polling each time.
            time.sleep(random.uniform(0.02, 0.12))
            submitted = _submit(producer)
            waits.append((gauge.next_start(worker, _SINGLE_LIMIT_S) - submitted) / 1e6)
        return tuple(waits)


def _submit(producer: "subprocess.Popen[bytes]") -> int:
    assert producer.stdin is not None
    assert producer.stdout is not None
    producer.stdin.write(b"\n")
    producer.stdin.flush()
    line = producer.stdout.readline()
    if not line:
        raise WorkerFailed("the producer ended")
    return int(line)
