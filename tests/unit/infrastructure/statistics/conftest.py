"""What these tests share."""

from pathlib import Path

import pytest
from tests.unit.infrastructure.statistics.topical import collection

from academy.application.ports.graph_maths import Analysed
from academy.infrastructure.statistics import StatisticalGraphMaths


@pytest.fixture(scope="session")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    """A hundred texts about five topics; its features file must stay as it is."""
    folder: Path = tmp_path_factory.mktemp("analysed")
    return StatisticalGraphMaths().analyse(collection(), seed=1, folder=folder)
