"""What every command shares: how it prints, how it fails, how it reaches the adapters.

Exit codes: 0 done, 1 it did not work out, 2 the command line is wrong, 69 a service cannot be reached, 78 the settings do not add up
(69 and 78 as in sysexits.h), 130 stopped at once by a second Ctrl-C.
"""

import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from academy.interfaces.cli.moments import Moment, for_programs

if TYPE_CHECKING:
    from academy.bootstrap.operator import Operator
    from academy.bootstrap.settings import Role, Settings

__all__ = [
    "EXIT_FAILED",
    "EXIT_INTERRUPTED",
    "EXIT_SETTINGS",
    "EXIT_UNAVAILABLE",
    "Trouble",
    "operate",
    "out",
    "print_json",
    "print_table",
    "settings_for",
    "troubles",
    "when",
]

T = TypeVar("T")
EXIT_FAILED = 1
EXIT_UNAVAILABLE = 69
EXIT_SETTINGS = 78
EXIT_INTERRUPTED = 130
"""As shells call a program that Ctrl-C ended."""
PLAIN_WIDTH = 200
"""Columns when nobody looks at a terminal: tables for `grep` must not be folded."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


class Trouble(Exception):
    """A command cannot go on: what is wrong, how to fix it, and the exit code."""

    def __init__(self, problem: str, mend: str = "", code: int = EXIT_FAILED) -> None:
        super().__init__(problem)
        self.problem = problem
        self.mend = mend
        self.code = code


@contextmanager
def troubles() -> Iterator[None]:
    """Turn what a command cannot fix itself into two lines for a person and an exit code."""
    try:
        yield
    except Exception as error:
        trouble = _trouble_of(error)
        if trouble is None:
            raise
        _err.print(f"[bold red]academy:[/] {escape(trouble.problem)}")
        if trouble.mend:
            _err.print(f"[bold]How to fix it:[/] {escape(trouble.mend)}")
        raise SystemExit(trouble.code) from None


def _trouble_of(error: BaseException) -> Trouble | None:
    from academy.application.errors import Refused  # noqa: PLC0415
    from academy.application.ports.database import DatabaseUnavailable  # noqa: PLC0415
    from academy.application.ports.job_queue import QueueMissing, QueueUnavailable  # noqa: PLC0415
    from academy.application.ports.media import MediaError  # noqa: PLC0415
    from academy.application.ports.object_store import ObjectStoreUnavailable  # noqa: PLC0415
    from academy.application.ports.progress import ProgressUnavailable  # noqa: PLC0415
    from academy.bootstrap.remedies import MEDIA_REMEDY  # noqa: PLC0415
    from academy.bootstrap.settings import SettingsInvalid  # noqa: PLC0415

    if isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        return _trouble_of(error.exceptions[0])
    closer = "`academy doctor` looks closer."
    match error:
        case Trouble():
            trouble = error
        case SettingsInvalid():
            trouble = Trouble(
                f"settings: {error}",
                "Change it in the environment of this process; .env.example explains every setting.",
                EXIT_SETTINGS,
            )
        case Refused():
            trouble = Trouble(error.failure.message)
        case DatabaseUnavailable():
            # An empty database says itself what to do.
            trouble = Trouble(str(error), "" if "academy migrate" in str(error) else closer, EXIT_UNAVAILABLE)
        case QueueMissing():
            mend = "`academy queues create` makes it."
            trouble = Trouble(f"there is no queue {error}", mend, EXIT_UNAVAILABLE)
        case QueueUnavailable() | ObjectStoreUnavailable() | ProgressUnavailable():
            mend = "" if "academy migrate" in str(error) or "AWS_ACCESS_KEY_ID" in str(error) else closer
            trouble = Trouble(str(error), mend, EXIT_UNAVAILABLE)
        case MediaError():
            text = error.failure.detail or error.failure.message
            trouble = Trouble(text, MEDIA_REMEDY, EXIT_UNAVAILABLE)
        case _:
            return _trouble_of_machine(error)
    return trouble


def _trouble_of_machine(error: BaseException) -> Trouble | None:
    match error:
        case OSError() if error.filename:
            mend = "The folder must be there and writable; ACADEMY_DATA_DIR chooses another."
            trouble = Trouble(f"{error.strerror}: {error.filename}", mend)
        case ModuleNotFoundError() if not str(error.name).startswith("academy"):
            mend = "Install what the command needs: pip install 'academy[cli,api,worker-video]'."
            trouble = Trouble(f"the package {error.name} is not installed", mend, EXIT_SETTINGS)
        case _:
            return None
    return trouble


def settings_for(role: "Role", *, create: bool | None = None, **given: object) -> "Settings":
    """Read the settings of a role (see `load_settings`) and have logs written as they say. Raises SettingsInvalid."""
    from academy.bootstrap.logs import configure_logs  # noqa: PLC0415
    from academy.bootstrap.settings import load_settings  # noqa: PLC0415

    settings = load_settings(role, create=create, **given)
    configure_logs(settings)
    return settings


def operate(work: "Callable[[Operator], Awaitable[T]]", *, database: bool = True) -> T:
    """Open the adapters that the settings choose, do `work`, close them.

    A database that is needed is asked first, so that an empty one is called that and not "no such table". Where there is no
    installation none is made. Raises Trouble.
    """
    import asyncio  # noqa: PLC0415

    from academy.bootstrap.operator import NO_INSTALLATION, open_operator  # noqa: PLC0415
    from academy.bootstrap.settings import Queues, Role  # noqa: PLC0415

    settings = settings_for(Role.OPERATOR)
    needs_database = database or settings.queue_backend is Queues.SQL
    if needs_database and not settings.installed:
        where = settings.data_dir.absolute()
        raise Trouble(f"there is no installation in {where}", NO_INSTALLATION, EXIT_UNAVAILABLE)

    async def run() -> T:
        async with open_operator(settings) as operator:
            if needs_database:
                await operator.backends.database.ping()
            return await work(operator)

    return asyncio.run(run())


def print_json(value: object) -> None:
    """Print something for a program to read: one JSON document, its times in UTC."""
    sys.stdout.write(json.dumps(for_programs(value), ensure_ascii=False, indent=2, default=str) + "\n")


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    title: str = "",
    empty: str = "",
    whole: Sequence[str] = (),
) -> None:
    """Print rows for a person to read, or `empty` when there are none; columns named in `whole` are never folded."""
    if not rows and empty:
        out.print(empty)
        return
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in whole)
    for row in rows:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    out.print(table)


def print_fields(fields: Mapping[str, object]) -> None:
    """Print one thing, a field a line; what is empty is left out."""
    width = max(len(name) for name in fields)
    for name, value in fields.items():
        if value not in (None, "", {}, ()):
            text = value.exact if isinstance(value, Moment) else str(value)
            out.print(f"[bold]{name:{width}}[/]  {escape(text)}", soft_wrap=True)


def when(moment: datetime | None) -> str:
    """Return a moment for people, in Korean time ("2026-03-02 09:00 KST"); "" for none.

    `print_fields` shows it to the second, and `print_json` in UTC.
    """
    return Moment(moment) if moment else ""
