"""Queues are asked by weight and none is starved (QUE-4)."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.application.jobs.rotation import PolledQueue, Rotation

pytestmark = pytest.mark.requirement("QUE-4")
BASIC, LITE = PolledQueue("basic", 3), PolledQueue("lite", 1)


def served(rotation: Rotation, waiting: dict[str, int], turns: int, batch: int = 1) -> Counter[str]:
    """Take `batch` messages a turn from the first queue that has some; `waiting` is used up."""
    counts: Counter[str] = Counter()
    for _ in range(turns):
        for name in rotation.order():
            taken = min(batch, waiting.get(name, 0))
            if taken:
                waiting[name] -= taken
                rotation.took(name, taken)
                counts[name] += taken
                break
            rotation.empty(name)
    return counts


def test_while_both_wait_three_are_taken_for_one() -> None:
    waiting = {"basic": 1000, "lite": 1000}
    assert served(Rotation([BASIC, LITE]), waiting, 400) == {"basic": 300, "lite": 100}


def test_batches_keep_the_weights() -> None:
    waiting = {"basic": 100_000, "lite": 100_000}
    counts = served(Rotation([BASIC, LITE]), waiting, 400, batch=10)
    assert counts["basic"] == pytest.approx(3 * counts["lite"], rel=0.02)


def test_a_queue_alone_gets_every_turn() -> None:
    assert served(Rotation([BASIC, LITE]), {"lite": 50}, 50) == {"lite": 50}


def test_a_queue_that_was_empty_is_owed_nothing_for_it() -> None:
    rotation = Rotation([BASIC, LITE])
    served(rotation, {"lite": 1000}, 1000)
    counts = served(rotation, {"basic": 1000, "lite": 1000}, 40)
    assert 28 <= counts["basic"] <= 33


@given(
    weights=st.lists(st.integers(1, 20), min_size=2, max_size=6),
    batch=st.integers(1, 10),
)
def test_nobody_waits_longer_than_the_weights_say(weights: list[int], batch: int) -> None:
    queues = [PolledQueue(f"q{number}", weight) for number, weight in enumerate(weights)]
    rounds = 40
    turns = sum(weights) * rounds
    counts = served(Rotation(queues), {queue.name: 10**6 for queue in queues}, turns, batch)
    for queue in queues:
        assert counts[queue.name] == pytest.approx(queue.weight * rounds * batch, abs=2 * batch * len(queues))


@pytest.mark.parametrize("queues", [[], [BASIC, BASIC], [PolledQueue("q", 0)]])
def test_queues_that_cannot_be_polled_are_refused(queues: list[PolledQueue]) -> None:
    with pytest.raises(ValueError, match="at least one queue"):
        Rotation(queues)
