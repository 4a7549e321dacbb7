"""What has no peer: the wait of a job in one process, fairness between tenants, round trips of a submit."""

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bars import Bar
from contestants import ALL, ROOT
from gauge import run_to_end
from servers import Place, Servers
from turns import counted

__all__ = ["EXTRAS", "Sizes"]

_OURS = next(one for one in ALL if one.name == "ours-postgres")
_SCRIPT = ROOT / "bench" / "runtime" / "one_process.py"
_LIMIT_S = 600.0
_SUBMITS = 20
_WARM = 20

Row = dict[str, object]
Sizes = tuple[int, int, int]
"""Single jobs, backlog of the busy tenant, other tenants."""


def embedded(there: Servers, sizes: Sizes) -> tuple[Row, list[Bar]]:
    """Measure how long a job waits for an idle worker of the embedded profile."""
    with tempfile.TemporaryDirectory() as folder, there.place(ours=True) as place:
        told = _waits(_embedded(place, Path(folder)), (sizes[0], 0, sizes[2]))
    p50, p99 = _p50(told["idle_ms"]), _p99(told["idle_ms"])
    row: Row = {"who": "embedded", "wait_p50_ms": p50, "wait_p99_ms": p99}
    return row, [Bar("embedded wait p50, ms", p50, 20.0), Bar("embedded wait p99, ms", p99, 100.0)]


def fair_sqlite(there: Servers, sizes: Sizes) -> tuple[Row, list[Bar]]:
    """Measure what one tenant's backlog does to the others on SQLite."""
    with tempfile.TemporaryDirectory() as folder, there.place(ours=True) as place:
        return _fairness("fair-sqlite", _waits(_embedded(place, Path(folder)), sizes), sizes)


def fair_postgres(there: Servers, sizes: Sizes) -> tuple[Row, list[Bar]]:
    """Measure what one tenant's backlog does to the others on PostgreSQL."""
    with there.place(ours=True) as place:
        return _fairness("fair-postgres", _waits(_OURS.environment(place), sizes), sizes)


def round_trips(there: Servers, _: Sizes) -> tuple[Row, list[Bar]]:
    """Count the round trips to PostgreSQL that a submit adds to the transaction of a request, once its connection is warm."""
    with tempfile.TemporaryDirectory() as folder, there.place(ours=True) as place:
        split = urlsplit(place.postgres)
        (server,) = parse_qs(split.query)["host"]
        with counted(Path(folder), server) as turns:
            environment = _OURS.environment(place)
            environment["ACADEMY_DATABASE_URL"] = place.postgres.replace(server, folder)
            each = {}
            for what in ("look", "submit"):
                seen = []
                for requests in (_WARM, _WARM + _SUBMITS):
                    before = turns.count
                    run_to_end(_OURS.command(sys.executable, what, requests), environment, _LIMIT_S)
                    seen.append(turns.count - before)
                each[what] = (seen[1] - seen[0]) / _SUBMITS
    added = round(each["submit"] - each["look"], 2)
    row: Row = {"who": "submit", "round_trips": added}
    return row, [Bar("round trips that a submit adds to a request", added, 3.0)]


EXTRAS: Mapping[str, Callable[[Servers, Sizes], tuple[Row, list[Bar]]]] = {
    "embedded": embedded,
    "fair-sqlite": fair_sqlite,
    "fair-postgres": fair_postgres,
    "submit": round_trips,
}


def _embedded(place: Place, folder: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in _OURS.environment(place).items()
        if not name.startswith("ACADEMY_") or name.startswith("ACADEMY_QUEUE_")
    }
    return {**kept, "ACADEMY_DATA_DIR": str(folder), "ACADEMY_LOG_LEVEL": "WARNING"}


def _waits(environment: Mapping[str, str], sizes: Sizes) -> dict[str, list[float]]:
    told = run_to_end([sys.executable, str(_SCRIPT), *map(str, sizes)], environment, _LIMIT_S)
    waits: dict[str, list[float]] = json.loads(told.splitlines()[-1])
    return waits


def _fairness(who: str, told: dict[str, list[float]], sizes: Sizes) -> tuple[Row, list[Bar]]:
    idle, busy = _p50(told["idle_ms"]), _p50(told["busy_ms"])
    row: Row = {
        "who": who,
        "backlog": sizes[1],
        "tenants": sizes[2],
        "idle_p50_ms": idle,
        "wait_p50_ms": busy,
        "wait_p99_ms": _p99(told["busy_ms"]),
    }
    return row, [
        Bar(f"{who}: wait beside a backlog of {sizes[1]} / wait when idle", round(busy / idle, 2), 2.0)
    ]


def _p50(waits: Sequence[float]) -> float:
    return round(statistics.median(waits), 1)


def _p99(waits: Sequence[float]) -> float:
    return round(sorted(waits)[min(len(waits) - 1, int(len(waits) * 0.99))], 1)
