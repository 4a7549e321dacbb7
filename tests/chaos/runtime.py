"""Hurt the runtime in every way at once while thousands of jobs go through it, then judge the end from the database.

`python -m tests.chaos.runtime` prints a report and ends with one JSON line; it exits with 1 when anything was lost, done twice, stuck,
or set aside that should not be. The seed is printed; `--seed` draws the same jobs and faults again.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.driver import Driver
from tests.chaos.grounds import BACKENDS, open_grounds
from tests.chaos.judge import complaints, leftovers, look
from tests.chaos.nursery import Nursery
from tests.chaos.plan import Plan, make_plan
from tests.chaos.report import chaos_main, chaos_parser
from tests.chaos.rest import come_to_rest
from tests.support.standin.hurry import hurried_backends
from tests.support.standin.types import QUEUE, effects

from academy.application.ports.job_queue import QueueSettings
from academy.bootstrap.backends import Backends
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Role, load_settings

__all__ = ["Outcome", "chaos_run"]

FAULTS_PER_SECOND = 2.0
TENANTS = 3
LOG = "processes.log"
NOTEWORTHY = frozenset(
    {
        "ack_failed",
        "claim_lost",
        "dead_letter_failed",
        "fenced_off",
        "heartbeat_failed",
        "job_overdue",
        "lease_lost",
        "poll_failed",
        "progress_not_written",
        "publish_failed",
        "relay_failed",
        "settle_failed",
    }
)
LONGEST_REST = 4
"""Of a run that still makes progress, as a multiple of the patience with one that makes none: a busy machine is slow."""


@dataclass(slots=True)
class Outcome:
    """How a run on one backend ended; `noticed` counts what the processes logged of it, `wrong` is empty when everything was right."""

    backend: str
    jobs: int
    seconds: float = 0.0
    receives: int = 0
    starts: int = 0
    survived: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def row(self) -> dict[str, object]:
        """Return what the JSON line says of this run."""
        return {
            "backend": self.backend,
            "jobs": self.jobs,
            "seconds": round(self.seconds, 1),
            "receives_per_job": round(self.receives / self.jobs, 2),
            "starts_per_job": round(self.starts / self.jobs, 2),
            "survived": dict(sorted(self.survived.items())),
            "noticed": dict(sorted(self.noticed.items())),
            "wrong": len(self.wrong),
        }

    def lines(self) -> Iterator[str]:
        """Yield what a person reads of this run."""
        row = self.row()
        yield (
            f"{self.backend}: {self.jobs} jobs in {self.seconds:.1f} s,"
            f" {row['receives_per_job']} receives and {row['starts_per_job']} starts a job"
        )
        for name, count in sorted(self.survived.items()):
            yield f"  survived {count:6} × {name}"
        noticed = ", ".join(f"{count} {name}" for name, count in sorted(self.noticed.items()))
        yield f"  logged: {noticed}"


async def chaos_run(
    backend: str,
    folder: Path,
    *,
    seed: int,
    jobs: int,
    seconds: float,
    patience: float,
    reconciler: bool = True,
) -> Outcome:
    """Run one backend: faults for `seconds`, then everything comes to its end, without a pause of `patience` seconds."""
    plan = make_plan(seed, backend, jobs, seconds, FAULTS_PER_SECOND, reconciler=reconciler)
    outcome = Outcome(backend, jobs)
    begun = time.monotonic()
    async with open_grounds(backend, folder, seed) as grounds:
        settings = load_settings(Role.RECONCILER, **grounds.ours)
        async with (
            hurried_backends(settings) as backends,
            Nursery(grounds.theirs, folder / LOG) as nursery,
        ):
            await _prepare(backends)
            driver = Driver(plan, grounds, backends, nursery, folder)
            await driver.start()
            await driver.run()
            stuck = await come_to_rest(backends, patience, LONGEST_REST * patience)
            await driver.stop()
            outcome.survived = driver.survived
            outcome.receives = driver.receives.stat().st_size
            outcome.wrong = (
                [f"it did not come to rest: {stuck}; {await leftovers(backends)}"] if stuck else []
            )
            outcome.wrong += await _judge(backends, plan, driver, outcome)
            outcome.noticed = _noticed(folder / LOG)
            outcome.wrong += [f"a process is left: {pid}" for pid in nursery.alive]
    outcome.seconds = time.monotonic() - begun
    return outcome


async def _prepare(backends: Backends) -> None:
    await backends.queue.create([QueueSettings(queue_names(backends.settings)[QUEUE])])

    def work(tx: object) -> None:
        effects.metadata.create_all(tx._connection)  # type: ignore[attr-defined]
        for number in range(TENANTS):
            tx.tenants.add(f"t{number}", f"hagwon{number}", f"Hagwon {number}")  # type: ignore[attr-defined]

    await backends.database.run(work)


async def _judge(backends: Backends, plan: Plan, driver: Driver, outcome: Outcome) -> list[str]:
    found = await look(backends)
    outcome.starts = found.starts
    # After a drain nothing is left behind and nothing went wrong on the way: 0 is the only good exit.
    ends = [f"{name} ended with {code}" for name, code in driver.exits.items()]
    return complaints(plan.jobs, found) + ends


def _noticed(log: Path) -> Counter[str]:
    """Count the log events that tell that something was survived; lines broken off by a kill are none."""
    counts: Counter[str] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        name = "fenced_off" if event.get("outcome") == "FENCED_OFF" else event["event"]
        counts[name] += name in NOTEWORTHY
    return +counts


def main() -> None:
    parser = chaos_parser(str(__doc__), BACKENDS, "jobs", 2000, 40)
    parser.add_argument(
        "--without-reconciler", action="store_true", help="take no message away: redelivery must be enough"
    )
    given = parser.parse_args()

    async def run(backend: str, folder: Path) -> Outcome:
        return await chaos_run(
            backend,
            folder,
            seed=given.seed,
            jobs=given.jobs,
            seconds=given.seconds,
            patience=given.patience,
            reconciler=not given.without_reconciler,
        )

    chaos_main("runtime", given, BACKENDS, run)


if __name__ == "__main__":
    main()
