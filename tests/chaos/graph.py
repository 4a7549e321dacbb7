"""Hurt graph workers, their child processes, relay and database while requests come in, then judge the end: one result each (GRA-1, GRA-2).

`python -m tests.chaos.graph` prints a report and ends with one JSON line; it exits with 1 when a request has no result or two, when a
graph is not what its requests make, or when something is left: a reservation, an object that nobody names, a process. The seed is
printed; `--seed` draws the same requests and faults again. On SQLite one worker at a time owns the folder of vectors, so the one there is
is started again; on PostgreSQL there are three.
"""

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.graph_driver import GraphDriver, below
from tests.chaos.graph_judge import come_to_rest, look, state_complaints
from tests.chaos.graph_nursery import GraphNursery
from tests.chaos.graph_plan import TENANT, make_plan
from tests.chaos.grounds import Grounds, open_grounds
from tests.support.standin.hurry import hurried_backends

from academy.bootstrap.logs import configure_logs
from academy.bootstrap.queues import queue_plan
from academy.bootstrap.settings import Role, load_settings

__all__ = ["BACKENDS", "GraphOutcome", "graph_run"]

BACKENDS = ("sqlite", "postgresql")
WORKERS = {"sqlite": 1, "postgresql": 3}
LEASE_SECONDS = 4
FAULTS_PER_SECOND = 0.4
LOG = "processes.log"
LONGEST_REST = 6
"""Of a run that still makes progress, as a multiple of the patience with one that makes none: a busy machine is slow."""
CHILDREN_PATIENCE = 5.0


@dataclass(slots=True)
class GraphOutcome:
    """How a run on one backend ended; `wrong` is empty when everything was right.

    Attributes:
        results: by status or error code.
        interrupted, attempts: what the jobs were charged in all.
    """

    backend: str
    requests: int = 0
    sent: int = 0
    seconds: float = 0.0
    results: Counter[str] = field(default_factory=Counter)
    told: int = 0
    progress: int = 0
    attempts: int = 0
    interrupted: int = 0
    survived: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def row(self) -> dict[str, object]:
        """Return what the JSON line says of this run."""
        return {
            "backend": self.backend,
            "requests": self.requests,
            "sent": self.sent,
            "seconds": round(self.seconds, 1),
            "results": dict(sorted(self.results.items())),
            "results_told": self.told,
            "progress_told": self.progress,
            "attempts": self.attempts,
            "interruptions": self.interrupted,
            "survived": dict(sorted(self.survived.items())),
            "wrong": len(self.wrong),
        }


async def graph_run(
    backend: str, folder: Path, *, seed: int, requests: int, seconds: float, patience: float
) -> GraphOutcome:
    """Run one backend: faults for `seconds`, then everything comes to its end, without a pause of `patience` seconds."""
    plan = make_plan(seed, backend, requests, seconds, FAULTS_PER_SECOND)
    outcome = GraphOutcome(backend)
    begun = time.monotonic()
    async with (
        open_grounds(backend, folder, seed) as grounds,
        hurried_backends(load_settings(Role.RECONCILER, **_settings(backend, grounds, folder))) as backends,
        GraphNursery(_settings(backend, grounds, folder), folder / LOG) as nursery,
    ):
        await backends.queue.create(queue_plan(backends.settings))
        driver = GraphDriver(plan, grounds, backends, nursery, WORKERS[backend])
        await driver.start()
        await _bounded(driver, outcome, seconds + LONGEST_REST * patience)
        stuck = await come_to_rest(backends, patience, LONGEST_REST * patience)
        await driver.stop()
        left = await look(backends)
        outcome.wrong += driver.complaints() + state_complaints(plan, left)
        outcome.wrong += [f"{name} ended with {code}" for name, code in driver.exits.items()]
        if stuck:
            outcome.wrong.insert(0, f"it did not come to rest: {stuck}")
        outcome.wrong += [f"a process is left: {each}" for each in await _left_alive(nursery)]
        outcome.attempts = sum(job.attempt for job in left.jobs)
        outcome.interrupted = sum(job.interruptions for job in left.jobs)
    _count(outcome, driver)
    outcome.requests = len(plan.requests)
    outcome.seconds = time.monotonic() - begun
    return outcome


async def _bounded(driver: GraphDriver, outcome: GraphOutcome, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await driver.run()
    except TimeoutError:
        outcome.wrong.append(f"not every request could be sent in {seconds:.0f} s: a first result is missing")


def _count(outcome: GraphOutcome, driver: GraphDriver) -> None:
    outcome.survived = +driver.survived
    outcome.sent, outcome.told, outcome.progress = driver.sent.total(), driver.told, driver.progress
    for found in driver.results.values():
        for told in found.values():
            outcome.results[told["payload"].get("errorCode") or told["payload"]["status"]] += 1


async def _left_alive(nursery: GraphNursery) -> list[int]:
    """Return what lives below the nursery after every worker has ended."""
    until = time.monotonic() + CHILDREN_PATIENCE
    while (found := below(nursery.parent)) and time.monotonic() < until:  # noqa: ASYNC110 - processes have no event
        await asyncio.sleep(0.1)
    return found


def _settings(backend: str, grounds: Grounds, folder: Path) -> dict[str, object]:
    return grounds.theirs | {
        "queue_graph_tenant": TENANT,
        "graph_keep_minutes": 0,
        "upload_secret": "s" * 40,
        "work_dir": str(folder / "scratch"),
        "lease_seconds": LEASE_SECONDS,
        "vectors_backend": "chroma" if backend == "sqlite" else "pgvector",
    }


def report(outcome: GraphOutcome) -> None:
    results = ", ".join(f"{count} {name}" for name, count in sorted(outcome.results.items()))
    print(
        f"\n{outcome.backend}: {outcome.requests} requests sent {outcome.sent} times in {outcome.seconds:.1f} s: {results}"
    )
    print(
        f"  {outcome.told} results told, {outcome.progress} times progress;"
        f" {outcome.attempts} attempts, {outcome.interrupted} interruptions"
    )
    for name, count in sorted(outcome.survived.items()):
        print(f"  survived {count:6} × {name}")
    for text in outcome.wrong[:20]:
        print(f"  WRONG {text}")
    print(
        f"  {'everything right' if not outcome.wrong else f'{len(outcome.wrong)} things wrong'}", flush=True
    )


async def _all(arguments: argparse.Namespace, folder: Path) -> list[GraphOutcome]:
    backends = BACKENDS if arguments.backend == "all" else (arguments.backend,)
    outcomes = []
    for backend in backends:
        place = folder / backend
        place.mkdir()
        outcome = await graph_run(
            backend,
            place,
            seed=arguments.seed,
            requests=arguments.requests,
            seconds=arguments.seconds,
            patience=arguments.patience,
        )
        report(outcome)
        outcomes.append(outcome)
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200, help="requests per backend")
    parser.add_argument("--seconds", type=float, default=60, help="how long the faults go on, per backend")
    parser.add_argument(
        "--patience", type=float, default=30, help="seconds without any progress that mean it is stuck"
    )
    parser.add_argument("--backend", choices=(*BACKENDS, "all"), default="all")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument(
        "--keep", action="store_true", help="keep databases and logs of a run that went wrong"
    )
    arguments = parser.parse_args()
    # The harness loses its connections as everybody does; the report says so, and nothing else.
    configure_logs(load_settings(Role.OPERATOR, log_level="ERROR"))
    print(f"seed {arguments.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="academy-chaos-"))
    right = False
    try:
        outcomes = asyncio.run(_all(arguments, folder))
        right = not any(outcome.wrong for outcome in outcomes)
        rows = [outcome.row() for outcome in outcomes]
        print(json.dumps({"chaos": "graph", "seed": arguments.seed, "rows": rows, "right": right}))
    finally:
        if right or not arguments.keep:
            shutil.rmtree(folder)
        else:
            print(f"kept {folder}", file=sys.stderr)
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
