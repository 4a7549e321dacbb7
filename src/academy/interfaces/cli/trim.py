"""`academy jobs trim`: remove what has been finished for long."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from academy.interfaces.cli.console import Trouble, operate, out

if TYPE_CHECKING:
    from academy.application.jobs.retention import Trimmed
    from academy.bootstrap.operator import Operator

__all__ = ["age_of", "trim"]

_UNITS = {"d": 1, "w": 7, "y": 365}


def trim(
    older_than: Annotated[
        str,
        typer.Option(help="Age from which things are removed: days, weeks or years, such as 90d, 12w, 1y."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only, remove nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove finished jobs, kept answers to repeated requests, and workers unseen for that long.

    What the jobs made (videos, results in the object store) stays; so does whatever still waits or runs. It goes in small steps beside
    the daily work and can be interrupted at any time. The least age is 15 days: queues keep messages for 14, and one whose job is
    forgotten would be done again.

    ACADEMY_KEEP_FINISHED_DAYS lets the reconciler do the same every day.

    Examples: `academy jobs trim --older-than 90d --dry-run`, `academy jobs trim --older-than 1y --yes`
    """
    from academy.application.jobs.retention import LEAST_AGE  # noqa: PLC0415

    age = age_of(older_than)
    if age < LEAST_AGE:
        mend = "Queues keep messages for 14 days; one whose job is forgotten would be done again."
        raise Trouble(f"the least age is {LEAST_AGE.days} days", mend)
    there = operate(lambda operator: operator.retention.count(age))
    if dry_run or not any((there.jobs, there.answers, there.workers)):
        out.print(f"would remove {_words(there)}" if dry_run else "nothing is that old")
        return
    if not yes and not typer.confirm(f"Remove {_words(there)}?"):
        raise Trouble("nothing was removed")
    done = operate(lambda operator: _trimmed(operator, age, there))
    out.print(f"removed {_words(done)}")


def age_of(text: str) -> timedelta:
    """Return the age that "90d", "12w" or "1y" stands for. Raises Trouble."""
    found = re.fullmatch(r"([0-9]{1,5})([dwy])", text.strip().lower())
    if found is None:
        raise Trouble(f"{text} is no age", "Write a number and d, w or y: 90d, 12w, 1y.")
    return timedelta(days=int(found[1]) * _UNITS[found[2]])


async def _trimmed(operator: "Operator", age: timedelta, there: "Trimmed") -> "Trimmed":
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("removing", total=there.jobs + there.answers)
        return await operator.retention.trim(
            age, lambda done: bar.update(task, completed=done.jobs + done.answers)
        )


def _words(what: "Trimmed") -> str:
    return f"{what.jobs} jobs, {what.answers} kept answers and {what.workers} unseen workers"
