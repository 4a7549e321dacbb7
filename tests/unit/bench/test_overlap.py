"""What the benchmark of graphs counts as the same."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.requirement("GRA-4")


@pytest.fixture(scope="module")
def overlap() -> ModuleType:
    path = Path(__file__).parents[3] / "bench" / "graph" / "overlap.py"
    spec = importlib.util.spec_from_file_location("bench_graph_overlap", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rouge_of_equal_and_of_unlike_texts(overlap: ModuleType) -> None:
    assert overlap.rouge("a cat sat down", "A cat sat down.") == (1.0, 1.0, 1.0)
    assert overlap.rouge("a cat sat", "두 문장이 있다") == (0.0, 0.0, 0.0)
    assert overlap.rouge("", "anything") == (0.0, 0.0, 0.0)


def test_rouge_counts_words_pairs_and_the_common_order(overlap: ModuleType) -> None:
    one, two, longest = overlap.rouge("the cat sat on the mat", "on the mat the cat sat")
    assert one == 1.0
    assert two == pytest.approx(4 / 5)
    assert longest == pytest.approx(3 / 6)


def test_a_word_said_twice_counts_as_often_as_the_other_has_it(overlap: ModuleType) -> None:
    assert overlap.rouge("cat cat dog", "cat cat cat")[0] == pytest.approx(2 / 3)


def test_keywords_are_the_same_by_their_stems_and_count_once(overlap: ModuleType) -> None:
    assert overlap.key_f1(["page tables", "스레드"], ["Page table", "page tables", "스레드를"], 5) == 1.0
    assert overlap.key_f1(["one", "two"], ["three", "two"], 1) == 0.0
    assert overlap.key_f1(["raft", "paxos"], ["raft", "other"], 2) == pytest.approx(0.5)
    assert overlap.key_f1([], [], 5) == 0.0
