"""The command line: `academy --help`."""

import inspect

import typer

from academy.interfaces.cli import (
    bench,
    demo,
    doctor,
    graph,
    jobs,
    migrate,
    omr,
    queues,
    run,
    tenants,
    texts,
    top,
)
from academy.interfaces.cli.console import troubles

__all__ = ["app", "main"]

ABOUT = """Academy: the back end of a private academy (학원).

[bold]First time here?[/]  `academy demo` shows one lecture's whole way and text messages to parents in a minute; `academy up` starts the system on this machine.

Settings come from the environment (.env.example lists them all). ACADEMY_DATA_DIR names the folder of the installation that a \
command works on, ./var without it.

Exit codes: 0 done, 1 it did not work out, 2 wrong command line, 69 a service cannot be reached, 78 the settings do not add up, \
130 stopped at once by a second Ctrl-C."""

app = typer.Typer(
    name="academy",
    help=ABOUT,
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
TRY, SERVE, OPERATE = "Try it", "Run it", "Operate it"

app.command("demo", rich_help_panel=TRY)(demo.demo)
app.command("up", rich_help_panel=TRY)(run.up)
app.add_typer(omr.app, name="omr", rich_help_panel=TRY)
app.add_typer(graph.app, name="graph", rich_help_panel=TRY)
app.command("api", rich_help_panel=SERVE)(run.api)
app.command("worker", rich_help_panel=SERVE)(run.worker)
app.command("migrate", rich_help_panel=SERVE)(migrate.migrate)
app.command("top", rich_help_panel=OPERATE)(top.top)
app.command("doctor", rich_help_panel=OPERATE)(doctor.doctor)
app.add_typer(queues.app, name="queues", rich_help_panel=OPERATE)
app.add_typer(jobs.app, name="jobs", rich_help_panel=OPERATE)
app.add_typer(texts.app, name="messages", rich_help_panel=OPERATE)
app.add_typer(tenants.app, name="tenants", rich_help_panel=OPERATE)
app.add_typer(bench.app, name="bench", rich_help_panel=OPERATE)


def _join_help(group: typer.Typer) -> None:
    # Typer keeps the line ends of a docstring; only a terminal knows where a line of it should end.
    for command in group.registered_commands:
        if command.callback and command.help is None:
            paragraphs = inspect.cleandoc(command.callback.__doc__ or "").split("\n\n")
            command.help = "\n\n".join(" ".join(part.split()) for part in paragraphs)
    for inner in group.registered_groups:
        if inner.typer_instance:
            _join_help(inner.typer_instance)


_join_help(app)


def main() -> None:
    """Run the command that the command line names."""
    with troubles():
        app()


if __name__ == "__main__":
    main()
