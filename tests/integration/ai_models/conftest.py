"""A desk for each test."""

from pathlib import Path

import pytest
from tests.integration.ai_models.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
