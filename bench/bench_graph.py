"""How well and how fast texts are laid beside each other: the statistics of the knowledge graph.

    make bench-graph   or: python bench/bench_graph.py [--seed N] [--rounds N] [--data FOLDER] [--only PART,…]

Documents for the speed are made up from a seed. Quality is measured on public sets in --data, each skipped
with the reason where it is absent. Ends with one JSON line.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"
ROOT = Path(__file__).parents[1]
_HERE = Path(__file__).parent
_FOLDERS = (_HERE / "graph", _HERE, _HERE / "runtime", ROOT, ROOT / "src")
sys.path[:0] = [str(folder) for folder in _FOLDERS]

from additions import additions  # noqa: E402 - found by the path above
from bars import Bar  # noqa: E402
from quality import Figures, quality  # noqa: E402

PARTS = ("speed", "whole", "additions", "quality")
SIZES = (1000, 10_000, 20_000)
CPU_SECONDS = {"english": 8.0, "korean": 14.0}
PEAK_MIB = 1024.0
LINEAR = 1.2
JOIN_MS = 75.0
WHOLE = {
    "english": {"cpu_s": 12.0, "peak_mib": PEAK_MIB, "join_cpu_ms": 100.0},
    "korean": {"cpu_s": 20.0, "peak_mib": PEAK_MIB},
    "chats": {"cpu_s": 5.0},
}


def main() -> int:
    """Measure, print and end with one JSON line; 1 when a bar is missed."""
    options = _options()
    figures = Figures()
    if "speed" in options.only:
        _speed(figures, options)
    if "whole" in options.only:
        for case, limits in WHOLE.items():
            _whole(figures, options, case, limits)
    if "additions" in options.only:
        rows, bars = additions(options.data, options.seed)
        figures.rows += rows
        figures.bars += bars
    if "quality" in options.only:
        quality(options.data, [options.seed + turn for turn in range(options.seeds)], figures)
    for row in figures.rows:
        print("  ".join(f"{name}={value}" for name, value in row.items()))
    _show_bars(figures.bars)
    shown = [
        {"name": bar.name, "value": round(bar.value, 3), "limit": bar.limit, "ok": bar.ok}
        for bar in figures.bars
    ]
    print(json.dumps({"bench": "graph", "rows": figures.rows, "bars": shown}))
    return 0 if all(bar.ok for bar in figures.bars) else 1


def _show_bars(bars: list[Bar]) -> None:
    width = max((len(bar.name) for bar in bars), default=0)
    for bar in bars:
        print(f"{'ok  ' if bar.ok else 'MISS'}  {bar.name:{width}}  {bar.value:10.3f}  at most {bar.limit:g}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each size; the median counts")
    parser.add_argument("--seeds", type=int, default=3, help="analyses of each public set; the mean counts")
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of public sets"
    )
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    options = parser.parse_args()
    options.only = options.only.split(",")
    unknown = set(options.only) - set(PARTS)
    if unknown:
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}")
    return options


def _speed(figures: Figures, options: argparse.Namespace) -> None:
    for language, limit in CPU_SECONDS.items():
        runs: dict[int, list[dict[str, Any]]] = {many: [] for many in SIZES}
        for turn in range(options.rounds):
            for many in SIZES if turn % 2 == 0 else reversed(SIZES):
                runs[many].append(_run(language, many, options.seed))
        middle = {
            many: sorted(some, key=lambda one: one["cpu_s"])[len(some) // 2] for many, some in runs.items()
        }
        figures.rows += middle.values()
        small, usual, large = (middle[many] for many in SIZES)
        ratio = large["cpu_s"] / SIZES[2] / (small["cpu_s"] / SIZES[0])
        join = statistics.median(one["join_cpu_ms"] for one in runs[SIZES[1]])
        figures.bars += [
            Bar(f"CPU seconds of 10,000 {language} documents", usual["cpu_s"], limit),
            Bar(f"peak MiB of 10,000 {language} documents", usual["peak_mib"], PEAK_MIB),
            Bar(f"CPU of a document, 20,000 / 1,000 {language} ones", ratio, LINEAR),
            Bar(f"CPU ms of joining one to 10,000 {language} ones, warm", join, JOIN_MS),
        ]


def _whole(figures: Figures, options: argparse.Namespace, case: str, limits: dict[str, float]) -> None:
    """The worker's task, from request to result, with everything that is stored; the cheapest round counts, the rest was disturbed."""
    runs = [_script("whole.py", case, options.seed) for _ in range(options.rounds)]
    best = {key: min(one[key] for one in runs) for key in limits}
    figures.rows += runs
    figures.bars += [
        Bar(f"{key} of the whole task, {case}", best[key], limit) for key, limit in limits.items()
    ]


def _run(language: str, many: int, seed: int) -> dict[str, Any]:
    return _script("measure.py", language, many, seed)


def _script(name: str, *words: object) -> dict[str, Any]:
    script = str(_HERE / "graph" / name)
    path = os.pathsep.join([str(_HERE / "graph"), str(ROOT / "src"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, script, *map(str, words)],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
