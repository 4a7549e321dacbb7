"""Whether every requirement has a test, or a reason to wait for one.

`python -m tests.architecture.requirement_ids` checks; with `--settle` it strikes the ids from the pending list that tests prove
by now, and lowers the recorded length of the list. Nothing lengthens it.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ledger", "markers", "problems", "read_ledger", "settle"]

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "requirements.md"
PENDING = ROOT / "docs" / "requirements-pending.toml"


@dataclass(frozen=True)
class Ledger:
    """What is required, what waits and why, the recorded length of that list, and where each id is named in the tests."""

    known: frozenset[str]
    pending: dict[str, str]
    most: int
    proven: dict[str, list[str]]


def read_ledger() -> Ledger:
    """Read the table, the pending list and the tests."""
    known = re.findall(r"^\| ([A-Z]+-\d+) \|", TABLE.read_text(), re.MULTILINE)
    waiting = tomllib.loads(PENDING.read_text())
    return Ledger(
        frozenset(known), waiting["pending"], waiting["most"], markers((ROOT / "tests").rglob("test_*.py"))
    )


def markers(files: Iterable[Path]) -> dict[str, list[str]]:
    """Return where each id is named by `pytest.mark.requirement`. Reads the text only; nothing is imported."""
    found: dict[str, list[str]] = {}
    for path in sorted(files):
        text = path.read_text()
        if "mark.requirement" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement":
                for name in node.args:
                    where = f"{path.name}:{node.lineno}"
                    found.setdefault(str(name.value) if isinstance(name, ast.Constant) else "?", []).append(
                        where
                    )
    return found


def problems(ledger: Ledger) -> list[str]:
    """Return what is wrong, one line each."""
    unknown = sorted(ledger.proven.keys() - ledger.known)
    lines = [f"{name}: no such requirement, named in {', '.join(ledger.proven[name])}" for name in unknown]
    lines += [
        f"{name}: pending, but docs/requirements.md has no such id"
        for name in sorted(ledger.pending.keys() - ledger.known)
    ]
    lines += [
        f"{name}: no test proves it"
        for name in sorted(ledger.known - ledger.proven.keys() - ledger.pending.keys())
    ]
    lines += [
        f"{name}: pending, but {ledger.proven[name][0]} proves it; run with --settle"
        for name in sorted(ledger.pending.keys() & ledger.proven.keys())
    ]
    lines += [
        f"{name}: pending without a reason" for name, reason in ledger.pending.items() if not reason.strip()
    ]
    if len(ledger.pending) != ledger.most:
        lines.append(
            f"{len(ledger.pending)} ids are pending and {ledger.most} are recorded: the list may only shrink"
        )
    return lines


def settle(text: str, proven: Iterable[str]) -> str:
    """Return the pending list's text without the proven ids, its recorded length lowered to what is left."""
    done = set(proven)
    kept = [line for line in text.splitlines() if line.partition(" =")[0].strip() not in done]
    left = len(tomllib.loads("\n".join(kept))["pending"])
    return re.sub(r"(?m)^most = \d+$", f"most = {left}", "\n".join(kept)) + "\n"


def main() -> int:
    """Check, or settle and check."""
    if "--settle" in sys.argv[1:]:
        PENDING.write_text(settle(PENDING.read_text(), read_ledger().proven))
    found = problems(read_ledger())
    print("\n".join(found) or "every requirement has a test or a reason to wait")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
