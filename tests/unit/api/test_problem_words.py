"""What people read when nothing tells them what was wrong: they learn what to do next (API-1)."""

import pytest

from academy.application.jobs import failures
from academy.interfaces.api import kinds

pytestmark = pytest.mark.requirement("API-1")


def test_an_error_of_ours_says_what_to_do_next() -> None:
    failure = failures.internal(RuntimeError("private"))
    assert "again" in kinds.INTERNAL.text
    assert "operator" in kinds.INTERNAL.text
    assert "다시" in kinds.INTERNAL.text_ko
    assert "관리자" in kinds.INTERNAL.text_ko
    assert "again" in failure.message
    assert "job's id" in failure.message
    assert "다시" in failure.message_ko
    assert "작업 ID" in failure.message_ko
    assert "private" not in f"{failure}"
