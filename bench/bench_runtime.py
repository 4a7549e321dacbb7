"""The worker runtime beside its peers: CPU, throughput, latency and memory of a job that does nothing, and of one of 10 ms.

    make bench-runtime            or: python bench/bench_runtime.py [--only NAME,…] [--rounds N] [--jobs N] [--profile FILE]

bench/README.md says what is measured and with which settings everybody runs.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).parent / "runtime"))

from contestants import ALL, Contestant, peer_python
from extras import EXTRAS
from gauge import WorkerFailed
from report import bars_of, row_of, show_bar, table
from rounds import Figures, Plan, one_round
from servers import Servers, servers

_NAMES = [*(contestant.name for contestant in ALL), *EXTRAS]


def main() -> int:
    """Measure, print a table and one JSON line; 1 when a bar is missed."""
    options = _options()
    wanted = options.only.split(",") if options.only else _NAMES
    plan = Plan(options.jobs, options.pauses, options.singles, options.slots, options.profile)
    with tempfile.TemporaryDirectory() as folder, servers() as there:
        figures = _measured(wanted, plan, there, Path(folder), options.rounds)
        rows = [row_of(name, found) for name, found in figures.items() if found]
        bars = bars_of(figures)
        failed = [one.name for one in ALL if one.ours and len(figures.get(one.name, [])) < options.rounds]
        failed = [name for name in failed if name in wanted]
        for name in (one for one in EXTRAS if one in wanted):
            try:
                row, more = EXTRAS[name](there, (options.waits, options.backlog, options.tenants))
            except WorkerFailed as problem:
                print(f"{name} failed: {problem}", file=sys.stderr)
                failed.append(name)
            else:
                rows.append(row)
                bars += more
    table(rows, bars)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    print(json.dumps({"bench": "runtime", "rows": rows, "bars": [show_bar(bar) for bar in bars]}))
    return 1 if failed or not all(bar.ok for bar in bars) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help=f"some of: {', '.join(_NAMES)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=3000, help="jobs that do nothing, a round; 0: none")
    parser.add_argument("--pauses", type=int, default=1000, help="jobs of 10 ms, a round; 0: none")
    parser.add_argument(
        "--singles", type=int, default=50, help="jobs sent to an idle worker, a round; 0: none"
    )
    parser.add_argument("--waits", type=int, default=200, help="jobs whose wait in one process is measured")
    parser.add_argument("--backlog", type=int, default=100_000, help="jobs of the busy tenant")
    parser.add_argument("--tenants", type=int, default=200, help="tenants beside the busy one")
    parser.add_argument("--slots", type=int, default=100, help="jobs at once, ten where a job takes a thread")
    parser.add_argument(
        "--profile",
        default="",
        help="write what our worker spends its time on, for pstats (the producer: FILE.enqueue)",
    )
    return parser.parse_args()


def _measured(
    wanted: list[str], plan: Plan, there: Servers, folder: Path, rounds: int
) -> dict[str, list[Figures]]:
    figures: dict[str, list[Figures]] = {}
    pythons: dict[str, str] = {}
    for contestant in (one for one in ALL if one.name in wanted):
        python, reason = peer_python(contestant.peer)
        if reason:
            print(f"{contestant.name} is left out: {reason}", file=sys.stderr)
            continue
        pythons[contestant.name], figures[contestant.name] = python, []
    taking_part = [one for one in ALL if one.name in figures]
    for turn in range(rounds):
        for contestant in reversed(taking_part) if turn % 2 else taking_part:
            _take_turn(contestant, pythons, plan, there, folder, figures)
    return figures


def _take_turn(
    contestant: Contestant,
    pythons: dict[str, str],
    plan: Plan,
    there: Servers,
    folder: Path,
    figures: dict[str, list[Figures]],
) -> None:
    try:
        found = one_round(contestant, pythons[contestant.name], plan, there, folder)
    except WorkerFailed as failed:
        print(f"{contestant.name} failed: {failed}", file=sys.stderr)
        return
    figures[contestant.name].append(found)
    print(f"{contestant.name}: {found}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
