"""The runtime under every fault at once, in short: `make chaos` does the same for thousands of jobs."""

import random
from pathlib import Path

import pytest
from tests.chaos.grounds import BACKENDS
from tests.chaos.runtime import Outcome, chaos_run

JOBS, FAULT_SECONDS, PATIENCE_SECONDS = 300, 5.0, 20.0


async def hurt(backend: str, folder: Path, *, reconciler: bool = True) -> Outcome:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    return await chaos_run(
        backend,
        folder,
        seed=seed,
        jobs=JOBS,
        seconds=FAULT_SECONDS,
        patience=PATIENCE_SECONDS,
        reconciler=reconciler,
    )


@pytest.mark.slow
@pytest.mark.requirement("JOB-2", "JOB-3", "JOB-5", "JOB-6", "JOB-7", "JOB-8", "JOB-12", "QUE-6")
@pytest.mark.parametrize("backend", BACKENDS)
async def test_every_job_ends_once_and_as_meant_whatever_dies(backend: str, tmp_path: Path) -> None:
    outcome = await hurt(backend, tmp_path)
    assert outcome.wrong == []
    assert outcome.survived["worker killed"] >= 1


@pytest.mark.slow
@pytest.mark.requirement("JOB-2", "JOB-3", "JOB-12")
async def test_redelivery_alone_brings_every_job_to_its_end(tmp_path: Path) -> None:
    outcome = await hurt("sqlite", tmp_path, reconciler=False)
    assert outcome.wrong == []
