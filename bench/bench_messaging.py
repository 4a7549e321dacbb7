"""What a text message costs from the order to the provider, whether the books hold, and whether the rate is kept.

    make bench-messaging        or: python bench/bench_messaging.py [--orders N] [--people N] [--rounds N] [--rate N] [--only sqlite]

Orders are placed through `Orders.place`; then the messaging worker, a process of its own as it is deployed, sends them through Solapi's
protocol to the local server, a process as well. The floor makes the same requests with the same adapter, without a database.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE / "messaging"), str(_HERE / "runtime"), str(ROOT), str(ROOT / "src")]

from bars import Bar  # noqa: E402 - found by the path above
from runs import FASTEST, Sent, measured  # noqa: E402
from tests.chaos.messaging_provider import SolapiProcess  # noqa: E402
from tests.support.servers.postgres import new_postgres_database, running_postgres  # noqa: E402

from academy.bootstrap.messaging_worker import BURST_SECONDS  # noqa: E402

DIALECTS = ("sqlite", "postgresql")
WORKER_MS = 1.0
RATE_APART = 0.05


@dataclass(slots=True)
class _Figures:
    fast: dict[str, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    limited: dict[str, Sent] = field(default_factory=dict)
    floor: list[dict[str, float]] = field(default_factory=list)


def main() -> int:
    """Measure, print a table and one JSON line; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=20)
    parser.add_argument("--people", type=int, default=500, help="messages of each order")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=200.0, help="messages a second of the limited run")
    parser.add_argument("--rate-orders", type=int, default=8, help="orders of the limited run")
    parser.add_argument("--only", choices=DIALECTS)
    options = parser.parse_args()
    os.chdir(ROOT)
    figures = _Figures()
    with ExitStack() as stack:
        dialects = (options.only,) if options.only else DIALECTS
        places = {dialect: stack.enter_context(_places(dialect)) for dialect in dialects}
        for turn in range(options.rounds):
            _round(figures, places, options, backwards=bool(turn % 2))
        for dialect, place in places.items():
            with place() as (url, folder):
                sent = asyncio.run(measured(url, folder, options.rate_orders, options.people, options.rate))
            figures.limited[dialect] = sent
            print(f"{dialect} at {options.rate:g} a second: {sent.per_second:.1f}", file=sys.stderr)
    rows, bars = list(_rows(figures, options.rate)), list(_bars(figures, options.rate))
    _table(rows, bars)
    shown = [
        {"name": bar.name, "value": round(bar.value, 3), "limit": bar.limit, "ok": bar.ok} for bar in bars
    ]
    print(json.dumps({"bench": "messaging", "rows": rows, "bars": shown}))
    return 0 if all(bar.ok for bar in bars) else 1


def _round(
    figures: _Figures, places: dict[str, "_Place"], options: argparse.Namespace, *, backwards: bool
) -> None:
    order = ["floor", *places]
    for who in reversed(order) if backwards else order:
        if who == "floor":
            figures.floor.append(asyncio.run(_floor(options.orders, options.people)))
            print(f"floor: {figures.floor[-1]}", file=sys.stderr)
            continue
        with places[who]() as (url, folder):
            sent = asyncio.run(measured(url, folder, options.orders, options.people, FASTEST))
        figures.fast[who].append(sent)
        print(
            f"{who}: worker {sent.worker_ms:.3f} ms, placing {sent.placing_ms:.3f} ms a message",
            file=sys.stderr,
        )


async def _floor(orders: int, people: int) -> dict[str, float]:
    async with SolapiProcess() as provider:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, str(_HERE / "messaging" / "floor.py"), provider.url, str(orders), str(people)],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            capture_output=True,
            check=True,
            text=True,
        )
    said: dict[str, float] = json.loads(done.stdout)
    return said


@contextmanager
def _places(dialect: str) -> Iterator["_Place"]:
    """Yield a maker of new databases with a folder for the worker."""
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres()) if dialect == "postgresql" else ""
        yield _Place(server)


@dataclass(frozen=True, slots=True)
class _Place:
    server: str

    @contextmanager
    def __call__(self) -> Iterator[tuple[str, Path]]:
        with tempfile.TemporaryDirectory() as folder:
            if not self.server:
                yield f"sqlite:///{folder}/academy.sqlite3", Path(folder)
                return
            with new_postgres_database(self.server, template=None) as url:
                yield url, Path(folder)


def _rows(figures: _Figures, rate: float) -> Iterator[dict[str, object]]:
    for dialect, runs in figures.fast.items():
        yield _row(dialect, runs)
    for dialect, sent in figures.limited.items():
        yield _row(f"{dialect}, {rate:g} a second", [sent])
    if figures.floor:
        yield {
            "who": "floor: the requests alone",
            "cpu_ms_per_unit": round(statistics.median(one["cpu_ms"] for one in figures.floor), 4),
            "placing_cpu_ms": 0.0,
            "units_per_s": round(statistics.median(one["per_second"] for one in figures.floor), 1),
            "peak_mib": 0.0,
            "requests": 0,
        }


def _row(who: str, runs: Sequence[Sent]) -> dict[str, object]:
    return {
        "who": who,
        "cpu_ms_per_unit": round(statistics.median(run.worker_ms for run in runs), 4),
        "placing_cpu_ms": round(statistics.median(run.placing_ms for run in runs), 4),
        "units_per_s": round(statistics.median(run.per_second for run in runs), 1),
        "peak_mib": round(statistics.median(run.peak_mib for run in runs), 1),
        "requests": round(statistics.median(run.requests for run in runs)),
    }


def _bars(figures: _Figures, rate: float) -> Iterator[Bar]:
    for dialect, runs in figures.fast.items():
        worker_ms = statistics.median(run.worker_ms for run in runs)
        yield Bar(f"{dialect}: worker CPU ms per message", worker_ms, WORKER_MS)
    for dialect in figures.fast:
        runs = [*figures.fast[dialect], figures.limited[dialect]]
        yield Bar(f"{dialect}: won of difference in the books", max(run.difference_won for run in runs), 0)
        yield Bar(f"{dialect}: messages lost or sent twice", max(run.astray for run in runs), 0)
    for dialect, sent in figures.limited.items():
        moments = sorted(sent.moments)
        yield Bar(f"{dialect}: |rate / {rate:g} - 1|", abs(_rate(moments) / rate - 1), RATE_APART)
        # The burst is what the worker asks of the shared limit: see `messaging_worker.py`.
        most = rate + max(2, int(rate * BURST_SECONDS))
        yield Bar(
            f"{dialect}: fullest second / (rate + burst)", _fullest_second(moments) / most, 1 + RATE_APART
        )


def _rate(moments: Sequence[float]) -> float:
    """Return messages a second at the provider over the run: those before its last group, by the time until then."""
    before = bisect_left(moments, moments[-1])
    return before / (moments[-1] - moments[0])


def _fullest_second(moments: Sequence[float]) -> int:
    """Return how many went out in the second of the provider's clock that saw most of them."""
    return max(Counter(map(int, moments)).values())


def _table(rows: Sequence[dict[str, object]], bars: Sequence[Bar]) -> None:
    print(f"{'':32}{'worker ms':>11}{'placing ms':>12}{'msg/s':>9}{'MiB':>8}{'requests':>10}")
    for row in rows:
        print(
            "{who:32}{cpu_ms_per_unit:>11}{placing_cpu_ms:>12}{units_per_s:>9}{peak_mib:>8}{requests:>10}".format(
                **row
            )
        )
    for bar in bars:
        print(f"{'ok  ' if bar.ok else 'MISS'} {bar.name}: {bar.value:.3f} (limit {bar.limit:g})")


if __name__ == "__main__":
    sys.exit(main())
