"""What a job costs when a thousand wait and when a million do.

    make bench-depth            or: python bench/bench_depth.py [--million N] [--rounds N] [--cycles N] [--only sqlite]

A unit is one job from publication to ack: publish (in tens), receive, claim, settle, ack (each of a hundred), on the SQL queue and the
job table of a SQLite file and of PostgreSQL. Every place is filled in its own way and all take their turn in every round, because a
shared machine speeds up and slows down meanwhile; a ratio is the median over the rounds. CPU of the client is this process's; CPU of
the server is that of its sessions, where it can be read.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "depth"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bars import Bar
from places import Cpu, Filling, Place, open_place
from tests.support.servers.postgres import new_postgres_database, running_postgres

FEW = 1_000
TENANTS = 200


def main() -> int:
    """Measure, print a table and one JSON line; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--million", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    bars: list[Bar] = []
    for dialect in (options.only,) if options.only else ("sqlite", "postgresql"):
        measured, waits = asyncio.run(_dialect(dialect, options.million, options.rounds, options.cycles))
        rows += [_row(dialect, who, cpus) for who, cpus in measured.items()]
        bars += _bars(dialect, measured, waits)
    _table(rows, bars)
    shown = [
        {"name": bar.name, "value": round(bar.value, 3), "limit": bar.limit, "ok": bar.ok} for bar in bars
    ]
    print(json.dumps({"bench": "depth", "rows": rows, "bars": shown}))
    return 0 if all(bar.ok for bar in bars) else 1


def _fillings(million: int) -> dict[str, Filling]:
    return {
        "few wait": Filling(waiting=FEW),
        "a million wait": Filling(waiting=million),
        "a million finished": Filling(waiting=FEW, finished=million),
        "a million in flight or delayed": Filling(waiting=FEW, hidden=million),
        "one tenant of 200 has a tenth of it": Filling(waiting=million // 10, tenants=TENANTS),
        "a million reminders": Filling(waiting=FEW, scheduled=million),
    }


async def _dialect(
    dialect: str, million: int, rounds: int, cycles: int
) -> tuple[dict[str, list[Cpu]], dict[str, int]]:
    """Return the costs by place and round, and how many receives a newcomer's message takes to come."""
    costs: dict[str, list[Cpu]] = defaultdict(list)
    with ExitStack() as stack:
        urls = stack.enter_context(_urls(dialect))
        places: dict[str, Place] = {}
        for who, filling in _fillings(million).items():
            places[who] = stack.enter_context(open_place(next(urls), filling))
            print(f"{dialect}: filled: {who}", file=sys.stderr)
        for place in places.values():
            await place.cycle(cycles)  # warm: plans, caches
        for turn in range(rounds):
            order = list(places.items())
            for who, place in reversed(order) if turn % 2 else order:
                began = time.perf_counter()
                costs[who].append(await place.cycle(cycles))
                costs[f"{who}: outbox"].append(await place.relay(cycles))
                print(f"{dialect}: {who}: {time.perf_counter() - began:.1f} s", file=sys.stderr)
        waits = {who: await place.newcomer() for who, place in places.items()}
    return dict(costs), waits


@contextmanager
def _urls(dialect: str) -> Iterator[Iterator[str]]:
    """Yield new databases without a schema."""
    with ExitStack() as stack:
        if dialect == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            yield (f"sqlite:///{folder}/{number}.db" for number in range(100))
        else:
            server = stack.enter_context(running_postgres())
            yield (stack.enter_context(new_postgres_database(server, template=None)) for _ in range(100))


def _row(dialect: str, who: str, cpus: list[Cpu]) -> dict[str, object]:
    return {
        "who": f"{dialect}: {who}",
        "cpu_ms_per_unit": round(statistics.median(cpu.client for cpu in cpus), 4),
        "server_cpu_ms_per_unit": round(statistics.median(cpu.server for cpu in cpus), 4),
        "units_per_s": round(statistics.median(1000 / cpu.wall for cpu in cpus), 1),
    }


def _bars(dialect: str, measured: dict[str, list[Cpu]], waits: dict[str, int]) -> Iterator[Bar]:
    for who, cpus in measured.items():
        base = "few wait: outbox" if who.endswith(": outbox") else "few wait"
        if who != base:
            pairs = zip(cpus, measured[base], strict=True)
            ratios = [(mine.client + mine.server) / (least.client + least.server) for mine, least in pairs]
            yield Bar(f"{dialect}: {who} / few wait", statistics.median(ratios), 1.3)
    for who, receives in waits.items():
        yield Bar(f"{dialect}: {who}: receives until a newcomer's message comes", receives, 2)


def _table(rows: list[dict[str, object]], bars: list[Bar]) -> None:
    print(f"{'':64}{'client ms':>10}{'server ms':>10}{'jobs/s':>9}")
    for row in rows:
        print(
            f"{row['who']:64}{row['cpu_ms_per_unit']:>10}{row['server_cpu_ms_per_unit']:>10}{row['units_per_s']:>9}"
        )
    for bar in bars:
        print(f"{'ok  ' if bar.ok else 'MISS'} {bar.name}: {bar.value:.2f} (limit {bar.limit})")


if __name__ == "__main__":
    sys.exit(main())
