"""Hurt graph workers, their child processes, relay and database while requests come in, then judge the end: one result each (GRA-1, GRA-2).

`python -m tests.chaos.graph` prints a report and ends with one JSON line; it exits with 1 when a request has no result or two, when a
graph is not what its requests make, or when something is left: a reservation, an object that nobody names, a process. The seed is
printed; `--seed` draws the same requests and faults again. On SQLite one worker at a time owns the folder of vectors, so the one there is
is started again; on PostgreSQL, and there with SQS as the broker, there are three.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.graph_driver import GraphDriver, below
from tests.chaos.graph_faults import LEASE_SECONDS
from tests.chaos.graph_judge import come_to_rest, look, state_complaints
from tests.chaos.graph_nursery import GraphNursery
from tests.chaos.graph_plan import TENANT, make_plan
from tests.chaos.grounds import BACKENDS, open_grounds
from tests.chaos.report import chaos_main, chaos_parser
from tests.support.standin.hurry import hurried_backends

from academy.bootstrap.queues import queue_plan
from academy.bootstrap.settings import Role, load_settings

__all__ = ["BACKENDS", "GraphOutcome", "graph_run"]

WORKERS = {"sqlite": 1, "postgresql": 3, "sqs": 3}
FAULTS_PER_SECOND = 0.4
LOG = "processes.log"
LONGEST_REST = 6
"""Of a run that still makes progress, as a multiple of the patience with one that makes none: a busy machine is slow."""
LONGEST_REST_OF_LONG = 20
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

    def lines(self) -> Iterator[str]:
        """Yield what a person reads of this run."""
        results = ", ".join(f"{count} {name}" for name, count in sorted(self.results.items()))
        yield f"{self.backend}: {self.requests} requests sent {self.sent} times in {self.seconds:.1f} s: {results}"
        yield (
            f"  {self.told} results told, {self.progress} times progress;"
            f" {self.attempts} attempts, {self.interrupted} interruptions"
        )
        for name, count in sorted(self.survived.items()):
            yield f"  survived {count:6} × {name}"


async def graph_run(
    backend: str,
    folder: Path,
    *,
    seed: int,
    requests: int,
    seconds: float,
    patience: float,
    longest_rest: float = LONGEST_REST,
) -> GraphOutcome:
    """Run one backend: faults for `seconds`, then everything comes to its end, without a pause of `patience` seconds."""
    plan = make_plan(seed, backend, requests, seconds, FAULTS_PER_SECOND)
    outcome = GraphOutcome(backend)
    begun = time.monotonic()
    async with (
        open_grounds(backend, folder, seed) as grounds,
        hurried_backends(
            load_settings(Role.RECONCILER, **_settings(backend, grounds.ours, folder))
        ) as backends,
        GraphNursery(_settings(backend, grounds.theirs, folder), folder / LOG) as nursery,
    ):
        await backends.queue.create(queue_plan(backends.settings))
        driver = GraphDriver(plan, grounds, backends, nursery, WORKERS[backend])
        await driver.start()
        await _bounded(driver, outcome, seconds + longest_rest * patience)
        stuck = await come_to_rest(backends, patience, longest_rest * patience)
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


def _settings(backend: str, given: dict[str, object], folder: Path) -> dict[str, object]:
    return given | {
        "queue_graph_tenant": TENANT,
        "graph_keep_minutes": 0,
        "graph_rest_seconds": 0,
        "upload_secret": "s" * 40,
        "work_dir": str(folder / "scratch"),
        "lease_seconds": LEASE_SECONDS,
        "vectors_backend": "chroma" if backend == "sqlite" else "pgvector",
    }


def main() -> None:
    given = chaos_parser(str(__doc__), BACKENDS, "requests", 200, 60).parse_args()

    async def run(backend: str, folder: Path) -> GraphOutcome:
        return await graph_run(
            backend,
            folder,
            seed=given.seed,
            requests=given.requests,
            seconds=given.seconds,
            patience=given.patience,
            longest_rest=LONGEST_REST_OF_LONG,
        )

    chaos_main("graph", given, BACKENDS, run)


if __name__ == "__main__":
    main()
