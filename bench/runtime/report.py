"""From figures to rows, bars, a table."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bars import Bar
from gauge import WorkerRun
from rounds import Figures

__all__ = ["bars_of", "row_of", "show_bar", "table"]

Row = dict[str, Any]


def _cpu(figures: Figures) -> float | None:
    return figures.noop.cpu_ms if figures.noop else None


def _enqueue(figures: Figures) -> float | None:
    return figures.enqueue_ms


_BARS: tuple[tuple[str, Callable[[Figures], float | None], str, str, float], ...] = (
    ("SQS, worker CPU a job: ours / taskiq-aio-sqs", _cpu, "ours-sqs", "taskiq-aio-sqs", 0.5),
    ("PostgreSQL, worker CPU a job: ours / pgqueuer", _cpu, "ours-postgres", "pgqueuer", 3.0),
    ("PostgreSQL, worker CPU a job: ours / procrastinate", _cpu, "ours-postgres", "procrastinate", 0.2),
    ("PostgreSQL, enqueue CPU a job: ours / procrastinate", _enqueue, "ours-postgres", "procrastinate", 2.0),
)


def row_of(name: str, figures: Sequence[Figures]) -> Row:
    """Return the medians over the rounds of one contestant."""
    waits = sorted(wait for figure in figures for wait in figure.waits_ms)

    def middle(pick: Callable[[Figures], WorkerRun | None], field: str) -> float | None:
        values = [getattr(run, field) for figure in figures if (run := pick(figure)) is not None]
        return round(statistics.median(values), 3) if values else None

    def noop(figure: Figures) -> WorkerRun | None:
        return figure.noop

    def pause(figure: Figures) -> WorkerRun | None:
        return figure.pause

    enqueue = [figure.enqueue_ms for figure in figures if figure.enqueue_ms is not None]
    return {
        "who": name,
        "cpu_ms_per_unit": middle(noop, "cpu_ms"),
        "units_per_s": middle(noop, "per_second"),
        "peak_mib": middle(noop, "peak_mib"),
        "pause_cpu_ms": middle(pause, "cpu_ms"),
        "pause_per_s": middle(pause, "per_second"),
        "enqueue_cpu_ms": round(statistics.median(enqueue), 3) if enqueue else None,
        "wait_p50_ms": round(statistics.median(waits), 1) if waits else None,
        "wait_p99_ms": round(waits[min(len(waits) - 1, int(len(waits) * 0.99))], 1) if waits else None,
        "start_cpu_s": middle(noop, "start_cpu_s"),
        "start_mib": middle(noop, "start_mib"),
    }


def bars_of(figures: Mapping[str, Sequence[Figures]]) -> list[Bar]:
    """Return the bars whose two sides took part: the median over the rounds of the ratio in one round."""
    bars = []
    for name, pick, mine, theirs, limit in _BARS:
        pairs = zip(figures.get(mine, ()), figures.get(theirs, ()), strict=False)
        ratios = [above / below for a, b in pairs if (above := pick(a)) and (below := pick(b))]
        if ratios:
            bars.append(Bar(name, round(statistics.median(ratios), 3), limit))
    return bars


def show_bar(bar: Bar) -> dict[str, object]:
    """Return a bar as JSON."""
    return {"name": bar.name, "value": bar.value, "limit": bar.limit, "ok": bar.ok}


def table(rows: Sequence[Row], bars: Sequence[Bar]) -> None:
    """Print rows and bars for people."""
    heads: list[str] = []
    for row in rows:
        if [*row] != heads:
            heads = [*row]
            print("\n" + "".join(f"{'' if head == 'who' else head:>16}" for head in heads))
        print("".join(f"{_text(row[head]):>16}" for head in heads))
    print()
    for bar in bars:
        print(f"{'ok  ' if bar.ok else 'OVER'} {bar.name}: {bar.value} (limit {bar.limit})")


def _text(value: object) -> str:
    return "" if value is None else f"{value}"
