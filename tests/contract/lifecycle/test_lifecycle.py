"""The lifecycle of jobs against a model of it, on every combination of adapters (JOB-1, JOB-3, JOB-6, JOB-7).

By default a few runs, the same every time. ACADEMY_LIFECYCLE_EXAMPLES=500 plays that many fresh ones on each combination.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.contract.lifecycle.machine import LifecycleMachine
from tests.contract.lifecycle.places import PLACES

RUNS = {"memory": (40, 40), "sqlite": (15, 40), "postgresql": (8, 40), "sqs": (2, 20)}
LONG = int(os.environ.get("ACADEMY_LIFECYCLE_EXAMPLES", "0"))


@pytest.mark.requirement("JOB-1", "JOB-3", "JOB-5", "JOB-6", "JOB-7", "JOB-10")
@pytest.mark.timeout(3600 if LONG else 120)
@pytest.mark.parametrize("name", PLACES)
def test_whatever_happens_a_job_stands_as_the_model_says(name: str, request: pytest.FixtureRequest) -> None:
    runs, steps = RUNS[name]
    with PLACES[name](request) as place:
        machine = type("Machine", (LifecycleMachine,), {"place": place})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=LONG or runs,
                stateful_step_count=steps,
                derandomize=not LONG,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
