"""The command line, the report and the exit code that all chaos runs have."""

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from academy.bootstrap.logs import configure_logs
from academy.bootstrap.settings import Role, load_settings

__all__ = ["Outcome", "chaos_main", "chaos_parser"]

MOST_SHOWN = 20


class Outcome(Protocol):
    """How a run on one backend ended; `wrong` is empty when everything was right."""

    wrong: list[str]

    def row(self) -> dict[str, object]:
        """Return what the JSON line says of this run."""
        ...

    def lines(self) -> Iterator[str]:
        """Yield what a person reads of this run."""
        ...


def chaos_parser(
    doc: str, backends: Sequence[str], counted: str, count: int, seconds: float
) -> argparse.ArgumentParser:
    """Return the options of a run of `count` things of a kind ("jobs") on each backend."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument(f"--{counted}", type=int, default=count, help=f"{counted} per backend")
    parser.add_argument(
        "--seconds", type=float, default=seconds, help="how long the faults go on, per backend"
    )
    parser.add_argument(
        "--patience", type=float, default=30, help="seconds without any progress that mean it is stuck"
    )
    parser.add_argument("--backend", choices=(*backends, "all"), default="all")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument(
        "--keep", action="store_true", help="keep databases and logs of a run that went wrong"
    )
    return parser


def chaos_main(
    name: str,
    arguments: argparse.Namespace,
    backends: Sequence[str],
    run: Callable[[str, Path], Awaitable[Outcome]],
) -> None:
    """Run each backend in a folder of its own, report, print one JSON line and exit: 0 when everything was right, else 1."""
    # The harness loses its connections as everybody does; the report says so, and nothing else.
    configure_logs(load_settings(Role.OPERATOR, log_level="ERROR"))
    print(f"seed {arguments.seed}", flush=True)
    chosen = backends if arguments.backend == "all" else (arguments.backend,)
    folder = Path(tempfile.mkdtemp(prefix="academy-chaos-"))
    right = False
    try:
        outcomes = asyncio.run(_all(chosen, folder, run))
        right = not any(outcome.wrong for outcome in outcomes)
        rows = [outcome.row() for outcome in outcomes]
        print(json.dumps({"chaos": name, "seed": arguments.seed, "rows": rows, "right": right}))
    finally:
        if right or not arguments.keep:
            shutil.rmtree(folder)
        else:
            print(f"kept {folder}", file=sys.stderr)
    sys.exit(0 if right else 1)


async def _all(
    backends: Sequence[str], folder: Path, run: Callable[[str, Path], Awaitable[Outcome]]
) -> list[Outcome]:
    outcomes = []
    for backend in backends:
        place = folder / backend
        place.mkdir()
        outcome = await run(backend, place)
        _report(outcome)
        outcomes.append(outcome)
    return outcomes


def _report(outcome: Outcome) -> None:
    print()
    for line in outcome.lines():
        print(line)
    for text in outcome.wrong[:MOST_SHOWN]:
        print(f"  WRONG {text}")
    wrong = f"{len(outcome.wrong)} things wrong" if outcome.wrong else "everything right"
    print(f"  {wrong}", flush=True)
