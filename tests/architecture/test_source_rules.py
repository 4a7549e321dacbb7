"""The house rules about the code's text hold, and each of them bites."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.architecture.source_rules import (
    ROOT,
    files_of_tests,
    impure_calls,
    mocks,
    reads_environment,
    sizes_over,
    source_files,
    stopwatches,
    unexplained_skips,
)

Rule = Callable[[ast.Module], Iterator[tuple[int, str]]]
HARD_FILE_LINES, HARD_FUNCTION_LINES, HARD_COMPLEXITY = 500, 80, 15
RUFF = str(Path(sys.executable).with_name("ruff"))


def _offences(rule: Rule, files: Iterable[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} {what}"
        for path in files
        for line, what in rule(ast.parse(path.read_text()))
    ]


def test_domain_and_use_cases_read_no_clock_and_roll_no_dice() -> None:
    assert _offences(impure_calls, source_files("domain", "application")) == []


def test_only_the_settings_read_the_environment() -> None:
    settings = ROOT / "src" / "academy" / "bootstrap" / "settings.py"
    assert _offences(reads_environment, (path for path in source_files() if path != settings)) == []


def test_no_mocks_and_no_skip_without_a_reason() -> None:
    assert _offences(mocks, files_of_tests()) == []
    assert _offences(unexplained_skips, files_of_tests()) == []


def test_no_test_holds_a_stopwatch() -> None:
    """Speed is measured by `make bench-…`; a test counts work (tests/support/steps.py), or it fails by chance."""
    chaos, samples = ROOT / "tests" / "chaos", Path(__file__)
    files = (path for path in files_of_tests() if path != samples and not path.is_relative_to(chaos))
    assert _offences(stopwatches, files) == []


def test_files_and_functions_have_a_size_a_person_can_hold() -> None:
    assert sizes_over(HARD_FILE_LINES, HARD_FUNCTION_LINES) == []


def test_no_function_is_too_complex_even_behind_a_noqa() -> None:
    done = _ruff(
        "--ignore-noqa",
        "--select",
        "C901",
        "--config",
        f"lint.mccabe.max-complexity={HARD_COMPLEXITY}",
        "src",
    )
    assert json.loads(done.stdout) == []


def test_a_dynamic_import_is_caught(tmp_path: Path) -> None:
    (tmp_path / "sly.py").write_text(
        '"""Sly."""\n\nimport importlib\n\nsettings = importlib.import_module("django.conf")\n'
    )
    done = _ruff("--config", str(ROOT / "pyproject.toml"), str(tmp_path / "sly.py"))
    assert "TID251" in {finding["code"] for finding in json.loads(done.stdout)}


def _ruff(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RUFF, "check", "--no-cache", "--output-format", "json", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (impure_calls, "from datetime import UTC, datetime\nstamp = datetime.now(UTC)"),
        (impure_calls, "import datetime\nstamp = datetime.datetime.utcnow()"),
        (impure_calls, "from time import time as clock\nstamp = clock()"),
        (impure_calls, "import random\ndef f(): return random.uniform(0, 1)"),
        (impure_calls, "import uuid as u\nname = u.uuid4()"),
        (impure_calls, "__import__('django')"),
        (reads_environment, "import os\nx = os.environ['HOME']"),
        (reads_environment, "from os import getenv as g\nx = g('HOME')"),
        (reads_environment, "import os as o\no.environ.setdefault('A', 'b')"),
        (mocks, "from unittest import mock"),
        (mocks, "import unittest.mock"),
        (mocks, "from unittest.mock import patch"),
        (mocks, "def test_x(mocker): ..."),
        (stopwatches, "import time\nbegun = time.process_time()"),
        (stopwatches, "from time import perf_counter_ns as now\nbegun = now()"),
        (stopwatches, "import timeit\ntook = timeit.timeit(work)"),
        (stopwatches, "program = 'import time; print(time.' 'process_time())'"),
        (unexplained_skips, "import pytest\n@pytest.mark.skip\ndef test_x(): ..."),
        (unexplained_skips, "import pytest\n@pytest.mark.skipif(True, reason='')\ndef test_x(): ..."),
        (unexplained_skips, "import pytest\n@pytest.mark.xfail()\ndef test_x(): ..."),
        (unexplained_skips, "import pytest\ndef test_x(): pytest.skip()"),
    ],
)
def test_each_rule_bites(rule: Rule, code: str) -> None:
    assert list(rule(ast.parse(code)))


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (impure_calls, "import random\ndelay = policy.delay(3, random.random)"),
        (impure_calls, "now = clock.now()"),
        (reads_environment, "environment = settings.environ"),
        (stopwatches, "import time\nuntil = time.monotonic() + 5"),
        (stopwatches, "took = report.cpu_seconds"),
        (unexplained_skips, "import pytest\ndef test_x(): pytest.skip(reason)"),
        (unexplained_skips, "import pytest\n@pytest.mark.skip('the vendor is down')\ndef test_x(): ..."),
    ],
)
def test_no_rule_bites_the_innocent(rule: Rule, code: str) -> None:
    assert list(rule(ast.parse(code))) == []
