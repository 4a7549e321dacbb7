"""The tree of a chat: the path that the user saw last, whatever the export says of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.steps import LINEAR, steps

from academy.domain.graph.conversation import linked, spoken, turns_of
from academy.domain.graph.source import Turn

pytestmark = pytest.mark.requirement("GRA-3")


def said(*names: str) -> list[Turn | None]:
    return [Turn(name, "", "user", f"says {name}") for name in names]


def test_the_path_to_the_message_seen_last_is_active_and_the_branch_that_was_left_is_kept() -> None:
    ids = ["root", "question", "answer", "edited", "second answer"]
    parents = linked(ids, ["", "root", "question", "root", "edited"])
    turns = turns_of(said(*ids), parents, [1, 2, 3, 4, 5], ids.index("answer"))
    assert [(turn.id, turn.parent, turn.active) for turn in turns] == [
        ("root", "", True),
        ("question", "root", True),
        ("answer", "question", True),
        ("edited", "root", False),
        ("second answer", "edited", False),
    ]
    assert spoken(turns) == "says root\n\nsays question\n\nsays answer"


def test_without_a_message_seen_last_the_newest_without_an_answer_is_it() -> None:
    ids = ["root", "newer", "older"]
    turns = turns_of(said(*ids), linked(ids, ["", "root", "root"]), [1, 9, 5])
    assert [turn.id for turn in turns if turn.active] == ["root", "newer"]
    turns = turns_of(said(*ids), linked(ids, ["", "root", "root"]), [-math.inf] * 3)
    assert [turn.id for turn in turns if turn.active] == ["root", "older"]


def test_an_answer_to_a_message_that_nobody_saw_answers_the_one_before_it() -> None:
    messages: list[Turn | None] = [*said("a"), None, *said("c")]
    turns = turns_of(messages, [-1, 0, 1], [1, 2, 3], 2)
    assert [(turn.id, turn.parent) for turn in turns] == [("a", ""), ("c", "a")]


def test_a_circle_is_cut_before_its_first_message_and_none_is_lost() -> None:
    ids = ["a", "b", "c", "d"]
    turns = turns_of(said(*ids), linked(ids, ["c", "a", "b", "c"]), [1, 2, 3, 4])
    assert sorted(turn.id for turn in turns) == ids
    assert [turn.id for turn in turns if turn.active] == ["a", "b", "c", "d"]


def test_one_that_answers_itself_or_nobody_known_begins_the_chat() -> None:
    assert linked(["a", "b", "b"], ["a", "gone", "b"]) == [-1, -1, 1]


@given(
    st.lists(st.integers(-1, 12), max_size=13).map(
        lambda parents: [parent if parent < len(parents) else -1 for parent in parents]
    )
)
def test_every_message_comes_once_and_after_the_one_that_it_answers(parents: list[int]) -> None:
    names = [str(number) for number in range(len(parents))]
    turns = turns_of(said(*names), parents, [0.0] * len(parents))
    assert sorted(turn.id for turn in turns) == sorted(names)
    seen = {""}
    for turn in turns:
        assert turn.parent in seen
        seen.add(turn.id)
    assert bool(turns) == any(turn.active for turn in turns)


def test_many_turns_take_linear_time() -> None:
    def path(count: int) -> int:
        """Return the steps for a chat of one long path."""
        messages, parents, times = said(*map(str, range(count))), list(range(-1, count - 1)), [0.0] * count
        return steps(lambda: turns_of(messages, parents, times))

    assert path(8_000) <= LINEAR * path(2_000)
    assert len(turns_of(said(*map(str, range(100_000))), list(range(-1, 99_999)), [0.0] * 100_000)) == 100_000
