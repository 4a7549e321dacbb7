"""Every command in the runbooks and the README is one that exists, with options that it has."""

import re
import shlex
from typing import Any

import pytest
from typer.main import get_command

from academy.interfaces.cli.main import app
from tests.architecture.source_rules import ROOT

PAGES = [*sorted((ROOT / "docs" / "runbooks").glob("*.md")), ROOT / "README.md"]
CODE = re.compile(r"`(?:[^`]*\| )?((?:ACADEMY_\S+=\S+\s+)*academy [^`]+)`")


def commands() -> list[tuple[str, str]]:
    found = [(page.name, " ".join(code.split())) for page in PAGES for code in CODE.findall(page.read_text())]
    # "list | show | retry" stands for several of them.
    return [(page, text) for page, text in found if " | " not in text]


@pytest.mark.parametrize(("page", "text"), commands())
def test_a_command_can_be_typed_as_it_stands(page: str, text: str) -> None:
    words = shlex.split(text)
    words = words[words.index("academy") + 1 :]
    command: Any = get_command(app)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        name = words.pop(0)
        assert name in command.commands, f"{page}: {name}"
        command = command.commands[name]
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
    assert [word for word in words if word.startswith("--") and word.partition("=")[0] not in known] == []
    if not words or hasattr(command, "commands"):
        return
    # Parsed, not run: choices, numbers and missing values show here.
    command.make_context(text, words, resilient_parsing=False)


def test_the_pages_name_commands() -> None:
    assert len(commands()) > 30
