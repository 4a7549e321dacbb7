"""Every requirement has a test or a reason to wait, and the check sees when not."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.architecture.requirement_ids import Ledger, markers, problems, read_ledger, settle

LEDGER = Ledger(frozenset({"A-1", "A-2"}), {"A-2": "arrives later"}, 1, {"A-1": ["test_a.py:1"]})


def test_every_requirement_is_proven_or_pending() -> None:
    assert problems(read_ledger()) == []


def test_a_ledger_in_order_has_no_problems() -> None:
    assert problems(LEDGER) == []


@pytest.mark.parametrize(
    ("ledger", "complaint"),
    [
        (replace(LEDGER, known=LEDGER.known | {"A-3"}), "A-3: no test proves it"),
        (replace(LEDGER, proven={**LEDGER.proven, "B-9": ["test_b.py:2"]}), "B-9: no such requirement"),
        (replace(LEDGER, proven={**LEDGER.proven, "A-2": ["test_b.py:2"]}), "A-2: pending, but test_b.py:2"),
        (replace(LEDGER, most=0), "may only shrink"),
        (replace(LEDGER, most=2), "may only shrink"),
        (replace(LEDGER, pending={"A-2": " "}), "A-2: pending without a reason"),
        (replace(LEDGER, pending={"A-2": "later", "Z-1": "later"}, most=2), "Z-1: pending, but"),
    ],
)
def test_each_disorder_is_named(ledger: Ledger, complaint: str) -> None:
    assert any(complaint in line for line in problems(ledger))


def test_markers_are_found_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(
        "import pytest\n"
        'pytestmark = [pytest.mark.requirement("A-1")]\n'
        '@pytest.mark.requirement("A-2")\n'
        "class TestX:\n"
        '    @pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.requirement("A-3"))])\n'
        "    def test_y(self, n): ...\n"
    )
    assert set(markers(tmp_path.glob("*.py"))) == {"A-1", "A-2", "A-3"}


def test_settling_strikes_what_is_proven_and_lowers_the_count() -> None:
    text = '# why\nmost = 2\n\n[pending]\nA-1 = "later"\nA-10 = "later"\n'
    assert settle(text, ["A-1"]) == '# why\nmost = 1\n\n[pending]\nA-10 = "later"\n'
