"""`academy tenants`: the academies of this system."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from academy.domain.tenant.tenant import Role, check_id
from academy.interfaces.cli.console import (
    Trouble,
    operate,
    out,
    print_json,
    print_table,
    settings_for,
    when,
)

if TYPE_CHECKING:
    from academy.bootstrap.operator import Operator
    from academy.domain.tenant.tenant import Tenant

__all__ = ["app"]

LEAST_PASSWORD = 10

app = typer.Typer(no_args_is_help=True, help="Academies: add, list, and who may log in.")


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="Short name, unique; older producers send it as tenant_code.")],
    name: Annotated[str, typer.Argument(help="Name as people read it.")],
    tenant_id: Annotated[
        str, typer.Option("--id", help="Id to give it, for one that other systems know already.")
    ] = "",
) -> None:
    """Add an academy and print its id; adding the same one twice changes nothing.

    Example: `academy tenants add haneul "하늘학원"`
    """

    async def work(operator: "Operator") -> "Tenant":
        there = await operator.backends.database.read(lambda tx: tx.tenants.by_code(code))
        if there is not None and not tenant_id:
            return there
        try:
            wanted = check_id(tenant_id or operator.new_id())
            return await operator.backends.database.run(lambda tx: tx.tenants.add(wanted, code, name))
        except ValueError as error:
            raise Trouble(
                str(error), "Choose another id or code; `academy tenants list` shows them."
            ) from None

    tenant = operate(work)
    out.print(f"academy {tenant.code}: {tenant.name}, id {tenant.id}")


@app.command()
def member(
    code: Annotated[
        str, typer.Argument(help="Short name of the academy, as `academy tenants list` shows it.")
    ],
    role: Annotated[Role, typer.Argument(help="What they are there.")],
    username: Annotated[str, typer.Argument(help="What they log in with.")],
    name: Annotated[str, typer.Option(help="Name as people read it.")] = "",
) -> None:
    """Let somebody log in: make the user, or give an existing one this role and password.

    The password is asked for twice; for scripts it may come as two lines on standard input. At least 10 characters.

    Example: `academy tenants member haneul owner kim --name 김원장`
    """
    password = _password()
    if len(password) < LEAST_PASSWORD:
        raise Trouble(f"the password has {len(password)} characters", f"Use {LEAST_PASSWORD} or more.")
    tenant = operate(lambda known: known.backends.database.read(lambda tx: tx.tenants.by_code(code)))
    if tenant is None:
        raise Trouble(f"there is no academy {code}", "`academy tenants list` shows them.")
    from academy.bootstrap.settings import Role as ProcessRole  # noqa: PLC0415
    from academy.interfaces.api.configure import configure  # noqa: PLC0415

    configure(settings_for(ProcessRole.API))
    from academy.interfaces.api.demo import ensure_member  # noqa: PLC0415 - needs Django configured

    ensure_member(tenant.id, role, username, password, name)
    out.print(f"{username} may log in to {tenant.name} as {role}")


def _password() -> str:
    if sys.stdin.isatty():
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    first, second = (sys.stdin.readline().rstrip("\r\n") for _ in range(2))
    if first != second:
        raise Trouble("the two lines of standard input differ", "Send the password twice, a line each.")
    return first


@app.command("list")
def list_tenants(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for a program instead of a table.")
    ] = False,
) -> None:
    """List the academies in order of code.

    Example: `academy tenants list`
    """

    async def work(operator: "Operator") -> "list[Tenant]":
        return list(await operator.backends.database.read(lambda tx: tx.tenants.all()))

    tenants = operate(work)
    rows = [{"id": t.id, "code": t.code, "name": t.name, "since": when(t.created_at)} for t in tenants]
    if as_json:
        print_json(rows)
        return
    empty = "no academies yet; `academy tenants add CODE NAME` adds one"
    print_table(("id", "code", "name", "since"), [[*row.values()] for row in rows], empty=empty)
