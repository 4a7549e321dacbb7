"""What a newcomer sees first, and that it comes at once."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from academy.interfaces.cli.main import app

COMMANDS = (
    "demo",
    "up",
    "api",
    "worker",
    "migrate",
    "top",
    "doctor",
    "queues",
    "jobs",
    "messages",
    "tenants",
    "omr",
    "graph",
    "bench",
)
LEAVES = (
    "demo",
    "up",
    "api",
    "worker",
    "migrate",
    "top",
    "doctor",
    "queues list",
    "queues create",
    "queues dead-letters",
    "queues redrive",
    "jobs list",
    "jobs show",
    "jobs retry",
    "jobs cancel",
    "jobs trim",
    "tenants add",
    "tenants list",
    "tenants member",
    "omr describe",
    "omr check",
    "omr print",
    "omr read",
    "graph build",
    "graph show",
    "graph ask",
    "bench video",
)
HEAVY = {
    "django",
    "uvicorn",
    "sqlalchemy",
    "pydantic_settings",
    "httptools",
    "obstore",
    "cryptography",
    "numpy",
}


def help_of(*path: str) -> str:
    return CliRunner().invoke(app, [*path, "--help"], env={"TERMINAL_WIDTH": "200"}).stdout


@pytest.mark.requirement("OPS-5")
def test_help_names_every_command_and_the_exit_codes() -> None:
    text = help_of()
    assert [name for name in COMMANDS if f" {name} " not in text] == []
    assert [code for code in ("0 done", "1 ", "2 ", "69 ", "78 ") if code not in text] == []


@pytest.mark.parametrize("command", LEAVES)
def test_every_command_shows_an_example(command: str) -> None:
    assert f"academy {command}" in help_of(*command.split())


def test_every_worker_that_messages_need_is_named_in_the_help_of_worker() -> None:
    text = " ".join(help_of("worker").split())
    wanted = ("academy worker messaging", "academy worker messaging --check", "outbox_relay", "console")
    assert [words for words in wanted if words not in text] == []


def test_help_loads_nothing_heavy() -> None:
    look = "import sys; import academy.interfaces.cli.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout
    assert {name.partition(".")[0] for name in loaded.split()} & HEAVY == set()


def test_a_wrong_command_line_exits_with_2() -> None:
    assert CliRunner().invoke(app, ["jobs", "list", "--state", "sleeping"]).exit_code == 2


def test_paragraphs_break_where_the_terminal_ends() -> None:
    """Typer keeps the line ends of a docstring; in a narrow terminal every other line would be a stub."""
    text = CliRunner().invoke(app, ["up", "--help"], env={"TERMINAL_WIDTH": "80"}).stdout
    paragraph = text[text.index("Needs no configuration") : text.index("Example:")]
    *full, _last = [line.strip() for line in paragraph.strip().splitlines()]
    assert [line for line in full if len(line) < 50] == []


def test_python_dash_m_academy_is_the_command_line() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "academy", "--help"], capture_output=True, text=True, check=True
    )
    assert "ACADEMY_DATA_DIR" in shown.stdout
