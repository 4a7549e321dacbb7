"""How the commands of `academy messages` reach the use cases."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from academy.application.errors import NotFound
from academy.interfaces.cli.console import Trouble, operate

if TYPE_CHECKING:
    from academy.application.messaging.operations import MessageOperations
    from academy.bootstrap.operator import Operator

__all__ = ["Academy", "AsJson", "on_messages"]

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead of a table.")]
Academy = Annotated[
    str, typer.Argument(help="Code or id of the academy, as `academy tenants list` shows them.")
]
_SHOWN_BY = {
    "academy": "`academy tenants list` shows the academies.",
    "message": "`academy messages list` shows the ids.",
    "order": "`academy messages orders` shows the ids.",
    "template": "`academy messages templates` shows the ids, and whose they are.",
    "batch": "`academy messages undecided` shows those that wait for an answer.",
}


def on_messages(
    work: "Callable[[MessageOperations], Awaitable[T]]", named: "str | Mapping[str, str]" = ""
) -> T:
    """Do something with the use cases around messages; what is not there is said to be `named` so. Raises Trouble.

    Where several things are named, `named` says which is which: {"academy": "haneul", "order": "0192…"}.
    """

    async def run(operator: "Operator") -> T:
        from academy.application.messaging.operations import MessageOperations  # noqa: PLC0415
        from academy.bootstrap.job_types import all_job_types  # noqa: PLC0415

        backends = operator.backends
        types = all_job_types(backends.settings)
        try:
            return await work(MessageOperations(backends.database, types, operator.new_id))
        except NotFound as error:
            what = str(error)
            name = named if isinstance(named, str) else named.get(what, "")
            raise Trouble(f"there is no {what} {name}", _SHOWN_BY.get(what, "")) from None

    return operate(run)
