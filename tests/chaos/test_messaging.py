"""Text messages under every fault at once, in short: `make chaos-messaging` does the same for thousands, also on PostgreSQL."""

import random
from pathlib import Path

import pytest
from tests.chaos.messaging import messaging_run

MESSAGES, FAULT_SECONDS, PATIENCE_SECONDS = 200, 7.0, 15.0


@pytest.mark.slow
@pytest.mark.requirement("MSG-2", "MSG-3", "MSG-4")
async def test_every_message_goes_out_once_and_is_paid_once_whatever_dies(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    outcome = await messaging_run(
        "sqlite",
        tmp_path,
        seed=seed,
        messages=MESSAGES,
        seconds=FAULT_SECONDS,
        patience=PATIENCE_SECONDS,
    )
    assert outcome.wrong == []
    assert outcome.states["delivered"] >= MESSAGES / 4
    assert outcome.survived["worker killed"] >= 1
    assert outcome.faults.total() >= 1
