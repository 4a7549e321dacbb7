"""Hurt workers, database and provider while thousands of messages go out, then judge the end: every message once, paid once (MSG-2, MSG-3).

`python -m tests.chaos.messaging` prints a report and ends with one JSON line; it exits with 1 when a message was sent twice, lost, or is in
doubt, or when the books and the provider disagree. The seed is printed; `--seed` draws the same orders and faults again.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.grounds import Grounds, open_grounds
from tests.chaos.judge import leftovers
from tests.chaos.messaging_driver import MessagingDriver
from tests.chaos.messaging_judge import look, messaging_complaints
from tests.chaos.messaging_nursery import MessagingNursery
from tests.chaos.messaging_plan import Plan, make_plan
from tests.chaos.messaging_provider import API_KEY, API_SECRET, SolapiProcess
from tests.chaos.report import chaos_main, chaos_parser
from tests.chaos.rest import come_to_rest
from tests.support.standin.hurry import hurried_backends

from academy.application.ports.job_queue import QueueSettings
from academy.bootstrap.backends import Backends
from academy.bootstrap.queues import queue_names
from academy.bootstrap.settings import Role, load_settings

__all__ = ["BACKENDS", "MessagingOutcome", "messaging_run"]

BACKENDS = ("sqlite", "postgresql")
FAULTS_PER_SECOND = 1.5
LOG = "processes.log"
BATCH, RATE, SLOTS = 20, 1000, 4
REPORTED_AFTER = 0.5
"""Seconds from sending to the carrier's report."""
LONGEST_REST = 3
"""Of a run that still makes progress, as a multiple of the patience with one that makes none: a busy machine is slow."""


@dataclass(slots=True)
class MessagingOutcome:
    """How a run on one backend ended; `wrong` is empty when everything was right.

    Attributes:
        messages: that were placed.
        states: how many of them ended where.
        ambiguous, undecided: messages seen AMBIGUOUS on the way; batches that had to be asked about later.
        faults: what went wrong at the provider, by kind of fault.
    """

    backend: str
    messages: int = 0
    seconds: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    ambiguous: int = 0
    undecided: int = 0
    refused: int = 0
    cancelled: int = 0
    survived: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def row(self) -> dict[str, object]:
        """Return what the JSON line says of this run."""
        return {
            "backend": self.backend,
            "messages": self.messages,
            "seconds": round(self.seconds, 1),
            "states": dict(sorted(self.states.items())),
            "ambiguous_messages": self.ambiguous,
            "undecided_batches": self.undecided,
            "orders_refused": self.refused,
            "orders_cancelled": self.cancelled,
            "survived": dict(sorted(self.survived.items())),
            "provider_faults": dict(sorted(self.faults.items())),
            "requests": dict(sorted(self.requests.items())),
            "wrong": len(self.wrong),
        }

    def lines(self) -> Iterator[str]:
        """Yield what a person reads of this run."""
        states = ", ".join(f"{count} {name}" for name, count in sorted(self.states.items()))
        yield f"{self.backend}: {self.messages} messages in {self.seconds:.1f} s: {states}"
        yield (
            f"  {self.ambiguous} messages were ambiguous on the way, {self.undecided} batches were asked about later;"
            f" {self.refused} orders refused for want of credit, {self.cancelled} called off"
        )
        for name, count in sorted(self.survived.items()):
            yield f"  survived {count:6} × {name}"
        for name, count in sorted(self.faults.items()):
            yield f"  survived {count:6} × provider: {name}"


async def messaging_run(
    backend: str, folder: Path, *, seed: int, messages: int, seconds: float, patience: float
) -> MessagingOutcome:
    """Run one backend: faults for `seconds`, then everything comes to its end, without a pause of `patience` seconds."""
    plan = make_plan(seed, backend, messages, seconds, FAULTS_PER_SECOND)
    outcome = MessagingOutcome(backend)
    begun = time.monotonic()
    async with (
        open_grounds(backend, folder, seed) as grounds,
        SolapiProcess(
            refused=plan.refused, undeliverable=plan.undeliverable, report_after=REPORTED_AFTER
        ) as provider,
        hurried_backends(load_settings(Role.RECONCILER, **grounds.ours)) as backends,
        MessagingNursery(_settings(grounds, provider), folder / LOG) as nursery,
    ):
        queue = queue_names(backends.settings)["messaging"]
        await backends.queue.create([QueueSettings(queue)])
        driver = MessagingDriver(plan, grounds, backends, nursery, provider)
        await driver.start()
        await driver.run()
        stuck = await come_to_rest(backends, patience, LONGEST_REST * patience)
        await driver.stop()
        await _judge(outcome, plan, backends, driver, provider)
        if stuck:
            outcome.wrong.insert(0, f"it did not come to rest: {stuck}; {await leftovers(backends)}")
        outcome.wrong += [f"a process is left: {pid}" for pid in nursery.alive]
    outcome.seconds = time.monotonic() - begun
    return outcome


def _settings(grounds: Grounds, provider: SolapiProcess) -> dict[str, object]:
    return grounds.theirs | {
        "message_provider": "solapi",
        "solapi_url": provider.url,
        "solapi_api_key": API_KEY,
        "solapi_api_secret": API_SECRET,
        "message_batch": BATCH,
        "message_rate": RATE,
        "message_slots": SLOTS,
    }


async def _judge(
    outcome: MessagingOutcome,
    plan: Plan,
    backends: Backends,
    driver: MessagingDriver,
    provider: SolapiProcess,
) -> None:
    found = await look(backends, await provider.look())
    outcome.messages, outcome.states = len(found.messages), found.states
    outcome.ambiguous, outcome.undecided = len(driver.ambiguous), found.undecided_batches
    outcome.refused, outcome.cancelled = len(driver.refused), len(driver.cancelled)
    outcome.survived = +driver.survived
    for name, count in found.seen.faults.items():
        outcome.faults[name.partition(" ")[2].lower()] += count
    outcome.requests = found.seen.requests
    outcome.wrong = messaging_complaints(plan, found, driver.refused, driver.cancelled)
    outcome.wrong += [f"{name} ended with {code}" for name, code in driver.exits.items()]


def main() -> None:
    given = chaos_parser(str(__doc__), BACKENDS, "messages", 2000, 45).parse_args()

    async def run(backend: str, folder: Path) -> MessagingOutcome:
        return await messaging_run(
            backend,
            folder,
            seed=given.seed,
            messages=given.messages,
            seconds=given.seconds,
            patience=given.patience,
        )

    chaos_main("messaging", given, BACKENDS, run)


if __name__ == "__main__":
    main()
