"""A worker killed in any step of a video job: the video is READY exactly once and nothing is left over."""

import random
from pathlib import Path

import pytest
from tests.chaos.video_kills import STEPS, kill_runs


@pytest.mark.slow
@pytest.mark.requirement("VID-5")
@pytest.mark.requirement("VID-6")
@pytest.mark.requirement("JOB-3")
@pytest.mark.parametrize("step", STEPS)
async def test_a_kill_in_this_step_loses_and_repeats_nothing(step: str, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    (outcome,) = await kill_runs(tmp_path, [step], 1, seed)
    assert outcome.killed, f"the worker ended before it was killed (seed {seed})"
    assert outcome.complaint == "", f"seed {seed}"
