"""The README names what `make` can do, and says what the demonstration does not do."""

import re

import pytest

from tests.architecture.source_rules import ROOT

README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = re.findall(r"^((?:chaos|bench)[a-z-]*):", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_that_hurts_or_measures_is_in_the_table(target: str) -> None:
    table = "\n".join(line for line in README.splitlines() if line.startswith("| `make"))
    assert re.search(rf"[ `]{target}`", table)


def test_the_demonstration_is_described_with_its_messages() -> None:
    (in_readme,) = (line for line in README.splitlines() if line.startswith("| `make demo`"))
    (in_makefile,) = (line for line in MAKEFILE.splitlines() if line.startswith("demo:"))
    for line in (in_readme, in_makefile):
        assert "text messages" in line
        assert "none" in line
