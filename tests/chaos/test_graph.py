"""Graph requests under every fault at once, in short: `make chaos-graph` does the same for hundreds, also on PostgreSQL."""

import random
from pathlib import Path

import pytest
from tests.chaos.graph import graph_run

REQUESTS, FAULT_SECONDS, PATIENCE_SECONDS = 24, 6.0, 20.0


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.requirement("GRA-1", "GRA-2", "GRA-5", "JOB-2")
async def test_every_request_has_one_result_and_nothing_is_left_whatever_dies(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    outcome = await graph_run(
        "sqlite",
        tmp_path,
        seed=seed,
        requests=REQUESTS,
        seconds=FAULT_SECONDS,
        patience=PATIENCE_SECONDS,
    )
    assert outcome.wrong == []
    assert outcome.results["COMPLETED"] >= REQUESTS / 4
    assert outcome.survived["worker killed"] >= 1
