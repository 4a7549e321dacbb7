"""`.env.example` names every setting with the value that is used without it, and no other."""

import re
from collections import Counter
from enum import StrEnum

import pytest
from pydantic import AliasChoices, SecretStr

from academy.bootstrap.settings import Settings
from tests.architecture.source_rules import ROOT

TEXT = (ROOT / ".env.example").read_text()
LINES = re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", TEXT, re.MULTILINE)
LISTED = dict(LINES)


def _variable(name: str) -> str:
    alias = Settings.model_fields[name].validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return alias if isinstance(alias, str) else f"ACADEMY_{name.upper()}"


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(value)
    return value.value if isinstance(value, StrEnum) else str(value)


def test_every_setting_is_listed_and_no_other() -> None:
    assert set(LISTED) == {_variable(name) for name in Settings.model_fields}


def test_every_name_and_every_section_stands_once() -> None:
    """Who edits one of two lines wonders why nothing changes."""
    names = Counter(name for name, _ in LINES)
    sections = Counter(re.findall(r"^# ── (.+?) ─", TEXT, re.MULTILINE))
    assert sections
    assert [name for name, count in (names + sections).items() if count > 1] == []


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_value_shown_is_the_default(name: str) -> None:
    assert LISTED[_variable(name)] == _written(Settings.model_fields[name].default)


def test_every_setting_says_what_it_is_for() -> None:
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"#?[A-Z][A-Z0-9_]+=", line):
            before = next(x for x in reversed(lines[:number]) if not re.match(r"#?[A-Z][A-Z0-9_]+=", x))
            assert before.startswith("# "), f"nothing stands above {line}"


def test_copied_as_it_is_the_file_changes_nothing() -> None:
    assert not re.search(r"^[A-Z]", TEXT, re.MULTILINE)
